/* SPDX-License-Identifier: MIT */
/*
 * A Wayland client for tests: one window, optionally from within a security context, optionally
 * ill-behaved. It prints one line for everything that it hears, and reads commands from its
 * standard input: quit, title TEXT, fullscreen, unfullscreen, popup WxH X Y, cursor SIZE, burst,
 * frame (asks for one), token (asks for one by the last key), token blind (without), activate
 * TOKEN, grab-popup SERIAL, grab-hidden SERIAL (0: that of the last press), and the rude ones of
 * run_rude_command().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>

#include "common/memory.h"
#include "test_client.h"
#include "xdg-activation-v1-client-protocol.h"

struct arguments {
	const char *app_id;
	int width, height; /* that it insists on; 0: what it is told */
	int subsurface_depth;
	int margin; /* drawn outside the window geometry on every side */
	bool oversized_subsurface, never_ack;
	const char *token; /* activates its window by it before that is there; NULL: none */
};

struct client {
	struct test_client base;
	struct arguments arguments;
	struct wl_subcompositor *subcompositor;
	struct xdg_activation_v1 *activation;
	uint32_t enter_serial, press_serial, key_serial;
};

/* Events that no test asks about. */
#define IGNORE(name, ...)                         \
	static void name(void *data, __VA_ARGS__) \
	{                                         \
	}

IGNORE(ignore_modifiers, struct wl_keyboard *k, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
	uint32_t e)
IGNORE(ignore_repeat, struct wl_keyboard *k, int32_t a, int32_t b)
IGNORE(ignore_popup, struct xdg_popup *p, int32_t a, int32_t b, int32_t c, int32_t d)
IGNORE(ignore_reposition, struct xdg_popup *p, uint32_t a)

/* ---- input ---- */

static void handle_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
	uint32_t key, uint32_t state)
{
	struct client *client = data;
	client->key_serial = serial;
	printf("key %u %s\n", key, state == WL_KEYBOARD_KEY_STATE_PRESSED ? "pressed" : "released");
}

static void handle_keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys)
{
	printf("keyboard enter %zu\n", keys->size / sizeof(uint32_t));
}

static void handle_keyboard_leave(
	void *data, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface)
{
	printf("keyboard leave\n");
}

static void handle_keymap(
	void *data, struct wl_keyboard *keyboard, uint32_t format, int fd, uint32_t size)
{
	close(fd);
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = handle_keymap,
	.enter = handle_keyboard_enter,
	.leave = handle_keyboard_leave,
	.key = handle_key,
	.modifiers = ignore_modifiers,
	.repeat_info = ignore_repeat,
};

static void handle_pointer_enter(void *data, uint32_t serial, int x, int y)
{
	struct client *client = data;
	client->enter_serial = serial;
	printf("pointer enter %d %d\n", x, y);
}

static void handle_button(void *data, uint32_t serial, uint32_t button, uint32_t state)
{
	struct client *client = data;
	client->press_serial = state == WL_POINTER_BUTTON_STATE_PRESSED ? serial
									: client->press_serial;
	printf("button %u %u\n", button, state);
}

/* ---- the window ---- */

static void handle_configure(void *data, uint32_t serial)
{
	struct client *client = data;
	struct test_client *base = &client->base;
	struct arguments *arguments = &client->arguments;
	int width = arguments->width > 0   ? arguments->width
		    : base->told_width > 0 ? base->told_width
					   : 300;
	int height = arguments->height > 0   ? arguments->height
		     : base->told_height > 0 ? base->told_height
					     : 200;
	printf("configure %dx%d\n", base->told_width, base->told_height);
	static int acked;
	if (arguments->never_ack && acked++ > 0) {
		return;
	}
	xdg_surface_ack_configure(base->xdg_surface, serial);
	if (arguments->token != nullptr) {
		xdg_activation_v1_activate(
			client->activation, vx_take_ptr(arguments->token), base->surface);
	}
	int margin = arguments->margin;
	if (margin > 0) {
		xdg_surface_set_window_geometry(base->xdg_surface, margin, margin, width, height);
	}
	test_client_draw(base, base->surface, width + 2 * margin, height + 2 * margin, base->color);
}

