/* SPDX-License-Identifier: MIT */
/* What a libvirt domain that isn't ours is made of, so far as a VM of ours can be made of the same.
 */
#ifndef VX_LAUNCHER_VM_ADOPT_H
#define VX_LAUNCHER_VM_ADOPT_H

#include <stdint.h>

#include "common/error.h"

struct vm_adopted {
	char *disk; /* owned; of the first disk that is a file, normalised */
	uint32_t memory_mib, vcpus;
	bool has_network; /* it has a network card */
	bool uefi;        /* it boots by UEFI */
};

/* Of libvirt's description. Fails, saying why, for what can't be a VM of ours. */
bool vm_adopt_parse(struct vm_adopted *adopted, const char *xml, struct vx_error *err);

/* Asks libvirt at `uri`; blocks. Fails for domains that run, too: two systems would write to its
 * disk. */
bool vm_adopt(
	struct vm_adopted *adopted, const char *uri, const char *domain, struct vx_error *err);

void vm_adopted_finish(struct vm_adopted *adopted);

#endif
