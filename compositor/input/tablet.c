/* SPDX-License-Identifier: MIT */
#include "input/tablet.h"

#include <libinput.h>
#include <linux/input-event-codes.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/backend/libinput.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_tablet_tool.h>
#include <wlr/types/wlr_tablet_v2.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/input.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "listener.h"
#include "server.h"
#include "shell/scene.h"
#include "ui/modal.h"

struct tablets {
	struct cursor *cursor;
	struct wl_list list;      /* struct tablet.link */
	struct wl_list tools;     /* struct tool.link */
	struct tablet_pads *pads; /* owned */
	struct wl_listener axis, tip, proximity, button;
};

/* A pen, an eraser, …: what is behind wlr_tablet_tool.data. */
struct tool {
	struct tablet *tablet;
	struct wl_list link;
	struct wlr_tablet_tool *wlr_tool;
	struct wlr_tablet_v2_tablet_tool *v2; /* owned by wlr_tool */
	double tilt_x, tilt_y;
	bool is_pointing; /* its tip is down as a pointer's button */
	int buttons;      /* held */
	bool buttons_point;
	struct wl_listener destroy, set_cursor;
};

/* ---- tools ---- */

static void destroy_tool(struct tool *tool)
{
	listener_remove(&tool->destroy);
	listener_remove(&tool->set_cursor);
	wl_list_remove(&tool->link);
	tool->wlr_tool->data = nullptr;
	free(tool);
}

static void handle_tool_destroy(struct wl_listener *listener, void *data)
{
	struct tool *tool = wl_container_of(listener, tool, destroy);
	destroy_tool(tool);
}

static void handle_set_cursor(struct wl_listener *listener, void *data)
{
	struct tool *tool = wl_container_of(listener, tool, set_cursor);
	const struct wlr_tablet_v2_event_cursor *event = data;
	struct cursor *cursor = tool->tablet->tablets->cursor;
	const struct wlr_surface *focused = tool->v2->focused_surface;
	if (focused != nullptr && seatop_allows_client_image(cursor->seat) &&
		wl_resource_get_client(focused->resource) == event->seat_client->client) {
		cursor_set_client_image(cursor, event->surface, event->hotspot_x, event->hotspot_y,
			cursor_is_of_vm(cursor, event->seat_client->client));
	}
}

static struct tablet *tablet_of(struct tablets *tablets, const struct wlr_tablet *wlr_tablet)
{
	struct tablet *tablet;
	wl_list_for_each (tablet, &tablets->list, link) {
		if (tablet->device->wlr_device == &wlr_tablet->base) {
			return tablet;
		}
	}
	return nullptr;
}

/* What is known of the tool; NULL for one of a tablet that isn't in this seat. */
static struct tool *tool_of(
	struct tablets *tablets, struct wlr_tablet *wlr_tablet, struct wlr_tablet_tool *wlr_tool)
{
	struct tablet *tablet = tablet_of(tablets, wlr_tablet);
	if (tablet == nullptr || wlr_tool->data != nullptr) {
		return tablet != nullptr ? wlr_tool->data : nullptr;
	}
	struct tool *tool = vx_new(tool);
	tool->tablet = tablet;
	tool->wlr_tool = wlr_tool;
	struct seat *seat = tablets->cursor->seat;
	/* Before wlroots' own listener, which frees `v2` with our listener in it. */
	listener_add(&tool->destroy, &wlr_tool->events.destroy, handle_tool_destroy);
	tool->v2 = wlr_tablet_tool_create(seat->input->tablet_v2, seat->wlr_seat, wlr_tool);
	if (tool->v2 == nullptr) {
		listener_remove(&tool->destroy);
		free(tool);
		return nullptr;
	}
	wl_list_insert(&tablets->tools, &tool->link);
	listener_add(&tool->set_cursor, &tool->v2->events.set_cursor, handle_set_cursor);
	wlr_tool->data = tool;
	return tool;
}

static bool is_relative(const struct tool *tool, const struct input_config *config)
{
	enum wlr_tablet_tool_type type = tool->wlr_tool->type;
	if (type == WLR_TABLET_TOOL_TYPE_MOUSE || type == WLR_TABLET_TOOL_TYPE_LENS) {
		return true;
	}
	return config != nullptr && type < VX_ARRAY_LENGTH(config->tool_mode) &&
	       config->tool_mode[type] == 1;
}

