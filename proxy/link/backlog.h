/* SPDX-License-Identifier: MIT */
/*
 * What a channel has brought and its user doesn't take yet: part of a message, or more than the
 * other side reads just now. Only what was taken gives the peer credit for more.
 */
#ifndef VX_PROXY_LINK_BACKLOG_H
#define VX_PROXY_LINK_BACKLOG_H

#include "common/buffer.h"

struct vx_link_channel;

struct vx_link_backlog {
	struct vx_buffer waiting;
	struct vx_link_channel *const *channel; /* where the user has it; NULL there: it is gone */
	/* Handles what it can, from the front; returns how many bytes that was. */
	size_t (*take)(void *data, const uint8_t *untrusted_bytes, size_t size);
	void *data;
};

/* `channel` is a place that outlives the backlog. */
void vx_link_backlog_init(struct vx_link_backlog *backlog, struct vx_link_channel *const *channel,
	size_t (*take)(void *data, const uint8_t *untrusted_bytes, size_t size), void *data);
void vx_link_backlog_finish(struct vx_link_backlog *backlog);

/* Takes what has come, or keeps it. False where the peer sent more than it had credit for. */
[[nodiscard]] bool vx_link_backlog_receive(
	struct vx_link_backlog *backlog, const uint8_t *untrusted_bytes, size_t size);

/* The user takes more now. */
void vx_link_backlog_run(struct vx_link_backlog *backlog);

#endif
