/* SPDX-License-Identifier: MIT */
/* One preloaded VM: its state (pool_state.h), its domain, console and bind socket. Private to
 * pool*.c. */
#ifndef VX_LAUNCHER_DAEMON_POOL_MEMBER_H
#define VX_LAUNCHER_DAEMON_POOL_MEMBER_H

#include <stdint.h>
#include <systemd/sd-event.h>
#include <wayland-util.h>

#include "daemon/pool_state.h"
#include "vm/runtime_dir.h"

struct pool;
struct vm_console;
struct vm_definition;

struct pool_member {
	struct wl_list link;              /* struct pool.members */
	struct pool *pool;                /* borrowed; outlives us */
	struct vm_definition *definition; /* owned; its name is the VM's */
	struct vm_runtime_dir dir;        /* paths */
	uint64_t shape;
	enum pool_state state;
	uint64_t state_since_ms;
	bool is_found; /* since the connection to libvirt was made */

	/* Of the domain. */
	char *region_name; /* owned; NULL before */
	uint64_t fingerprint;
	uint64_t suspended_ns;        /* how long the host had been suspended when it was started */
	int bind_socket;              /* owned; -1 before */
	sd_event_source *bind_source; /* owned */
	struct vm_console *console;   /* owned; may be NULL */
	sd_event_source *console_source;  /* owned */
	sd_event_source *deadline_source; /* owned */
	unsigned hypervisor_jobs;         /* not answered yet; it lives until they are */
	bool is_done;                     /* nothing is left but their answers */
};

/* Starts a VM like `definition` (of vm_definition_for_preload(); given away). NULL on failure. */
struct pool_member *pool_member_start(
	struct pool *pool, struct vm_definition *definition, uint64_t shape);

/* Leaves the domain alone. */
void pool_member_destroy(struct pool_member *member);

void pool_member_handle(struct pool_member *member, enum pool_event event);

/* Throws it away; `why` is for the log. */
void pool_member_discard(struct pool_member *member, const char *why);

/* Is it one that counts, as against one that is ending? */
bool pool_member_counts(const struct pool_member *member);
/* Is it one that boots? */
bool pool_member_is_starting(const struct pool_member *member);
/* Has the guest kept quiet since it said that it is ready? */
bool pool_member_is_sound(const struct pool_member *member);

/* For pool.c: what a member tells. */
void pool_member_changed(struct pool *pool);
void pool_member_became_ready(struct pool *pool);
void pool_member_failed(struct pool *pool);

#endif
