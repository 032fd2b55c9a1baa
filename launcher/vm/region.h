/* SPDX-License-Identifier: MIT */
/*
 * Shared regions for pixels: files in /dev/shm that QEMU (ivshmem) and vixos-proxy both map, named
 * vixos-NAME-<32 hex digits>: 8 that stand for this user's runtime folder, so that another
 * session's regions are never taken for ours, and 24 random ones.
 */
#ifndef VX_LAUNCHER_VM_REGION_H
#define VX_LAUNCHER_VM_REGION_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/*
 * Makes a region of `size` bytes, mode 0600, before QEMU starts. Fails with a clear sentence where
 * /dev/shm has no room for it next to what running VMs may still fill. Returns the file's name in
 * /dev/shm, owned by the caller; NULL on failure.
 */
[[nodiscard]] char *vm_region_make(const char *vm_name, uint64_t size, struct vx_error *err);

/* /dev/shm/<name>; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_region_path(const char *region_name);

/* Can `region_name` be that of a region of the VM `vm_name`? */
[[nodiscard]] bool vm_region_name_is_valid(const char *region_name, const char *vm_name);

/* Removes every region of the VM; no error where there is none. */
void vm_region_remove(const char *vm_name);

/*
 * Makes the region of one VM, which has it open, that of the VM `vm_name`; returns its new name,
 * owned by the caller; NULL on failure.
 */
[[nodiscard]] char *vm_region_rename(
	const char *region_name, const char *vm_name, struct vx_error *err);

/* Is there room for a region of `size` bytes? */
[[nodiscard]] bool vm_region_check_room(uint64_t size, struct vx_error *err);

/* Removes the regions of VMs that are not among `running`; returns how many. */
size_t vm_region_sweep(const char *const *running, size_t count);

#endif
