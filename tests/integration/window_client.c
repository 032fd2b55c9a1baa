/* SPDX-License-Identifier: MIT */
/*
 * A Wayland client for tests: one window, optionally from within a security context, optionally
 * ill-behaved. It prints one line for everything that it hears, and reads commands from its
 * standard input: quit, title TEXT, fullscreen, unfullscreen, popup WxH X Y, cursor SIZE, burst,
 * and the rude ones of run_rude_command().
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

#include "boxed.h"
#include "common/memory.h"
#include "xdg-activation-v1-client-protocol.h"
#include "xdg-shell-client-protocol.h"

struct arguments {
	const char *engine, *app, *instance; /* engine NULL: no security context */
	const char *title, *app_id;
	uint32_t color;
	int width, height; /* that it insists on; 0: what it is told */
	int subsurface_depth;
	int margin; /* drawn outside the window geometry on every side */
	bool oversized_subsurface, never_ack, only_globals;
};

struct client {
	struct arguments arguments;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct wl_seat *seat;
	struct wl_keyboard *keyboard;
	struct wl_pointer *pointer;
	struct xdg_wm_base *wm_base;
	struct xdg_activation_v1 *activation;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	int width, height, told_width, told_height;
	uint32_t enter_serial;
	bool running;
};

[[noreturn]] static void die(const char *what)
{
	fprintf(stderr, "window_client: %s\n", what);
	exit(1);
}

/* Events that no test asks about. */
#define IGNORE(name, ...)                         \
	static void name(void *data, __VA_ARGS__) \
	{                                         \
	}

IGNORE(ignore_modifiers, struct wl_keyboard *k, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
	uint32_t e)
IGNORE(ignore_repeat, struct wl_keyboard *k, int32_t a, int32_t b)
IGNORE(ignore_motion, struct wl_pointer *p, uint32_t a, wl_fixed_t b, wl_fixed_t c)
IGNORE(ignore_axis, struct wl_pointer *p, uint32_t a, uint32_t b, wl_fixed_t c)
IGNORE(ignore_frame, struct wl_pointer *p)
IGNORE(ignore_source, struct wl_pointer *p, uint32_t a)
IGNORE(ignore_stop, struct wl_pointer *p, uint32_t a, uint32_t b)
IGNORE(ignore_discrete, struct wl_pointer *p, uint32_t a, int32_t b)
IGNORE(ignore_name, struct wl_seat *s, const char *a)
IGNORE(ignore_bounds, struct xdg_toplevel *t, int32_t a, int32_t b)
IGNORE(ignore_capabilities, struct xdg_toplevel *t, struct wl_array *a)
IGNORE(ignore_popup, struct xdg_popup *p, int32_t a, int32_t b, int32_t c, int32_t d)
IGNORE(ignore_reposition, struct xdg_popup *p, uint32_t a)
IGNORE(ignore_remove, struct wl_registry *r, uint32_t a)

/* ---- pixels ---- */

static struct wl_buffer *make_buffer(struct client *client, int width, int height, uint32_t color)
{
	size_t count = (size_t)width * (size_t)height;
	int fd = memfd_create("window_client", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)(count * 4)) < 0) {
		die("no memory for a buffer");
	}
	uint32_t *pixels = mmap(nullptr, count * 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (pixels == MAP_FAILED) {
		die("no memory for a buffer");
	}
	for (size_t i = 0; i < count; i++) {
		pixels[i] = 0xff000000 | color;
	}
	munmap(pixels, count * 4);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, (int)(count * 4));
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
		pool, 0, width, height, width * 4, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	close(fd);
	return buffer;
}

static void draw(
	struct client *client, struct wl_surface *surface, int width, int height, uint32_t color)
{
	wl_surface_attach(surface, make_buffer(client, width, height, color), 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, width, height);
	wl_surface_commit(surface);
}

/* ---- input ---- */

