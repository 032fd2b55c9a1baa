/* SPDX-License-Identifier: MIT */
#include "input/cursor.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_pointer_constraints_v1.h>
#include <wlr/types/wlr_relative_pointer_v1.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/region.h>

#include "common/clock.h"
#include "common/memory.h"
#include "config/config.h"
#include "input/drag_icon.h"
#include "input/gestures.h"
#include "input/input.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "input/tablet.h"
#include "input/touch.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/lock.h"
#include "shell/scene.h"
#include "tree/tree.h"
#include "ui/modal.h"
#include "vm/tag.h"

/* ---- images ---- */

bool cursor_is_of_vm(const struct cursor *cursor, const struct wl_client *client)
{
	return tag_kind_of_client(cursor->seat->server, client, nullptr) != TAG_NONE;
}

static void handle_request_set_cursor(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, request_set_cursor);
	const struct wlr_seat_pointer_request_set_cursor_event *event = data;
	struct wlr_seat_client *focused = cursor->seat->wlr_seat->pointer_state.focused_client;
	if (focused == nullptr || focused->client != event->seat_client->client ||
		!seatop_allows_client_image(cursor->seat)) {
		return;
	}
	cursor_set_client_image(cursor, event->surface, event->hotspot_x, event->hotspot_y,
		cursor_is_of_vm(cursor, focused->client));
}

/* ---- motion ---- */

void cursor_moved(struct cursor *cursor, uint32_t time_ms)
{
	cursor_unhide(cursor);
	drag_icon_move(cursor->seat);
	if (modal_is_open(cursor->seat->server)) {
		cursor_set_image(cursor, "default");
		modal_pointer_moved(
			cursor->seat->server, cursor->wlr_cursor->x, cursor->wlr_cursor->y);
	} else {
		seatop_motion(cursor->seat, time_ms);
	}
	cursor->previous_x = cursor->wlr_cursor->x;
	cursor->previous_y = cursor->wlr_cursor->y;
}

void cursor_rebase(struct cursor *cursor)
{
	if (!modal_is_open(cursor->seat->server)) {
		seatop_rebase(cursor->seat, (uint32_t)vx_clock_ms());
	}
}

void cursors_rebase(struct server *server)
{
	if (server->input == nullptr) {
		return;
	}
	struct seat *seat;
	wl_list_for_each (seat, &server->input->seats, link) {
		cursor_rebase(seat->cursor);
	}
}

/* A locked or confined pointer: shortens the way, or forbids it. */
static bool constrain(struct cursor *cursor, double *dx, double *dy)
{
	struct wlr_pointer_constraint_v1 *constraint = cursor->constraint;
	if (constraint == nullptr) {
		return true;
	}
	if (constraint->type == WLR_POINTER_CONSTRAINT_V1_LOCKED) {
		return false;
	}
	struct scene_hit hit = scene_at(
		cursor->seat->server->scene, cursor->wlr_cursor->x, cursor->wlr_cursor->y);
	double x, y;
	if (hit.surface != constraint->surface) {
		return true;
	}
	if (!wlr_region_confine(
		    &constraint->region, hit.sx, hit.sy, hit.sx + *dx, hit.sy + *dy, &x, &y)) {
		return false;
	}
	*dx = x - hit.sx;
	*dy = y - hit.sy;
	return true;
}

static struct device *device_of(struct wlr_input_device *wlr_device)
{
	return wlr_device->data;
}

static void handle_motion(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, motion);
	const struct wlr_pointer_motion_event *event = data;
	double dx = event->delta_x, dy = event->delta_y;
	seat_notify_activity(cursor->seat);
	if (!modal_is_open(cursor->seat->server)) {
		wlr_relative_pointer_manager_v1_send_relative_motion(
			cursor->seat->input->relative_pointers, cursor->seat->wlr_seat,
			(uint64_t)event->time_msec * 1000, dx, dy, event->unaccel_dx,
			event->unaccel_dy);
	}
	if (constrain(cursor, &dx, &dy)) {
		wlr_cursor_move(cursor->wlr_cursor, &event->pointer->base, dx, dy);
		cursor_moved(cursor, event->time_msec);
	}
}

