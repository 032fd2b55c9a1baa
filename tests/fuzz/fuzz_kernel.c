/* SPDX-License-Identifier: MIT */
/*
 * Kernel images and modules, whoever has made them. Input: u8 (bit 0: a module, else an image),
 * then the file. What is taken out of an image is an ELF that fits its size; a module is only ever
 * shortened.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "vm/kernel.h"
#include "vm/module_signature.h"
#include "vm/vmlinux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_release(const uint8_t *data, size_t size)
{
	char path[64];
	int fd = memfd_create("image", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *release = nullptr;
	if (write(fd, data, size) == (ssize_t)size) {
		release = vm_kernel_read_release(path, &err);
		/* It becomes part of paths. */
		vx_assert(release == nullptr
				  ? err.message != nullptr
				  : strchr(release, '/') == nullptr && release[0] != '.');
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1) {
		return 0;
	}
	if (data[0] & 1) {
		vx_assert(module_signature_cut(data + 1, size - 1) <= size - 1);
		return 0;
	}
	read_release(data + 1, size - 1);
	size_t elf_size = 0;
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free void *elf = vm_vmlinux_extract(data + 1, size - 1, &elf_size, &err);
	vx_assert(elf == nullptr ? err.message != nullptr
				 : elf_size > 4 && memcmp(elf, "\177ELF", 4) == 0);
	return 0;
}
