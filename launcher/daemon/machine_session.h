/* SPDX-License-Identifier: MIT */
/* Where a VM's windows go: display and workspace, and what the next vixosd must know of it. */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_SESSION_H
#define VX_LAUNCHER_DAEMON_MACHINE_SESSION_H

#include "common/error.h"

struct machine;

/*
 * Binds the VM to a workspace of its compositor from now on; NULL: the one of its definition, if
 * there is one. To be called when its display is known. False where the compositor knows of no way;
 * then nothing changes.
 */
bool machine_bind_workspace(struct machine *machine, const char *workspace, struct vx_error *err);

/* The same at a start, where a definition's workspace that the compositor can't have is only
 * logged. */
void machine_session_begin(struct machine *machine, const char *workspace);

/* For the next vixosd; to be called when display or workspace have changed. */
void machine_session_write(const struct machine *machine);

/* What an earlier vixosd has written. */
void machine_session_read(struct machine *machine);

#endif
