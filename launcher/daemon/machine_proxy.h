/* SPDX-License-Identifier: MIT */
/* Private to machine*.c: a machine and its vixos-proxy, and what happens to both. */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_PROXY_H
#define VX_LAUNCHER_DAEMON_MACHINE_PROXY_H

#include "daemon/machine.h"

/* Reports to the machine as long as it lives; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] struct proxy *machine_proxy_create(struct machine *machine);

/* Starts the process; a failure ends the machine. */
void machine_proxy_spawn(struct machine *machine);
/* As above after it, or the link, was lost: later each time, and not for ever. */
void machine_proxy_respawn(struct machine *machine);

/* Of machine.c. */

/* Takes the transition of machine_state.h, if there is one. */
void machine_handle(struct machine *machine, enum machine_event event);
/* The same for an event that is a failure; moves `why`. */
void machine_fail(struct machine *machine, enum machine_event event, struct vx_error *why);
/* Sets the failure, unless an earlier one is the cause of it all. Moves `why`. */
void machine_blame(struct machine *machine, struct vx_error *why);
/* The deadline of its state begins anew. */
void machine_arm_deadline(struct machine *machine);
/* While STOPPING: is all of it gone? */
void machine_check_stopped(struct machine *machine);

#endif
