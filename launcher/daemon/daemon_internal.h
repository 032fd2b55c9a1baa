/* SPDX-License-Identifier: MIT */
/* Private to daemon*.c. */
#ifndef VX_LAUNCHER_DAEMON_DAEMON_INTERNAL_H
#define VX_LAUNCHER_DAEMON_DAEMON_INTERNAL_H

#include "daemon/daemon.h"

/* A new one; takes `definition`. NULL where there are too many. */
struct machine *daemon_add_machine(
	struct daemon *daemon, struct vm_definition *definition, struct vx_error *err);

/* Connects to libvirt, and goes on trying; what runs is told to the machines. */
bool daemon_init_hypervisor(struct daemon *daemon, struct vx_error *err);

#endif
