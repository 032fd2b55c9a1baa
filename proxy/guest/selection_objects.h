/* SPDX-License-Identifier: MIT */
/* What stands behind sources, offers and devices, for the two files that deal with them. */
#ifndef VX_PROXY_GUEST_SELECTION_OBJECTS_H
#define VX_PROXY_GUEST_SELECTION_OBJECTS_H

#include <stdint.h>
#include <wayland-util.h>

#include "guest/selection.h"

struct guest_client;
struct wire_interface;

struct selection_source {
	enum selection_kind kind;
	struct guest_selections *selections; /* borrowed */
	struct guest_client *client;         /* borrowed; NULL: of no program, but `outside` */
	const struct selection_outside *outside;
	void *outside_data;
	uint32_t id;
	bool used;    /* a source can be selected or dragged once */
	char **types; /* owned */
	unsigned type_count;
	size_t types_size;     /* their bytes */
	struct wl_list offers; /* selection_offer.link */
	/* Where it is dragged: drag.c */
	uint32_t drag;            /* number on the link; 0: it isn't */
	struct wl_list drag_link; /* guest_drags.sources; with `drag` */
	bool has_actions;
	uint32_t actions; /* wl_data_device_manager.dnd_action; with `has_actions` */
};

struct selection_offer {
	enum selection_kind kind;
	struct wl_list link;             /* selection_source.offers */
	struct guest_client *client;     /* borrowed; whom it was made for */
	struct selection_source *source; /* borrowed; NULL once it is gone */
	/* Where something is dragged: drag.c */
	bool of_drag;
	bool is_old; /* its client knows of neither actions nor finish */
	bool accepted, dropped;
	uint32_t id;              /* its own; with `of_drag` */
	uint32_t number;          /* on the link; 0: not of a drag, or the host half forgot it */
	uint32_t device;          /* selection_device.number while it is over a surface */
	struct wl_list drag_link; /* guest_drags.offers; with `number` */
};

struct selection_device {
	enum selection_kind kind;
	struct guest_client *client; /* borrowed */
	uint32_t id;
	const struct wire_interface *offer_interface; /* borrowed */
	uint32_t version;
	struct wl_list link; /* guest_selections.devices */
	uint32_t number;     /* on the link, for drags: drag.c; 0: the host half doesn't know it */
	bool inside;         /* something is dragged over the client, as the device was told */
};

/* Makes an offer of the source for the device and tells its types; returns its id, 0 for none. */
uint32_t selection_send_offer(
	const struct selection_device *device, struct selection_source *source);

#endif
