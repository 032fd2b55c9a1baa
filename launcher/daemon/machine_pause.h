/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_PAUSE_H
#define VX_LAUNCHER_DAEMON_MACHINE_PAUSE_H

struct machine;

/*
 * Stops the processors of a running VM, or lets them go on. machine->is_paused follows when libvirt
 * says so; where it fails, machine->pause_problem says why.
 */
void machine_pause(struct machine *machine, bool pause);

#endif
