/* SPDX-License-Identifier: MIT */
/* Folders of the host that come and go while the VM runs: root has to mount them. */
#ifndef VX_LAUNCHER_AGENT_INIT_MOUNTS_H
#define VX_LAUNCHER_AGENT_INIT_MOUNTS_H

#include "common/error.h"

/* Starts the process that answers at MOUNT_REQUEST_SOCKET, until the VM ends. */
bool mounts_serve(struct vx_error *err);

#endif
