/* SPDX-License-Identifier: MIT */
/*
 * Who gets how much memory: docs/memory.md tells how, and why. Pure: no clock, no libvirt, no
 * guest. All sizes are MiB.
 */
#ifndef VX_LAUNCHER_DAEMON_BALANCER_H
#define VX_LAUNCHER_DAEMON_BALANCER_H

#include <stddef.h>
#include <stdint.h>

/* How often balancer_run() is to be called while somebody is in need. */
static constexpr uint64_t balancer_tick_ms = 1000;

/* What the host knows for sure. */
struct balancer_host {
	uint64_t now_ms;
	uint32_t available; /* MemAvailable */
	uint32_t reserve;   /* of that, not for VMs */
	uint32_t limit;     /* of all VMs together; 0: none but what there is */
};

struct balancer_vm {
	/* Of its definition; the same number twice: it is left alone. */
	uint32_t min, max;
	/* As the host has it: what it was granted last, and what QEMU really takes (0: unknown). */
	uint32_t granted, resident;
	/* What the guest claims. Only ever used to give it less than its maximum, or to leave it
	 * what it has. */
	uint32_t claimed_used, claimed_available;
	uint32_t claimed_pressure; /* parts of 10000 of the time */
	uint64_t claimed_at_ms;    /* 0: it has said nothing yet */

	/* The balancer's own memory; zeroes at first. */
	uint64_t grown_at_ms, shrunk_at_ms;
	unsigned caution; /* how often it was in need right after it had been shrunk */

	/* What comes out. */
	uint32_t target;
	bool is_in_need;
};

/*
 * Sets `target` and `is_in_need` of each. Returns whether it is to be called again in
 * balancer_tick_ms, though nobody claims anything new.
 */
bool balancer_run(const struct balancer_host *host, struct balancer_vm *vms, size_t count);

/* What all VMs together may be granted now. */
uint64_t balancer_budget(
	const struct balancer_host *host, const struct balancer_vm *vms, size_t count);

/* Does what this VM claims call for more than it has? */
bool balancer_is_in_need(const struct balancer_host *host, const struct balancer_vm *vm);

#endif
