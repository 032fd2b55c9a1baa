/* SPDX-License-Identifier: MIT */
/* The connector's helper process, and what it says to its parent. */
#ifndef PROXY_HOST_CONNECTOR_HELPER_H
#define PROXY_HOST_CONNECTOR_HELPER_H

#include <stdint.h>

struct connector_options;

/* Over a SOCK_SEQPACKET pair: the parent sends one byte a request, the helper one of these an
 * answer. */
struct connector_reply {
	uint32_t failed; /* 0: `message` is empty, and a descriptor comes with all but the first */
	uint32_t kind;   /* enum vx_error_kind, where it failed */
	char message[248]; /* a sentence, NUL-terminated */
};
static_assert(sizeof(struct connector_reply) == 256);

/* Sets up, reports by a first reply, serves until `socket` (taken) or the compositor hangs up. */
[[noreturn]] void connector_helper_run(const struct connector_options *options, int socket);

#endif
