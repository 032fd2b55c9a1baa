/* SPDX-License-Identifier: MIT */
/*
 * vixos-compositor with a touchpad, a drawing tablet and a touch screen that do what its standard
 * input says: no protocol can make gestures or tools, and a test has no such device.
 *
 *   swipe FINGERS DX DY | pinch FINGERS SCALE DEGREES | hold FINGERS     a whole gesture
 *   tool X Y             the pen comes near, at this part of the screen (0 to 1)
 *   tip 1|0 | away       its tip touches or leaves; it goes
 *   finger ID X Y | slide ID X Y | lift ID | cancel ID      a finger on the touch screen
 */
#define VX_LOG_MODULE "fake-input"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/interfaces/wlr_pointer.h>
#include <wlr/interfaces/wlr_tablet_tool.h>
#include <wlr/interfaces/wlr_touch.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_tablet_tool.h>
#include <wlr/types/wlr_touch.h>

#include "common/error.h"
#include "common/log.h"
#include "options.h"
#include "server.h"

struct fake {
	struct server server;
	struct wlr_pointer pointer;
	struct wlr_tablet tablet;
	struct wlr_tablet_tool tool;
	struct wlr_touch touch;
	char line[256];
	size_t length;
};

static const struct wlr_pointer_impl pointer_impl = {.name = "fake-touchpad"};
static const struct wlr_tablet_impl tablet_impl = {.name = "fake-tablet"};

static const struct wlr_touch_impl touch_impl = {.name = "fake-touch"};

static void emit(struct wl_signal *signal, void *event)
{
	wl_signal_emit_mutable(signal, event);
}

static void swipe(struct wlr_pointer *pointer, uint32_t fingers, double dx, double dy)
{
	emit(&pointer->events.swipe_begin,
		&(struct wlr_pointer_swipe_begin_event){.pointer = pointer, .fingers = fingers});
	emit(&pointer->events.swipe_update,
		&(struct wlr_pointer_swipe_update_event){
			.pointer = pointer, .fingers = fingers, .dx = dx, .dy = dy});
	emit(&pointer->events.swipe_end, &(struct wlr_pointer_swipe_end_event){.pointer = pointer});
}

static void pinch(struct wlr_pointer *pointer, uint32_t fingers, double scale, double rotation)
{
	emit(&pointer->events.pinch_begin,
		&(struct wlr_pointer_pinch_begin_event){.pointer = pointer, .fingers = fingers});
	emit(&pointer->events.pinch_update,
		&(struct wlr_pointer_pinch_update_event){.pointer = pointer,
			.fingers = fingers,
			.scale = scale,
			.rotation = rotation});
	emit(&pointer->events.pinch_end, &(struct wlr_pointer_pinch_end_event){.pointer = pointer});
}

static void hold(struct wlr_pointer *pointer, uint32_t fingers)
{
	emit(&pointer->events.hold_begin,
		&(struct wlr_pointer_hold_begin_event){.pointer = pointer, .fingers = fingers});
	emit(&pointer->events.hold_end, &(struct wlr_pointer_hold_end_event){.pointer = pointer});
}

static void bring_tool(
	struct fake *fake, double x, double y, enum wlr_tablet_tool_proximity_state to)
{
	emit(&fake->tablet.events.proximity,
		&(struct wlr_tablet_tool_proximity_event){
			.tablet = &fake->tablet, .tool = &fake->tool, .x = x, .y = y, .state = to});
}

static void touch_with_tip(struct fake *fake, bool down)
{
	emit(&fake->tablet.events.tip,
		&(struct wlr_tablet_tool_tip_event){.tablet = &fake->tablet,
			.tool = &fake->tool,
			.state = down ? WLR_TABLET_TOOL_TIP_DOWN : WLR_TABLET_TOOL_TIP_UP});
}

