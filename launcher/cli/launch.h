/* SPDX-License-Identifier: MIT */
/* Starting vixosd where neither it nor systemd listens for us. */
#ifndef VX_LAUNCHER_CLI_LAUNCH_H
#define VX_LAUNCHER_CLI_LAUNCH_H

#include "common/error.h"

/* The path of vixosd's socket; owned by the caller. NULL where XDG_RUNTIME_DIR is unset. */
[[nodiscard]] char *launch_address(struct vx_error *err);

/* Returns once a vixosd listens at `address`: one that we have started, or that came first. */
bool launch_vixosd(const char *address, struct vx_error *err);

/* The path of the vixosd program; owned by the caller. */
[[nodiscard]] char *launch_find_vixosd(struct vx_error *err);

#endif
