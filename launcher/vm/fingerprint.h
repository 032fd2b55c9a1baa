/* SPDX-License-Identifier: MIT */
/*
 * What tells whether a VM that was started earlier is still what a start would give now. All that
 * goes into the domain's description and the kernel's command line counts, but for whose VM it is;
 * so a new key of the configuration needs nothing here.
 */
#ifndef VX_LAUNCHER_VM_FINGERPRINT_H
#define VX_LAUNCHER_VM_FINGERPRINT_H

#include <stdint.h>

#include "common/error.h"

struct vm_definition;
struct vm_start;

/* Could a VM be started like this before it is known for whom? */
[[nodiscard]] bool vm_definition_can_preload(const struct vm_definition *definition);

/*
 * A copy that is nobody's: with the name `name` (of vm_preload_name() kind), and without label,
 * colour, environment and apps. Owned by the caller.
 */
[[nodiscard, gnu::returns_nonnull]] struct vm_definition *vm_definition_for_preload(
	const struct vm_definition *definition, const char *name);

/*
 * The same for definitions whose VMs can be made of each other's preloaded ones; 0 where a VM can't
 * be described. Doesn't block.
 */
[[nodiscard]] uint64_t vm_definition_shape(const struct vm_definition *definition);

/* The shape, and the state of the host: kernel, boot image, packages, QEMU. Blocks for a moment. */
[[nodiscard]] bool vm_fingerprint(const struct vm_start *start,
	const struct vm_definition *definition, uint64_t *ret_fingerprint, struct vx_error *err);

/* The folders in which a change may be one of the fingerprint's; NULL-terminated. */
const char *const *vm_fingerprint_folders(void);

#endif
