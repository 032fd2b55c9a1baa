/* SPDX-License-Identifier: MIT */
#include "vm/module_signature.h"

#include <string.h>

#include "common/fd.h"
#include "common/memory.h"
#include "vm/kernel.h"

/* The kernel's include/linux/module_signature.h: signature, this, and then the text. */
static const char marker[] = "~Module signature appended~\n";
static constexpr size_t marker_size = sizeof(marker) - 1;
static constexpr size_t trailer_size = 12; /* its last four bytes: the signature's size */
static constexpr size_t config_size_max = 4 * 1024 * 1024;

/* What makes a kernel demand them without being asked to. */
static const char *const demands[] = {
	"\nCONFIG_MODULE_SIG_FORCE=y\n",
	"\nCONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY=y\n",
	"\nCONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY=y\n",
};

/* Where distributions have it: beside the image, or with the modules. Owned; may be NULL. */
static char *read_config(const struct vm_kernel *kernel)
{
	const char *slash = strrchr(kernel->image, '/');
	vx_cleanup_free char *beside = vx_printf("%.*s/config-%s",
		(int)(slash != nullptr ? slash - kernel->image : 0), kernel->image,
		kernel->release);
	vx_cleanup_free char *within = vx_printf("%s/config", kernel->modules);
	char *text = vx_read_file(beside, config_size_max, nullptr, nullptr);
	return text != nullptr ? text : vx_read_file(within, config_size_max, nullptr, nullptr);
}

bool module_signature_is_needed(const struct vm_kernel *kernel)
{
	vx_cleanup_free char *config = read_config(kernel);
	bool is_needed = config == nullptr || strstr(config, "\nCONFIG_MODULES=y\n") == nullptr;
	for (size_t i = 0; !is_needed && i < VX_ARRAY_LENGTH(demands); i++) {
		is_needed = strstr(config, demands[i]) != nullptr;
	}
	return is_needed;
}

size_t module_signature_cut(const uint8_t *bytes, size_t size)
{
	if (size < marker_size + trailer_size ||
		memcmp(bytes + size - marker_size, marker, marker_size) != 0) {
		return size;
	}
	size_t rest = size - marker_size - trailer_size;
	const uint8_t *length = bytes + rest + trailer_size - 4;
	size_t signature = (size_t)length[0] << 24 | (size_t)length[1] << 16 |
			   (size_t)length[2] << 8 | length[3];
	return signature > 0 && signature < rest ? rest - signature : size;
}
