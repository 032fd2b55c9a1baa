/* SPDX-License-Identifier: MIT */
/* What pool.c, pool_member.c and pool_check.c share. */
#ifndef VX_LAUNCHER_DAEMON_POOL_INTERNAL_H
#define VX_LAUNCHER_DAEMON_POOL_INTERNAL_H

#include <stdint.h>
#include <systemd/sd-event.h>
#include <wayland-util.h>

struct daemon;
struct resume_watch;
struct vm_definition;

/* VMs of one kind that the configuration wants. */
struct pool_target {
	uint64_t shape;
	size_t wanted;
	struct vm_definition *definition; /* owned; of vm_definition_for_preload() */
};

struct pool {
	struct daemon *daemon;       /* borrowed; outlives us */
	struct wl_list members;      /* struct pool_member.link */
	struct pool_target *targets; /* owned; one a shape */
	size_t target_count;
	char *refused;     /* owned; the last definition that can't be preloaded; may be NULL */
	unsigned failures; /* to start one, in a row */
	uint64_t failed_at_ms;
	uint64_t busy_at_ms;           /* when the user was last seen starting a VM */
	bool is_memory_short;          /* and the log says so */
	uint64_t next_look_ms;         /* when the timer looks again */
	sd_event_source *timer_source; /* owned */

	/* Whether they are outdated (pool_check.c). */
	struct wl_list checks;     /* struct pool_check.link */
	sd_event_source **watches; /* owned */
	size_t watch_count;
	sd_event_source *check_source;     /* owned; when to look, after changes */
	struct resume_watch *resume_watch; /* owned; may be NULL */
};

struct daemon *pool_get_daemon(struct pool *pool);

void pool_checks_init(struct pool *pool);
void pool_checks_finish(struct pool *pool);

#endif