static void handle_motion_absolute(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, motion_absolute);
	const struct wlr_pointer_motion_absolute_event *event = data;
	seat_notify_activity(cursor->seat);
	double x, y;
	wlr_cursor_absolute_to_layout_coords(
		cursor->wlr_cursor, &event->pointer->base, event->x, event->y, &x, &y);
	double dx = x - cursor->wlr_cursor->x, dy = y - cursor->wlr_cursor->y;
	if (constrain(cursor, &dx, &dy)) {
		wlr_cursor_move(cursor->wlr_cursor, &event->pointer->base, dx, dy);
		cursor_moved(cursor, event->time_msec);
	}
}

void cursor_move_by(struct cursor *cursor, double dx, double dy)
{
	wlr_cursor_move(cursor->wlr_cursor, nullptr, dx, dy);
	cursor_moved(cursor, (uint32_t)vx_clock_ms());
	wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
}

void cursor_move_to(struct cursor *cursor, double x, double y)
{
	wlr_cursor_warp_closest(cursor->wlr_cursor, nullptr, x, y);
	cursor_moved(cursor, (uint32_t)vx_clock_ms());
	wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
}

/* ---- buttons ---- */

static void hold_button(struct cursor *cursor, uint32_t button)
{
	if (cursor->button_count >= cursor_buttons_max) {
		return;
	}
	size_t at = 0;
	while (at < cursor->button_count && cursor->buttons[at] < button) {
		at++;
	}
	for (size_t i = cursor->button_count; i > at; i--) {
		cursor->buttons[i] = cursor->buttons[i - 1];
	}
	cursor->buttons[at] = button;
	cursor->button_count++;
}

static void release_button(struct cursor *cursor, uint32_t button)
{
	size_t kept = 0;
	bool removed = false;
	for (size_t i = 0; i < cursor->button_count; i++) {
		if (cursor->buttons[i] == button && !removed) {
			removed = true;
		} else {
			cursor->buttons[kept++] = cursor->buttons[i];
		}
	}
	cursor->button_count = kept;
}

void cursor_press(struct cursor *cursor, struct device *device, uint32_t time_ms, uint32_t button,
	bool pressed)
{
	struct seat *seat = cursor->seat;
	cursor_unhide(cursor);
	if (time_ms == 0) {
		time_ms = (uint32_t)vx_clock_ms();
	}
	if (pressed) {
		hold_button(cursor, button);
	} else {
		release_button(cursor, button);
	}
	if (modal_is_open(seat->server)) {
		modal_button(seat->server, cursor->wlr_cursor->x, cursor->wlr_cursor->y, pressed);
		return;
	}
	seatop_button(seat, device, time_ms, button, pressed);
}

static void handle_button(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, button);
	const struct wlr_pointer_button_event *event = data;
	seat_notify_activity(cursor->seat);
	cursor_press(cursor, device_of(&event->pointer->base), event->time_msec, event->button,
		event->state == WL_POINTER_BUTTON_STATE_PRESSED);
}

static void handle_axis(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, axis);
	seat_notify_activity(cursor->seat);
	cursor_unhide(cursor);
	const struct wlr_pointer_axis_event *event = data;
	if (modal_is_open(cursor->seat->server)) {
		modal_scroll(cursor->seat->server, event->delta);
		return;
	}
	seatop_axis(cursor->seat, device_of(&event->pointer->base), event);
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, frame);
	if (!modal_is_open(cursor->seat->server)) {
		wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
	}
}

/* ---- constraints ---- */

static void handle_constraint_destroy(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, constraint_destroy);
	listener_remove(&cursor->constraint_destroy);
	cursor->constraint = nullptr;
}