static void add_subsurfaces(struct client *client)
{
	struct wl_surface *parent = client->base.surface;
	for (int i = 0; i < client->arguments.subsurface_depth; i++) {
		struct wl_surface *child = wl_compositor_create_surface(client->base.compositor);
		struct wl_subsurface *subsurface = wl_subcompositor_get_subsurface(
			client->subcompositor, child, parent);
		wl_subsurface_set_desync(subsurface);
		test_client_draw(&client->base, child, 4, 4, 0x808080);
		wl_surface_commit(parent);
		parent = child;
	}
	if (client->arguments.oversized_subsurface) {
		struct wl_surface *child = wl_compositor_create_surface(client->base.compositor);
		struct wl_subsurface *subsurface = wl_subcompositor_get_subsurface(
			client->subcompositor, child, client->base.surface);
		wl_subsurface_set_position(subsurface, -60, -60);
		wl_subsurface_set_desync(subsurface);
		test_client_draw(&client->base, child, 4000, 4000, client->base.color);
		wl_surface_commit(client->base.surface);
	}
}

/* ---- popups ---- */

struct popup {
	struct client *client;
	struct wl_surface *surface;
	int width, height;
};

static void handle_popup_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct popup *popup = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	test_client_draw(
		&popup->client->base, popup->surface, popup->width, popup->height, 0x00ff00);
	printf("popup shown\n");
}

static const struct xdg_surface_listener popup_surface_listener = {
	.configure = handle_popup_configure,
};

static void handle_popup_done(void *data, struct xdg_popup *popup)
{
	printf("popup done\n");
}

static const struct xdg_popup_listener popup_listener = {
	.configure = ignore_popup,
	.popup_done = handle_popup_done,
	.repositioned = ignore_reposition,
};

static struct wl_surface *popup_surface(struct xdg_popup *xdg_popup)
{
	const struct popup *popup = xdg_popup_get_user_data(xdg_popup);
	return popup->surface;
}

static struct xdg_popup *make_popup(
	struct client *client, struct xdg_surface *parent, int width, int height, int x, int y)
{
	struct popup *popup = vx_new(popup);
	popup->client = client;
	popup->width = width;
	popup->height = height;
	popup->surface = wl_compositor_create_surface(client->base.compositor);
	struct xdg_surface *xdg_surface = xdg_wm_base_get_xdg_surface(
		client->base.wm_base, popup->surface);
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(client->base.wm_base);
	xdg_positioner_set_size(positioner, width, height);
	xdg_positioner_set_anchor_rect(positioner, x, y, 1, 1);
	xdg_positioner_set_anchor(positioner, XDG_POSITIONER_ANCHOR_TOP_LEFT);
	xdg_positioner_set_gravity(positioner, XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT);
	struct xdg_popup *xdg_popup = xdg_surface_get_popup(xdg_surface, parent, positioner);
	xdg_surface_add_listener(xdg_surface, &popup_surface_listener, popup);
	xdg_popup_add_listener(xdg_popup, &popup_listener, popup);
	xdg_positioner_destroy(positioner);
	return xdg_popup;
}

static void open_popup(struct client *client, int width, int height, int x, int y)
{
	wl_surface_commit(
		popup_surface(make_popup(client, client->base.xdg_surface, width, height, x, y)));
}

/* Asks for all input, as menus do, by the serial of the last press or an invented one. */
static void grab_popup(struct client *client, struct xdg_surface *parent, uint32_t serial)
{
	struct xdg_popup *popup = make_popup(client, parent, 100, 100, 10, 10);
	xdg_popup_grab(popup, client->base.seat, serial != 0 ? serial : client->press_serial);
	wl_surface_commit(popup_surface(popup));
}

