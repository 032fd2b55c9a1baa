/* SPDX-License-Identifier: MIT */
/* Changes of a running VM's network and firewall. */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_NETWORK_H
#define VX_LAUNCHER_DAEMON_MACHINE_NETWORK_H

#include "common/error.h"

struct machine;
struct vm_definition;

/*
 * Can the VM have this network and this firewall? Refuses rules that nobody would enforce. Also of
 * VMs that don't run yet.
 */
[[nodiscard]] bool machine_network_check(
	const struct machine *machine, const struct vm_definition *wanted, struct vx_error *err);

/*
 * Gives the VM network and firewall of `wanted` (taken), or the firewall alone.
 * machine->network_job is set until that is done; then machine->definition has what is in force,
 * and machine->network_problem says what went wrong.
 */
void machine_network_change(
	struct machine *machine, struct vm_definition *wanted, bool only_firewall);

/*
 * Where machine->firewall_is_stale, for this machine's addresses have changed: rules that name
 * these, or its networks, follow, as soon as no other change is under way.
 */
void machine_network_refresh(struct machine *machine);

#endif
