/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_MODULES_H
#define VX_LAUNCHER_AGENT_INIT_MODULES_H

#include "common/error.h"

/* Loads all modules in `folder` in order of their names, and removes the files. */
bool modules_load(const char *folder, struct vx_error *err);

#endif