static void ignore_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
}

/* The same, of a window that is never shown. */
static void grab_hidden(struct client *client, uint32_t serial)
{
	static const struct xdg_surface_listener ignored = {.configure = ignore_configure};
	struct wl_surface *surface = wl_compositor_create_surface(client->base.compositor);
	struct xdg_surface *parent = xdg_wm_base_get_xdg_surface(client->base.wm_base, surface);
	xdg_surface_add_listener(parent, &ignored, nullptr);
	xdg_surface_get_toplevel(parent);
	wl_surface_commit(surface);
	grab_popup(client, parent, serial);
}

/* ---- activation ---- */

static void handle_token(void *data, struct xdg_activation_token_v1 *token, const char *text)
{
	printf("token %s\n", text);
	xdg_activation_token_v1_destroy(token);
}

static const struct xdg_activation_token_v1_listener token_listener = {.done = handle_token};

static void ask_for_token(struct client *client, bool tells_of_key)
{
	struct xdg_activation_token_v1 *token = xdg_activation_v1_get_activation_token(
		client->activation);
	xdg_activation_token_v1_add_listener(token, &token_listener, client);
	if (tells_of_key) {
		xdg_activation_token_v1_set_serial(token, client->key_serial, client->base.seat);
		xdg_activation_token_v1_set_surface(token, client->base.surface);
	}
	xdg_activation_token_v1_commit(token);
}

/* ---- commands ---- */

static void set_cursor(struct client *client, int size)
{
	struct wl_surface *surface = wl_compositor_create_surface(client->base.compositor);
	wl_pointer_set_cursor(client->base.pointer, client->enter_serial, surface, 0, 0);
	test_client_draw(&client->base, surface, size, size, 0xff00ff);
}

static void burst(struct client *client)
{
	for (int i = 0; i < 2000; i++) {
		wl_surface_commit(client->base.surface);
		xdg_toplevel_set_fullscreen(client->base.toplevel, nullptr);
		xdg_toplevel_unset_fullscreen(client->base.toplevel);
	}
}

/* As many sizes, one a commit, without a look at what it is told. */
static void resize_often(struct client *client, int times)
{
	for (int i = 0; i < times; i++) {
		test_client_draw(&client->base, client->base.surface, 50 + i * 37 % 900,
			50 + i * 53 % 700, client->base.color);
		if (i % 50 == 0) {
			wl_display_roundtrip(client->base.display);
		}
	}
}

static void set_long_title(struct client *client, int length)
{
	vx_cleanup_free char *title = vx_calloc(1, (size_t)length + 1);
	memset(title, 'x', (size_t)length);
	xdg_toplevel_set_title(client->base.toplevel, title);
}

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time)
{
	wl_callback_destroy(callback);
	printf("frame\n");
}

static void ask_for_frame(struct client *client)
{
	static const struct wl_callback_listener frame_listener = {.done = handle_frame};
	struct wl_callback *callback = wl_surface_frame(client->base.surface);
	wl_callback_add_listener(callback, &frame_listener, client);
	wl_surface_commit(client->base.surface);
}

/* What no decent client does. False: the line is something else. */
static bool run_rude_command(struct client *client, const char *line)
{
	int a, b, c, d;
	if (sscanf(line, "geometry %d %d %d %d", &a, &b, &c, &d) == 4) {
		xdg_surface_set_window_geometry(client->base.xdg_surface, a, b, c, d);
		wl_surface_commit(client->base.surface);
	} else if (sscanf(line, "limits %d %d %d %d", &a, &b, &c, &d) == 4) {
		xdg_toplevel_set_min_size(client->base.toplevel, a, b);
		xdg_toplevel_set_max_size(client->base.toplevel, c, d);
		wl_surface_commit(client->base.surface);
	} else if (sscanf(line, "resize %d", &a) == 1) {
		resize_often(client, a);
	} else if (sscanf(line, "long-title %d", &a) == 1) {
		set_long_title(client, a);
	} else if (strcmp(line, "unmap") == 0) {
		wl_surface_attach(client->base.surface, nullptr, 0, 0);
		wl_surface_commit(client->base.surface);
	} else if (strcmp(line, "map") == 0) {
		wl_surface_commit(client->base.surface);
	} else {
		return false;
	}
	return true;
}

