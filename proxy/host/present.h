/* SPDX-License-Identifier: MIT */
/*
 * The forward interface's requests: pixels into slots, slots onto surfaces. A slot that a surface
 * shows is a wl_buffer on the compositor's side, over the region's file: nothing is copied here.
 */
#ifndef VX_PROXY_HOST_PRESENT_H
#define VX_PROXY_HOST_PRESENT_H

#include <stdint.h>
#include <wayland-util.h>

#include "pixels/slot_check.h"

struct host_client;
struct host_object;
struct vx_error;
struct wire_header;
struct wire_interfaces;

struct host_buffer {
	struct wl_list link; /* host_buffers.idle, while it has an object and isn't busy */
	uint32_t slot;
	struct host_object *object;    /* wl_buffer, borrowed; NULL where none is made */
	struct slot_geometry geometry; /* what the wl_buffer was made for */
	bool busy;                     /* with the compositor, until it says release */
};

struct host_buffers {
	struct host_object *shm, *pool; /* borrowed; NULL until needed */
	struct host_buffer **by_slot;   /* owned */
	uint32_t count;                 /* entries */
	struct wl_list idle;            /* host_buffer.link, the one released last at the end */
	uint32_t idle_count;
};

void present_init(struct host_client *client);
void present_finish(struct host_client *client);

/* Deals with a whole message whose object is 0. */
bool present_handle(struct host_client *client, const struct wire_header *header,
	const uint8_t *untrusted_bytes, struct vx_error *err);

/* The compositor has a wl_shm global of that name: binds it. */
void present_bind_shm(struct host_client *client, uint32_t name);

void present_install(struct wire_interfaces *interfaces);

#endif
