/* SPDX-License-Identifier: MIT */
#include "input/touch.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_touch.h>

#include "common/memory.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "listener.h"
#include "server.h"
#include "shell/scene.h"
#include "ui/modal.h"

struct touch {
	struct cursor *cursor;
	bool is_simulating; /* a pointer, with this finger */
	int32_t simulating_id;
	struct wl_listener down, up, motion, cancel, frame;
};

static void handle_down(struct wl_listener *listener, void *data)
{
	struct touch *touch = wl_container_of(listener, touch, down);
	struct cursor *cursor = touch->cursor;
	const struct wlr_touch_down_event *event = data;
	struct seat *seat = cursor->seat;
	seat_notify_activity(seat);
	double x, y;
	wlr_cursor_absolute_to_layout_coords(
		cursor->wlr_cursor, &event->touch->base, event->x, event->y, &x, &y);
	struct scene_hit hit = scene_at(seat->server->scene, x, y);
	if (modal_is_open(seat->server)) {
		modal_button(seat->server, x, y, true);
		return;
	}
	if (hit.surface != nullptr && wlr_surface_accepts_touch(hit.surface, seat->wlr_seat)) {
		seatop_focus_hit(seat, &hit);
		wlr_seat_touch_notify_down(seat->wlr_seat, hit.surface, event->time_msec,
			event->touch_id, hit.sx, hit.sy);
		return;
	}
	if (!touch->is_simulating) {
		/* Clients and frames that know no touch get a pointer. */
		touch->is_simulating = true;
		touch->simulating_id = event->touch_id;
		wlr_cursor_warp(cursor->wlr_cursor, nullptr, x, y);
		cursor_moved(cursor, event->time_msec);
		cursor_press(cursor, event->touch->base.data, event->time_msec, BTN_LEFT, true);
	}
}

static void handle_motion(struct wl_listener *listener, void *data)
{
	struct touch *touch = wl_container_of(listener, touch, motion);
	struct cursor *cursor = touch->cursor;
	const struct wlr_touch_motion_event *event = data;
	double x, y;
	seat_notify_activity(cursor->seat);
	wlr_cursor_absolute_to_layout_coords(
		cursor->wlr_cursor, &event->touch->base, event->x, event->y, &x, &y);
	if (touch->is_simulating && touch->simulating_id == event->touch_id) {
		wlr_cursor_warp(cursor->wlr_cursor, nullptr, x, y);
		cursor_moved(cursor, event->time_msec);
		return;
	}
	struct wlr_touch_point *point = wlr_seat_touch_get_point(
		cursor->seat->wlr_seat, event->touch_id);
	struct scene_hit hit = scene_at(cursor->seat->server->scene, x, y);
	if (point != nullptr && hit.surface == point->surface) {
		wlr_seat_touch_notify_motion(
			cursor->seat->wlr_seat, event->time_msec, event->touch_id, hit.sx, hit.sy);
	}
}

static void handle_up(struct wl_listener *listener, void *data)
{
	struct touch *touch = wl_container_of(listener, touch, up);
	struct cursor *cursor = touch->cursor;
	const struct wlr_touch_up_event *event = data;
	if (touch->is_simulating && touch->simulating_id == event->touch_id) {
		touch->is_simulating = false;
		cursor_press(cursor, event->touch->base.data, event->time_msec, BTN_LEFT, false);
		return;
	}
	wlr_seat_touch_notify_up(cursor->seat->wlr_seat, event->time_msec, event->touch_id);
}

static void handle_cancel(struct wl_listener *listener, void *data)
{
	struct touch *touch = wl_container_of(listener, touch, cancel);
	struct cursor *cursor = touch->cursor;
	const struct wlr_touch_cancel_event *event = data;
	struct wlr_touch_point *point = wlr_seat_touch_get_point(
		cursor->seat->wlr_seat, event->touch_id);
	if (point != nullptr) {
		wlr_seat_touch_notify_cancel(cursor->seat->wlr_seat, point->client);
	}
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	struct touch *touch = wl_container_of(listener, touch, frame);
	struct cursor *cursor = touch->cursor;
	wlr_seat_touch_notify_frame(cursor->seat->wlr_seat);
}

struct touch *touch_create(struct cursor *cursor)
{
	struct touch *touch = vx_new(touch);
	touch->cursor = cursor;
	struct wlr_cursor *wlr = cursor->wlr_cursor;
	listener_add(&touch->down, &wlr->events.touch_down, handle_down);
	listener_add(&touch->up, &wlr->events.touch_up, handle_up);
	listener_add(&touch->motion, &wlr->events.touch_motion, handle_motion);
	listener_add(&touch->cancel, &wlr->events.touch_cancel, handle_cancel);
	listener_add(&touch->frame, &wlr->events.touch_frame, handle_frame);
	return touch;
}

void touch_destroy(struct touch *touch)
{
	listener_remove(&touch->down);
	listener_remove(&touch->up);
	listener_remove(&touch->motion);
	listener_remove(&touch->cancel);
	listener_remove(&touch->frame);
	free(touch);
}
