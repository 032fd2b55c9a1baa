/* SPDX-License-Identifier: MIT */
/*
 * What the guest says of its memory (proxy/link/memory.h): checked for range and rate, and passed
 * on to vixosd with the state. A guest that sends anything else is not listened to any more; one
 * that sends too often is held back by credit.
 */
#ifndef VX_PROXY_HOST_MEMORY_WATCH_H
#define VX_PROXY_HOST_MEMORY_WATCH_H

#include "proxy/link/memory.h"

struct memory_watch;
struct vx_link;
struct wl_event_loop;

[[nodiscard, gnu::returns_nonnull]] struct memory_watch *memory_watch_create(
	struct wl_event_loop *loop);
/* NULL is allowed. Before vx_link_destroy(). */
void memory_watch_destroy(struct memory_watch *watch);

/* The link is ready: opens the channel. */
void memory_watch_start(struct memory_watch *watch, struct vx_link *link);

/* Asks for a report now; there may never be one. */
void memory_watch_ask(struct memory_watch *watch);

/* The newest report, and how many there were; zeroes before the first. */
struct vx_memory_report memory_watch_get(const struct memory_watch *watch, uint32_t *ret_count);

#endif
