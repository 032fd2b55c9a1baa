/* SPDX-License-Identifier: MIT */
#include "input/cursor.h"

#include <limits.h>
#include <linux/input-event-codes.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_pointer_constraints_v1.h>
#include <wlr/types/wlr_pointer_gestures_v1.h>
#include <wlr/types/wlr_relative_pointer_v1.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_tablet_tool.h>
#include <wlr/types/wlr_touch.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/region.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/input.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/lock.h"
#include "shell/scene.h"
#include "tree/tree.h"
#include "ui/menu.h"
#include "ui/text.h"
#include "vm/tag.h"

static constexpr int default_size = 24;
static constexpr int vm_image_max = 64; /* logical pixels of a VM's cursor image */
static constexpr int vm_icon_max = 256; /* of what a VM drags */
static constexpr int vm_outline = 2;

static uint32_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

/* ---- the image ---- */

static void forget_image_surface(struct cursor *cursor)
{
	listener_remove(&cursor->image_surface_destroy);
	listener_remove(&cursor->image_surface_commit);
	cursor->image_surface = nullptr;
}

static struct wlr_xcursor_manager *load_theme(const struct seat *seat)
{
	struct seat_config *config = config_seat_for(
		server_config(seat->server), seat->wlr_seat->name);
	const char *name = config != nullptr ? config->xcursor_theme : nullptr;
	const char *env_size = getenv("XCURSOR_SIZE");
	long wanted = env_size != nullptr ? strtol(env_size, nullptr, 10) : 0;
	int size = wanted > 0 && wanted < INT_MAX ? (int)wanted : default_size;
	if (config != nullptr && config->xcursor_size > 0) {
		size = config->xcursor_size;
	}
	if (name == nullptr) {
		name = getenv("XCURSOR_THEME");
	}
	struct wlr_xcursor_manager *theme = wlr_xcursor_manager_create(name, (uint32_t)size);
	wlr_xcursor_manager_load(theme, 1);
	seat_config_destroy(config);
	return theme;
}

void cursor_set_image(struct cursor *cursor, const char *name)
{
	if (!(cursor->seat->wlr_seat->capabilities & WL_SEAT_CAPABILITY_POINTER) ||
		cursor->hidden) {
		return;
	}
	forget_image_surface(cursor);
	if (cursor->theme == nullptr) {
		/* All of a theme's hundred files are read at once: not before there is a pointer.
		 */
		cursor->theme = load_theme(cursor->seat);
	}
	if (cursor->image == nullptr || strcmp(cursor->image, name) != 0) {
		wlr_cursor_set_xcursor(cursor->wlr_cursor, cursor->theme, name);
		cursor->image = name;
	}
}

void cursor_show_default(struct cursor *cursor)
{
	cursor->image = nullptr;
	cursor_set_image(cursor, "default");
}

static bool is_of_vm(struct cursor *cursor, const struct wl_client *client)
{
	return tag_kind_of_client(cursor->seat->server, client, nullptr) != TAG_NONE;
}

static bool image_is_modest(const struct wlr_surface *surface)
{
	return surface->current.width <= vm_image_max && surface->current.height <= vm_image_max;
}

static void handle_image_surface_destroy(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, image_surface_destroy);
	forget_image_surface(cursor);
}

static void handle_image_surface_commit(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, image_surface_commit);
	if (!image_is_modest(cursor->image_surface)) {
		cursor_show_default(cursor);
	}
}

static void set_image_surface(struct cursor *cursor,
	const struct wlr_seat_pointer_request_set_cursor_event *event, bool is_vm)
{
	bool refused = is_vm && (event->surface == nullptr || !image_is_modest(event->surface));
	if (refused) {
		cursor_set_image(cursor, "default");
		return;
	}
	forget_image_surface(cursor);
	cursor->image = nullptr;
	wlr_cursor_set_surface(
		cursor->wlr_cursor, event->surface, event->hotspot_x, event->hotspot_y);
	if (event->surface == nullptr) {
		return;
	}
	cursor->image_surface = event->surface;
	listener_add(&cursor->image_surface_destroy, &event->surface->events.destroy,
		handle_image_surface_destroy);
	if (is_vm) {
		listener_add(&cursor->image_surface_commit, &event->surface->events.commit,
			handle_image_surface_commit);
	}
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
	set_image_surface(cursor, event, is_of_vm(cursor, focused->client));
}

