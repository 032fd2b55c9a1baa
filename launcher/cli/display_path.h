/* SPDX-License-Identifier: MIT */
/* The Wayland socket of the session that we were called in. */
#ifndef VX_LAUNCHER_CLI_DISPLAY_PATH_H
#define VX_LAUNCHER_CLI_DISPLAY_PATH_H

#include "common/error.h"

/*
 * The absolute path of `name` (a name or path as in WAYLAND_DISPLAY; NULL: that variable), owned by
 * the caller. NULL, with an error, where no display is named.
 */
[[nodiscard]] char *display_path_find(const char *name, struct vx_error *err);

#endif
