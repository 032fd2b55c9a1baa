/* SPDX-License-Identifier: MIT */
/* The words that stand for a definition's values, in configurations and elsewhere. */
#include <string.h>

#include "common/display_string.h"
#include "common/memory.h"
#include "common/name.h"
#include "vm/definition.h"

static constexpr size_t path_max = 4095;
static constexpr size_t interface_name_max = 15;

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
	size_t max = network == VM_NETWORK_BRIDGE ? interface_name_max : vm_network_name_max;
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
			return vx_error_set(err, "expected '%s%s' and nothing else", words[0],
				networks[i].has_name ? " NAME" : "");
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