void cursor_reload_theme(struct cursor *cursor)
{
	wlr_cursor_unset_image(cursor->wlr_cursor); /* it points into the theme */
	wlr_xcursor_manager_destroy(cursor->theme);
	cursor->theme = nullptr;
	cursor_show_default(cursor);
}

static void unhide(struct cursor *cursor)
{
	if (cursor->hidden) {
		cursor->hidden = false;
		cursor_show_default(cursor);
	}
	struct seat_config *config = config_seat_for(
		server_config(cursor->seat->server), cursor->seat->wlr_seat->name);
	int timeout = config != nullptr && config->hide_cursor_timeout != unset
			      ? config->hide_cursor_timeout
			      : 0;
	seat_config_destroy(config);
	wl_event_source_timer_update(cursor->hide_timer, timeout);
}

static int handle_hide_timer(void *data)
{
	struct cursor *cursor = data;
	forget_image_surface(cursor);
	wlr_cursor_unset_image(cursor->wlr_cursor);
	cursor->image = nullptr;
	cursor->hidden = true;
	return 0;
}

/* ---- motion ---- */

static void place_drag_icon(struct cursor *cursor)
{
	if (cursor->seat->drag_icon != nullptr) {
		wlr_scene_node_set_position(&cursor->seat->drag_icon->node,
			(int)cursor->wlr_cursor->x, (int)cursor->wlr_cursor->y);
	}
}

static void moved(struct cursor *cursor, uint32_t time_ms)
{
	unhide(cursor);
	place_drag_icon(cursor);
	if (menu_is_open(cursor->seat->server->menu)) {
		cursor_set_image(cursor, "default");
		menu_pointer_moved(
			cursor->seat->server->menu, cursor->wlr_cursor->x, cursor->wlr_cursor->y);
	} else {
		seatop_motion(cursor->seat, time_ms);
	}
	cursor->previous_x = cursor->wlr_cursor->x;
	cursor->previous_y = cursor->wlr_cursor->y;
}

void cursor_rebase(struct cursor *cursor)
{
	if (!menu_is_open(cursor->seat->server->menu)) {
		seatop_rebase(cursor->seat, now_ms());
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
	if (!menu_is_open(cursor->seat->server->menu)) {
		wlr_relative_pointer_manager_v1_send_relative_motion(
			cursor->seat->input->relative_pointers, cursor->seat->wlr_seat,
			(uint64_t)event->time_msec * 1000, dx, dy, event->unaccel_dx,
			event->unaccel_dy);
	}
	if (constrain(cursor, &dx, &dy)) {
		wlr_cursor_move(cursor->wlr_cursor, &event->pointer->base, dx, dy);
		moved(cursor, event->time_msec);
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
		moved(cursor, event->time_msec);
	}
}

void cursor_move_by(struct cursor *cursor, double dx, double dy)
{
	wlr_cursor_move(cursor->wlr_cursor, nullptr, dx, dy);
	moved(cursor, now_ms());
	wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
}

void cursor_move_to(struct cursor *cursor, double x, double y)
{
	wlr_cursor_warp_closest(cursor->wlr_cursor, nullptr, x, y);
	moved(cursor, now_ms());
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
	unhide(cursor);
	if (time_ms == 0) {
		time_ms = now_ms();
	}
	if (pressed) {
		hold_button(cursor, button);
	} else {
		release_button(cursor, button);
	}
	if (menu_is_open(seat->server->menu)) {
		menu_button(
			seat->server->menu, cursor->wlr_cursor->x, cursor->wlr_cursor->y, pressed);
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
	unhide(cursor);
	const struct wlr_pointer_axis_event *event = data;
	if (menu_is_open(cursor->seat->server->menu)) {
		menu_scroll(cursor->seat->server->menu, event->delta);
		return;
	}
	seatop_axis(cursor->seat, device_of(&event->pointer->base), event);
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, frame);
	if (!menu_is_open(cursor->seat->server->menu)) {
		wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
	}
}

/* ---- gestures: passed on to the client under the pointer ---- */

#define GESTURE(name, type, ...)                                                           \
	static void handle_##name(struct wl_listener *listener, void *data)                \
	{                                                                                  \
		struct cursor *cursor = wl_container_of(listener, cursor, name);           \
		const struct wlr_pointer_##name##_event *event = data;                     \
		seat_notify_activity(cursor->seat);                                        \
		if (!menu_is_open(cursor->seat->server->menu)) {                           \
			wlr_pointer_gestures_v1_send_##name(cursor->seat->input->gestures, \
				cursor->seat->wlr_seat, event->time_msec, __VA_ARGS__);    \
		}                                                                          \
	}

