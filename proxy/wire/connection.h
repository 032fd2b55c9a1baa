/* SPDX-License-Identifier: MIT */
/*
 * One end of a Wayland socket: bytes and fds in, bytes and fds out, never blocking, all bounded.
 * The guest half is the server end of its clients' sockets, the host half the client end of the
 * compositor's.
 */
#ifndef VX_PROXY_WIRE_CONNECTION_H
#define VX_PROXY_WIRE_CONNECTION_H

#include "common/buffer.h"

static constexpr unsigned wire_connection_fds_max = 28; /* what libwayland sends at once */

struct wire_connection {
	int fd; /* owned */
	struct vx_buffer in, out;
	int fds_in[2 * wire_connection_fds_max]; /* owned */
	int fds_out[wire_connection_fds_max];    /* owned */
	unsigned fds_in_count, fds_out_count;
};

/* Takes `fd`, which must be non-blocking. `out_max` bounds the bytes waiting to be written. */
void wire_connection_init(struct wire_connection *connection, int fd, size_t out_max);
/* Closes all fds. The struct may be zeroed, but for an fd of -1. */
void wire_connection_finish(struct wire_connection *connection);

/*
 * Reads once into `in`. 1: bytes came; 0: nothing there (or no room before some are consumed); -1:
 * the peer hung up or sent more fds than any message can use.
 */
int wire_connection_read(struct wire_connection *connection);

/* The oldest fd that came, which the caller then owns; -1 where there is none. */
int wire_connection_take_fd(struct wire_connection *connection);

/*
 * Takes `fd` to be sent no later than the bytes appended to `out` next. False (the fd is closed)
 * where too many wait.
 */
[[nodiscard]] bool wire_connection_add_fd(struct wire_connection *connection, int fd);

/* Writes what the socket takes; the rest stays in `out`. False where the peer is gone. */
[[nodiscard]] bool wire_connection_flush(struct wire_connection *connection);

static inline bool wire_connection_wants_write(const struct wire_connection *connection)
{
	return connection->out.size > 0;
}

#endif
