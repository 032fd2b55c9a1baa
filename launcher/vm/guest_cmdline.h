/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line of a VM: options of the kernel, and what vixos-init must know of this VM
 * (launcher/agent/boot_options.h reads it).
 */
#ifndef VX_LAUNCHER_VM_GUEST_CMDLINE_H
#define VX_LAUNCHER_VM_GUEST_CMDLINE_H

#include <stddef.h>

#include "common/error.h"
#include "vm/accel.h"

struct vm_definition;

static constexpr size_t vm_guest_cmdline_max = 2047; /* the kernel cuts off the rest */

/*
 * Owned by the caller. The console is the first serial port (ttyS0); mounts are tagged by their
 * index (VM_MOUNT_TAG_PREFIX of domain_xml.h). NULL where it would get too long, which is said.
 */
[[nodiscard]] char *vm_guest_cmdline(
	const struct vm_definition *definition, enum vm_accel accel, struct vx_error *err);

/*
 * The line that makes a preloaded VM the VM `name`, with a machine-id and a seed of its own and the
 * time of now (launcher/agent/init/bind.h). Ends with a newline; owned by the caller.
 */
[[nodiscard]] char *vm_guest_bind_line(const char *name, struct vx_error *err);

#endif
