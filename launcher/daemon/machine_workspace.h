/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_WORKSPACE_H
#define VX_LAUNCHER_DAEMON_MACHINE_WORKSPACE_H

#include "common/error.h"

struct machine;

/*
 * Binds the VM to a workspace of its compositor from now on; NULL: the one of its definition, if
 * there is one. To be called when its display is known. False where the compositor knows of no way;
 * then nothing changes.
 */
bool machine_bind_workspace(struct machine *machine, const char *workspace, struct vx_error *err);

#endif
