/* SPDX-License-Identifier: MIT */
/*
 * Drag and drop between the programs of one VM. To the compositor each drag is a real one, so that
 * it follows the pointer and its icon is drawn, but what it offers is a single type made of a
 * random token. An offer with the token of a drag of this VM, and nothing else, is that drag's; of
 * any other, such as the host's clipboard, the guest doesn't hear. What is dragged never leaves it.
 */
#ifndef VX_PROXY_HOST_DRAG_H
#define VX_PROXY_HOST_DRAG_H

#include <stdint.h>
#include <wayland-util.h>

#include "common/error.h"
#include "host/drag_offer.h"

struct host_client;
struct host_object;
struct proxy;
struct wire_interfaces;
struct wire_value;

static constexpr unsigned drag_devices_max = 16; /* of a client */
static constexpr unsigned drag_presses_max = 16;
static constexpr unsigned drags_per_client_max = 4; /* under way, or dropped and not finished */

/* One that a client of the VM started and that has a source. */
struct host_drag {
	struct wl_list link;        /* proxy.drags */
	struct host_client *client; /* borrowed; the one that drags */
	uint32_t number;            /* the guest half's, never 0 */
	struct host_object *source; /* borrowed; our wl_data_source */
	char type[64];              /* what the source offers: the token */
};

struct host_drag_device {
	bool used;
	bool inside;                   /* the guest was told of an enter, not yet of a leave */
	uint32_t number;               /* the guest half's */
	struct host_object *object;    /* borrowed; our wl_data_device; NULL: nobody to ask */
	struct host_drag_offer *offer; /* borrowed; of what is over the client; may be NULL */
};

/* Of a client; zeroed at first. */
struct host_drags {
	uint32_t manager_name;       /* the global's; 0: the compositor has none that will do */
	struct host_object *manager; /* borrowed; bound when the client first has a device */
	struct host_drag_device devices[drag_devices_max];
	struct host_drag_offer offers[drag_offers_max];
	uint32_t last_offer;                /* the highest number that was given */
	uint32_t presses[drag_presses_max]; /* serials that no drag has used yet; 0: none */
	unsigned next_press;
	bool without_source; /* the client's last drag had none */
};

/* The compositor has a wl_data_device_manager. */
void drag_note_manager(struct host_client *client, uint32_t name, uint32_t version);

/* A button or finger went down on the client: `serial` may start a drag. */
void drag_note_press(struct host_client *client, uint32_t serial);

/* The client's connection is about to end. */
void drag_forget_client(struct host_client *client);

/* NULL where there is none. */
struct host_drag *drag_find(const struct proxy *proxy, uint32_t untrusted_number);

/* The requests of vixos_forward_v1 that are about drags: see present.h for `err`. */
bool drag_handle_device(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err);
bool drag_handle_device_gone(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err);
bool drag_handle_start(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err);
bool drag_handle_source_gone(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err);

/* Hangs this file's handlers on the protocol tables. */
void drag_install(struct wire_interfaces *interfaces);

#endif
