/* SPDX-License-Identifier: MIT */
/* A seat: who has the keyboard, and the pointer's mode. */
#ifndef INPUT_SEAT_H
#define INPUT_SEAT_H

#include <wayland-server-core.h>
#include <wlr/types/wlr_seat.h>

struct binding;
struct cursor;
struct device;
struct drag_icon;
struct input;
struct layer_surface;
struct seatop;
struct server;
struct tree_seat;

struct seat {
	struct input *input;
	struct server *server;
	struct wl_list link; /* input.seats */
	struct wlr_seat *wlr_seat;
	struct tree_seat *tree_seat;         /* owned */
	struct cursor *cursor;               /* owned */
	struct seatop *seatop;               /* owned; NULL: the default mode */
	struct layer_surface *focused_layer; /* has the keyboard; may be NULL */
	struct wl_listener tree_focus, destroy;
	struct wl_listener request_set_selection, request_set_primary_selection;
	struct wl_listener request_start_drag, start_drag;
	struct wl_listener touch_grab;
	struct drag_icon *drag_icon; /* what is dragged; may be NULL */
	struct wl_listener drag_destroy;
};

struct seat *seat_create(struct input *input, const char *name);
void seat_destroy(struct seat *seat);

void seat_add_device(struct seat *seat, struct device *device);
void seat_remove_device(struct seat *seat, struct device *device);
void seat_update_capabilities(struct seat *seat);
/* Reads the cursor's theme, the map of inputs to outputs and the like anew. */
void seat_configure(struct seat *seat);

/* Gives the keyboard to whoever should have it: the lock, a panel, the focused window. */
void seat_update_focus(struct seat *seat);
/* Nobody gets keys until seat_update_focus(). */
void seat_clear_keyboard(struct seat *seat);
void seat_focus_layer(struct seat *seat, struct layer_surface *layer);

/* The user did something. */
void seat_notify_activity(struct seat *seat);

/* Runs a binding's command; `binding` may be gone afterwards. */
void seat_run_binding(struct seat *seat, const struct binding *binding);

/* For all seats. */
void seats_update_focus(struct server *server);
void seats_layer_mapped(struct server *server, struct layer_surface *layer);
void seats_layer_unmapped(struct server *server, struct layer_surface *layer);

#endif
