/* SPDX-License-Identifier: MIT */
/*
 * Drag and drop between the programs of one VM. What is dragged, its types and its bytes, stays
 * here; the host half makes the compositor drag something nameless, and tells which surface that is
 * over.
 */
#ifndef VX_PROXY_GUEST_DRAG_H
#define VX_PROXY_GUEST_DRAG_H

#include <stdint.h>
#include <wayland-util.h>

struct guest_client;
struct selection_device;
struct selection_offer;
struct selection_source;
struct wire_interfaces;
struct wire_value;

/* Of the VM. */
struct guest_drags {
	struct wl_list sources; /* selection_source.drag_link */
	struct wl_list offers;  /* selection_offer.drag_link */
	uint32_t last_number;   /* of drags and of devices */
};

void drag_init(struct guest_drags *drags);

/* A wl_data_device was made for the seat of that id. */
void drag_announce_device(struct selection_device *device, uint32_t seat_id);

/* These are about to be freed. */
void drag_forget_device(struct selection_device *device);
void drag_forget_source(struct selection_source *source);
void drag_forget_offer(struct selection_offer *offer);

/* Events of vixos_forward_v1. */
void drag_handle_action(struct guest_client *client, const struct wire_value *args);
void drag_handle_performed(struct guest_client *client, const struct wire_value *args);
void drag_handle_finished(struct guest_client *client, const struct wire_value *args);
void drag_handle_cancelled(struct guest_client *client, const struct wire_value *args);
void drag_handle_enter(struct guest_client *client, const struct wire_value *args);
void drag_handle_offer_action(struct guest_client *client, const struct wire_value *args);
void drag_handle_motion(struct guest_client *client, const struct wire_value *args);
void drag_handle_leave(struct guest_client *client, const struct wire_value *args);
void drag_handle_drop(struct guest_client *client, const struct wire_value *args);

/* Hangs this file's handlers on the protocol tables. */
void drag_install(struct wire_interfaces *interfaces);

#endif