static void handle_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
	uint32_t key, uint32_t state)
{
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

static void handle_pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y)
{
	struct client *client = data;
	client->enter_serial = serial;
	printf("pointer enter %d %d\n", wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static void handle_pointer_leave(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface)
{
	printf("pointer leave\n");
}

static void handle_pointer_button(void *data, struct wl_pointer *pointer, uint32_t serial,
	uint32_t time, uint32_t button, uint32_t state)
{
	printf("button %u %u\n", button, state);
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_pointer_enter,
	.leave = handle_pointer_leave,
	.motion = ignore_motion,
	.button = handle_pointer_button,
	.axis = ignore_axis,
	.frame = ignore_frame,
	.axis_source = ignore_source,
	.axis_stop = ignore_stop,
	.axis_discrete = ignore_discrete,
};

static void handle_capabilities(void *data, struct wl_seat *seat, uint32_t capabilities)
{
	struct client *client = data;
	if (capabilities & WL_SEAT_CAPABILITY_KEYBOARD && client->keyboard == nullptr) {
		client->keyboard = wl_seat_get_keyboard(seat);
		wl_keyboard_add_listener(client->keyboard, &keyboard_listener, client);
	}
	if (capabilities & WL_SEAT_CAPABILITY_POINTER && client->pointer == nullptr) {
		client->pointer = wl_seat_get_pointer(seat);
		wl_pointer_add_listener(client->pointer, &pointer_listener, client);
	}
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = handle_capabilities,
	.name = ignore_name,
};

/* ---- the window ---- */

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void handle_xdg_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct client *client = data;
	const struct arguments *arguments = &client->arguments;
	client->width = arguments->width > 0     ? arguments->width
			: client->told_width > 0 ? client->told_width
						 : 300;
	client->height = arguments->height > 0     ? arguments->height
			 : client->told_height > 0 ? client->told_height
						   : 200;
	printf("configure %dx%d\n", client->told_width, client->told_height);
	static int acked;
	if (arguments->never_ack && acked++ > 0) {
		return;
	}
	xdg_surface_ack_configure(xdg_surface, serial);
	int margin = arguments->margin;
	if (margin > 0) {
		xdg_surface_set_window_geometry(
			xdg_surface, margin, margin, client->width, client->height);
	}
	draw(client, client->surface, client->width + 2 * margin, client->height + 2 * margin,
		arguments->color);
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = handle_xdg_configure};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states)
{
	struct client *client = data;
	client->told_width = width;
	client->told_height = height;
}

static void handle_close(void *data, struct xdg_toplevel *toplevel)
{
	struct client *client = data;
	printf("close\n");
	client->running = false;
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_close,
	.configure_bounds = ignore_bounds,
	.wm_capabilities = ignore_capabilities,
};

static void add_subsurfaces(struct client *client)
{
	struct wl_surface *parent = client->surface;
	for (int i = 0; i < client->arguments.subsurface_depth; i++) {
		struct wl_surface *child = wl_compositor_create_surface(client->compositor);
		struct wl_subsurface *subsurface = wl_subcompositor_get_subsurface(
			client->subcompositor, child, parent);
		wl_subsurface_set_desync(subsurface);
		draw(client, child, 4, 4, 0x808080);
		wl_surface_commit(parent);
		parent = child;
	}
	if (client->arguments.oversized_subsurface) {
		struct wl_surface *child = wl_compositor_create_surface(client->compositor);
		struct wl_subsurface *subsurface = wl_subcompositor_get_subsurface(
			client->subcompositor, child, client->surface);
		wl_subsurface_set_position(subsurface, -60, -60);
		wl_subsurface_set_desync(subsurface);
		draw(client, child, 4000, 4000, client->arguments.color);
		wl_surface_commit(client->surface);
	}
}

static void open_window(struct client *client)
{
	client->surface = wl_compositor_create_surface(client->compositor);
	client->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, client->surface);
	xdg_surface_add_listener(client->xdg_surface, &xdg_surface_listener, client);
	client->toplevel = xdg_surface_get_toplevel(client->xdg_surface);
	xdg_toplevel_add_listener(client->toplevel, &toplevel_listener, client);
	xdg_toplevel_set_title(client->toplevel, client->arguments.title);
	xdg_toplevel_set_app_id(client->toplevel, client->arguments.app_id);
	wl_surface_commit(client->surface);
	wl_display_roundtrip(client->display);
	add_subsurfaces(client);
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
	draw(popup->client, popup->surface, popup->width, popup->height, 0x00ff00);
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

