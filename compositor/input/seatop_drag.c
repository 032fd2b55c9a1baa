/* SPDX-License-Identifier: MIT */
/* Dragging a tile to another place in the layout. */
#include <math.h>
#include <wlr/types/wlr_scene.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "output/output.h"
#include "server.h"
#include "shell/scene.h"
#include "shell/transaction.h"
#include "tree/tile_drop.h"
#include "ui/text.h"

struct seatop_drag {
	struct seatop base;
	bool started; /* past the threshold */
	double start_x, start_y;
	struct tile_drop drop;            /* its target is held */
	struct wlr_scene_rect *indicator; /* owned */
};

static struct seatop_drag *state_of(struct seat *seat)
{
	return (struct seatop_drag *)seat->seatop;
}

static void set_drop(struct seatop_drag *drag, const struct tile_drop *drop)
{
	if (drop->target != nullptr) {
		node_retain(drop->target);
	}
	if (drag->drop.target != nullptr) {
		node_release(drag->drop.target);
	}
	drag->drop = *drop;
	struct wlr_scene_node *node = &drag->indicator->node;
	wlr_scene_node_set_enabled(node, drop->target != nullptr);
	wlr_scene_node_set_position(node, (int)drop->shown.x, (int)drop->shown.y);
	wlr_scene_rect_set_size(
		drag->indicator, (int)fmax(0, drop->shown.width), (int)fmax(0, drop->shown.height));
}

/* The container there, or the workspace where nothing is in front of it. */
static struct node *hovered_node(struct seat *seat, const struct scene_hit *hit)
{
	struct container *con = scene_hit_container(hit);
	if (con != nullptr || hit->owner != nullptr) {
		return con != nullptr && !con->node.destroying ? &con->node : nullptr;
	}
	struct tree_output *output = tree_output_at(
		seat->server->tree, seat->cursor->wlr_cursor->x, seat->cursor->wlr_cursor->y);
	struct workspace *ws = output != nullptr ? tree_output_active_workspace(output) : nullptr;
	return ws != nullptr ? &ws->node : nullptr;
}

static void find_target(struct seat *seat, struct seatop_drag *drag)
{
	double x = seat->cursor->wlr_cursor->x, y = seat->cursor->wlr_cursor->y;
	/* The indicator lies under the pointer. */
	wlr_scene_node_set_enabled(&drag->indicator->node, false);
	struct scene_hit hit = scene_at(seat->server->scene, x, y);
	struct tile_drop drop = tile_drop_find(
		drag->base.con, hovered_node(seat, &hit), hit.surface != nullptr, x, y);
	set_drop(drag, &drop);
}

/* Scaled by the output that the pointer is on now, as sway has it. */
static double threshold_here(struct seat *seat)
{
	const struct output *output = outputs_nearest(
		seat->server->outputs, seat->cursor->wlr_cursor->x, seat->cursor->wlr_cursor->y);
	int threshold = server_config(seat->server)->options.tiling_drag_threshold;
	return threshold * (output != nullptr ? output->wlr_output->scale : 1.0);
}

static void handle_motion(struct seat *seat, uint32_t time_ms)
{
	struct seatop_drag *drag = state_of(seat);
	if (!drag->started) {
		double distance = hypot(seat->cursor->wlr_cursor->x - drag->start_x,
			seat->cursor->wlr_cursor->y - drag->start_y);
		if (distance <= threshold_here(seat)) {
			return;
		}
		/* What the next motion is over counts. */
		drag->started = true;
		cursor_set_image(seat->cursor, "grab");
		return;
	}
	find_target(seat, drag);
}

static void handle_button(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed)
{
	struct seatop_drag *drag = state_of(seat);
	if (seat->cursor->button_count > 0) {
		return;
	}
	if (drag->drop.target != nullptr && !drag->drop.target->destroying) {
		tile_drop_apply(drag->base.con, &drag->drop);
		transactions_commit(seat->server->transactions);
	}
	seatop_end(seat);
	cursor_rebase(seat->cursor);
}

static void handle_forget(struct seat *seat, struct container *con)
{
	struct seatop_drag *drag = state_of(seat);
	if (drag->drop.target == &con->node) {
		set_drop(drag, &(struct tile_drop){});
	}
}

static void handle_end(struct seat *seat)
{
	struct seatop_drag *drag = state_of(seat);
	set_drop(drag, &(struct tile_drop){});
	wlr_scene_node_destroy(&drag->indicator->node);
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
	drag->base.con = con;
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
