/* SPDX-License-Identifier: MIT */
/* A second wall around who takes a copy out of a VM: what parses the VM's bytes can write nowhere
 * else. */
#ifndef VX_LAUNCHER_COPY_CONFINE_H
#define VX_LAUNCHER_COPY_CONFINE_H

#include "common/error.h"

/*
 * Takes from this process, for ever, the right to open, make, change or remove anything but in the
 * folder `fd` (-1: at all), and to execute programs; where the kernel has Landlock, else nothing
 * changes. What is open stays.
 */
bool copy_confine(int fd, struct vx_error *err);

#endif
