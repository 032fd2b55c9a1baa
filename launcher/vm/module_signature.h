/* SPDX-License-Identifier: MIT */
/*
 * The signatures that distributions append to kernel modules. The modules of a boot image are the
 * host's own, and a guest's root isn't kept from loading others; a guest that checks them spends a
 * sixth of its boot on that. Private to launcher/vm.
 */
#ifndef VX_LAUNCHER_VM_MODULE_SIGNATURE_H
#define VX_LAUNCHER_VM_MODULE_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

struct vm_kernel;

/* Would the kernel refuse modules without one? True too where its configuration isn't there. */
[[nodiscard]] bool module_signature_is_needed(const struct vm_kernel *kernel);

/* The size of the module without what is appended; `size` where there is nothing, or nonsense. */
[[nodiscard]] size_t module_signature_cut(const uint8_t *bytes, size_t size);

#endif