GESTURE(swipe_begin, wlr_pointer_swipe_begin_event, event->fingers)
GESTURE(swipe_update, wlr_pointer_swipe_update_event, event->dx, event->dy)
GESTURE(swipe_end, wlr_pointer_swipe_end_event, event->cancelled)
GESTURE(pinch_begin, wlr_pointer_pinch_begin_event, event->fingers)
GESTURE(pinch_update, wlr_pointer_pinch_update_event, event->dx, event->dy, event->scale,
	event->rotation)
GESTURE(pinch_end, wlr_pointer_pinch_end_event, event->cancelled)
GESTURE(hold_begin, wlr_pointer_hold_begin_event, event->fingers)
GESTURE(hold_end, wlr_pointer_hold_end_event, event->cancelled)

/* ---- touch ---- */

static void handle_touch_down(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, touch_down);
	const struct wlr_touch_down_event *event = data;
	struct seat *seat = cursor->seat;
	seat_notify_activity(seat);
	double x, y;
	wlr_cursor_absolute_to_layout_coords(
		cursor->wlr_cursor, &event->touch->base, event->x, event->y, &x, &y);
	struct scene_hit hit = scene_at(seat->server->scene, x, y);
	if (menu_is_open(seat->server->menu)) {
		menu_button(seat->server->menu, x, y, true);
		return;
	}
	if (hit.surface != nullptr && wlr_surface_accepts_touch(hit.surface, seat->wlr_seat)) {
		seatop_focus_hit(seat, &hit);
		wlr_seat_touch_notify_down(seat->wlr_seat, hit.surface, event->time_msec,
			event->touch_id, hit.sx, hit.sy);
		return;
	}
	if (!cursor->simulating_touch) {
		/* Clients and frames that know no touch get a pointer. */
		cursor->simulating_touch = true;
		cursor->simulating_id = event->touch_id;
		wlr_cursor_warp(cursor->wlr_cursor, nullptr, x, y);
		moved(cursor, event->time_msec);
		cursor_press(
			cursor, device_of(&event->touch->base), event->time_msec, BTN_LEFT, true);
	}
}

static void handle_touch_motion(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, touch_motion);
	const struct wlr_touch_motion_event *event = data;
	double x, y;
	seat_notify_activity(cursor->seat);
	wlr_cursor_absolute_to_layout_coords(
		cursor->wlr_cursor, &event->touch->base, event->x, event->y, &x, &y);
	if (cursor->simulating_touch && cursor->simulating_id == event->touch_id) {
		wlr_cursor_warp(cursor->wlr_cursor, nullptr, x, y);
		moved(cursor, event->time_msec);
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

static void handle_touch_up(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, touch_up);
	const struct wlr_touch_up_event *event = data;
	if (cursor->simulating_touch && cursor->simulating_id == event->touch_id) {
		cursor->simulating_touch = false;
		cursor_press(
			cursor, device_of(&event->touch->base), event->time_msec, BTN_LEFT, false);
		return;
	}
	wlr_seat_touch_notify_up(cursor->seat->wlr_seat, event->time_msec, event->touch_id);
}