static bool run_command(void *data, const char *line)
{
	struct client *client = data;
	int a, b, c, d;
	unsigned serial;
	if (strncmp(line, "title ", 6) == 0) {
		xdg_toplevel_set_title(client->base.toplevel, line + 6);
	} else if (strcmp(line, "fullscreen") == 0) {
		xdg_toplevel_set_fullscreen(client->base.toplevel, nullptr);
	} else if (strcmp(line, "unfullscreen") == 0) {
		xdg_toplevel_unset_fullscreen(client->base.toplevel);
	} else if (sscanf(line, "popup %dx%d %d %d", &a, &b, &c, &d) == 4) {
		open_popup(client, a, b, c, d);
	} else if (sscanf(line, "grab-popup %u", &serial) == 1) {
		grab_popup(client, client->base.xdg_surface, serial);
	} else if (sscanf(line, "grab-hidden %u", &serial) == 1) {
		grab_hidden(client, serial);
	} else if (sscanf(line, "cursor %d", &a) == 1) {
		set_cursor(client, a);
	} else if (strcmp(line, "burst") == 0) {
		burst(client);
	} else if (strcmp(line, "frame") == 0) {
		ask_for_frame(client);
	} else if (strncmp(line, "activate ", 9) == 0) {
		xdg_activation_v1_activate(client->activation, line + 9, client->base.surface);
	} else if (strcmp(line, "token") == 0 || strcmp(line, "token blind") == 0) {
		ask_for_token(client, strcmp(line, "token") == 0);
	} else {
		return run_rude_command(client, line);
	}
	return true;
}

static const struct test_client_listener listener = {
	.enter = handle_pointer_enter,
	.button = handle_button,
	.configure = handle_configure,
	.command = run_command,
	.keyboard = &keyboard_listener,
};

static void parse(struct client *client, int argc, char **argv)
{
	struct arguments *arguments = &client->arguments;
	const struct test_client_option options[] = {
		{'n', OPTION_TEXT, &arguments->app_id},
		{'w', OPTION_NUMBER, &arguments->width},
		{'h', OPTION_NUMBER, &arguments->height},
		{'d', OPTION_NUMBER, &arguments->subsurface_depth},
		{'m', OPTION_NUMBER, &arguments->margin},
		{'T', OPTION_TEXT, &arguments->token},
		{'s', OPTION_FLAG, &arguments->oversized_subsurface},
		{'o', OPTION_FLAG, &arguments->never_ack},
		{'G', OPTION_FLAG, &client->base.prints_globals},
	};
	test_client_parse(&client->base, argc, argv, options, VX_ARRAY_LENGTH(options));
}

int main(int argc, char **argv)
{
	static struct client client = {
		.base = {.listener = &listener,
			.title = "window",
			.color = 0x4060a0,
			.extra_fd = -1},
		.arguments = {.app_id = "test"},
	};
	const struct test_client_global globals[] = {
		{&wl_subcompositor_interface, 1, &client.subcompositor},
		{&xdg_activation_v1_interface, 1, &client.activation},
	};
	client.base.data = &client;
	parse(&client, argc, argv);
	test_client_connect(&client.base, globals, VX_ARRAY_LENGTH(globals));
	if (client.base.prints_globals) {
		return 0;
	}
	test_client_open_window(&client.base, client.arguments.app_id);
	add_subsurfaces(&client);
	test_client_run(&client.base);
	return 0;
}
