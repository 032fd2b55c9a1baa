/* SPDX-License-Identifier: MIT */
/*
 * What the pointer is doing. By default it looks for what is under it; while a button is held over
 * a client, or a window is moved or resized, a mode of its own decides. Each mode is a table of
 * functions in a file of its own.
 */
#ifndef INPUT_SEATOP_H
#define INPUT_SEATOP_H

#include <stdint.h>

struct container;
struct device;
struct scene_hit;
struct seat;
struct wlr_pointer_axis_event;
struct wlr_surface;

struct seatop_impl {
	void (*button)(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed);
	void (*motion)(struct seat *seat, uint32_t time_ms);
	/* A container is going away that isn't the mode's own. May be NULL. */
	void (*forget)(struct seat *seat, struct container *con);
	/* Gives up what the mode holds; seat->seatop is freed after it. May be NULL. */
	void (*end)(struct seat *seat);
	bool allows_client_image;
};

/* The first member of each mode's own state. */
struct seatop {
	const struct seatop_impl *impl;
	struct container *con; /* borrowed; the mode ends with it; NULL: it is about none */
};

/* What happens goes to the mode in force. */
void seatop_button(
	struct seat *seat, struct device *device, uint32_t time_ms, uint32_t button, bool pressed);
void seatop_motion(struct seat *seat, uint32_t time_ms);
void seatop_axis(
	struct seat *seat, struct device *device, const struct wlr_pointer_axis_event *event);
/* Pointer focus anew, where the mode lets it move. */
void seatop_rebase(struct seat *seat, uint32_t time_ms);
/* The container is going away, or its interactive move or resize must end. */
void seatop_forget(struct seat *seat, struct container *con);
bool seatop_allows_client_image(const struct seat *seat);
/* Focuses what was touched or clicked. */
void seatop_focus_hit(struct seat *seat, const struct scene_hit *hit);

/* Back to the default mode. */
void seatop_end(struct seat *seat);

void seatop_begin_down(struct seat *seat, struct wlr_surface *surface, double sx, double sy);
void seatop_begin_move(struct seat *seat, struct container *con);
/* `edges` are enum edge bits; 0: the nearest corner. */
void seatop_begin_resize(struct seat *seat, struct container *con, uint32_t edges);
void seatop_begin_resize_tiling(struct seat *seat, struct container *con, uint32_t edges);
void seatop_begin_drag_tiling(struct seat *seat, struct container *con, bool threshold);

#endif
