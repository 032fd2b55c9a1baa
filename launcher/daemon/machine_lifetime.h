/* SPDX-License-Identifier: MIT */
/*
 * When a disposable VM ends: with its last window, or, where none ever came, with its program.
 */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_LIFETIME_H
#define VX_LAUNCHER_DAEMON_MACHINE_LIFETIME_H

struct machine;

/* State, windows or clients have changed. May stop it. */
void machine_lifetime_update(struct machine *machine);

/*
 * The program that it was started for has ended. One that isn't disposable is stopped; one that is,
 * once no window is left.
 */
void machine_lifetime_end_program(struct machine *machine);

void machine_lifetime_finish(struct machine *machine);

#endif
