/* SPDX-License-Identifier: MIT */
/*
 * For tests: an input method (input-method-v2). Prints what it is told, and the keys that it grabs.
 * Commands: popup WxH (a green one), commit TEXT, preedit TEXT, grab, ungrab.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "input-method-unstable-v2-client-protocol.h"
#include "test_client.h"

struct client {
	struct test_client base;
	struct zwp_input_method_manager_v2 *manager;
	struct zwp_input_method_v2 *method;
	struct zwp_input_method_keyboard_grab_v2 *grab; /* NULL: none */
	struct wl_surface *popup_surface;               /* NULL: none */
	int popup_width, popup_height;
	uint32_t serial; /* how many states it has been told */
};

/* Events that no test asks about. */
#define IGNORE(name, ...)                         \
	static void name(void *data, __VA_ARGS__) \
	{                                         \
	}

IGNORE(ignore_pointer_enter, uint32_t a, int x, int y)
IGNORE(ignore_configure, uint32_t a)
IGNORE(ignore_cause, struct zwp_input_method_v2 *m, uint32_t a)
IGNORE(ignore_content_type, struct zwp_input_method_v2 *m, uint32_t a, uint32_t b)
IGNORE(ignore_modifiers, struct zwp_input_method_keyboard_grab_v2 *g, uint32_t a, uint32_t b,
	uint32_t c, uint32_t d, uint32_t e)
IGNORE(ignore_repeat, struct zwp_input_method_keyboard_grab_v2 *g, int32_t a, int32_t b)

/* ---- the method ---- */

static void handle_activate(void *data, struct zwp_input_method_v2 *method)
{
	printf("activate\n");
}

static void handle_deactivate(void *data, struct zwp_input_method_v2 *method)
{
	printf("deactivate\n");
}

static void handle_surrounding_text(void *data, struct zwp_input_method_v2 *method,
	const char *text, uint32_t cursor, uint32_t anchor)
{
	printf("surrounding %s %u %u\n", text, cursor, anchor);
}

static void draw_popup(const struct client *client)
{
	if (client->popup_surface != nullptr) {
		test_client_draw(&client->base, client->popup_surface, client->popup_width,
			client->popup_height, 0x00ff00);
	}
}

static void handle_done(void *data, struct zwp_input_method_v2 *method)
{
	struct client *client = data;
	client->serial++;
	printf("state %u\n", client->serial);
	draw_popup(client);
}

static void handle_unavailable(void *data, struct zwp_input_method_v2 *method)
{
	printf("unavailable\n");
}

static const struct zwp_input_method_v2_listener method_listener = {
	.activate = handle_activate,
	.deactivate = handle_deactivate,
	.surrounding_text = handle_surrounding_text,
	.text_change_cause = ignore_cause,
	.content_type = ignore_content_type,
	.done = handle_done,
	.unavailable = handle_unavailable,
};

/* ---- its popup ---- */

static void handle_rectangle(void *data, struct zwp_input_popup_surface_v2 *popup, int32_t x,
	int32_t y, int32_t width, int32_t height)
{
	printf("rectangle %d %d %d %d\n", x, y, width, height);
}

static const struct zwp_input_popup_surface_v2_listener popup_listener = {
	.text_input_rectangle = handle_rectangle,
};

static void open_popup(struct client *client, int width, int height)
{
	client->popup_width = width;
	client->popup_height = height;
	if (client->popup_surface == nullptr) {
		client->popup_surface = wl_compositor_create_surface(client->base.compositor);
		struct zwp_input_popup_surface_v2 *popup =
			zwp_input_method_v2_get_input_popup_surface(
				client->method, client->popup_surface);
		zwp_input_popup_surface_v2_add_listener(popup, &popup_listener, client);
	}
	draw_popup(client);
}

/* ---- its keyboard ---- */

static void handle_keymap(void *data, struct zwp_input_method_keyboard_grab_v2 *grab,
	uint32_t format, int32_t fd, uint32_t size)
{
	close(fd);
}

static void handle_key(void *data, struct zwp_input_method_keyboard_grab_v2 *grab, uint32_t serial,
	uint32_t time, uint32_t key, uint32_t state)
{
	printf("key %u %s\n", key, state == WL_KEYBOARD_KEY_STATE_PRESSED ? "pressed" : "released");
}

static const struct zwp_input_method_keyboard_grab_v2_listener grab_listener = {
	.keymap = handle_keymap,
	.key = handle_key,
	.modifiers = ignore_modifiers,
	.repeat_info = ignore_repeat,
};

/* ---- commands ---- */

static bool run_command(void *data, const char *line)
{
	struct client *client = data;
	int width, height;
	if (sscanf(line, "popup %dx%d", &width, &height) == 2) {
		open_popup(client, width, height);
	} else if (strncmp(line, "commit ", 7) == 0) {
		zwp_input_method_v2_commit_string(client->method, line + 7);
		zwp_input_method_v2_commit(client->method, client->serial);
	} else if (strncmp(line, "preedit ", 8) == 0) {
		zwp_input_method_v2_set_preedit_string(client->method, line + 8, 0, 1);
		zwp_input_method_v2_commit(client->method, client->serial);
	} else if (strcmp(line, "grab") == 0) {
		client->grab = zwp_input_method_v2_grab_keyboard(client->method);
		zwp_input_method_keyboard_grab_v2_add_listener(
			client->grab, &grab_listener, client);
	} else if (strcmp(line, "ungrab") == 0) {
		zwp_input_method_keyboard_grab_v2_release(vx_take_ptr(client->grab));
	} else {
		return false;
	}
	return true;
}

static void handle_button(void *data, uint32_t serial, uint32_t button, uint32_t state)
{
	printf("button %u %u\n", button, state);
}

static const struct test_client_listener listener = {
	.enter = ignore_pointer_enter,
	.button = handle_button,
	.configure = ignore_configure,
	.command = run_command,
};

int main(int argc, char **argv)
{
	static struct client client = {.base = {.listener = &listener, .extra_fd = -1}};
	const struct test_client_global globals[] = {
		{&zwp_input_method_manager_v2_interface, 1, &client.manager},
	};
	client.base.data = &client;
	test_client_connect(&client.base, globals, VX_ARRAY_LENGTH(globals));
	if (client.manager == nullptr) {
		test_client_die("no input methods here");
	}
	client.method = zwp_input_method_manager_v2_get_input_method(
		client.manager, client.base.seat);
	zwp_input_method_v2_add_listener(client.method, &method_listener, &client);
	wl_display_roundtrip(client.base.display);
	printf("ready\n");
	test_client_run(&client.base);
	return 0;
}
