/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_MODULES_H
#define VX_LAUNCHER_AGENT_INIT_MODULES_H

#include "common/error.h"

/* Which groups of modules this VM has devices for. */
struct modules_wanted {
	bool network, audio, usb;
};

/* The image's folder of modules, owned by the caller, to be used when the root is another. -1 on
 * failure. */
[[nodiscard]] int modules_open(const char *path, struct vx_error *err);

/*
 * Loads the modules in `folder` in order of their names, and removes the files. Those of groups
 * that aren't wanted are only removed, but for the network's: a card may come later.
 */
bool modules_load(int folder, const struct modules_wanted *wanted, struct vx_error *err);

/* Loads those of the network, if that has not been done. */
bool modules_load_network(int folder, struct vx_error *err);

#endif