static void open_popup(struct client *client, int width, int height, int x, int y)
{
	struct popup *popup = vx_new(popup);
	popup->client = client;
	popup->width = width;
	popup->height = height;
	popup->surface = wl_compositor_create_surface(client->compositor);
	struct xdg_surface *xdg_surface = xdg_wm_base_get_xdg_surface(
		client->wm_base, popup->surface);
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(client->wm_base);
	xdg_positioner_set_size(positioner, width, height);
	xdg_positioner_set_anchor_rect(positioner, x, y, 1, 1);
	xdg_positioner_set_anchor(positioner, XDG_POSITIONER_ANCHOR_TOP_LEFT);
	xdg_positioner_set_gravity(positioner, XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT);
	struct xdg_popup *xdg_popup = xdg_surface_get_popup(
		xdg_surface, client->xdg_surface, positioner);
	xdg_surface_add_listener(xdg_surface, &popup_surface_listener, popup);
	xdg_popup_add_listener(xdg_popup, &popup_listener, popup);
	xdg_positioner_destroy(positioner);
	wl_surface_commit(popup->surface);
}

/* ---- globals ---- */

struct wanted {
	const struct wl_interface *interface;
	uint32_t version;
	size_t offset;
};

static const struct wanted wanted[] = {
	{&wl_compositor_interface, 4, offsetof(struct client, compositor)},
	{&wl_subcompositor_interface, 1, offsetof(struct client, subcompositor)},
	{&wl_shm_interface, 1, offsetof(struct client, shm)},
	{&wl_seat_interface, 5, offsetof(struct client, seat)},
	{&xdg_wm_base_interface, 2, offsetof(struct client, wm_base)},
	{&xdg_activation_v1_interface, 1, offsetof(struct client, activation)},
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct client *client = data;
	if (client->arguments.only_globals) {
		printf("global %s %u\n", interface, version);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(wanted); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			void **slot = (void **)((char *)client + wanted[i].offset);
			*slot = wl_registry_bind(
				registry, name, wanted[i].interface, wanted[i].version);
		}
	}
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = ignore_remove,
};

static void bind_globals(struct client *client)
{
	client->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(client->registry, &registry_listener, client);
	wl_display_roundtrip(client->display);
}

/* ---- commands ---- */

static void set_cursor(struct client *client, int size)
{
	struct wl_surface *surface = wl_compositor_create_surface(client->compositor);
	wl_pointer_set_cursor(client->pointer, client->enter_serial, surface, 0, 0);
	draw(client, surface, size, size, 0xff00ff);
}

static void burst(struct client *client)
{
	for (int i = 0; i < 2000; i++) {
		wl_surface_commit(client->surface);
		xdg_toplevel_set_fullscreen(client->toplevel, nullptr);
		xdg_toplevel_unset_fullscreen(client->toplevel);
	}
}

/* As many sizes, one a commit, without a look at what it is told. */
static void resize_often(struct client *client, int times)
{
	for (int i = 0; i < times; i++) {
		draw(client, client->surface, 50 + i * 37 % 900, 50 + i * 53 % 700,
			client->arguments.color);
		if (i % 50 == 0) {
			wl_display_roundtrip(client->display);
		}
	}
}

static void set_long_title(struct client *client, int length)
{
	vx_cleanup_free char *title = vx_calloc(1, (size_t)length + 1);
	memset(title, 'x', (size_t)length);
	xdg_toplevel_set_title(client->toplevel, title);
}

/* What no decent client does. False: the line is something else. */
static bool run_rude_command(struct client *client, const char *line)
{
	int a, b, c, d;
	if (sscanf(line, "geometry %d %d %d %d", &a, &b, &c, &d) == 4) {
		xdg_surface_set_window_geometry(client->xdg_surface, a, b, c, d);
		wl_surface_commit(client->surface);
	} else if (sscanf(line, "limits %d %d %d %d", &a, &b, &c, &d) == 4) {
		xdg_toplevel_set_min_size(client->toplevel, a, b);
		xdg_toplevel_set_max_size(client->toplevel, c, d);
		wl_surface_commit(client->surface);
	} else if (sscanf(line, "resize %d", &a) == 1) {
		resize_often(client, a);
	} else if (sscanf(line, "long-title %d", &a) == 1) {
		set_long_title(client, a);
	} else if (strcmp(line, "unmap") == 0) {
		wl_surface_attach(client->surface, nullptr, 0, 0);
		wl_surface_commit(client->surface);
	} else if (strcmp(line, "map") == 0) {
		wl_surface_commit(client->surface);
	} else {
		return false;
	}
	return true;
}

