/* SPDX-License-Identifier: MIT */
#include "vm/definition.h"

#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "common/name.h"

static constexpr uint32_t default_memory_mib = 768;
static constexpr uint32_t default_vcpus = 2;
static constexpr uint32_t default_region_mib = 64;
static constexpr uint32_t default_clipboard_size = 1024 * 1024;
static constexpr uint32_t default_clipboard_timeout_s = 60;

/* Apart from each other, and from the grey that stands for "no VM". */
static const uint32_t palette[] = {
	0x3465a4,
	0xcc0000,
	0x4e9a06,
	0xf57900,
	0x75507b,
	0xc4a000,
	0x06989a,
	0xad1457,
	0x8f5902,
	0x5c9ded,
	0x8ae234,
	0xe573b5,
};

struct vm_definition *vm_definition_create(const char *name)
{
	vx_assert(vx_vm_name_is_valid(name));
	struct vm_definition *definition = vx_new(definition);
	definition->name = vx_strdup(name);
	definition->label = vx_strdup(name);
	definition->color = vm_definition_default_color(name);
	definition->memory_min_mib = default_memory_mib;
	definition->memory_max_mib = default_memory_mib;
	definition->vcpus = default_vcpus;
	definition->region_mib = default_region_mib;
	definition->network = VM_NETWORK_NONE;
	definition->clipboard = (struct vm_clipboard){
		.size_max = default_clipboard_size,
		.timeout_s = default_clipboard_timeout_s,
	};
	return definition;
}

static size_t strings_count(char **strings)
{
	size_t count = 0;
	while (strings != nullptr && strings[count] != nullptr) {
		count++;
	}
	return count;
}

static char **strings_copy(char **strings)
{
	if (strings == nullptr) {
		return nullptr;
	}
	size_t count = strings_count(strings);
	char **copy = vx_calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		copy[i] = vx_strdup(strings[i]);
	}
	return copy;
}

static void strings_free(char **strings)
{
	for (size_t i = 0; strings != nullptr && strings[i] != nullptr; i++) {
		free(strings[i]);
	}
	free(strings);
}

struct vm_definition *vm_definition_copy(const struct vm_definition *definition)
{
	struct vm_definition *copy = vx_memdup(definition, sizeof(*definition));
	copy->name = vx_strdup(definition->name);
	copy->label = vx_strdup(definition->label);
	copy->kernel = vx_strdup(definition->kernel);
	copy->disk = vx_strdup(definition->disk);
	copy->packages = strings_copy(definition->packages);
	copy->workspace = vx_strdup(definition->workspace);
	copy->file = vx_strdup(definition->file);
	copy->network_name = vx_strdup(definition->network_name);
	copy->firewall = vm_firewall_copy(&definition->firewall);
	copy->base = vx_strdup(definition->base);
	copy->environment = strings_copy(definition->environment);
	copy->mounts = nullptr;
	copy->mount_count = 0;
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		vm_definition_add_mount(copy, mount->source, mount->target, mount->writable);
		copy->mounts[i].hot = mount->hot;
		copy->mounts[i].place = mount->place;
	}
	copy->usb_devices = nullptr;
	copy->usb_device_count = 0;
	for (size_t i = 0; i < definition->usb_device_count; i++) {
		vm_definition_add_usb_device(copy, &definition->usb_devices[i]);
	}
	copy->apps = nullptr;
	copy->app_count = 0;
	for (size_t i = 0; i < definition->app_count; i++) {
		const struct vm_app *app = &definition->apps[i];
		*vm_definition_add_app(copy) = (struct vm_app){
			.id = vx_strdup(app->id),
			.name = vx_strdup(app->name),
			.icon = vx_strdup(app->icon),
			.argv = strings_copy(app->argv),
		};
	}
	return copy;
}

void vm_definition_destroy(struct vm_definition *definition)
{
	if (definition == nullptr) {
		return;
	}
	for (size_t i = 0; i < definition->mount_count; i++) {
		free(definition->mounts[i].source);
		free(definition->mounts[i].target);
	}
	free(definition->mounts);
	for (size_t i = 0; i < definition->usb_device_count; i++) {
		free(definition->usb_devices[i].serial);
	}
	free(definition->usb_devices);
	for (size_t i = 0; i < definition->app_count; i++) {
		free(definition->apps[i].id);
		free(definition->apps[i].name);
		free(definition->apps[i].icon);
		strings_free(definition->apps[i].argv);
	}
	free(definition->apps);
	strings_free(definition->environment);
	strings_free(definition->packages);
	free(definition->disk);
	free(definition->workspace);
	free(definition->file);
	free(definition->name);
	free(definition->label);
	free(definition->kernel);
	free(definition->network_name);
	vm_firewall_finish(&definition->firewall);
	free(definition->base);
	free(definition);
}

