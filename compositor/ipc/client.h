/* SPDX-License-Identifier: MIT */
/* One IPC client: reading whole messages, queueing replies within a bound. */
#ifndef IPC_CLIENT_H
#define IPC_CLIENT_H

#include <stdint.h>
#include <wayland-server-core.h>

#include "common/buffer.h"

struct ipc_server;

static constexpr size_t ipc_header_size = 14; /* "i3-ipc", length, type */
/* Commands and subscriptions are small; a client that sends more is not one of ours. */
static constexpr uint32_t ipc_max_payload = 1024 * 1024;
static constexpr size_t ipc_max_queue = 4 * 1024 * 1024;

struct ipc_client {
	struct wl_list link; /* ipc_server.clients */
	struct ipc_server *ipc;
	int fd; /* owned */
	struct wl_event_source *source;
	struct vx_buffer input, output;
	uint32_t subscriptions; /* bits of event numbers; see messages.h */
	/* Is a message of it being handled? Then ipc_client_destroy() only marks it. */
	bool is_busy, is_gone;
};

/* Takes the fd. NULL (and closed) where it cannot be watched. */
struct ipc_client *ipc_client_create(struct ipc_server *ipc, int fd);
void ipc_client_destroy(struct ipc_client *client);

/* Queues a message; a client that does not read is dropped. */
void ipc_client_send(struct ipc_client *client, uint32_t type, const char *payload, size_t length);

/*
 * Whether `size` bytes hold a header; false: these bytes are no i3-ipc. `*ret_length` and
 * `*ret_type` are set once all of it is there (`*ret_is_complete`).
 */
bool ipc_parse_header(const uint8_t *untrusted_bytes, size_t size, bool *ret_is_complete,
	uint32_t *ret_length, uint32_t *ret_type);

#endif
