/* SPDX-License-Identifier: MIT */
/* Drawing tablets: tablet-v2 for clients that know it, a pointer for the rest. */
#ifndef INPUT_TABLET_H
#define INPUT_TABLET_H

#include <wayland-server-core.h>

struct cursor;
struct device;
struct tablet_pads;
struct tablets;
struct wlr_surface;

struct tablet {
	struct tablets *tablets;
	struct wl_list link; /* tablets.list */
	struct device *device;
	struct wlr_tablet_v2_tablet *v2; /* owned by the device, as wlroots has it */
};

/* Owned by the caller; goes before `cursor`. */
struct tablets *tablets_create(struct cursor *cursor);
void tablets_destroy(struct tablets *tablets);

/* Other devices than tablets and their pads are none of its business. */
void tablets_add_device(struct tablets *tablets, struct device *device);
void tablets_remove_device(struct tablets *tablets, struct device *device);
/* The keyboard is with this surface now, and the pads with it; may be NULL. */
void tablets_focus(struct tablets *tablets, struct wlr_surface *surface);

/* ---- between tablet.c and tablet_pad.c ---- */

/* The tablet that shares its housing with `device`; NULL where there is none or nobody knows. */
struct tablet *tablets_sibling_of(const struct tablets *tablets, const struct device *device);

struct tablet_pads *tablet_pads_create(struct tablets *tablets);
void tablet_pads_destroy(struct tablet_pads *pads);
void tablet_pads_add(struct tablet_pads *pads, struct device *device);
void tablet_pads_remove(struct tablet_pads *pads, struct device *device);
/* A tablet came (its pads find it) or is about to go. */
void tablet_pads_tablet_added(struct tablet_pads *pads, struct tablet *tablet);
void tablet_pads_tablet_gone(struct tablet_pads *pads, struct tablet *tablet);
void tablet_pads_focus(struct tablet_pads *pads, struct wlr_surface *surface);

#endif