void vm_definition_add_mount(
	struct vm_definition *definition, const char *source, const char *target, bool writable)
{
	definition->mounts = vx_reallocarray(
		definition->mounts, definition->mount_count + 1, sizeof(*definition->mounts));
	definition->mounts[definition->mount_count] = (struct vm_mount){
		.source = vx_strdup(source),
		.target = vx_strdup(target),
		.writable = writable,
		.place = (unsigned)definition->mount_count,
	};
	definition->mount_count++;
}

static bool hot_number_is_free(const struct vm_definition *definition, unsigned number)
{
	for (size_t i = 0; i < definition->mount_count; i++) {
		if (definition->mounts[i].hot == number) {
			return false;
		}
	}
	return true;
}

struct vm_mount *vm_definition_add_hot_mount(
	struct vm_definition *definition, const char *source, const char *target, bool writable)
{
	unsigned number = 1;
	while (!hot_number_is_free(definition, number)) {
		number++;
	}
	vm_definition_add_mount(definition, source, target, writable);
	struct vm_mount *mount = &definition->mounts[definition->mount_count - 1];
	mount->hot = number;
	return mount;
}

void vm_definition_remove_mount(struct vm_definition *definition, const struct vm_mount *mount)
{
	size_t index = (size_t)(mount - definition->mounts);
	free(definition->mounts[index].source);
	free(definition->mounts[index].target);
	definition->mount_count--;
	for (size_t i = index; i < definition->mount_count; i++) {
		definition->mounts[i] = definition->mounts[i + 1];
	}
}

const struct vm_mount *vm_definition_find_mount(
	const struct vm_definition *definition, const char *path)
{
	const struct vm_mount *found = nullptr;
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		bool is_target = strcmp(mount->target, path) == 0;
		if (is_target || (strcmp(mount->source, path) == 0 &&
					 (found == nullptr || strcmp(found->target, path) != 0))) {
			found = mount;
		}
	}
	return found;
}

void vm_definition_add_usb_device(
	struct vm_definition *definition, const struct vm_usb_assignment *assignment)
{
	definition->usb_devices = vx_reallocarray(definition->usb_devices,
		definition->usb_device_count + 1, sizeof(*definition->usb_devices));
	struct vm_usb_assignment *added = &definition->usb_devices[definition->usb_device_count++];
	*added = *assignment;
	added->serial = vx_strdup(assignment->serial);
}

void vm_definition_add_environment(
	struct vm_definition *definition, const char *key, const char *value)
{
	char *entry = vx_printf("%s=%s", key, value);
	size_t prefix = strlen(key) + 1;
	size_t count = strings_count(definition->environment);
	for (size_t i = 0; i < count; i++) {
		if (strncmp(definition->environment[i], entry, prefix) == 0) {
			free(definition->environment[i]);
			definition->environment[i] = entry;
			return;
		}
	}
	definition->environment = vx_reallocarray(
		definition->environment, count + 2, sizeof(*definition->environment));
	definition->environment[count] = entry;
	definition->environment[count + 1] = nullptr;
}

void vm_definition_add_package(struct vm_definition *definition, const char *package)
{
	size_t count = strings_count(definition->packages);
	definition->packages = vx_reallocarray(
		definition->packages, count + 2, sizeof(*definition->packages));
	definition->packages[count] = vx_strdup(package);
	definition->packages[count + 1] = nullptr;
}

struct vm_app *vm_definition_add_app(struct vm_definition *definition)
{
	definition->apps = vx_reallocarray(
		definition->apps, definition->app_count + 1, sizeof(*definition->apps));
	struct vm_app *app = &definition->apps[definition->app_count++];
	*app = (struct vm_app){};
	return app;
}

void vm_app_set_argv(struct vm_app *app, const char *const *argv, size_t count)
{
	strings_free(app->argv);
	app->argv = vx_calloc(count + 1, sizeof(*app->argv));
	for (size_t i = 0; i < count; i++) {
		app->argv[i] = vx_strdup(argv[i]);
	}
}

const struct vm_app *vm_definition_find_app(const struct vm_definition *definition, const char *id)
{
	for (size_t i = 0; i < definition->app_count; i++) {
		if (strcmp(definition->apps[i].id, id) == 0) {
			return &definition->apps[i];
		}
	}
	return nullptr;
}

const char *vm_definition_base(const struct vm_definition *definition)
{
	return definition->base != nullptr ? definition->base : definition->name;
}

bool vm_name_is_preloaded(const char *name)
{
	return strncmp(name, VM_PRELOAD_PREFIX, sizeof(VM_PRELOAD_PREFIX) - 1) == 0;
}

uint32_t vm_definition_default_color(const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a: the same colour on every machine */
	for (const char *c = name; *c != '\0'; c++) {
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	}
	return palette[hash % VX_ARRAY_LENGTH(palette)];
}

void vm_definition_set_network(
	struct vm_definition *definition, enum vm_network network, const char *name)
{
	char *copy = vx_strdup(name); /* it may be the one that is replaced */
	free(definition->network_name);
	definition->network = network;
	definition->network_name = copy;
}
