/* SPDX-License-Identifier: MIT */
/* Moving a floating container with the pointer. */
#include "common/memory.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "server.h"
#include "shell/transaction.h"
#include "tree/tree.h"

struct seatop_move {
	struct seatop base;
	double dx, dy; /* from the container's corner to the pointer */
};

static struct seatop_move *state_of(struct seat *seat)
{
	return (struct seatop_move *)seat->seatop;
}

static void finish(struct seat *seat)
{
	struct container *con = state_of(seat)->base.con;
	/* Settles on which workspace it is now. */
	container_floating_move_to(con, con->pending.x, con->pending.y);
	transactions_commit(seat->server->transactions);
	seatop_end(seat);
	cursor_rebase(seat->cursor);
}

static void handle_button(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed)
{
	if (seat->cursor->button_count == 0) {
		finish(seat);
	}
}

static void handle_motion(struct seat *seat, uint32_t time_ms)
{
	struct seatop_move *move = state_of(seat);
	const struct wlr_cursor *cursor = seat->cursor->wlr_cursor;
	container_floating_move_to(move->base.con, cursor->x - move->dx, cursor->y - move->dy);
	transactions_commit(seat->server->transactions);
}

static const struct seatop_impl impl = {
	.button = handle_button,
	.motion = handle_motion,
};

void seatop_begin_move(struct seat *seat, struct container *con)
{
	seatop_end(seat);
	struct seatop_move *move = vx_new(move);
	move->base.impl = &impl;
	move->base.con = con;
	move->dx = seat->cursor->wlr_cursor->x - con->pending.x;
	move->dy = seat->cursor->wlr_cursor->y - con->pending.y;
	seat->seatop = &move->base;
	container_raise_floating(con);
	transactions_commit(seat->server->transactions);
	cursor_set_image(seat->cursor, "grab");
	wlr_seat_pointer_notify_clear_focus(seat->wlr_seat);
}
