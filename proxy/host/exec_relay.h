/* SPDX-License-Identifier: MIT */
/*
 * Joins streams that vixosd hands over (VX_CONTROL_OPEN) to `exec` channels of the link.
 *
 * Bytes to the guest are passed on as they are. Bytes from the guest are taken apart into frames by
 * vx_exec_decode() and put together again, so that the host's side of the stream carries
 * well-formed frames only; a guest that sends anything else loses that channel
 * (VX_LINK_REASON_PROTOCOL). Both directions hold at most one channel window of bytes: who doesn't
 * read stops who writes.
 *
 *   stream ends or fails        the channel is reset: CANCELLED
 *   channel finished or reset   what came before is written out, then the stream is closed
 */
#ifndef PROXY_HOST_EXEC_RELAY_H
#define PROXY_HOST_EXEC_RELAY_H

#include "common/error.h"

struct exec_relays;
struct vx_link;
struct wl_event_loop;

static constexpr unsigned exec_relays_max = 64; /* at once */

[[nodiscard, gnu::returns_nonnull]] struct exec_relays *exec_relays_create(
	struct wl_event_loop *loop);

/* Closes all streams and resets their channels. NULL is allowed. Before vx_link_destroy(). */
void exec_relays_destroy(struct exec_relays *relays);

/*
 * Relays `fd` (a stream socket; taken, and closed on failure too) to a new channel of `link`. False
 * where exec_relays_max are running, or the link isn't ready or has no channel left.
 */
bool exec_relays_open(
	struct exec_relays *relays, struct vx_link *link, int fd, struct vx_error *err);

/* Relays that are running. */
[[nodiscard]] unsigned exec_relays_get_count(const struct exec_relays *relays);

#endif
