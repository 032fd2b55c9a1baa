/* SPDX-License-Identifier: MIT */
/* The life of PID 1 after boot: start vixos-guest, reap what is orphaned, end the VM. */
#ifndef VX_LAUNCHER_AGENT_INIT_SUPERVISE_H
#define VX_LAUNCHER_AGENT_INIT_SUPERVISE_H

#include <sys/types.h>

#include "common/error.h"

/* Signals that PID 1 waits for; to be called before anything is forked. */
void supervise_prepare(void);

/* Starts vixos-guest as the user, without a way to more rights. Returns its id, -1 on failure. */
[[nodiscard]] pid_t supervise_start_guest(struct vx_error *err);

/*
 * Reaps until `guest` ends, or the power button or SIGTERM asks it to and 3 s pass. Then the
 * VM is switched off. `hotplug_fd` (hotplug.h) may be -1.
 */
[[noreturn]] void supervise(pid_t guest, int hotplug_fd);

/* Ends all programs, writes back what shares have in memory, and switches the VM off. */
[[noreturn]] void supervise_power_off(void);

#endif
