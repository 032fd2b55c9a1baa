/* SPDX-License-Identifier: MIT */
/* Motion and scrolling in the default mode, where what is under the pointer decides; and modes in
 * general. */
#include "input/seatop.h"

#include <linux/input-event-codes.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_seat.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/input.h"
#include "input/seat.h"
#include "input/seatop_default.h"
#include "input/spot.h"
#include "server.h"
#include "shell/lock.h"
#include "shell/scene.h"
#include "shell/transaction.h"
#include "tree/tree.h"
#include "vm/drag.h"

/* ---- motion ---- */

static void show_image(struct seat *seat, const struct spot *spot)
{
	static const struct {
		uint32_t edge;
		const char *name;
	} images[] = {
		{EDGE_LEFT, "w-resize"},
		{EDGE_RIGHT, "e-resize"},
		{EDGE_TOP, "n-resize"},
		{EDGE_BOTTOM, "s-resize"},
		{EDGE_TOP | EDGE_LEFT, "nw-resize"},
		{EDGE_TOP | EDGE_RIGHT, "ne-resize"},
		{EDGE_BOTTOM | EDGE_LEFT, "sw-resize"},
		{EDGE_BOTTOM | EDGE_RIGHT, "se-resize"},
	};
	const char *name = "default";
	for (size_t i = 0; i < VX_ARRAY_LENGTH(images); i++) {
		if (images[i].edge == spot->resize_edge) {
			name = images[i].name;
		}
	}
	cursor_set_image(seat->cursor, name);
}

static void point_at(struct seat *seat, const struct spot *spot, uint32_t time_ms)
{
	struct wlr_seat *wlr_seat = seat->wlr_seat;
	struct wlr_surface *surface = spot->hit.surface;
	if (surface != nullptr && wlr_seat->drag != nullptr &&
		!vm_drag_may_enter(seat->server, wlr_seat->drag, surface)) {
		surface = nullptr;
	}
	if (surface == nullptr) {
		show_image(seat, spot);
		wlr_seat_pointer_notify_clear_focus(wlr_seat);
		return;
	}
	struct wlr_surface *old = wlr_seat->pointer_state.focused_surface;
	if (old == nullptr || wl_resource_get_client(old->resource) !=
				      wl_resource_get_client(surface->resource)) {
		/* Another client's image must not stay. */
		cursor_set_image(seat->cursor, "default");
	}
	wlr_seat_pointer_notify_enter(wlr_seat, surface, spot->hit.sx, spot->hit.sy);
	wlr_seat_pointer_notify_motion(wlr_seat, time_ms, spot->hit.sx, spot->hit.sy);
}

/* The pointer has come to another output: what had the focus there last gets it. */
static void focus_output_under(
	struct seat *seat, const struct spot *spot, struct tree_output *output)
{
	struct workspace *ws = tree_output_active_workspace(output);
	if (ws != nullptr) {
		tree_seat_set_focus(seat->tree_seat,
			spot->ws != nullptr ? tree_seat_focus_inactive(seat->tree_seat, &ws->node)
					    : &ws->node);
	}
}

/* focus_follows_mouse */
static void follow(struct seat *seat, const struct spot *spot)
{
	const struct cursor *cursor = seat->cursor;
	enum focus_follows_mouse mode = server_config(seat->server)->options.focus_follows_mouse;
	bool moved = cursor->previous_x != cursor->wlr_cursor->x ||
		     cursor->previous_y != cursor->wlr_cursor->y;
	if (mode == FOCUS_FOLLOWS_MOUSE_NO || !moved || seat->focused_layer != nullptr ||
		lock_is_locked(seat->server->lock)) {
		return;
	}
	struct tree_output *output = tree_output_at(
		seat->server->tree, cursor->wlr_cursor->x, cursor->wlr_cursor->y);
	struct workspace *ws = tree_seat_focused_workspace(seat->tree_seat);
	if (spot->con == nullptr) {
		if (output != nullptr && ws != nullptr && ws->output != output) {
			focus_output_under(seat, spot, output);
		}
	} else if (spot->con->view != nullptr && view_is_visible(spot->con->view)) {
		struct scene_hit before = scene_at(
			seat->server->scene, cursor->previous_x, cursor->previous_y);
		if (mode == FOCUS_FOLLOWS_MOUSE_ALWAYS || before.owner != spot->hit.owner) {
			tree_seat_set_focus_container(seat->tree_seat, spot->con);
		}
	}
	transactions_commit(seat->server->transactions);
}

