/* SPDX-License-Identifier: MIT */
/*
 * VMs that are started before anybody wants them, and wait paused: booted, but nobody's, without a
 * vixos-proxy, without a name of their own, and shown to nobody. A machine that is to start takes
 * one that is of the shape of its definition (vm/fingerprint.h), instead of a cold start.
 *
 * As many as the configuration says are kept, made one after another while the user starts nothing
 * and memory isn't short; one that boots is paused while the user does. They are thrown away when
 * what they were made from changes, when the host was suspended, and when they misbehave. A vixosd
 * that finds those of an earlier one ends them.
 */
#ifndef VX_LAUNCHER_DAEMON_POOL_H
#define VX_LAUNCHER_DAEMON_POOL_H

#include <stddef.h>
#include <systemd/sd-json.h>

#include "common/error.h"
#include "vm/hypervisor.h"

struct daemon;
struct machine;
struct pool;

[[nodiscard, gnu::returns_nonnull]] struct pool *pool_create(struct daemon *daemon);
/* After the hypervisor's; the VMs go on. NULL allowed. */
void pool_destroy(struct pool *pool);

/* The configuration has been read. */
void pool_configure(struct pool *pool);

/* Something has changed: sees to what is to be started, held or ended. */
void pool_update(struct pool *pool);

/* Is there anything to keep, or still to be ended? */
bool pool_is_needed(const struct pool *pool);
/* Is a domain being made, so that nothing may be swept away? */
bool pool_is_preparing(const struct pool *pool);

/*
 * Makes one that fits the VM of `machine`, as by vm_hypervisor_start(). False where there is none:
 * nothing has been done then.
 */
[[nodiscard]] bool pool_take(struct pool *pool, const struct machine *machine,
	vm_started_handler handle_started, void *data);

/* Told by the daemon of events of VMs whose names say that they are preloaded. */
void pool_handle_connection(struct pool *pool); /* to libvirt was made: all will be found anew */
void pool_handle_found(struct pool *pool, const char *name);
void pool_handle_listed(struct pool *pool);
void pool_handle_resumed(struct pool *pool, const char *name);
void pool_handle_stopped(struct pool *pool, const char *name);

/* Adds objects of type Vm to `*array`. */
void pool_append_json(const struct pool *pool, sd_json_variant **array);

#endif
