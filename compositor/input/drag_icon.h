/* SPDX-License-Identifier: MIT */
/* What a client shows by the pointer while it drags something. A VM's is clipped and outlined. */
#ifndef INPUT_DRAG_ICON_H
#define INPUT_DRAG_ICON_H

struct seat;
struct wlr_drag;
struct wlr_surface;

/* Shows the surface from now on, as seat.drag_icon, until the drag ends. */
void drag_icon_create(struct seat *seat, struct wlr_drag *drag, struct wlr_surface *surface);

/* The pointer moved. Nothing may be dragged. */
void drag_icon_move(struct seat *seat);

#endif
