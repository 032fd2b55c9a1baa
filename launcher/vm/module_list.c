/* SPDX-License-Identifier: MIT */
#include "vm/module_list.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <libkmod.h>
#include <string.h>
#include <syslog.h>

#include "vm/kernel.h"

static constexpr size_t modules_max = 99; /* two digits in the image */

static const struct wanted {
	const char *name;
	const char *need; /* what doesn't work without it; NULL: the VM is only less comfortable */
	const char *group;
} wanted_modules[] = {
	{"virtio_pci", "no virtio device works", nullptr},
	{"virtio_console", "VixOS can't talk to the VM", nullptr},
	{"virtiofs", "the guest has no /usr", nullptr},
	{"virtio_rng", nullptr, nullptr},
	{"virtio_balloon", nullptr, nullptr},
	{"button", nullptr,
		nullptr}, /* the ACPI power button, by which libvirt asks for a shutdown */
	{"evdev", nullptr, nullptr},
	{"pvpanic_pci", nullptr, nullptr}, /* tells of a panic, which would look like a shutdown */
	{"virtio_net", nullptr, VM_MODULES_NET},
	{"virtio_snd", nullptr, VM_MODULES_AUDIO},
	{"xhci_pci", nullptr, VM_MODULES_USB},
	{"usbhid", nullptr, VM_MODULES_USB},
	{"hid_generic", nullptr, VM_MODULES_USB},
};

/* Is it listed? What is listed for another group is from now on loaded for all. */
static bool list_has(const struct module_list *list, const char *name, const char *group)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->names[i], name) == 0) {
			bool same = group != nullptr && list->groups[i] != nullptr &&
				    strcmp(list->groups[i], group) == 0;
			list->groups[i] = same ? group : nullptr;
			return true;
		}
	}
	return false;
}

static bool list_add(struct module_list *list, struct kmod_module *module, const char *group,
	struct vx_error *err)
{
	const char *name = kmod_module_get_name(module);
	const char *path = kmod_module_get_path(module);
	if (path == nullptr || list_has(list, name, group)) {
		return true; /* without a path it is built in */
	}
	if (list->count == modules_max) {
		return vx_error_set(
			err, "more than %zu kernel modules would be needed", modules_max);
	}
	list->names = vx_reallocarray(list->names, list->count + 1, sizeof(list->names[0]));
	list->paths = vx_reallocarray(list->paths, list->count + 1, sizeof(list->paths[0]));
	list->groups = vx_reallocarray(list->groups, list->count + 1, sizeof(list->groups[0]));
	list->groups[list->count] = group;
	list->names[list->count] = vx_strdup(name);
	list->paths[list->count] = vx_strdup(path);
	list->count++;
	return true;
}

/* Dependencies first; libkmod lists them in the order in which they have to be loaded. */
static bool list_add_with_dependencies(struct module_list *list, struct kmod_module *module,
	const char *group, struct vx_error *err)
{
	struct kmod_list *dependencies = kmod_module_get_dependencies(module);
	struct kmod_list *item;
	bool added = true;
	kmod_list_foreach(item, dependencies)
	{
		struct kmod_module *dependency = kmod_module_get_module(item);
		added = added && list_add(list, dependency, group, err);
		kmod_module_unref(dependency);
	}
	kmod_module_unref_list(dependencies);
	return added && list_add(list, module, group, err);
}

static bool resolve_one(struct module_list *list, struct kmod_ctx *kmod,
	const struct wanted *wanted, const struct vm_kernel *kernel, struct vx_error *err)
{
	struct kmod_list *found = nullptr;
	if (kmod_module_new_from_lookup(kmod, wanted->name, &found) < 0 || found == nullptr) {
		kmod_module_unref_list(found);
		return wanted->need == nullptr ||
		       vx_error_set(err,
			       "kernel '%s' has no module '%s' in '%s': %s; install all of this kernel's "
			       "modules, or choose another kernel with 'kernel' in the configuration",
			       kernel->image, wanted->name, kernel->modules, wanted->need);
	}
	struct kmod_list *item;
	bool added = true;
	kmod_list_foreach(item, found)
	{
		struct kmod_module *module = kmod_module_get_module(item);
		added = added && list_add_with_dependencies(list, module, wanted->group, err);
		kmod_module_unref(module);
	}
	kmod_module_unref_list(found);
	return added;
}

bool module_list_resolve(
	struct module_list *list, const struct vm_kernel *kernel, struct vx_error *err)
{
	/* No modprobe.d of the host: its blacklists and install lines are not meant for guests. */
	const char *no_config = nullptr;
	struct kmod_ctx *kmod = kmod_new(kernel->modules, &no_config);
	if (kmod == nullptr) {
		return vx_error_set(err, "libkmod can't use the modules in '%s'", kernel->modules);
	}
	kmod_set_log_priority(kmod, LOG_CRIT); /* what matters is said by us */
	kmod_load_resources(kmod);
	bool resolved = true;
	for (size_t i = 0; resolved && i < VX_ARRAY_LENGTH(wanted_modules); i++) {
		resolved = resolve_one(list, kmod, &wanted_modules[i], kernel, err);
	}
	kmod_unload_resources(kmod);
	kmod_unref(kmod);
	if (!resolved) {
		module_list_finish(list);
	}
	return resolved;
}

void module_list_finish(struct module_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->names[i]);
		free(list->paths[i]);
	}
	free(list->names);
	free(list->paths);
	free(list->groups);
	*list = (struct module_list){};
}

static void *read_entry(struct archive *archive, size_t max_size, size_t *ret_size)
{
	size_t capacity = 64 * 1024;
	size_t used = 0;
	vx_cleanup_free char *bytes = nullptr;
	for (;;) {
		bytes = vx_reallocarray(bytes, capacity, 1);
		la_ssize_t got = archive_read_data(archive, bytes + used, capacity - used);
		if (got < 0 || used + (size_t)got > max_size) {
			return nullptr;
		}
		used += (size_t)got;
		if (got == 0) {
			break;
		}
		capacity = used == capacity ? capacity * 2 : capacity;
	}
	*ret_size = used;
	return vx_take_ptr(bytes);
}

void *module_read(const char *path, size_t max_size, size_t *ret_size, struct vx_error *err)
{
	struct archive *archive = archive_read_new();
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_format_raw(archive);
	struct archive_entry *entry;
	void *bytes = nullptr;
	if (archive_read_open_filename(archive, path, 64 * 1024) == ARCHIVE_OK &&
		archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		bytes = read_entry(archive, max_size, ret_size);
	}
	if (bytes == nullptr) {
		const char *reason = archive_error_string(archive);
		vx_error_set(err, "kernel module '%s' can't be read: %s", path,
			reason == nullptr ? "too large" : reason);
	}
	archive_read_free(archive);
	return bytes;
}
