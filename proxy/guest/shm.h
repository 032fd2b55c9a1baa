/* SPDX-License-Identifier: MIT */
/* wl_shm, served in the guest half: pools and buffers never leave the VM. */
#ifndef VX_PROXY_GUEST_SHM_H
#define VX_PROXY_GUEST_SHM_H

#include <stdint.h>

#include "pixels/slot_check.h"

struct guest_client;
struct wire_interfaces;
struct pool;

/* A wl_shm wl_buffer. Lives as long as the object or a frame refers to it. */
struct guest_buffer {
	struct guest_client *client; /* borrowed */
	uint32_t id;                 /* 0 once the client destroyed it */
	uint32_t references;
	struct pool *pool; /* a reference */
	struct slot_geometry geometry;
};

struct guest_buffer *guest_buffer_ref(struct guest_buffer *buffer);
void guest_buffer_unref(struct guest_buffer *buffer);

/* The wl_shm buffer with that id; NULL where it is no such thing. */
[[nodiscard]] struct guest_buffer *guest_buffer_get(struct guest_client *client, uint32_t id);

/* Tells the client that it may draw into the buffer again. */
void guest_buffer_release(struct guest_buffer *buffer);

/* The formats, to a client that just bound wl_shm. */
void guest_shm_announce(struct guest_client *client, uint32_t id);

/* Hangs this file's handlers on the protocol tables. */
void guest_shm_install(struct wire_interfaces *interfaces);

#endif
