/* SPDX-License-Identifier: MIT */
/*
 * Changes of a definition that were made by command and shall last: lines of a VM's block in its
 * own file are replaced, and all else stays as the user has written it, comments too.
 */
#ifndef VX_LAUNCHER_VM_DEFINITION_CHANGE_H
#define VX_LAUNCHER_VM_DEFINITION_CHANGE_H

#include "common/error.h"

struct definition_change {
	const char *key;   /* the directives of this name, blocks and all, are taken out */
	const char *value; /* only those whose first parameter is this; NULL: all */
	const char *lines; /* what comes in their place, whole lines; "" for nothing */
};

/*
 * The text with the change made in its block `vm NAME`; owned by the caller, NULL where there is
 * no such block. The text must be scfg without mistakes (vm_scfg_check()).
 */
[[nodiscard]] char *definition_change_apply(const char *text, const char *name,
	const struct definition_change *change, struct vx_error *err);

/* Makes the change in the file of the VM, which must be one of vixos(1)'s own, and checks it. */
[[nodiscard]] bool definition_change_save(
	const char *name, const struct definition_change *change, struct vx_error *err);

#endif
