/* SPDX-License-Identifier: MIT */
/*
 * The network of one VM: a passt of its own, which QEMU connects to (vhost-user). The guest gets
 * outgoing connections by IPv4, as the user who runs the VM, and none to the host's loopback
 * addresses. passt belongs to the VM and not to us: it goes on when vixosd ends, and ends when QEMU
 * closes its connection.
 */
#ifndef VX_LAUNCHER_VM_NETWORK_H
#define VX_LAUNCHER_VM_NETWORK_H

#include "common/error.h"

/*
 * Starts a passt that waits for QEMU at the unix socket `path`, whose folders are made. Blocks
 * until it listens. What an earlier run left at `path` is ended first; on failure nothing is left.
 */
[[nodiscard]] bool vm_network_start(const char *path, struct vx_error *err);

/* Ends a passt for which no QEMU came or whose QEMU has gone, and removes the socket. None: fine
 * too. */
void vm_network_end(const char *path);

#endif