static void handle_touch_cancel(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, touch_cancel);
	const struct wlr_touch_cancel_event *event = data;
	struct wlr_touch_point *point = wlr_seat_touch_get_point(
		cursor->seat->wlr_seat, event->touch_id);
	if (point != nullptr) {
		wlr_seat_touch_notify_cancel(cursor->seat->wlr_seat, point->client);
	}
}

static void handle_touch_frame(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, touch_frame);
	wlr_seat_touch_notify_frame(cursor->seat->wlr_seat);
}

/* ---- tablets: tools move the pointer ---- */

static void handle_tool_axis(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, tool_axis);
	const struct wlr_tablet_tool_axis_event *event = data;
	double x = event->updated_axes & WLR_TABLET_TOOL_AXIS_X ? event->x : NAN;
	double y = event->updated_axes & WLR_TABLET_TOOL_AXIS_Y ? event->y : NAN;
	seat_notify_activity(cursor->seat);
	wlr_cursor_warp_absolute(cursor->wlr_cursor, &event->tablet->base, x, y);
	moved(cursor, event->time_msec);
	wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
}

static void handle_tool_tip(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, tool_tip);
	const struct wlr_tablet_tool_tip_event *event = data;
	seat_notify_activity(cursor->seat);
	cursor_press(cursor, device_of(&event->tablet->base), event->time_msec, BTN_LEFT,
		event->state == WLR_TABLET_TOOL_TIP_DOWN);
	wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
}

static void handle_tool_button(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, tool_button);
	const struct wlr_tablet_tool_button_event *event = data;
	seat_notify_activity(cursor->seat);
	cursor_press(cursor, device_of(&event->tablet->base), event->time_msec, BTN_RIGHT,
		event->state == WLR_BUTTON_PRESSED);
	wlr_seat_pointer_notify_frame(cursor->seat->wlr_seat);
}