void cursor_update_constraint(struct cursor *cursor)
{
	struct seat *seat = cursor->seat;
	struct wlr_surface *focused = seat->wlr_seat->keyboard_state.focused_surface;
	struct wlr_pointer_constraint_v1 *wanted = nullptr;
	if (focused != nullptr && !modal_is_open(seat->server)) {
		wanted = wlr_pointer_constraints_v1_constraint_for_surface(
			seat->input->constraints, focused, seat->wlr_seat);
	}
	if (wanted == cursor->constraint) {
		return;
	}
	if (cursor->constraint != nullptr) {
		struct wlr_pointer_constraint_v1 *old = cursor->constraint;
		listener_remove(&cursor->constraint_destroy);
		cursor->constraint = nullptr;
		wlr_pointer_constraint_v1_send_deactivated(old);
	}
	if (wanted != nullptr) {
		cursor->constraint = wanted;
		listener_add(&cursor->constraint_destroy, &wanted->events.destroy,
			handle_constraint_destroy);
		wlr_pointer_constraint_v1_send_activated(wanted);
	}
}

/* ---- life ---- */

void cursor_attach(struct cursor *cursor, struct device *device)
{
	if (device->wlr_device->type == WLR_INPUT_DEVICE_POINTER ||
		device->wlr_device->type == WLR_INPUT_DEVICE_TOUCH ||
		device->wlr_device->type == WLR_INPUT_DEVICE_TABLET) {
		wlr_cursor_attach_input_device(cursor->wlr_cursor, device->wlr_device);
	}
	tablets_add_device(cursor->tablets, device);
}

void cursor_detach(struct cursor *cursor, struct device *device)
{
	tablets_remove_device(cursor->tablets, device);
	if (device->wlr_device->type == WLR_INPUT_DEVICE_POINTER ||
		device->wlr_device->type == WLR_INPUT_DEVICE_TOUCH ||
		device->wlr_device->type == WLR_INPUT_DEVICE_TABLET) {
		wlr_cursor_detach_input_device(cursor->wlr_cursor, device->wlr_device);
	}
}

struct handler {
	struct wl_listener *listener;
	struct wl_signal *signal;
	wl_notify_func_t notify;
};

static constexpr size_t handler_count = 5;

static void list_handlers(struct cursor *cursor, struct handler handlers[static handler_count])
{
	struct wlr_cursor *wlr = cursor->wlr_cursor;
	const struct handler all[] = {
		{&cursor->motion, &wlr->events.motion, handle_motion},
		{&cursor->motion_absolute, &wlr->events.motion_absolute, handle_motion_absolute},
		{&cursor->button, &wlr->events.button, handle_button},
		{&cursor->axis, &wlr->events.axis, handle_axis},
		{&cursor->frame, &wlr->events.frame, handle_frame},
	};
	static_assert(VX_ARRAY_LENGTH(all) == handler_count);
	memcpy(handlers, all, sizeof(all));
}

struct cursor *cursor_create(struct seat *seat)
{
	struct cursor *cursor = vx_new(cursor);
	cursor->seat = seat;
	cursor->wlr_cursor = wlr_cursor_create();
	wlr_cursor_attach_output_layout(cursor->wlr_cursor, seat->server->outputs->layout);
	cursor->hide_timer = wl_event_loop_add_timer(
		seat->server->loop, cursor_handle_hide_timer, cursor);
	struct handler handlers[handler_count];
	list_handlers(cursor, handlers);
	for (size_t i = 0; i < handler_count; i++) {
		listener_add(handlers[i].listener, handlers[i].signal, handlers[i].notify);
	}
	cursor->gestures = gestures_create(seat, cursor->wlr_cursor);
	cursor->touch = touch_create(cursor);
	cursor->tablets = tablets_create(cursor);
	listener_add(&cursor->request_set_cursor, &seat->wlr_seat->events.request_set_cursor,
		handle_request_set_cursor);
	return cursor;
}

void cursor_destroy(struct cursor *cursor)
{
	struct handler handlers[handler_count];
	list_handlers(cursor, handlers);
	for (size_t i = 0; i < handler_count; i++) {
		listener_remove(handlers[i].listener);
	}
	gestures_destroy(cursor->gestures);
	touch_destroy(cursor->touch);
	tablets_destroy(cursor->tablets);
	listener_remove(&cursor->request_set_cursor);
	listener_remove(&cursor->constraint_destroy);
	cursor_forget_image_surface(cursor);
	wl_event_source_remove(cursor->hide_timer);
	wlr_xcursor_manager_destroy(cursor->theme);
	wlr_cursor_destroy(cursor->wlr_cursor);
	free(cursor);
}
