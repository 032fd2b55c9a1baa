/* SPDX-License-Identifier: MIT */
/* Mounts, and the change from the boot image to the guest's root. */
#ifndef VX_LAUNCHER_AGENT_INIT_ROOT_H
#define VX_LAUNCHER_AGENT_INIT_ROOT_H

#include "common/error.h"

struct boot_options;

/* /proc, /sys and /dev of the boot image: what loading modules and finding devices needs. */
bool root_mount_kernel(struct vx_error *err);

/*
 * Makes the image's `root` folder the root: moves the kernel's mounts into it, mounts the host's
 * /usr and the VM's shares, writes what differs from VM to VM, makes the user's folders, and
 * changes to it.
 */
bool root_enter(const struct boot_options *options, struct vx_error *err);

/* Host name, hosts and machine-id. root_enter() does this but for a preloaded VM. */
bool root_set_identity(const struct boot_options *options, struct vx_error *err);

/* Makes `path` (absolute) and what leads to it, as far as it isn't there. Leaves errno set. */
bool root_make_folders(const char *path, struct vx_error *err);

#endif
