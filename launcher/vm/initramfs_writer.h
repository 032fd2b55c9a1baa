/* SPDX-License-Identifier: MIT */
/* Writes a boot image: a cpio archive, the same bytes for the same inputs. Private to launcher/vm.
 */
#ifndef VX_LAUNCHER_VM_INITRAMFS_WRITER_H
#define VX_LAUNCHER_VM_INITRAMFS_WRITER_H

#include "common/error.h"

struct vm_etc;
struct vm_initramfs_inputs;

/* Writes the image of `inputs` and `etc` to `fd`, which stays open. */
bool initramfs_write(int fd, const struct vm_initramfs_inputs *inputs, const struct vm_etc *etc,
	struct vx_error *err);

#endif
