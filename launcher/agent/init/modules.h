/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_MODULES_H
#define VX_LAUNCHER_AGENT_INIT_MODULES_H

#include "common/error.h"

/*
 * Loads the modules in `folder` in order of their names, and removes the files. Those of network
 * cards are only removed where there is no `network`.
 */
bool modules_load(const char *folder, bool network, struct vx_error *err);

#endif