/* ---- places ---- */

static double part_of(double value, double low, double high)
{
	return high > low ? (value - low) / (high - low) : value;
}

/* `map_from_region`: only a part of the tablet counts. */
static void map_from_region(
	const struct input_config *config, const struct wlr_tablet *tablet, double *x, double *y)
{
	if (config == nullptr || !config->has_map_from_region) {
		return;
	}
	double width = 1, height = 1;
	if (config->map_from_region_is_mm) {
		width = tablet->width_mm;
		height = tablet->height_mm;
	}
	if (width > 0 && height > 0) {
		const double *region = config->map_from_region;
		*x = part_of(*x, region[0] / width, region[2] / width);
		*y = part_of(*y, region[1] / height, region[3] / height);
	}
}

struct motion {
	struct wlr_tablet *tablet;
	uint32_t time_ms;
	double x, y; /* 0 to 1, NAN: as before */
	double dx, dy;
};

static void move_cursor(struct tool *tool, const struct motion *motion)
{
	struct cursor *cursor = tool->tablet->tablets->cursor;
	struct input_config *config = config_input_for(server_config(cursor->seat->server),
		tool->tablet->device->identifier, tool->tablet->device->type);
	double x = motion->x, y = motion->y;
	map_from_region(config, motion->tablet, &x, &y);
	if (is_relative(tool, config)) {
		wlr_cursor_move(cursor->wlr_cursor, &motion->tablet->base, motion->dx, motion->dy);
	} else {
		wlr_cursor_warp_absolute(cursor->wlr_cursor, &motion->tablet->base, x, y);
	}
	input_config_destroy(config);
}

static struct scene_hit hit_of(const struct cursor *cursor)
{
	return scene_at(cursor->seat->server->scene, cursor->wlr_cursor->x, cursor->wlr_cursor->y);
}

/* Does the client there speak tablet-v2? Not while the menu is open or a window is moved. */
static bool is_for_client(const struct tool *tool, const struct scene_hit *hit)
{
	const struct seat *seat = tool->tablet->tablets->cursor->seat;
	return hit->surface != nullptr && !modal_is_open(seat->server) && seat->seatop == nullptr &&
	       wlr_surface_accepts_tablet_v2(hit->surface, tool->tablet->v2);
}

static void move(struct tool *tool, const struct motion *motion)
{
	struct cursor *cursor = tool->tablet->tablets->cursor;
	move_cursor(tool, motion);
	struct scene_hit hit = hit_of(cursor);
	bool is_grabbed = wlr_tablet_tool_v2_has_implicit_grab(tool->v2);
	if (tool->is_pointing || (!is_grabbed && !is_for_client(tool, &hit))) {
		wlr_tablet_v2_tablet_tool_notify_proximity_out(tool->v2);
		cursor_moved(cursor, motion->time_ms);
		wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
	} else if (hit.surface != nullptr) {
		cursor_unhide(cursor);
		wlr_tablet_v2_tablet_tool_notify_proximity_in(
			tool->v2, tool->tablet->v2, hit.surface);
		wlr_tablet_v2_tablet_tool_notify_motion(tool->v2, hit.sx, hit.sy);
	}
}

/* ---- events ---- */

static void notify_tilt(struct tool *tool, const struct wlr_tablet_tool_axis_event *event)
{
	if (event->updated_axes & WLR_TABLET_TOOL_AXIS_TILT_X) {
		tool->tilt_x = event->tilt_x;
	}
	if (event->updated_axes & WLR_TABLET_TOOL_AXIS_TILT_Y) {
		tool->tilt_y = event->tilt_y;
	}
	wlr_tablet_v2_tablet_tool_notify_tilt(tool->v2, tool->tilt_x, tool->tilt_y);
}

