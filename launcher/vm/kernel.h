/* SPDX-License-Identifier: MIT */
/*
 * The kernel that VMs boot: a distribution's own image together with its modules, found where the
 * distributions put them (the table in kernel.c). The newest pair that this user can read wins.
 */
#ifndef VX_LAUNCHER_VM_KERNEL_H
#define VX_LAUNCHER_VM_KERNEL_H

#include "common/error.h"

/* All strings owned. */
struct vm_kernel {
	char *image;   /* absolute path of the bootable image */
	char *release; /* as `uname -r` says in the guest */
	char *modules; /* absolute path of the folder with modules.dep */
};

/*
 * Finds the kernel to boot, or checks the one at `image` where that isn't NULL: then its modules
 * are those in the folder of the same release, or beside the image. `root` stands for "/" in tests;
 * NULL means "/". Owned by the caller. NULL with a sentence that names the remedy: no kernel, an
 * image that only root can read (Ubuntu), modules missing or unreadable. Blocks for some
 * milliseconds.
 */
[[nodiscard]] struct vm_kernel *vm_kernel_find(
	const char *root, const char *image, struct vx_error *err);
void vm_kernel_destroy(struct vm_kernel *kernel); /* NULL allowed */

/*
 * The release that an x86 image (bzImage) says it is, owned by the caller; NULL where it can't be
 * read or is none. Images of other machines don't say: there the file's or the folder's name tells.
 */
[[nodiscard]] char *vm_kernel_read_release(const char *image, struct vx_error *err);

/* Orders releases as people do: 6.9 < 6.10, 6.1.0-9 < 6.1.0-10. As strcmp(). */
int vm_kernel_compare_releases(const char *a, const char *b);

#endif
