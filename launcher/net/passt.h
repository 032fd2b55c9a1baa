/* SPDX-License-Identifier: MIT */
/* The passt of the namespace: it turns the guest's packets into connections of its own. */
#ifndef VX_LAUNCHER_NET_PASST_H
#define VX_LAUNCHER_NET_PASST_H

#include "common/error.h"

/*
 * Starts it; once it waits for QEMU at the unix socket `path` it is a child of process 1. Blocks.
 */
[[nodiscard]] bool passt_start(const char *path, bool has_ipv6, struct vx_error *err);

#endif