static void notify_axes(struct tool *tool, const struct wlr_tablet_tool_axis_event *event)
{
	uint32_t axes = event->updated_axes;
	if (axes & WLR_TABLET_TOOL_AXIS_PRESSURE) {
		wlr_tablet_v2_tablet_tool_notify_pressure(tool->v2, event->pressure);
	}
	if (axes & WLR_TABLET_TOOL_AXIS_DISTANCE) {
		wlr_tablet_v2_tablet_tool_notify_distance(tool->v2, event->distance);
	}
	if (axes & (WLR_TABLET_TOOL_AXIS_TILT_X | WLR_TABLET_TOOL_AXIS_TILT_Y)) {
		notify_tilt(tool, event);
	}
	if (axes & WLR_TABLET_TOOL_AXIS_ROTATION) {
		wlr_tablet_v2_tablet_tool_notify_rotation(tool->v2, event->rotation);
	}
	if (axes & WLR_TABLET_TOOL_AXIS_SLIDER) {
		wlr_tablet_v2_tablet_tool_notify_slider(tool->v2, event->slider);
	}
	if (axes & WLR_TABLET_TOOL_AXIS_WHEEL) {
		wlr_tablet_v2_tablet_tool_notify_wheel(tool->v2, event->wheel_delta, 0);
	}
}

static void handle_axis(struct wl_listener *listener, void *data)
{
	struct tablets *tablets = wl_container_of(listener, tablets, axis);
	const struct wlr_tablet_tool_axis_event *event = data;
	struct tool *tool = tool_of(tablets, event->tablet, event->tool);
	seat_notify_activity(tablets->cursor->seat);
	if (tool == nullptr) {
		return;
	}
	bool has_x = event->updated_axes & WLR_TABLET_TOOL_AXIS_X;
	bool has_y = event->updated_axes & WLR_TABLET_TOOL_AXIS_Y;
	if (has_x || has_y) {
		move(tool, &(struct motion){
				   .tablet = event->tablet,
				   .time_ms = event->time_msec,
				   .x = has_x ? event->x : NAN,
				   .y = has_y ? event->y : NAN,
				   .dx = event->dx,
				   .dy = event->dy,
			   });
	}
	notify_axes(tool, event);
}

static void press(const struct tool *tool, uint32_t time_ms, uint32_t button, bool pressed)
{
	struct cursor *cursor = tool->tablet->tablets->cursor;
	cursor_press(cursor, tool->tablet->device, time_ms, button, pressed);
	wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
}

static void handle_tip(struct wl_listener *listener, void *data)
{
	struct tablets *tablets = wl_container_of(listener, tablets, tip);
	const struct wlr_tablet_tool_tip_event *event = data;
	struct tool *tool = tool_of(tablets, event->tablet, event->tool);
	seat_notify_activity(tablets->cursor->seat);
	if (tool == nullptr) {
		return;
	}
	bool down = event->state == WLR_TABLET_TOOL_TIP_DOWN;
	struct scene_hit hit = hit_of(tablets->cursor);
	if (!down && tool->is_pointing) {
		tool->is_pointing = false;
		press(tool, event->time_msec, BTN_LEFT, false);
	} else if (!down) {
		wlr_tablet_v2_tablet_tool_notify_up(tool->v2);
	} else if (is_for_client(tool, &hit)) {
		seatop_focus_hit(tablets->cursor->seat, &hit);
		wlr_tablet_v2_tablet_tool_notify_down(tool->v2);
		wlr_tablet_tool_v2_start_implicit_grab(tool->v2);
	} else {
		tool->is_pointing = true;
		press(tool, event->time_msec, BTN_LEFT, true);
	}
}

/* All buttons are the right one where they are a pointer's, as long as any is held. */
static void handle_button(struct wl_listener *listener, void *data)
{
	struct tablets *tablets = wl_container_of(listener, tablets, button);
	const struct wlr_tablet_tool_button_event *event = data;
	struct tool *tool = tool_of(tablets, event->tablet, event->tool);
	seat_notify_activity(tablets->cursor->seat);
	if (tool == nullptr) {
		return;
	}
	bool pressed = event->state == WLR_BUTTON_PRESSED;
	struct scene_hit hit = hit_of(tablets->cursor);
	if (pressed && tool->buttons == 0) {
		tool->buttons_point = !is_for_client(tool, &hit);
	}
	bool is_first = pressed && tool->buttons == 0, is_last = !pressed && tool->buttons <= 1;
	tool->buttons += pressed ? 1 : tool->buttons > 0 ? -1 : 0;
	if (!tool->buttons_point) {
		wlr_tablet_v2_tablet_tool_notify_button(
			tool->v2, event->button, (enum zwp_tablet_pad_v2_button_state)event->state);
	} else if (is_first || is_last) {
		press(tool, event->time_msec, BTN_RIGHT, pressed);
	}
}

