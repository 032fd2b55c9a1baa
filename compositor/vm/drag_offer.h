/* SPDX-License-Identifier: MIT */
/* wl_data_offer for VMs: what the VM itself drags, over one of its own windows. */
#ifndef VM_DRAG_OFFER_H
#define VM_DRAG_OFFER_H

#include <wayland-server-core.h>

struct wlr_data_source;

struct drag_offer {
	struct wl_resource *resource;
	struct wlr_data_source *source; /* borrowed; NULL: the offer has come to its end */
	struct wl_list link;            /* the drag's, while it is over the client */
	uint32_t actions, preferred;
	bool dropped, in_ask;
	struct wl_listener source_destroy;
};

/* Announces an offer of `source` on a wl_data_device; NULL without memory. Its resource owns it. */
struct drag_offer *drag_offer_create(struct wl_resource *device, struct wlr_data_source *source);

/* It was dropped: the client keeps it until it has finished. */
void drag_offer_drop(struct drag_offer *offer);

/* The drag has left the client, or has ended: what wasn't dropped is of no use any more. */
void drag_offer_leave(struct drag_offer *offer);

#endif
