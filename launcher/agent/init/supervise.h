/* SPDX-License-Identifier: MIT */
/* The life of PID 1 after boot: start vixos-guest, reap what is orphaned, end the VM. */
#ifndef VX_LAUNCHER_AGENT_INIT_SUPERVISE_H
#define VX_LAUNCHER_AGENT_INIT_SUPERVISE_H

#include <sys/types.h>

#include "common/error.h"

/* Signals that PID 1 waits for; to be called before anything is forked. */
void supervise_prepare(void);

/*
 * Starts vixos-guest as the user, without a way to more rights. Returns its id, -1 on failure.
 * `start_fd` (not owned; -1: none) becomes its standard input, on which it waits; see bind.h.
 */
[[nodiscard]] pid_t supervise_start_guest(int start_fd, struct vx_error *err);

/*
 * Reaps until `guest` ends, or the power button or SIGTERM asks it to and 3 s pass. Then the
 * VM is switched off. `hotplug_fd` (hotplug.h) may be -1.
 */
[[noreturn]] void supervise(pid_t guest, int hotplug_fd);

/* Ends all programs, writes back what shares have in memory, and switches the VM off. */
[[noreturn]] void supervise_power_off(void);

#endif
