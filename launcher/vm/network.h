/* SPDX-License-Identifier: MIT */
/*
 * The network of one VM where it is ours: a vixos-net of its own (net/net.h), whose passt QEMU
 * connects to (vhost-user) and in whose namespace the VM's firewall is. It belongs to the VM and
 * not to us: it goes on when vixosd ends, and ends when QEMU closes its connection.
 */
#ifndef VX_LAUNCHER_VM_NETWORK_H
#define VX_LAUNCHER_VM_NETWORK_H

#include "common/error.h"

struct vm_definition;
struct vm_firewall;
struct vm_runtime_dir;

/*
 * Starts what the definition's network needs (nothing for kinds that aren't ours), with its
 * firewall in force. Blocks until passt waits for QEMU at dir->network_socket, whose folders are
 * made. What an earlier run left there is ended first; on failure nothing is left.
 */
[[nodiscard]] bool vm_network_start(const struct vm_runtime_dir *dir,
	const struct vm_definition *definition, struct vx_error *err);

/*
 * Ends a network for which no QEMU came or whose QEMU has gone, and removes the socket. None: fine
 * too.
 */
void vm_network_end(const char *path);

/* Ends the network of a VM that may still run: nothing of the guest's gets out any more. */
void vm_network_cut(const struct vm_runtime_dir *dir);

/* Puts other rules in force, in one step; names are resolved before. Blocks, for seconds at most.
 */
[[nodiscard]] bool vm_network_set_firewall(
	const struct vm_runtime_dir *dir, const struct vm_firewall *firewall, struct vx_error *err);

/* The same rules, with what `host` and `lan` in them stand for by now. Blocks shortly. */
[[nodiscard]] bool vm_network_refresh_firewall(
	const struct vm_runtime_dir *dir, const struct vm_firewall *firewall, struct vx_error *err);

/* Is the VM's network connected to a net-vm? Not if it has ended. */
bool vm_network_has_link(const struct vm_runtime_dir *dir);

/*
 * Connects the VM's network to a net-vm, as its client of that number: returns the descriptor for
 * the net-vm's QEMU, owned by the caller, -1 on failure.
 */
[[nodiscard]] int vm_network_make_link(
	const struct vm_runtime_dir *dir, unsigned number, struct vx_error *err);

#endif
