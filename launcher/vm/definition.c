/* SPDX-License-Identifier: MIT */
#include "vm/definition.h"

#include <string.h>

#include "common/display_string.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/name.h"

static constexpr size_t path_max = 4095;
static constexpr size_t interface_name_max = 15;
static constexpr size_t network_name_max = 64;

static constexpr uint32_t default_memory_mib = 768;
static constexpr uint32_t default_vcpus = 2;
static constexpr uint32_t default_region_mib = 64;
static constexpr uint32_t default_clipboard_size = 1024 * 1024;
static constexpr uint32_t default_clipboard_timeout_s = 60;

static const struct {
	const char *name;
	uint32_t rgb;
} color_names[] = {
	{"red", 0xcc0000},
	{"orange", 0xf57900},
	{"yellow", 0xedd400},
	{"green", 0x73d216},
	{"gray", 0x888a85},
	{"blue", 0x3465a4},
	{"purple", 0x75507b},
	{"black", 0x2e3436},
};

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

static const struct {
	const char *word;
	bool has_name;
} networks[] = {
	[VM_NETWORK_NONE] = {"none", false},
	[VM_NETWORK_NAT] = {"nat", false},
	[VM_NETWORK_VM] = {"net-vm", true},
	[VM_NETWORK_BRIDGE] = {"bridge", true},
	[VM_NETWORK_LIBVIRT] = {"libvirt", true},
};
static_assert(VX_ARRAY_LENGTH(networks) == VM_NETWORK_COUNT);

static const char *const template_names[] = {
	[VM_TEMPLATE_USR] = "usr",
	[VM_TEMPLATE_NIX] = "nix",
	[VM_TEMPLATE_DISK] = "disk",
};
static_assert(VX_ARRAY_LENGTH(template_names) == VM_TEMPLATE_COUNT);

static const char *const home_names[] = {
	[VM_HOME_NONE] = "none",
	[VM_HOME_PRIVATE] = "private",
	[VM_HOME_DISPOSABLE] = "disposable",
};
static_assert(VX_ARRAY_LENGTH(home_names) == VM_HOME_COUNT);

static const char *const consent_names[] = {
	[VM_CONSENT_ALLOW] = "allow",
	[VM_CONSENT_ASK] = "ask",
	[VM_CONSENT_DENY] = "deny",
};
static_assert(VX_ARRAY_LENGTH(consent_names) == VM_CONSENT_COUNT);

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
	definition->mounts[definition->mount_count++] = (struct vm_mount){
		.source = vx_strdup(source),
		.target = vx_strdup(target),
		.writable = writable,
	};
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

static bool hex_color_parse(const char *digits, uint32_t *ret_rgb)
{
	if (strlen(digits) != 6 || strspn(digits, "0123456789abcdefABCDEF") != 6) {
		return false;
	}
	*ret_rgb = (uint32_t)strtoul(digits, nullptr, 16);
	return true;
}

bool vm_color_parse(const char *text, uint32_t *ret_rgb)
{
	if (text[0] == '#') {
		return hex_color_parse(text + 1, ret_rgb);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(color_names); i++) {
		if (strcmp(text, color_names[i].name) == 0) {
			*ret_rgb = color_names[i].rgb;
			return true;
		}
	}
	return false;
}

const char *vm_consent_name(enum vm_consent consent)
{
	return consent < VM_CONSENT_COUNT ? consent_names[consent] : "unknown";
}

bool vm_consent_parse(const char *text, enum vm_consent *ret_consent)
{
	for (unsigned i = 0; i < VM_CONSENT_COUNT; i++) {
		if (strcmp(text, consent_names[i]) == 0) {
			*ret_consent = (enum vm_consent)i;
			return true;
		}
	}
	return false;
}

const char *vm_network_word(enum vm_network network)
{
	return network < VM_NETWORK_COUNT ? networks[network].word : "unknown";
}

char *vm_network_format(const struct vm_definition *definition)
{
	const char *word = vm_network_word(definition->network);
	return definition->network_name != nullptr
		       ? vx_printf("%s %s", word, definition->network_name)
		       : vx_strdup(word);
}

/* A VM's name, an interface's (of 15 bytes at most) or a network's of libvirt. */
static bool network_name_is_valid(enum vm_network network, const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strlen(name);
	if (network == VM_NETWORK_VM) {
		return vx_vm_name_is_valid(name);
	}
	size_t max = network == VM_NETWORK_BRIDGE ? interface_name_max : network_name_max;
	return length > 0 && length <= max && strspn(name, allowed) == length && name[0] != '.' &&
	       name[0] != '-';
}

