/* SPDX-License-Identifier: MIT */
/*
 * Makes (or finds in the cache) the boot image for this host and prints, a line each: the kernel,
 * the image, the kernel's command line. For tests, and for people who boot it by hand.
 *
 * usage: vixos-boot-image PROGRAMS [KERNEL]
 */
#include <stdio.h>

#include "vm/definition.h"
#include "vm/guest_cmdline.h"
#include "vm/initramfs.h"
#include "vm/kernel.h"
#include "vm/vmlinux.h"

static bool print_image(const char *programs, const char *image, struct vx_error *err)
{
	struct vm_kernel *kernel = vm_kernel_find(nullptr, image, err);
	if (kernel == nullptr) {
		return false;
	}
	const struct vm_initramfs_inputs inputs = {.kernel = kernel, .programs = programs};
	const struct vm_definition definition = {
		.name = (char[]){"test"}, .network = VM_NETWORK_NONE};
	vx_cleanup_free char *path = vm_initramfs_ensure(&inputs, err);
	vx_cleanup_free char *cmdline = vm_guest_cmdline(&definition, VM_ACCEL_TCG, err);
	bool made = path != nullptr && cmdline != nullptr;
	if (made) {
		vx_cleanup_free char *unpacked = vm_vmlinux_ensure(kernel->image, nullptr, nullptr);
		printf("%s\n%s\n%s\n", unpacked == nullptr ? kernel->image : unpacked, path,
			cmdline);
	}
	vm_kernel_destroy(kernel);
	return made;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: vixos-boot-image PROGRAMS [KERNEL]\n");
		return 2;
	}
	vx_cleanup_error struct vx_error err = {};
	if (!print_image(argv[1], argv[2], &err)) {
		fprintf(stderr, "vixos-boot-image: %s\n", vx_error_message(&err));
		return 1;
	}
	return 0;
}
