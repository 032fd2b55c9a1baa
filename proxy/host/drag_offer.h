/* SPDX-License-Identifier: MIT */
/* What the compositor offers a client while something is dragged over it, or otherwise: see drag.h.
 */
#ifndef VX_PROXY_HOST_DRAG_OFFER_H
#define VX_PROXY_HOST_DRAG_OFFER_H

#include <stdint.h>

#include "common/error.h"

struct host_client;
struct wire_header;
struct wire_interfaces;
struct wire_value;

static constexpr unsigned drag_offers_max = 16; /* of a client, at once */

/* A wl_data_offer: compositors choose the ids of these. */
struct host_drag_offer {
	uint32_t host_id; /* 0: this entry is free */
	uint32_t number;  /* what the guest calls it; 0: it wasn't told */
	uint32_t drag;   /* host_drag.number; 0: not one of this VM, or the type is still to come */
	uint32_t action; /* the last that the compositor chose */
	bool has_type, accepted, dropped;
};

/* Are these wl_data_device_manager.dnd_action, any number of them? */
[[nodiscard]] bool drag_offer_are_actions(uint32_t untrusted_actions);

/* The compositor sent an event of an object whose id it chose. */
void drag_offer_handle_event(
	struct host_client *client, const struct wire_header *header, const uint8_t *bytes);

/* The requests of vixos_forward_v1 that are about offers, as in present.c's table. */
bool drag_offer_handle_accept(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err);
bool drag_offer_handle_set_actions(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err);
bool drag_offer_handle_finish(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err);
bool drag_offer_handle_gone(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err);

/* Hangs this file's handlers on the protocol tables. */
void drag_offer_install(struct wire_interfaces *interfaces);

#endif