static void handle_tool_proximity(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, tool_proximity);
	const struct wlr_tablet_tool_proximity_event *event = data;
	seat_notify_activity(cursor->seat);
	wlr_cursor_warp_absolute(cursor->wlr_cursor, &event->tablet->base, event->x, event->y);
	moved(cursor, event->time_msec);
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
	if (focused != nullptr && !menu_is_open(seat->server->menu)) {
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

/* ---- drag icons ---- */

static void outline_icon(struct wlr_scene_tree *tree, const struct tag *tag, int width, int height)
{
	float color[4];
	color_to_floats(tag_color(tag), color);
	const struct wlr_box boxes[] = {
		{-vm_outline, -vm_outline, width + 2 * vm_outline, vm_outline},
		{-vm_outline, height, width + 2 * vm_outline, vm_outline},
		{-vm_outline, 0, vm_outline, height},
		{width, 0, vm_outline, height},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(boxes); i++) {
		struct wlr_scene_rect *rect = wlr_scene_rect_create(
			tree, boxes[i].width, boxes[i].height, color);
		wlr_scene_node_set_position(&rect->node, boxes[i].x, boxes[i].y);
	}
}

struct wlr_scene_tree *cursor_create_drag_icon(
	struct cursor *cursor, struct wlr_scene_tree *layer, struct wlr_drag_icon *icon)
{
	struct wl_client *client = wl_resource_get_client(icon->surface->resource);
	struct wlr_scene_tree *tree = wlr_scene_tree_create(layer);
	struct wlr_scene_tree *content = wlr_scene_drag_icon_create(tree, icon);
	if (content == nullptr) {
		wlr_scene_node_destroy(&tree->node);
		return nullptr;
	}
	struct tag tag;
	tag_init(&tag, cursor->seat->server, client);
	if (tag_is_set(&tag)) {
		int width = icon->surface->current.width, height = icon->surface->current.height;
		width = width < 16 ? 16 : width > vm_icon_max ? vm_icon_max : width;
		height = height < 16 ? 16 : height > vm_icon_max ? vm_icon_max : height;
		wlr_scene_subsurface_tree_set_clip(
			&content->node, &(struct wlr_box){0, 0, width, height});
		outline_icon(tree, &tag, width, height);
	}
	tag_finish(&tag);
	wlr_scene_node_set_position(
		&tree->node, (int)cursor->wlr_cursor->x, (int)cursor->wlr_cursor->y);
	return tree;
}

/* ---- life ---- */

void cursor_attach(struct cursor *cursor, struct device *device)
{
	if (device->wlr_device->type == WLR_INPUT_DEVICE_POINTER ||
		device->wlr_device->type == WLR_INPUT_DEVICE_TOUCH ||
		device->wlr_device->type == WLR_INPUT_DEVICE_TABLET) {
		wlr_cursor_attach_input_device(cursor->wlr_cursor, device->wlr_device);
	}
}

void cursor_detach(struct cursor *cursor, struct device *device)
{
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

static constexpr size_t handler_count = 22;

static void list_handlers(struct cursor *cursor, struct handler handlers[static handler_count])
{
	struct wlr_cursor *wlr = cursor->wlr_cursor;
	const struct handler all[] = {
		{&cursor->motion, &wlr->events.motion, handle_motion},
		{&cursor->motion_absolute, &wlr->events.motion_absolute, handle_motion_absolute},
		{&cursor->button, &wlr->events.button, handle_button},
		{&cursor->axis, &wlr->events.axis, handle_axis},
		{&cursor->frame, &wlr->events.frame, handle_frame},
		{&cursor->swipe_begin, &wlr->events.swipe_begin, handle_swipe_begin},
		{&cursor->swipe_update, &wlr->events.swipe_update, handle_swipe_update},
		{&cursor->swipe_end, &wlr->events.swipe_end, handle_swipe_end},
		{&cursor->pinch_begin, &wlr->events.pinch_begin, handle_pinch_begin},
		{&cursor->pinch_update, &wlr->events.pinch_update, handle_pinch_update},
		{&cursor->pinch_end, &wlr->events.pinch_end, handle_pinch_end},
		{&cursor->hold_begin, &wlr->events.hold_begin, handle_hold_begin},
		{&cursor->hold_end, &wlr->events.hold_end, handle_hold_end},
		{&cursor->touch_down, &wlr->events.touch_down, handle_touch_down},
		{&cursor->touch_up, &wlr->events.touch_up, handle_touch_up},
		{&cursor->touch_motion, &wlr->events.touch_motion, handle_touch_motion},
		{&cursor->touch_cancel, &wlr->events.touch_cancel, handle_touch_cancel},
		{&cursor->touch_frame, &wlr->events.touch_frame, handle_touch_frame},
		{&cursor->tool_axis, &wlr->events.tablet_tool_axis, handle_tool_axis},
		{&cursor->tool_tip, &wlr->events.tablet_tool_tip, handle_tool_tip},
		{&cursor->tool_button, &wlr->events.tablet_tool_button, handle_tool_button},
		{&cursor->tool_proximity, &wlr->events.tablet_tool_proximity,
			handle_tool_proximity},
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
	cursor->hide_timer = wl_event_loop_add_timer(seat->server->loop, handle_hide_timer, cursor);
	struct handler handlers[handler_count];
	list_handlers(cursor, handlers);
	for (size_t i = 0; i < handler_count; i++) {
		listener_add(handlers[i].listener, handlers[i].signal, handlers[i].notify);
	}
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
	listener_remove(&cursor->request_set_cursor);
	listener_remove(&cursor->constraint_destroy);
	forget_image_surface(cursor);
	wl_event_source_remove(cursor->hide_timer);
	wlr_xcursor_manager_destroy(cursor->theme);
	wlr_cursor_destroy(cursor->wlr_cursor);
	free(cursor);
}
