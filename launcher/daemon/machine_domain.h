/* SPDX-License-Identifier: MIT */
/* Private to machine*.c: what a machine has the hypervisor do, and what comes of that. */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_DOMAIN_H
#define VX_LAUNCHER_DAEMON_MACHINE_DOMAIN_H

#include "daemon/machine.h"

/* Its net-vm first, if it has one; machine_handle() hears of success and failure. */
void machine_domain_start(struct machine *machine);
/* Without the net-vm: a preloaded VM where there is one, else a new one. */
void machine_domain_start_now(struct machine *machine);
/* It can't be started; nothing happens where it isn't to be started any more. */
void machine_domain_failed(struct machine *machine, const struct vx_error *err);

/* The end: the guest is asked, is not asked, or is gone already. */
void machine_domain_stop(struct machine *machine);
void machine_domain_kill(struct machine *machine);
void machine_domain_clean_up(struct machine *machine);

#endif
