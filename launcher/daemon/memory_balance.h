/* SPDX-License-Identifier: MIT */
/*
 * Gives VMs that need memory what others can spare (balancer.h decides, docs/memory.md explains).
 * It sleeps until a guest or the host itself is short of memory.
 */
#ifndef VX_LAUNCHER_DAEMON_MEMORY_BALANCE_H
#define VX_LAUNCHER_DAEMON_MEMORY_BALANCE_H

#include <stdint.h>

#include "daemon/balancer.h"
#include "vm/hypervisor.h"

struct daemon;
struct machine;
struct memory_balance;
struct vx_control_message;

/* Of one machine. All zero while it doesn't run. */
struct machine_memory {
	struct balancer_vm vm;    /* granted 0: not known yet */
	struct vm_memory figures; /* as libvirt told last */
	double cpu_percent;       /* between the last two figures; 100 is one processor */
	uint32_t claimed_total;   /* MiB */
	uint32_t reports;         /* of the guest, as its proxy counts them */
	bool is_asked;            /* figures are on their way */
};

[[nodiscard, gnu::returns_nonnull]] struct memory_balance *memory_balance_create(
	struct daemon *daemon);
void memory_balance_destroy(struct memory_balance *balance); /* NULL allowed */

/* The guest has told something, perhaps nothing new. */
void memory_balance_heard(struct memory_balance *balance, struct machine *machine,
	const struct vx_control_message *state);

/* Has the guest and libvirt tell how it is now; who waits for it looks at machine->memory. */
void memory_balance_refresh(struct memory_balance *balance, struct machine *machine);

#endif