bool vm_network_parse(struct vm_definition *definition, const char *const *words, size_t count,
	struct vx_error *err)
{
	for (unsigned i = 0; i < VM_NETWORK_COUNT; i++) {
		size_t wanted = networks[i].has_name ? 2 : 1;
		if (count == 0 || strcmp(words[0], networks[i].word) != 0) {
			continue;
		}
		if (count != wanted) {
			return vx_error_set(err, "expected '%s%s', found %zu words", words[0],
				networks[i].has_name ? " NAME" : "", count);
		}
		if (networks[i].has_name && !network_name_is_valid((enum vm_network)i, words[1])) {
			return vx_error_set(
				err, "expected a name after '%s', found '%s'", words[0], words[1]);
		}
		vm_definition_set_network(
			definition, (enum vm_network)i, networks[i].has_name ? words[1] : nullptr);
		return true;
	}
	return vx_error_set(err,
		"expected none, nat, net-vm NAME, bridge NAME or libvirt NAME, found '%s'",
		count > 0 ? words[0] : "");
}

bool vm_network_is_ours(enum vm_network network)
{
	return network == VM_NETWORK_NAT || network == VM_NETWORK_VM;
}

void vm_definition_set_network(
	struct vm_definition *definition, enum vm_network network, const char *name)
{
	char *copy = vx_strdup(name); /* it may be the one that is replaced */
	free(definition->network_name);
	definition->network = network;
	definition->network_name = copy;
}

/* The index of `text` among `count` names; `count` where it is none of them. */
static unsigned name_index(const char *const *names, unsigned count, const char *text)
{
	unsigned i = 0;
	while (i < count && strcmp(text, names[i]) != 0) {
		i++;
	}
	return i;
}

const char *vm_template_name(enum vm_template template)
{
	return template < VM_TEMPLATE_COUNT ? template_names[template] : "unknown";
}

bool vm_template_parse(const char *text, enum vm_template *ret_template)
{
	unsigned index = name_index(template_names, VM_TEMPLATE_COUNT, text);
	if (index < VM_TEMPLATE_COUNT) {
		*ret_template = (enum vm_template)index;
	}
	return index < VM_TEMPLATE_COUNT;
}

const char *vm_disk_format(const char *path)
{
	static const char suffix[] = ".qcow2";
	size_t length = strlen(path);
	return length >= strlen(suffix) && strcmp(path + length - strlen(suffix), suffix) == 0
		       ? "qcow2"
		       : "raw";
}

const char *vm_home_name(enum vm_home home)
{
	return home < VM_HOME_COUNT ? home_names[home] : "unknown";
}

bool vm_home_parse(const char *text, enum vm_home *ret_home)
{
	unsigned index = name_index(home_names, VM_HOME_COUNT, text);
	if (index < VM_HOME_COUNT) {
		*ret_home = (enum vm_home)index;
	}
	return index < VM_HOME_COUNT;
}

bool vm_workspace_is_valid(const char *text)
{
	vx_cleanup_free char *shown = vx_display_string(text, vm_workspace_max);
	return text[0] != '\0' && strlen(text) <= vm_workspace_max && strcmp(shown, text) == 0 &&
	       strpbrk(text, "\"\\") == nullptr && strncmp(text, "--", 2) != 0;
}

static bool path_is_acceptable(const char *path, struct vx_error *err)
{
	if (path[0] != '/') {
		return vx_error_set(err, "'%s' is not an absolute path", path);
	}
	if (strlen(path) > path_max) {
		return vx_error_set(err, "the path is longer than %zu bytes", path_max);
	}
	for (const char *c = path; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			return vx_error_set(err, "the path has a control character");
		}
	}
	return true;
}

char *vm_path_normalise(const char *path, struct vx_error *err)
{
	if (!path_is_acceptable(path, err)) {
		return nullptr;
	}
	vx_cleanup_free char *normal = vx_calloc(strlen(path) + 2, 1);
	size_t used = 0;
	for (const char *part = path; *part != '\0';) {
		part += strspn(part, "/");
		size_t length = strcspn(part, "/");
		if (length == 2 && strncmp(part, "..", 2) == 0) {
			vx_error_set(err, "'%s' contains '..'", path);
			return nullptr;
		}
		if (length > 0 && !(length == 1 && part[0] == '.')) {
			normal[used++] = '/';
			memcpy(normal + used, part, length);
			used += length;
		}
		part += length;
	}
	if (used == 0) {
		normal[0] = '/';
	}
	return vx_take_ptr(normal);
}
