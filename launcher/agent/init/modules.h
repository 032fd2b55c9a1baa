/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_MODULES_H
#define VX_LAUNCHER_AGENT_INIT_MODULES_H

#include "common/error.h"

/* Which groups of modules this VM has devices for. */
struct modules_wanted {
	bool network, audio, usb;
};

/*
 * Loads the modules in `folder` in order of their names, and removes the files. Those of groups
 * that aren't wanted are only removed.
 */
bool modules_load(const char *folder, const struct modules_wanted *wanted, struct vx_error *err);

#endif