static void handle_proximity(struct wl_listener *listener, void *data)
{
	struct tablets *tablets = wl_container_of(listener, tablets, proximity);
	const struct wlr_tablet_tool_proximity_event *event = data;
	struct tool *tool = tool_of(tablets, event->tablet, event->tool);
	seat_notify_activity(tablets->cursor->seat);
	if (tool == nullptr) {
		return;
	}
	if (event->state == WLR_TABLET_TOOL_PROXIMITY_OUT) {
		wlr_tablet_v2_tablet_tool_notify_proximity_out(tool->v2);
		return;
	}
	move(tool, &(struct motion){
			   .tablet = event->tablet,
			   .time_ms = event->time_msec,
			   .x = event->x,
			   .y = event->y,
		   });
}

/* ---- devices ---- */

static struct libinput_device_group *group_of(const struct device *device)
{
	struct wlr_input_device *wlr_device = device->wlr_device;
	return wlr_input_device_is_libinput(wlr_device)
		       ? libinput_device_get_device_group(
				 wlr_libinput_get_device_handle(wlr_device))
		       : nullptr;
}

struct tablet *tablets_sibling_of(const struct tablets *tablets, const struct device *device)
{
	struct libinput_device_group *group = group_of(device);
	struct tablet *tablet;
	wl_list_for_each (tablet, &tablets->list, link) {
		if (group != nullptr && group_of(tablet->device) == group) {
			return tablet;
		}
	}
	return nullptr;
}

void tablets_add_device(struct tablets *tablets, struct device *device)
{
	if (device->wlr_device->type == WLR_INPUT_DEVICE_TABLET_PAD) {
		tablet_pads_add(tablets->pads, device);
	}
	if (device->wlr_device->type != WLR_INPUT_DEVICE_TABLET) {
		return;
	}
	struct seat *seat = tablets->cursor->seat;
	struct wlr_tablet_v2_tablet *v2 = wlr_tablet_create(
		seat->input->tablet_v2, seat->wlr_seat, device->wlr_device);
	if (v2 == nullptr) {
		return;
	}
	struct tablet *tablet = vx_new(tablet);
	tablet->tablets = tablets;
	tablet->device = device;
	tablet->v2 = v2;
	wl_list_insert(&tablets->list, &tablet->link);
	tablet_pads_tablet_added(tablets->pads, tablet);
}

static void destroy_tablet(struct tablet *tablet)
{
	struct tablets *tablets = tablet->tablets;
	struct tool *tool, *next;
	wl_list_for_each_safe (tool, next, &tablets->tools, link) {
		if (tool->tablet == tablet) {
			destroy_tool(tool);
		}
	}
	tablet_pads_tablet_gone(tablets->pads, tablet);
	wl_list_remove(&tablet->link);
	free(tablet);
}

void tablets_remove_device(struct tablets *tablets, struct device *device)
{
	tablet_pads_remove(tablets->pads, device);
	struct tablet *tablet, *next;
	wl_list_for_each_safe (tablet, next, &tablets->list, link) {
		if (tablet->device == device) {
			destroy_tablet(tablet);
		}
	}
}

void tablets_focus(struct tablets *tablets, struct wlr_surface *surface)
{
	tablet_pads_focus(tablets->pads, surface);
}

struct tablets *tablets_create(struct cursor *cursor)
{
	struct tablets *tablets = vx_new(tablets);
	tablets->cursor = cursor;
	wl_list_init(&tablets->list);
	wl_list_init(&tablets->tools);
	tablets->pads = tablet_pads_create(tablets);
	struct wlr_cursor *wlr = cursor->wlr_cursor;
	listener_add(&tablets->axis, &wlr->events.tablet_tool_axis, handle_axis);
	listener_add(&tablets->tip, &wlr->events.tablet_tool_tip, handle_tip);
	listener_add(&tablets->proximity, &wlr->events.tablet_tool_proximity, handle_proximity);
	listener_add(&tablets->button, &wlr->events.tablet_tool_button, handle_button);
	return tablets;
}

void tablets_destroy(struct tablets *tablets)
{
	struct tablet *tablet, *next;
	wl_list_for_each_safe (tablet, next, &tablets->list, link) {
		destroy_tablet(tablet);
	}
	tablet_pads_destroy(tablets->pads);
	listener_remove(&tablets->axis);
	listener_remove(&tablets->tip);
	listener_remove(&tablets->proximity);
	listener_remove(&tablets->button);
	free(tablets);
}
