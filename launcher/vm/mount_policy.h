/* SPDX-License-Identifier: MIT */
/*
 * What a folder of the host may be before it is shown in a VM at the user's word. The configuration
 * is the user's own text and not asked about sources.
 */
#ifndef VX_LAUNCHER_VM_MOUNT_POLICY_H
#define VX_LAUNCHER_VM_MOUNT_POLICY_H

#include "common/error.h"

/* Is `target` (normalised) a folder of the guest that only vixos-init arranges? */
bool vm_mount_target_is_reserved(const char *target);

/*
 * Refuses (VX_ERROR_REFUSED) folders that hold keys, sockets or the system itself: those of the
 * table in mount_policy.c, what is in them, and what contains them, "/" and the home folder so too.
 * All are paths without symbolic links; `home` and `runtime` may be NULL.
 */
bool vm_mount_policy_check(
	const char *source, const char *home, const char *runtime, struct vx_error *err);

#endif
