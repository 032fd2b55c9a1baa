/* SPDX-License-Identifier: MIT */
/* Checks around the domain XML: what goes in, and what comes out when it is read again. */
#ifndef VX_LAUNCHER_VM_DOMAIN_CHECK_H
#define VX_LAUNCHER_VM_DOMAIN_CHECK_H

#include "common/error.h"

struct vm_domain_parts;

/* Names valid, paths absolute, all strings such that XML can carry them, and nothing missing. */
[[nodiscard]] bool vm_domain_check_parts(const struct vm_domain_parts *parts, struct vx_error *err);

/* Only what its metadata says: the definition and the region's name. */
[[nodiscard]] bool vm_domain_check_identity(
	const struct vm_domain_parts *parts, struct vx_error *err);

/* Does the text, parsed again, say just what `parts` say: no value lost, changed or come in twice?
 */
[[nodiscard]] bool vm_domain_check_text(
	const char *text, const struct vm_domain_parts *parts, struct vx_error *err);

#endif
