/* SPDX-License-Identifier: MIT */
/*
 * For tests: a window that is one text field (text-input-v3). Prints what an input method writes
 * into it, and its keys. Commands: enable, enable X Y W H (with the place of the cursor), disable.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "test_client.h"
#include "text-input-unstable-v3-client-protocol.h"

struct client {
	struct test_client base;
	struct zwp_text_input_manager_v3 *manager;
	struct zwp_text_input_v3 *field;
};

/* Events that no test asks about. */
#define IGNORE(name, ...)                         \
	static void name(void *data, __VA_ARGS__) \
	{                                         \
	}

IGNORE(ignore_pointer_enter, uint32_t a, int x, int y)
IGNORE(ignore_modifiers, struct wl_keyboard *k, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
	uint32_t e)
IGNORE(ignore_repeat, struct wl_keyboard *k, int32_t a, int32_t b)
IGNORE(ignore_focus, struct wl_keyboard *k, uint32_t a, struct wl_surface *s)

/* ---- the field ---- */

static void handle_enter(void *data, struct zwp_text_input_v3 *field, struct wl_surface *surface)
{
	printf("field enter\n");
}

static void handle_leave(void *data, struct zwp_text_input_v3 *field, struct wl_surface *surface)
{
	printf("field leave\n");
}

static void handle_preedit(void *data, struct zwp_text_input_v3 *field, const char *text,
	int32_t cursor_begin, int32_t cursor_end)
{
	printf("preedit %s %d %d\n", text != nullptr ? text : "", cursor_begin, cursor_end);
}

static void handle_commit(void *data, struct zwp_text_input_v3 *field, const char *text)
{
	printf("commit %s\n", text != nullptr ? text : "");
}

static void handle_delete(
	void *data, struct zwp_text_input_v3 *field, uint32_t before, uint32_t after)
{
	printf("delete %u %u\n", before, after);
}

static void handle_done(void *data, struct zwp_text_input_v3 *field, uint32_t serial)
{
	printf("written %u\n", serial);
}

static const struct zwp_text_input_v3_listener field_listener = {
	.enter = handle_enter,
	.leave = handle_leave,
	.preedit_string = handle_preedit,
	.commit_string = handle_commit,
	.delete_surrounding_text = handle_delete,
	.done = handle_done,
};

/* ---- the window ---- */

static void handle_keymap(
	void *data, struct wl_keyboard *keyboard, uint32_t format, int fd, uint32_t size)
{
	close(fd);
}

static void handle_keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys)
{
}

static void handle_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
	uint32_t key, uint32_t state)
{
	printf("key %u %s\n", key, state == WL_KEYBOARD_KEY_STATE_PRESSED ? "pressed" : "released");
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = handle_keymap,
	.enter = handle_keyboard_enter,
	.leave = ignore_focus,
	.key = handle_key,
	.modifiers = ignore_modifiers,
	.repeat_info = ignore_repeat,
};

static void handle_button(void *data, uint32_t serial, uint32_t button, uint32_t state)
{
	printf("button %u %u\n", button, state);
}

static void handle_configure(void *data, uint32_t serial)
{
	const struct test_client *base = &((const struct client *)data)->base;
	xdg_surface_ack_configure(base->xdg_surface, serial);
	test_client_draw(base, base->surface, base->told_width > 0 ? base->told_width : 300,
		base->told_height > 0 ? base->told_height : 200, base->color);
}

static bool run_command(void *data, const char *line)
{
	struct client *client = data;
	int x, y, width, height;
	if (strncmp(line, "enable", 6) == 0) {
		zwp_text_input_v3_enable(client->field);
		zwp_text_input_v3_set_surrounding_text(client->field, "before", 6, 6);
		if (sscanf(line, "enable %d %d %d %d", &x, &y, &width, &height) == 4) {
			zwp_text_input_v3_set_cursor_rectangle(client->field, x, y, width, height);
		}
	} else if (strcmp(line, "disable") == 0) {
		zwp_text_input_v3_disable(client->field);
	} else {
		return false;
	}
	zwp_text_input_v3_commit(client->field);
	return true;
}

static const struct test_client_listener listener = {
	.enter = ignore_pointer_enter,
	.button = handle_button,
	.configure = handle_configure,
	.command = run_command,
	.keyboard = &keyboard_listener,
};

int main(int argc, char **argv)
{
	static struct client client = {
		.base = {.listener = &listener,
			.title = "field",
			.color = 0x4060a0,
			.extra_fd = -1},
	};
	const struct test_client_global globals[] = {
		{&zwp_text_input_manager_v3_interface, 1, &client.manager},
	};
	client.base.data = &client;
	test_client_parse(&client.base, argc, argv, nullptr, 0);
	test_client_connect(&client.base, globals, VX_ARRAY_LENGTH(globals));
	if (client.manager == nullptr) {
		test_client_die("no text input here");
	}
	client.field = zwp_text_input_manager_v3_get_text_input(client.manager, client.base.seat);
	zwp_text_input_v3_add_listener(client.field, &field_listener, &client);
	test_client_open_window(&client.base, "test");
	test_client_run(&client.base);
	return 0;
}
