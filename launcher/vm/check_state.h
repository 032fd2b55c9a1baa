/* SPDX-License-Identifier: MIT */
/* Checks of `vixos doctor` about memory, and about what VMs keep and are made of. */
#ifndef VX_LAUNCHER_VM_CHECK_STATE_H
#define VX_LAUNCHER_VM_CHECK_STATE_H

#include <stdint.h>

#include "common/error.h"

struct vm_config;

/* Each gives what was found, owned by the caller; or NULL with an error for what is wrong. `config`
 * may be NULL. */

/* `available_mib` of memory for one VM more, and for those that are to be kept ready. */
[[nodiscard]] char *vm_check_memory(
	const struct vm_config *config, uint64_t available_mib, struct vx_error *err);
/* MemAvailable of /proc/meminfo in MiB; 0 where it can't be known. */
uint64_t vm_check_available_mib(const char *meminfo_path);

/* Homes and packages of VMs can be kept. */
[[nodiscard]] char *vm_check_state_folder(struct vx_error *err);

/* Nix, where a definition needs it. */
[[nodiscard]] char *vm_check_nix(
	const struct vm_config *config, bool has_nix, struct vx_error *err);

/* The disk images of definitions. */
[[nodiscard]] char *vm_check_disks(const struct vm_config *config, struct vx_error *err);

#endif
