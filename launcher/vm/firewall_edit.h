/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_VM_FIREWALL_EDIT_H
#define VX_LAUNCHER_VM_FIREWALL_EDIT_H

#include <stddef.h>

#include "common/error.h"
#include "vm/firewall.h"

/*
 * Changes rules as `vixos firewall` is told to; nothing is changed where that fails:
 *
 *   add RULE…          behind all others
 *   insert N RULE…     before number N, counted from 1
 *   remove N | RULE…   number N, or the first that says the same
 *   policy allow|deny  what no rule matches
 *   clear              remove all rules
 */
[[nodiscard]] bool vm_firewall_edit(
	struct vm_firewall *firewall, const char *const *words, size_t count, struct vx_error *err);

#endif
