/* SPDX-License-Identifier: MIT */
/* The part of a machine that reads its console. */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_CONSOLE_H
#define VX_LAUNCHER_DAEMON_MACHINE_CONSOLE_H

#include "vm/console.h"

struct machine;

/* Keeps the console's output from now on. `socket` is given away; -1: connect to it by its path. */
void machine_console_open(struct machine *machine, int socket);

/* Forgets what there is. */
void machine_console_finish(struct machine *machine);

#endif
