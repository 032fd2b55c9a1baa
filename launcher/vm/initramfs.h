/* SPDX-License-Identifier: MIT */
/*
 * The boot image: vixos-init, the kernel modules that a VM needs (resolved by libkmod, unpacked, in
 * order of loading), vixos-guest, and the skeleton of the guest's root with its /etc (guest_etc.h).
 * It is the same for all VMs of a kernel and holds nothing secret; what differs from VM to VM comes
 * by the kernel's command line (guest_cmdline.h). Kept in $XDG_CACHE_HOME/vixos and made anew when
 * anything that it was made of changes.
 *
 *   /init                 vixos-init
 *   /modules/NN-NAME.ko   modules; vixos-init loads them in order of their names
 *   /root/…               the guest's root: etc, links to usr, empty folders
 *   /root/run/vixos/vixos-guest
 */
#ifndef VX_LAUNCHER_VM_INITRAMFS_H
#define VX_LAUNCHER_VM_INITRAMFS_H

#include "common/error.h"

struct vm_kernel;

/* What an image is made of; all borrowed. */
struct vm_initramfs_inputs {
	const struct vm_kernel *kernel;
	const char
		*programs; /* folder with vixos-init and vixos-guest (vm_guest_programs_find()) */
	const char *host_root; /* stands for "/" in tests; NULL means "/" */
	const char *cache;     /* folder for images; NULL: $XDG_CACHE_HOME/vixos */
};

/*
 * Path of an image of these inputs, made first where the cache has none (well under a second; a hit
 * takes milliseconds). Several processes may do so at once: each writes a file of its own and
 * renames it. Older images are removed but for the last few. Owned by the caller; NULL on failure.
 */
[[nodiscard]] char *vm_initramfs_ensure(
	const struct vm_initramfs_inputs *inputs, struct vx_error *err);

/*
 * The folder in which vixos-init and vixos-guest are: $VIXOS_GUEST_PROGRAMS, else the build tree
 * that this program was started from, else where they are installed. Owned by the caller.
 */
[[nodiscard]] char *vm_guest_programs_find(struct vx_error *err);

#endif
