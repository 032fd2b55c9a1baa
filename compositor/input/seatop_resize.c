/* SPDX-License-Identifier: MIT */
/* Resizing a floating container with the pointer. */
#include <math.h>
#include <wlr/types/wlr_keyboard.h>

#include "commands/resize.h"
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
	uint32_t edges;
	bool keeps_ratio;        /* Shift was held */
	double start_x, start_y; /* of the pointer */
	struct box box;          /* of the container at the start */
};

static struct seatop_resize *state_of(struct seat *seat)
{
	return (struct seatop_resize *)seat->seatop;
}

static void handle_button(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed)
{
	struct container *con = state_of(seat)->base.con;
	if (seat->cursor->button_count > 0) {
		return;
	}
	container_set_resizing(con, false);
	arrange_container(con);
	transactions_commit(seat->server->transactions);
	seatop_end(seat);
	cursor_rebase(seat->cursor);
}

/* What is around the content, left and right and above and below. */
static struct box border_size(const struct container *con)
{
	const struct container_state *state = &con->current;
	double line = state->border_thickness;
	if (state->border == BORDER_NORMAL) {
		return (struct box){
			.width = 2 * line,
			.height = line + (double)container_titlebar_height(con),
		};
	}
	return state->border == BORDER_PIXEL ? (struct box){.width = 2 * line, .height = 2 * line}
					     : (struct box){};
}

struct limits {
	double min_width, max_width, min_height, max_height; /* of content */
};

static struct box clamp_size(struct box box, const struct limits *limits, struct box border)
{
	box.width = fmax(fmin(box.width, limits->max_width - border.width),
		limits->min_width + border.width);
	box.height = fmax(fmin(box.height, limits->max_height - border.height),
		limits->min_height + border.height);
	box.width = fmax(box.width, 1);
	box.height = fmax(box.height, 1);
	return box;
}

/* The configuration's limits, then the client's own. */
static struct box limit_size(struct container *con, struct box box)
{
	int min_width, max_width, min_height, max_height;
	container_floating_size_limits(con, &min_width, &max_width, &min_height, &max_height);
	struct box border = border_size(con);
	box = clamp_size(
		box, &(struct limits){min_width, max_width, min_height, max_height}, border);
	if (con->view == nullptr || con->view->impl->get_size_limits == nullptr) {
		return box;
	}
	struct view_size_limits view = con->view->impl->get_size_limits(con->view);
	return clamp_size(box,
		&(struct limits){
			.min_width = view.min_width,
			.max_width = view.max_width > 0 ? view.max_width : max_pixels,
			.min_height = view.min_height,
			.max_height = view.max_height > 0 ? view.max_height : max_pixels,
		},
		border);
}

/* The box that the pointer asks for; the edges that aren't dragged stay. */
static struct box wanted_box(struct seat *seat, const struct seatop_resize *resize)
{
	double dx = seat->cursor->wlr_cursor->x - resize->start_x;
	double dy = seat->cursor->wlr_cursor->y - resize->start_y;
	double grow_x = resize->edges & EDGE_LEFT ? -dx : resize->edges & EDGE_RIGHT ? dx : 0;
	double grow_y = resize->edges & EDGE_TOP ? -dy : resize->edges & EDGE_BOTTOM ? dy : 0;
	const struct box *start = &resize->box;
	if (resize->keeps_ratio && start->width > 0 && start->height > 0) {
		double more = fmax(grow_x / start->width, grow_y / start->height);
		grow_x = start->width * more;
		grow_y = start->height * more;
	}
	struct box box = {
		.width = start->width + grow_x,
		.height = start->height + grow_y,
	};
	box = limit_size(resize->base.con, box);
	double wider = box.width - start->width, higher = box.height - start->height;
	box.x = start->x - (resize->edges & EDGE_LEFT           ? wider
				   : resize->edges & EDGE_RIGHT ? 0
								: wider / 2);
	box.y = start->y - (resize->edges & EDGE_TOP             ? higher
				   : resize->edges & EDGE_BOTTOM ? 0
								 : higher / 2);
	return box;
}

static void handle_motion(struct seat *seat, uint32_t time_ms)
{
	struct seatop_resize *resize = state_of(seat);
	const struct container_state *state = &resize->base.con->pending;
	struct box box = wanted_box(seat, resize);
	/* In whole pixels, as the client has it. */
	double width = trunc(box.width - state->width), height = trunc(box.height - state->height);
	double x = trunc(box.x - state->x), y = trunc(box.y - state->y);
	container_grow(resize->base.con, x, y, width, height);
	transactions_commit(seat->server->transactions);
}

static const struct seatop_impl impl = {
	.button = handle_button,
	.motion = handle_motion,
};

void seatop_begin_resize(struct seat *seat, struct container *con, uint32_t edges)
{
	seatop_end(seat);
	struct seatop_resize *resize = vx_new(resize);
	resize->base.impl = &impl;
	resize->base.con = con;
	resize->edges = edges != 0 ? edges : EDGE_RIGHT | EDGE_BOTTOM;
	struct wlr_keyboard *keyboard = wlr_seat_get_keyboard(seat->wlr_seat);
	resize->keeps_ratio = keyboard != nullptr &&
			      (wlr_keyboard_get_modifiers(keyboard) & WLR_MODIFIER_SHIFT);
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
