/* SPDX-License-Identifier: MIT */
/* For tests: a window that knows touch and drawing tablets (tablet-v2). Prints what it hears. */
#include <stdio.h>
#include <unistd.h>

#include "common/memory.h"
#include "tablet-v2-client-protocol.h"
#include "test_client.h"

struct client {
	struct test_client base;
	struct zwp_tablet_manager_v2 *manager;
};

/* Events that no test asks about. */
#define IGNORE(name, ...)                         \
	static void name(void *data, __VA_ARGS__) \
	{                                         \
	}

IGNORE(ignore_pointer, uint32_t a, int x, int y)
IGNORE(ignore_button, uint32_t a, uint32_t b, uint32_t c)
IGNORE(ignore_touch_frame, struct wl_touch *t)
IGNORE(ignore_shape, struct wl_touch *t, int32_t a, wl_fixed_t b, wl_fixed_t c)
IGNORE(ignore_orientation, struct wl_touch *t, int32_t a, wl_fixed_t b)
IGNORE(ignore_tablet, struct zwp_tablet_seat_v2 *s, struct zwp_tablet_v2 *t)
IGNORE(ignore_pad, struct zwp_tablet_seat_v2 *s, struct zwp_tablet_pad_v2 *p)
IGNORE(ignore_tool, struct zwp_tablet_tool_v2 *t)
IGNORE(ignore_uint, struct zwp_tablet_tool_v2 *t, uint32_t a)
IGNORE(ignore_two_uints, struct zwp_tablet_tool_v2 *t, uint32_t a, uint32_t b)
IGNORE(ignore_int, struct zwp_tablet_tool_v2 *t, int32_t a)
IGNORE(ignore_fixed, struct zwp_tablet_tool_v2 *t, wl_fixed_t a)
IGNORE(ignore_tilt, struct zwp_tablet_tool_v2 *t, wl_fixed_t a, wl_fixed_t b)
IGNORE(ignore_wheel, struct zwp_tablet_tool_v2 *t, wl_fixed_t a, int32_t b)
IGNORE(ignore_tool_button, struct zwp_tablet_tool_v2 *t, uint32_t a, uint32_t b, uint32_t c)

/* ---- touch ---- */

static void handle_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
	struct wl_surface *surface, int32_t id, wl_fixed_t x, wl_fixed_t y)
{
	printf("touch down %d %d %d\n", id, wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static void handle_up(
	void *data, struct wl_touch *touch, uint32_t serial, uint32_t time, int32_t id)
{
	printf("touch up %d\n", id);
}

static void handle_motion(
	void *data, struct wl_touch *touch, uint32_t time, int32_t id, wl_fixed_t x, wl_fixed_t y)
{
	printf("touch motion %d %d %d\n", id, wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static void handle_cancel(void *data, struct wl_touch *touch)
{
	printf("touch cancel\n");
}

static const struct wl_touch_listener touch_listener = {
	.down = handle_down,
	.up = handle_up,
	.motion = handle_motion,
	.frame = ignore_touch_frame,
	.cancel = handle_cancel,
	.shape = ignore_shape,
	.orientation = ignore_orientation,
};

/* ---- the tablet's tool ---- */

static void handle_proximity_in(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t serial,
	struct zwp_tablet_v2 *tablet, struct wl_surface *surface)
{
	printf("tool near\n");
}

static void handle_proximity_out(void *data, struct zwp_tablet_tool_v2 *tool)
{
	printf("tool away\n");
}

static void handle_tip_down(void *data, struct zwp_tablet_tool_v2 *tool, uint32_t serial)
{
	printf("tool down\n");
}

static void handle_tip_up(void *data, struct zwp_tablet_tool_v2 *tool)
{
	printf("tool up\n");
}

static void handle_tool_motion(
	void *data, struct zwp_tablet_tool_v2 *tool, wl_fixed_t x, wl_fixed_t y)
{
	printf("tool motion %d %d\n", wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static const struct zwp_tablet_tool_v2_listener tool_listener = {
	.type = ignore_uint,
	.hardware_serial = ignore_two_uints,
	.hardware_id_wacom = ignore_two_uints,
	.capability = ignore_uint,
	.done = ignore_tool,
	.removed = ignore_tool,
	.proximity_in = handle_proximity_in,
	.proximity_out = handle_proximity_out,
	.down = handle_tip_down,
	.up = handle_tip_up,
	.motion = handle_tool_motion,
	.pressure = ignore_uint,
	.distance = ignore_uint,
	.tilt = ignore_tilt,
	.rotation = ignore_fixed,
	.slider = ignore_int,
	.wheel = ignore_wheel,
	.button = ignore_tool_button,
	.frame = ignore_uint,
};

static void handle_tool_added(
	void *data, struct zwp_tablet_seat_v2 *seat, struct zwp_tablet_tool_v2 *tool)
{
	zwp_tablet_tool_v2_add_listener(tool, &tool_listener, data);
}

static const struct zwp_tablet_seat_v2_listener tablet_seat_listener = {
	.tablet_added = ignore_tablet,
	.tool_added = handle_tool_added,
	.pad_added = ignore_pad,
};

/* ---- the window ---- */

static void handle_configure(void *data, uint32_t serial)
{
	const struct test_client *base = &((const struct client *)data)->base;
	xdg_surface_ack_configure(base->xdg_surface, serial);
	test_client_draw(base, base->surface, base->told_width > 0 ? base->told_width : 300,
		base->told_height > 0 ? base->told_height : 200, base->color);
}

static bool run_command(void *data, const char *line)
{
	return false;
}

static const struct test_client_listener listener = {
	.enter = ignore_pointer,
	.button = ignore_button,
	.configure = handle_configure,
	.command = run_command,
};

int main(int argc, char **argv)
{
	static struct client client = {
		.base = {.listener = &listener,
			.title = "touch",
			.color = 0x4060a0,
			.extra_fd = -1},
	};
	const struct test_client_global globals[] = {
		{&zwp_tablet_manager_v2_interface, 1, &client.manager},
	};
	client.base.data = &client;
	test_client_parse(&client.base, argc, argv, nullptr, 0);
	test_client_connect(&client.base, globals, VX_ARRAY_LENGTH(globals));
	if (client.base.seat == nullptr) {
		test_client_die("no seat here");
	}
	wl_touch_add_listener(wl_seat_get_touch(client.base.seat), &touch_listener, &client);
	if (client.manager != nullptr) {
		struct zwp_tablet_seat_v2 *seat = zwp_tablet_manager_v2_get_tablet_seat(
			client.manager, client.base.seat);
		zwp_tablet_seat_v2_add_listener(seat, &tablet_seat_listener, &client);
	}
	test_client_open_window(&client.base, "test");
	test_client_run(&client.base);
	return 0;
}
