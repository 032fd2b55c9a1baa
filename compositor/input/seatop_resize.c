/* SPDX-License-Identifier: MIT */
/* Resizing a floating container with the pointer. */
#include <math.h>

#include "common/memory.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "server.h"
#include "shell/transaction.h"
#include "tree/arrange.h"
#include "tree/tree.h"

struct seatop_resize {
	struct seatop base;
	struct container *con;
	uint32_t edges;
	double start_x, start_y; /* of the pointer */
	struct box box;          /* of the container at the start */
};

static struct seatop_resize *state_of(struct seat *seat)
{
	return (struct seatop_resize *)seat->seatop;
}

static void handle_button(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed)
{
	struct container *con = state_of(seat)->con;
	if (seat->cursor->button_count > 0) {
		return;
	}
	container_set_resizing(con, false);
	arrange_container(con);
	transactions_commit(seat->server->transactions);
	seatop_end(seat);
	cursor_rebase(seat->cursor);
}

static double clamp(double value, double low, double high)
{
	return fmax(low, fmin(value, high));
}

/* The client's own limits, with what is around its content. */
static void size_limits(const struct container *con, double limits[static 4])
{
	int min_width, max_width, min_height, max_height;
	container_floating_size_limits(
		(struct container *)con, &min_width, &max_width, &min_height, &max_height);
	limits[0] = min_width;
	limits[1] = max_width;
	limits[2] = min_height;
	limits[3] = max_height;
	if (con->view == nullptr || con->view->impl->get_size_limits == nullptr) {
		return;
	}
	struct view_size_limits view = con->view->impl->get_size_limits(con->view);
	double x = con->pending.width - con->pending.content_width;
	double y = con->pending.height - con->pending.content_height;
	limits[0] = fmax(limits[0], view.min_width + x);
	limits[2] = fmax(limits[2], view.min_height + y);
	limits[1] = view.max_width > 0 ? fmin(limits[1], view.max_width + x) : limits[1];
	limits[3] = view.max_height > 0 ? fmin(limits[3], view.max_height + y) : limits[3];
}

static void handle_motion(struct seat *seat, uint32_t time_ms)
{
	struct seatop_resize *resize = state_of(seat);
	struct container *con = resize->con;
	double dx = seat->cursor->wlr_cursor->x - resize->start_x;
	double dy = seat->cursor->wlr_cursor->y - resize->start_y;
	double grow_x = resize->edges & EDGE_LEFT ? -dx : resize->edges & EDGE_RIGHT ? dx : 0;
	double grow_y = resize->edges & EDGE_TOP ? -dy : resize->edges & EDGE_BOTTOM ? dy : 0;
	double limits[4];
	size_limits(con, limits);
	double width = clamp(resize->box.width + grow_x, limits[0], limits[1]);
	double height = clamp(resize->box.height + grow_y, limits[2], limits[3]);
	double x = resize->box.x, y = resize->box.y;
	if (resize->edges & EDGE_LEFT) {
		x += resize->box.width - width;
	}
	if (resize->edges & EDGE_TOP) {
		y += resize->box.height - height;
	}
	con->pending.content_width += width - con->pending.width;
	con->pending.content_height += height - con->pending.height;
	con->pending.content_x += x - con->pending.x;
	con->pending.content_y += y - con->pending.y;
	con->pending.x = x;
	con->pending.y = y;
	con->pending.width = width;
	con->pending.height = height;
	arrange_container(con);
	transactions_commit(seat->server->transactions);
}

static void handle_forget(struct seat *seat, struct container *con)
{
	if (state_of(seat)->con == con) {
		seatop_end(seat);
	}
}

static void handle_end(struct seat *seat)
{
	free(state_of(seat));
}

static const struct seatop_impl impl = {
	.button = handle_button,
	.motion = handle_motion,
	.forget = handle_forget,
	.end = handle_end,
};

void seatop_begin_resize(struct seat *seat, struct container *con, uint32_t edges)
{
	seatop_end(seat);
	struct seatop_resize *resize = vx_new(resize);
	resize->base.impl = &impl;
	resize->con = con;
	resize->edges = edges != 0 ? edges : EDGE_RIGHT | EDGE_BOTTOM;
	resize->start_x = seat->cursor->wlr_cursor->x;
	resize->start_y = seat->cursor->wlr_cursor->y;
	resize->box = container_get_box(con);
	seat->seatop = &resize->base;
	container_set_resizing(con, true);
	container_raise_floating(con);
	transactions_commit(seat->server->transactions);
	cursor_set_image(seat->cursor, edges == 0 ? "se-resize" : "all-scroll");
	wlr_seat_pointer_notify_clear_focus(seat->wlr_seat);
}
