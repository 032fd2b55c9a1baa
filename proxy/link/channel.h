/* SPDX-License-Identifier: MIT */
/* Channels: their life, what flows by credit, and what their users are told. */
#ifndef VX_PROXY_LINK_CHANNEL_H
#define VX_PROXY_LINK_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/link/link.h"

/* A new channel in the link's table, where `id` is free. */
[[gnu::returns_nonnull]] struct vx_link_channel *link_channel_add(
	struct vx_link *link, uint32_t id, uint32_t send_window, uint32_t receive_window);

/* Takes the channel out of the table and frees it. */
void link_channel_remove(struct vx_link_channel *channel);

/* Both sides said that they won't send more. */
[[nodiscard]] bool link_channel_is_finished(const struct vx_link_channel *channel);

/* Is there enough to give back that a CREDIT frame is worth it? */
[[nodiscard]] bool link_channel_credit_is_due(const struct vx_link_channel *channel);

/* Drops what is queued. */
void link_channel_drop_queue(struct vx_link_channel *channel);

/* Will send CLOSE, behind what is queued. */
void link_channel_want_close(struct vx_link_channel *channel, enum vx_link_reason reason);

/* Calls closed() if the user doesn't know yet. The user may destroy the link. */
void link_channel_tell_closed(struct vx_link_channel *channel, enum vx_link_reason reason);

/* Makes every channel lost and frees it. Users may destroy the link. */
void link_channel_lose_all(struct vx_link *link);

/* Calls writable() and closed() where that is due. */
void link_channel_run_events(struct vx_link *link);

#endif