void seatop_motion(struct seat *seat, uint32_t time_ms)
{
	if (seat->seatop != nullptr) {
		seat->seatop->impl->motion(seat, time_ms);
		return;
	}
	struct spot spot = spot_look(seat);
	follow(seat, &spot);
	point_at(seat, &spot, time_ms);
}

void seatop_rebase(struct seat *seat, uint32_t time_ms)
{
	if (seat->seatop == nullptr && seat->wlr_seat->drag == nullptr) {
		struct spot spot = spot_look(seat);
		point_at(seat, &spot, time_ms);
	}
}

/* ---- buttons ---- */

void seatop_button(
	struct seat *seat, struct device *device, uint32_t time_ms, uint32_t button, bool pressed)
{
	if (seat->seatop != nullptr) {
		seat->seatop->impl->button(seat, time_ms, button, pressed);
	} else {
		seatop_default_button(seat, device, time_ms, button, pressed);
	}
}

/* Wheel steps are buttons too, for bindings; and on tabs they go through the tabs. */
static uint32_t wheel_button(const struct wlr_pointer_axis_event *event)
{
	if (event->orientation == WL_POINTER_AXIS_VERTICAL_SCROLL) {
		return event->delta < 0 ? KEY_MAX + 1 : KEY_MAX + 2;
	}
	return event->delta < 0 ? KEY_MAX + 3 : KEY_MAX + 4;
}

static bool scroll_tabs(
	struct seat *seat, const struct spot *spot, const struct wlr_pointer_axis_event *event)
{
	if (spot->con == nullptr || !spot->on_titlebar) {
		return false;
	}
	enum container_layout layout = container_parent_layout(spot->con);
	struct container_list *siblings = container_get_siblings(spot->con);
	struct node *parent = node_get_parent(&spot->con->node);
	if ((layout != LAYOUT_TABBED && layout != LAYOUT_STACKED) || siblings == nullptr ||
		parent == nullptr) {
		return false;
	}
	struct container *active = node_as_container(
		tree_seat_active_child(seat->tree_seat, parent));
	int index = list_index(siblings, active) + (event->delta < 0 ? -1 : 1);
	index = index < 0 ? 0 : index >= siblings->length ? siblings->length - 1 : index;
	struct node *to_focus = tree_seat_focus_inactive(
		seat->tree_seat, &siblings->items[index]->node);
	tree_seat_set_focus(seat->tree_seat, to_focus);
	transactions_commit(seat->server->transactions);
	return true;
}

static double scroll_factor(struct seat *seat, struct device *device)
{
	struct input_config *config = device != nullptr
					      ? config_input_for(server_config(seat->server),
							device->identifier, device->type)
					      : nullptr;
	double factor = config != nullptr && config->scroll_factor != unset_float
				? (double)config->scroll_factor
				: 1;
	input_config_destroy(config);
	return factor;
}

void seatop_axis(
	struct seat *seat, struct device *device, const struct wlr_pointer_axis_event *event)
{
	if (seat->seatop == nullptr) {
		struct spot spot = spot_look(seat);
		uint32_t button = wheel_button(event);
		if (seatop_run_mouse_binding(seat, device, &spot, &button, 1, false) ||
			scroll_tabs(seat, &spot, event)) {
			return;
		}
	}
	double factor = scroll_factor(seat, device);
	wlr_seat_pointer_notify_axis(seat->wlr_seat, event->time_msec, event->orientation,
		factor * event->delta, (int32_t)(factor * event->delta_discrete), event->source,
		event->relative_direction);
}

/* ---- modes in general ---- */

void seatop_forget(struct seat *seat, struct container *con)
{
	if (seat->seatop == nullptr) {
		return;
	}
	if (seat->seatop->con == con) {
		seatop_end(seat);
	} else if (seat->seatop->impl->forget != nullptr) {
		seat->seatop->impl->forget(seat, con);
	}
}

bool seatop_allows_client_image(const struct seat *seat)
{
	return seat->seatop == nullptr || seat->seatop->impl->allows_client_image;
}

void seatop_end(struct seat *seat)
{
	if (seat->seatop == nullptr) {
		return;
	}
	if (seat->seatop->impl->end != nullptr) {
		seat->seatop->impl->end(seat);
	}
	free(vx_take_ptr(seat->seatop));
}