/* Does the line tell of a finger? */
static bool run_touch_line(struct wlr_touch *touch, const char *line)
{
	int32_t id;
	double x, y;
	if (sscanf(line, "finger %d %lf %lf", &id, &x, &y) == 3) {
		emit(&touch->events.down, &(struct wlr_touch_down_event){
						  .touch = touch, .touch_id = id, .x = x, .y = y});
	} else if (sscanf(line, "slide %d %lf %lf", &id, &x, &y) == 3) {
		emit(&touch->events.motion,
			&(struct wlr_touch_motion_event){
				.touch = touch, .touch_id = id, .x = x, .y = y});
	} else if (sscanf(line, "lift %d", &id) == 1) {
		emit(&touch->events.up,
			&(struct wlr_touch_up_event){.touch = touch, .touch_id = id});
	} else if (sscanf(line, "cancel %d", &id) == 1) {
		emit(&touch->events.cancel,
			&(struct wlr_touch_cancel_event){.touch = touch, .touch_id = id});
	} else {
		return false;
	}
	emit(&touch->events.frame, nullptr);
	return true;
}

static void run_line(struct fake *fake, const char *line)
{
	unsigned fingers;
	double a, b;
	if (run_touch_line(&fake->touch, line)) {
		return;
	}
	if (sscanf(line, "swipe %u %lf %lf", &fingers, &a, &b) == 3) {
		swipe(&fake->pointer, fingers, a, b);
	} else if (sscanf(line, "pinch %u %lf %lf", &fingers, &a, &b) == 3) {
		pinch(&fake->pointer, fingers, a, b);
	} else if (sscanf(line, "hold %u", &fingers) == 1) {
		hold(&fake->pointer, fingers);
	} else if (sscanf(line, "tool %lf %lf", &a, &b) == 2) {
		bring_tool(fake, a, b, WLR_TABLET_TOOL_PROXIMITY_IN);
	} else if (strcmp(line, "away") == 0) {
		bring_tool(fake, 0, 0, WLR_TABLET_TOOL_PROXIMITY_OUT);
	} else if (sscanf(line, "tip %u", &fingers) == 1) {
		touch_with_tip(fake, fingers != 0);
	}
}

static int handle_input(int fd, uint32_t mask, void *data)
{
	struct fake *fake = data;
	char c;
	if (read(fd, &c, 1) != 1) {
		server_stop(&fake->server);
	} else if (c == '\n') {
		fake->line[fake->length] = '\0';
		fake->length = 0;
		run_line(fake, fake->line);
	} else if (fake->length + 1 < sizeof(fake->line)) {
		fake->line[fake->length++] = c;
	}
	return 0;
}

static void add_devices(struct fake *fake)
{
	wlr_pointer_init(&fake->pointer, &pointer_impl, "fake touchpad");
	wlr_tablet_init(&fake->tablet, &tablet_impl, "fake tablet");
	fake->tool.type = WLR_TABLET_TOOL_TYPE_PEN;
	wl_signal_init(&fake->tool.events.destroy);
	emit(&fake->server.backend->events.new_input, &fake->pointer.base);
	emit(&fake->server.backend->events.new_input, &fake->tablet.base);
	wlr_touch_init(&fake->touch, &touch_impl, "fake touch");
	emit(&fake->server.backend->events.new_input, &fake->touch.base);
}

static void remove_devices(struct fake *fake)
{
	emit(&fake->tool.events.destroy, &fake->tool);
	wlr_touch_finish(&fake->touch);
	wlr_tablet_finish(&fake->tablet);
	wlr_pointer_finish(&fake->pointer);
}

int main(int argc, char **argv)
{
	static struct fake fake;
	struct options options = {};
	options_parse(&options, argc, argv);
	vx_log_init("fake-input", options.debug ? VX_LOG_DEBUG : VX_LOG_WARN);
	vx_cleanup_error struct vx_error err = {};
	bool success = server_init(&fake.server, &options, &err);
	if (success) {
		struct wl_event_source *source = wl_event_loop_add_fd(
			fake.server.loop, STDIN_FILENO, WL_EVENT_READABLE, handle_input, &fake);
		add_devices(&fake);
		success = server_run(&fake.server, &err);
		remove_devices(&fake);
		wl_event_source_remove(source);
	}
	if (!success) {
		vx_log_error("%s", vx_error_message(&err));
	}
	server_finish(&fake.server);
	return success ? 0 : 1;
}
