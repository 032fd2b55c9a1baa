/* SPDX-License-Identifier: MIT */
#include "vm/initramfs.h"

#include <libgen.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "helper_path.h"
#include "vm/guest_etc.h"
#include "vm/image_cache.h"
#include "vm/initramfs_writer.h"
#include "vm/kernel.h"

/* Part of the key: to be raised when the layout of images changes. */
static constexpr uint64_t image_format = 3;

static void add_etc(uint64_t *key, const struct vm_etc *etc)
{
	for (size_t i = 0; i < etc->count; i++) {
		const struct vm_etc_entry *entry = &etc->entries[i];
		image_key_add_text(key, entry->path);
		image_key_add_text(key, entry->text == nullptr ? "" : entry->text);
		image_key_add(key, &entry->type, sizeof(entry->type));
		image_key_add(key, &entry->mode, sizeof(entry->mode));
		image_key_add(key, &entry->stamp, sizeof(entry->stamp));
	}
}

static bool make_key(uint64_t *ret_key, const struct vm_initramfs_inputs *inputs,
	const struct vm_etc *etc, struct vx_error *err)
{
	vx_cleanup_free char *modules = vx_printf("%s/modules.dep.bin", inputs->kernel->modules);
	vx_cleanup_free char *init = vx_printf("%s/vixos-init", inputs->programs);
	vx_cleanup_free char *guest = vx_printf("%s/vixos-guest", inputs->programs);
	vx_cleanup_free char *tool = vx_printf("%s/vixos-tool", inputs->programs);
	uint64_t key = image_key_start;
	image_key_add(&key, &image_format, sizeof(image_format));
	image_key_add_text(&key, inputs->kernel->release);
	if (!image_key_add_file(&key, modules, err) || !image_key_add_file(&key, init, err) ||
		!image_key_add_file(&key, tool, err) || !image_key_add_file(&key, guest, err)) {
		return false;
	}
	add_etc(&key, etc);
	*ret_key = key;
	return true;
}

struct image_parts {
	const struct vm_initramfs_inputs *inputs;
	const struct vm_etc *etc;
};

static bool write_image(int fd, const void *data, struct vx_error *err)
{
	const struct image_parts *parts = data;
	return initramfs_write(fd, parts->inputs, parts->etc, err) ||
	       vx_error_wrap(err, "the boot image can't be made");
}

char *vm_initramfs_ensure(const struct vm_initramfs_inputs *inputs, struct vx_error *err)
{
	struct vm_etc *etc = vm_etc_collect(inputs->host_root, err);
	if (etc == nullptr) {
		return nullptr;
	}
	const struct image_parts parts = {.inputs = inputs, .etc = etc};
	uint64_t key = 0;
	char *path = nullptr;
	if (make_key(&key, inputs, etc, err)) {
		path = image_cache_ensure(inputs->cache, "initramfs", inputs->kernel->release, key,
			write_image, &parts, err);
	}
	vm_etc_destroy(etc);
	return path;
}

static bool has_guest_programs(const char *folder)
{
	vx_cleanup_free char *init = vx_printf("%s/vixos-init", folder);
	vx_cleanup_free char *guest = vx_printf("%s/vixos-guest", folder);
	return access(init, R_OK) == 0 && access(guest, R_OK) == 0;
}

char *vm_guest_programs_find(struct vx_error *err)
{
	const char *chosen = getenv("VIXOS_GUEST_PROGRAMS");
	vx_cleanup_free char *init = chosen == nullptr
					     ? helper_path_find("vixos-init", "launcher/agent", err)
					     : nullptr;
	if (chosen == nullptr && init == nullptr) {
		return nullptr;
	}
	const char *folder = chosen != nullptr ? chosen : dirname(init);
	if (!has_guest_programs(folder)) {
		vx_error_set(err, "vixos-init and vixos-guest are not both in '%s'%s", folder,
			chosen != nullptr ? ", which VIXOS_GUEST_PROGRAMS names" : "");
		return nullptr;
	}
	return vx_strdup(folder);
}
