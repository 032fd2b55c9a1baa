/* SPDX-License-Identifier: MIT */
/*
 * The guest's end of the `memory` service (proxy/link/memory.h): tells the host of this VM's memory
 * while programs wait for it. The kernel's pressure trigger says when that is; as long as nobody
 * waits, nothing here wakes up.
 */
#ifndef VX_LAUNCHER_AGENT_MEMORY_H
#define VX_LAUNCHER_AGENT_MEMORY_H

#include <stddef.h>

struct memory;
struct vx_link_channel;
struct vx_memory_report;
struct wl_event_loop;

/* `loop` must outlive it. Works without /proc/pressure too, but then answers questions only. */
[[nodiscard, gnu::returns_nonnull]] struct memory *memory_create(struct wl_event_loop *loop);
void memory_destroy(struct memory *memory); /* NULL allowed */

/* Takes over a channel that the host opened for the service, in place of the one before. */
void memory_accept(struct memory *memory, struct vx_link_channel *channel);

/* Reads the text of /proc/meminfo; false where something is missing. */
[[nodiscard]] bool memory_parse_meminfo(const char *text, struct vx_memory_report *ret_report);
/* Microseconds in which some program waited, of the text of /proc/pressure/memory; 0: unknown. */
[[nodiscard]] unsigned long long memory_parse_pressure(const char *text);

#endif
