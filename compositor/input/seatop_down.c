/* SPDX-License-Identifier: MIT */
/* A button is held over a client: it gets the motion until all buttons are up. */
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_seat.h>

#include "common/memory.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "listener.h"

struct seatop_down {
	struct seatop base;
	struct seat *seat;
	struct wlr_surface *surface;
	double start_x, start_y;     /* of the cursor, in the layout */
	double surface_x, surface_y; /* of the same point, in the surface */
	struct wl_listener surface_destroy;
};

static struct seatop_down *state_of(struct seat *seat)
{
	return (struct seatop_down *)seat->seatop;
}

static void handle_button(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed)
{
	wlr_seat_pointer_notify_button(seat->wlr_seat, time_ms, button,
		pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
	if (seat->cursor->button_count == 0) {
		seatop_end(seat);
		cursor_rebase(seat->cursor);
	}
}

static void handle_motion(struct seat *seat, uint32_t time_ms)
{
	struct seatop_down *down = state_of(seat);
	double x = down->surface_x + seat->cursor->wlr_cursor->x - down->start_x;
	double y = down->surface_y + seat->cursor->wlr_cursor->y - down->start_y;
	wlr_seat_pointer_notify_motion(seat->wlr_seat, time_ms, x, y);
}

static void handle_end(struct seat *seat)
{
	listener_remove(&state_of(seat)->surface_destroy);
}

static const struct seatop_impl impl = {
	.button = handle_button,
	.motion = handle_motion,
	.end = handle_end,
	.allows_client_image = true,
};

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct seatop_down *down = wl_container_of(listener, down, surface_destroy);
	seatop_end(down->seat);
}

void seatop_begin_down(struct seat *seat, struct wlr_surface *surface, double sx, double sy)
{
	seatop_end(seat);
	struct seatop_down *down = vx_new(down);
	down->base.impl = &impl;
	down->seat = seat;
	down->surface = surface;
	down->start_x = seat->cursor->wlr_cursor->x;
	down->start_y = seat->cursor->wlr_cursor->y;
	down->surface_x = sx;
	down->surface_y = sy;
	listener_add(&down->surface_destroy, &surface->events.destroy, handle_surface_destroy);
	seat->seatop = &down->base;
}