static void run_command(struct client *client, const char *line)
{
	int a, b, c, d;
	if (strcmp(line, "quit") == 0) {
		client->running = false;
	} else if (strncmp(line, "title ", 6) == 0) {
		xdg_toplevel_set_title(client->toplevel, line + 6);
	} else if (strcmp(line, "fullscreen") == 0) {
		xdg_toplevel_set_fullscreen(client->toplevel, nullptr);
	} else if (strcmp(line, "unfullscreen") == 0) {
		xdg_toplevel_unset_fullscreen(client->toplevel);
	} else if (sscanf(line, "popup %dx%d %d %d", &a, &b, &c, &d) == 4) {
		open_popup(client, a, b, c, d);
	} else if (sscanf(line, "cursor %d", &a) == 1) {
		set_cursor(client, a);
	} else if (strcmp(line, "burst") == 0) {
		burst(client);
	} else if (strcmp(line, "activate") == 0) {
		xdg_activation_v1_activate(client->activation, "forged", client->surface);
	} else if (!run_rude_command(client, line)) {
		die("unknown command");
	}
	if (wl_display_roundtrip(client->display) < 0) {
		printf("disconnected\n");
		client->running = false;
	}
	printf("done\n");
}

static void read_commands(struct client *client)
{
	char line[512];
	if (fgets(line, sizeof(line), stdin) == nullptr) {
		client->running = false;
		return;
	}
	line[strcspn(line, "\n")] = '\0';
	run_command(client, line);
}

static void run(struct client *client)
{
	struct pollfd fds[] = {
		{.fd = wl_display_get_fd(client->display), .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};
	client->running = true;
	while (client->running) {
		wl_display_flush(client->display);
		if (poll(fds, VX_ARRAY_LENGTH(fds), -1) < 0 && errno != EINTR) {
			break;
		}
		if (fds[0].revents != 0 && wl_display_dispatch(client->display) < 0) {
			printf("disconnected\n");
			return;
		}
		if (fds[1].revents != 0) {
			read_commands(client);
		}
	}
}

static void parse(struct arguments *arguments, int argc, char **argv)
{
	*arguments = (struct arguments){.title = "window", .app_id = "test", .color = 0x4060a0};
	int opt;
	while ((opt = getopt(argc, argv, "e:a:i:t:n:c:w:h:d:m:soG")) != -1) {
		switch (opt) {
		case 'e':
			arguments->engine = optarg;
			break;
		case 'a':
			arguments->app = optarg;
			break;
		case 'i':
			arguments->instance = optarg;
			break;
		case 't':
			arguments->title = optarg;
			break;
		case 'n':
			arguments->app_id = optarg;
			break;
		case 'c':
			arguments->color = (uint32_t)strtoul(optarg, nullptr, 16);
			break;
		case 'w':
			arguments->width = atoi(optarg);
			break;
		case 'h':
			arguments->height = atoi(optarg);
			break;
		case 'd':
			arguments->subsurface_depth = atoi(optarg);
			break;
		case 'm':
			arguments->margin = atoi(optarg);
			break;
		case 's':
			arguments->oversized_subsurface = true;
			break;
		case 'o':
			arguments->never_ack = true;
			break;
		case 'G':
			arguments->only_globals = true;
			break;
		default:
			die("bad arguments");
		}
	}
}

int main(int argc, char **argv)
{
	struct client client = {};
	setvbuf(stdout, nullptr, _IOLBF, 0);
	setvbuf(stdin, nullptr, _IONBF, 0);
	parse(&client.arguments, argc, argv);
	const struct arguments *arguments = &client.arguments;
	client.display = arguments->engine != nullptr ? boxed_connect(arguments->engine,
								arguments->app, arguments->instance)
						      : wl_display_connect(nullptr);
	if (client.display == nullptr) {
		die("no compositor");
	}
	bind_globals(&client);
	if (client.arguments.only_globals) {
		return 0;
	}
	if (client.compositor == nullptr || client.shm == nullptr || client.wm_base == nullptr) {
		die("a global is missing");
	}
	xdg_wm_base_add_listener(client.wm_base, &wm_base_listener, &client);
	if (client.seat != nullptr) {
		wl_seat_add_listener(client.seat, &seat_listener, &client);
	}
	open_window(&client);
	run(&client);
	return 0;
}
