/* SPDX-License-Identifier: MIT */
/* Resizing tiles by dragging what is between them. */
#include "commands/resize.h"
#include "common/memory.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "server.h"
#include "shell/transaction.h"
#include "tree/arrange.h"
#include "tree/tree.h"

struct axis {
	struct container *con; /* the one that grows; NULL: not along this axis */
	uint32_t edge;
	double start_size;
};

struct seatop_resize_tiling {
	struct seatop base;
	struct axis horizontal, vertical;
	double start_x, start_y;
};

static struct seatop_resize_tiling *state_of(struct seat *seat)
{
	return (struct seatop_resize_tiling *)seat->seatop;
}

static void set_resizing(struct axis *axis, bool resizing)
{
	if (axis->con == nullptr) {
		return;
	}
	container_set_resizing(axis->con, resizing);
	struct container *parent = axis->con->pending.parent;
	if (parent != nullptr) {
		arrange_container(parent);
	} else if (axis->con->pending.workspace != nullptr) {
		arrange_workspace(axis->con->pending.workspace);
	}
}

static void handle_button(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed)
{
	struct seatop_resize_tiling *resize = state_of(seat);
	if (seat->cursor->button_count > 0) {
		return;
	}
	set_resizing(&resize->horizontal, false);
	set_resizing(&resize->vertical, false);
	transactions_commit(seat->server->transactions);
	seatop_end(seat);
	cursor_rebase(seat->cursor);
}

static void grow(struct axis *axis, double size, double wanted)
{
	if (axis->con != nullptr && (int)(wanted - size) != 0) {
		container_resize_tiled(axis->con, axis->edge, (int)(wanted - size));
	}
}

static void handle_motion(struct seat *seat, uint32_t time_ms)
{
	struct seatop_resize_tiling *resize = state_of(seat);
	double dx = seat->cursor->wlr_cursor->x - resize->start_x;
	double dy = seat->cursor->wlr_cursor->y - resize->start_y;
	struct axis *x = &resize->horizontal, *y = &resize->vertical;
	if (x->con != nullptr) {
		grow(x, x->con->pending.width, x->start_size + (x->edge & EDGE_LEFT ? -dx : dx));
	}
	if (y->con != nullptr) {
		grow(y, y->con->pending.height, y->start_size + (y->edge & EDGE_TOP ? -dy : dy));
	}
	transactions_commit(seat->server->transactions);
}

static void handle_forget(struct seat *seat, struct container *con)
{
	struct seatop_resize_tiling *resize = state_of(seat);
	if (resize->horizontal.con == con || resize->vertical.con == con) {
		seatop_end(seat);
	}
}

static const struct seatop_impl impl = {
	.button = handle_button,
	.motion = handle_motion,
	.forget = handle_forget,
};

void seatop_begin_resize_tiling(struct seat *seat, struct container *con, uint32_t edges)
{
	seatop_end(seat);
	struct seatop_resize_tiling *resize = vx_new(resize);
	resize->base.impl = &impl;
	resize->base.con = con;
	resize->start_x = seat->cursor->wlr_cursor->x;
	resize->start_y = seat->cursor->wlr_cursor->y;
	resize->horizontal.edge = edges & (EDGE_LEFT | EDGE_RIGHT);
	resize->vertical.edge = edges & (EDGE_TOP | EDGE_BOTTOM);
	if (resize->horizontal.edge != 0) {
		resize->horizontal.con = container_find_resize_parent(con, resize->horizontal.edge);
	}
	if (resize->vertical.edge != 0) {
		resize->vertical.con = container_find_resize_parent(con, resize->vertical.edge);
	}
	if (resize->horizontal.con != nullptr) {
		resize->horizontal.start_size = resize->horizontal.con->pending.width;
	}
	if (resize->vertical.con != nullptr) {
		resize->vertical.start_size = resize->vertical.con->pending.height;
	}
	set_resizing(&resize->horizontal, true);
	set_resizing(&resize->vertical, true);
	seat->seatop = &resize->base;
	wlr_seat_pointer_notify_clear_focus(seat->wlr_seat);
}
