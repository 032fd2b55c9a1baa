/* SPDX-License-Identifier: MIT */
/*
 * The ELF kernel inside a bzImage, unpacked once on the host. QEMU enters it directly (PVH), which
 * saves the guest its own unpacking: over a second of software emulation, a tenth of a second with
 * KVM.
 */
#ifndef VX_LAUNCHER_VM_VMLINUX_H
#define VX_LAUNCHER_VM_VMLINUX_H

#include <stddef.h>

#include "common/error.h"

/*
 * Path of the unpacked kernel in the folder `cache` (NULL: $XDG_CACHE_HOME/vixos), made first where
 * it isn't there. NULL where `image` is no x86 bzImage with a PVH entry in a compression that we
 * know: then the image itself is what can be booted. Owned by the caller. Blocks for half a second
 * the first time.
 */
[[nodiscard]] char *vm_vmlinux_ensure(const char *image, const char *cache, struct vx_error *err);

/* The ELF in the bytes of a bzImage; owned by the caller; NULL on failure. */
[[nodiscard]] void *vm_vmlinux_extract(
	const void *image, size_t size, size_t *ret_size, struct vx_error *err);

#endif
