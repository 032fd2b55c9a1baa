/* SPDX-License-Identifier: MIT */
/*
 * The syntax of scfg, checked before libscfg sees a text: libscfg prints what it doesn't like to
 * standard error, says no line to its caller, leaks what it had read, and recurses without a bound.
 * What passes here libscfg accepts.
 */
#ifndef VX_LAUNCHER_VM_SCFG_SYNTAX_H
#define VX_LAUNCHER_VM_SCFG_SYNTAX_H

#include <stddef.h>

#include "common/error.h"

static constexpr unsigned vm_scfg_depth_max = 8;

/* False with "file:line: what was expected" and VX_ERROR_USAGE at the first mistake. */
[[nodiscard]] bool vm_scfg_check(
	const char *text, size_t size, const char *file_name, struct vx_error *err);

#endif
