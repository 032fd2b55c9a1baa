/* SPDX-License-Identifier: MIT */
/* Dragging a tile to another place in the layout. */
#include <math.h>
#include <wlr/types/wlr_scene.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "server.h"
#include "shell/scene.h"
#include "shell/transaction.h"
#include "tree/arrange.h"
#include "tree/tree.h"
#include "ui/text.h"

struct seatop_drag {
	struct seatop base;
	struct container *con;
	bool started; /* past the threshold */
	double start_x, start_y;
	struct container *target; /* or */
	struct workspace *target_ws;
	uint32_t edge; /* of the target; EDGE_NONE: into its middle, swapping the two */
	struct wlr_scene_rect *indicator; /* owned */
};

static struct seatop_drag *state_of(struct seat *seat)
{
	return (struct seatop_drag *)seat->seatop;
}

static void show_indicator(struct seatop_drag *drag, const struct box *box)
{
	struct box shown = *box;
	if (drag->edge & (EDGE_LEFT | EDGE_RIGHT)) {
		shown.width /= 2;
		shown.x += drag->edge & EDGE_RIGHT ? shown.width : 0;
	} else if (drag->edge & (EDGE_TOP | EDGE_BOTTOM)) {
		shown.height /= 2;
		shown.y += drag->edge & EDGE_BOTTOM ? shown.height : 0;
	}
	wlr_scene_node_set_position(&drag->indicator->node, (int)shown.x, (int)shown.y);
	wlr_scene_rect_set_size(drag->indicator, (int)shown.width, (int)shown.height);
	wlr_scene_node_set_enabled(&drag->indicator->node, true);
}

/* The edge of the box that the point is near to: within 30 % of its size. */
static uint32_t near_edge(const struct box *box, double x, double y)
{
	static constexpr double share = 0.3;
	const struct {
		uint32_t edge;
		double distance, limit;
	} edges[] = {
		{EDGE_LEFT, x - box->x, box->width * share},
		{EDGE_RIGHT, box->x + box->width - x, box->width * share},
		{EDGE_TOP, y - box->y, box->height * share},
		{EDGE_BOTTOM, box->y + box->height - y, box->height * share},
	};
	uint32_t nearest = EDGE_NONE;
	double best = INFINITY;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(edges); i++) {
		if (edges[i].distance < edges[i].limit && edges[i].distance < best) {
			best = edges[i].distance;
			nearest = edges[i].edge;
		}
	}
	return nearest;
}

static void find_target(struct seat *seat, struct seatop_drag *drag)
{
	double x = seat->cursor->wlr_cursor->x, y = seat->cursor->wlr_cursor->y;
	drag->target = nullptr;
	drag->target_ws = nullptr;
	drag->edge = EDGE_NONE;
	wlr_scene_node_set_enabled(&drag->indicator->node, false);
	struct scene_hit hit = scene_at(seat->server->scene, x, y);
	struct container *con = scene_hit_container(&hit);
	if (con == nullptr) {
		struct tree_output *output = tree_output_at(seat->server->tree, x, y);
		struct workspace *ws = output != nullptr ? tree_output_active_workspace(output)
							 : nullptr;
		if (hit.owner == nullptr && ws != nullptr && ws->tiling.length == 0) {
			drag->target_ws = ws;
			struct box box = workspace_get_box(ws);
			show_indicator(drag, &box);
		}
		return;
	}
	if (con == drag->con || con->node.destroying || container_is_floating_or_child(con) ||
		container_has_ancestor(con, drag->con) || container_has_ancestor(drag->con, con)) {
		return;
	}
	struct box box = container_get_box(con);
	drag->target = con;
	drag->edge = near_edge(&box, x, y);
	show_indicator(drag, &box);
}

static void handle_motion(struct seat *seat, uint32_t time_ms)
{
	struct seatop_drag *drag = state_of(seat);
	int threshold = server_config(seat->server)->options.tiling_drag_threshold;
	if (!drag->started) {
		double distance = hypot(seat->cursor->wlr_cursor->x - drag->start_x,
			seat->cursor->wlr_cursor->y - drag->start_y);
		if (distance <= threshold) {
			return;
		}
		drag->started = true;
		cursor_set_image(seat->cursor, "grab");
	}
	find_target(seat, drag);
}

static void drop_beside(struct seatop_drag *drag)
{
	bool horizontal = drag->edge & (EDGE_LEFT | EDGE_RIGHT);
	bool after = drag->edge & (EDGE_RIGHT | EDGE_BOTTOM);
	enum container_layout wanted = horizontal ? LAYOUT_HORIZ : LAYOUT_VERT;
	enum container_layout layout = container_parent_layout(drag->target);
	container_detach(drag->con);
	if (layout != wanted && !(layout == LAYOUT_TABBED && horizontal) &&
		!(layout == LAYOUT_STACKED && !horizontal)) {
		container_split(drag->target, wanted);
	}
	container_add_sibling(drag->target, drag->con, after);
	drag->con->width_fraction = drag->con->height_fraction = 0;
}

static void drop(struct seat *seat, struct seatop_drag *drag)
{
	struct container *con = drag->con;
	struct workspace *old_ws = con->pending.workspace;
	struct container *old_parent = con->pending.parent;
	if (drag->target_ws != nullptr) {
		container_detach(con);
		workspace_add_tiling(drag->target_ws, con);
	} else if (drag->edge == EDGE_NONE) {
		container_swap(con, drag->target);
		old_parent = nullptr;
	} else {
		drop_beside(drag);
	}
	if (old_parent != nullptr) {
		container_reap_empty(old_parent);
	} else if (old_ws != nullptr) {
		workspace_consider_destroy(old_ws);
	}
	arrange_tree(seat->server->tree);
	tree_seat_set_focus_container(seat->tree_seat, con);
	tree_emit_window(con, WINDOW_MOVE);
}

static void handle_button(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed)
{
	struct seatop_drag *drag = state_of(seat);
	if (seat->cursor->button_count > 0) {
		return;
	}
	if (drag->started && (drag->target != nullptr || drag->target_ws != nullptr)) {
		drop(seat, drag);
		transactions_commit(seat->server->transactions);
	}
	seatop_end(seat);
	cursor_rebase(seat->cursor);
}

static void handle_forget(struct seat *seat, struct container *con)
{
	struct seatop_drag *drag = state_of(seat);
	if (drag->target == con) {
		drag->target = nullptr;
	}
	if (drag->con == con) {
		seatop_end(seat);
	}
}

static void handle_end(struct seat *seat)
{
	struct seatop_drag *drag = state_of(seat);
	wlr_scene_node_destroy(&drag->indicator->node);
	free(drag);
}

static const struct seatop_impl impl = {
	.button = handle_button,
	.motion = handle_motion,
	.forget = handle_forget,
	.end = handle_end,
};

void seatop_begin_drag_tiling(struct seat *seat, struct container *con, bool threshold)
{
	seatop_end(seat);
	struct seatop_drag *drag = vx_new(drag);
	drag->base.impl = &impl;
	drag->con = con;
	drag->started = !threshold;
	drag->start_x = seat->cursor->wlr_cursor->x;
	drag->start_y = seat->cursor->wlr_cursor->y;
	float color[4];
	color_to_floats(
		(server_config(seat->server)->colors.focused.indicator & 0xffffff00) | 0x80, color);
	drag->indicator = wlr_scene_rect_create(
		seat->server->scene->layers[SCENE_DRAG], 0, 0, color);
	wlr_scene_node_set_enabled(&drag->indicator->node, false);
	seat->seatop = &drag->base;
	wlr_seat_pointer_notify_clear_focus(seat->wlr_seat);
}
