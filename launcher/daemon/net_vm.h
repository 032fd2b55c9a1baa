/* SPDX-License-Identifier: MIT */
/*
 * VMs whose network is another VM. The net-vm is started before its client, and the wire between
 * the two is made whenever both are there.
 */
#ifndef VX_LAUNCHER_DAEMON_NET_VM_H
#define VX_LAUNCHER_DAEMON_NET_VM_H

#include "common/error.h"

struct daemon;
struct machine;
struct vm_definition;

/*
 * Makes sure that the net-vm of `definition`, which is, or is to be, the machine's, runs or is
 * being started, with windows where the machine has its own. False where there is no such VM, or it
 * has, in the end, the machine as its network.
 */
[[nodiscard]] bool net_vm_begin(const struct machine *machine,
	const struct vm_definition *definition, struct vx_error *err);

/* Can the machine start now? Else machine_net_vm_settled() is called when it can, or never will. */
bool net_vm_is_running(const struct machine *machine);

/* Is the machine's wire still to be made, or being made? */
bool net_vm_is_pending(const struct machine *machine);

/* Makes and unmakes wires as things are now. Once in a turn. */
void net_vm_update(struct daemon *daemon);

/* The machine was found running: its wires may be of VMs that are no more. */
void net_vm_found(struct machine *machine);

#endif
