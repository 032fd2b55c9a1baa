/* SPDX-License-Identifier: MIT */
#include "vm/config_keys.h"

#include <scfg.h>
#include <string.h>

#include "common/display_string.h"
#include "common/memory.h"
#include "vm/config.h"
#include "vm/config_keys_app.h"
#include "vm/config_keys_clipboard.h"
#include "vm/config_keys_life.h"
#include "vm/config_keys_network.h"
#include "vm/definition.h"
#include "vm/mount_policy.h"

static constexpr size_t string_max = 4096;
static constexpr uint32_t region_floor_mib = 8;
static constexpr uint32_t region_ceiling_mib = 4096;

/* A parser finds the number of parameters checked, and says what it expected where it fails. */
typedef bool (*key_parser)(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);

struct config_key {
	const char *name;
	const char *usage;
	size_t params_min, params_max;
	bool repeats;                        /* may be given more than once in a block */
	bool only_vm;                        /* makes no sense in `defaults` */
	const struct config_key *block_keys; /* of its own block; NULL where it can have none */
	size_t block_key_count;
	key_parser parse;
};

/* ASCII, not by locale. */
bool config_number_parse(const char *text, uint32_t max, uint32_t *ret_number)
{
	uint64_t number = 0;
	if (text[0] == '\0') {
		return false;
	}
	for (const char *c = text; *c != '\0'; c++) {
		if (*c < '0' || *c > '9') {
			return false;
		}
		number = number * 10 + (uint64_t)(*c - '0');
		if (number > max) {
			return false;
		}
	}
	*ret_number = (uint32_t)number;
	return true;
}

bool config_memory_parse(const char *text, uint32_t *ret_mib)
{
	size_t length = strlen(text);
	uint32_t factor = 1;
	if (length > 0 && strchr("MmGg", text[length - 1]) != nullptr) {
		factor = strchr("Gg", text[length - 1]) != nullptr ? 1024 : 1;
		length--;
	}
	vx_cleanup_free char *digits = vx_strndup(text, length);
	if (!config_number_parse(digits, vm_memory_ceiling_mib / factor, ret_mib)) {
		return false;
	}
	*ret_mib *= factor;
	return true;
}

bool config_text_is_displayable(const char *text, size_t max)
{
	vx_cleanup_free char *shown = vx_display_string(text, max);
	return text[0] != '\0' && strcmp(shown, text) == 0;
}

static bool parse_label(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	if (!config_text_is_displayable(directive->params[0], vm_label_max_code_points)) {
		return vx_error_set(err,
			"expected a label of 1 to %zu printable characters, found '%s'",
			vm_label_max_code_points, directive->params[0]);
	}
	vx_replace_string(&definition->label, directive->params[0]);
	return true;
}

static bool parse_color(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	if (!vm_color_parse(directive->params[0], &definition->color)) {
		return vx_error_set(err,
			"expected #rrggbb or one of red, orange, yellow, green, gray, blue, "
			"purple, black, found '%s'",
			directive->params[0]);
	}
	return true;
}

static bool parse_memory(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	uint32_t sizes[2] = {};
	for (size_t i = 0; i < directive->params_len; i++) {
		if (!config_memory_parse(directive->params[i], &sizes[i]) ||
			sizes[i] < vm_memory_floor_mib) {
			return vx_error_set(err,
				"expected a size in MiB from %u to %u (or with M or G), found '%s'",
				vm_memory_floor_mib, vm_memory_ceiling_mib, directive->params[i]);
		}
	}
	definition->memory_min_mib = sizes[0];
	definition->memory_max_mib = directive->params_len > 1 ? sizes[1] : sizes[0];
	if (definition->memory_max_mib < definition->memory_min_mib) {
		return vx_error_set(err, "expected a maximum of at least the minimum, found '%s'",
			directive->params[1]);
	}
	return true;
}

static bool parse_vcpus(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	if (!config_number_parse(directive->params[0], vm_vcpus_max, &definition->vcpus) ||
		definition->vcpus == 0) {
		return vx_error_set(err, "expected a number from 1 to %u, found '%s'", vm_vcpus_max,
			directive->params[0]);
	}
	return true;
}

static bool parse_region(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	uint32_t mib = 0;
	if (!config_memory_parse(directive->params[0], &mib) || mib < region_floor_mib ||
		mib > region_ceiling_mib || (mib & (mib - 1)) != 0) {
		return vx_error_set(err, "expected a power of two from %u to %u (MiB), found '%s'",
			region_floor_mib, region_ceiling_mib, directive->params[0]);
	}
	definition->region_mib = mib;
	return true;
}

char *config_host_path(const char *text, struct vx_error *err)
{
	const char *home = getenv("HOME");
	if (text[0] == '~' && (text[1] == '/' || text[1] == '\0') && home != nullptr) {
		vx_cleanup_free char *path = vx_printf("%s%s", home, text + 1);
		return vm_path_normalise(path, err);
	}
	return vm_path_normalise(text, err);
}

static bool parse_kernel(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	vx_cleanup_error struct vx_error reason = {};
	char *path = config_host_path(directive->params[0], &reason);
	if (path == nullptr) {
		return vx_error_set(
			err, "expected the path of a kernel: %s", vx_error_message(&reason));
	}
	free(definition->kernel);
	definition->kernel = path;
	return true;
}

static bool parse_audio(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	if (!vm_audio_parse(directive->params[0], &definition->audio)) {
		return vx_error_set(
			err, "expected off, output or full, found '%s'", directive->params[0]);
	}
	return true;
}

/* usb on|off|VENDOR:PRODUCT[:SERIAL] [force] */
static bool parse_usb(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	const char *value = directive->params[0];
	bool has_more = directive->params_len > 1;
	bool is_switch = strcmp(value, "on") == 0 || strcmp(value, "off") == 0;
	if (has_more && (is_switch || strcmp(directive->params[1], "force") != 0)) {
		return vx_error_set(
			err, "expected force behind a device, found '%s'", directive->params[1]);
	}
	if (is_switch) {
		definition->usb = strcmp(value, "on") == 0;
		return definition->usb || definition->usb_device_count == 0 ||
		       vx_error_set(err, "expected no 'usb off' behind devices");
	}
	if (definition->usb_device_count >= vm_usb_devices_max) {
		return vx_error_set(err, "expected at most %zu USB devices", vm_usb_devices_max);
	}
	struct vm_usb_assignment assignment;
	if (!vm_usb_assignment_parse(value, &assignment, err)) {
		return false;
	}
	vx_cleanup_free char *serial = assignment.serial;
	assignment.forced = has_more;
	definition->usb = true;
	vm_definition_add_usb_device(definition, &assignment);
	return true;
}

bool vm_config_parse_preload(const char *text, uint32_t *ret_number, struct vx_error *err)
{
	return config_number_parse(text, vm_preload_max, ret_number) ||
	       vx_error_set(
		       err, "expected a number from 0 to %u, found '%s'", vm_preload_max, text);
}

static bool parse_preload(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	return vm_config_parse_preload(directive->params[0], &definition->preload, err);
}

static bool parse_disposable(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	definition->is_disposable = true;
	return true;
}

static bool mount_check_target(
	const struct vm_definition *definition, const char *target, struct vx_error *err)
{
	if (vm_mount_target_is_reserved(target)) {
		return vx_error_set(err,
			"expected a guest folder that is not the system's own, found '%s'", target);
	}
	for (size_t i = 0; i < definition->mount_count; i++) {
		if (strcmp(definition->mounts[i].target, target) == 0) {
			return vx_error_set(err,
				"expected one mount for each guest folder, found a "
				"second for '%s'",
				target);
		}
	}
	if (definition->mount_count >= vm_mounts_max) {
		return vx_error_set(err, "expected at most %zu mounts", vm_mounts_max);
	}
	return true;
}

static bool is_mount_mode(const char *text)
{
	return strcmp(text, "ro") == 0 || strcmp(text, "rw") == 0;
}

/* mount SRC [DST] [ro|rw] */
static bool parse_mount(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	vx_cleanup_error struct vx_error reason = {};
	size_t count = directive->params_len;
	const char *last = directive->params[count - 1];
	bool has_mode = count > 1 && is_mount_mode(last);
	if (count == 3 && !has_mode) {
		return vx_error_set(err, "expected ro or rw, found '%s'", last);
	}
	size_t paths = has_mode ? count - 1 : count;
	vx_cleanup_free char *source = config_host_path(directive->params[0], &reason);
	if (source == nullptr) {
		return vx_error_set(err, "expected a host folder: %s", vx_error_message(&reason));
	}
	vx_cleanup_free char *target = vm_path_normalise(
		paths > 1 ? directive->params[1] : source, &reason);
	if (target == nullptr) {
		return vx_error_set(err, "expected a guest folder: %s", vx_error_message(&reason));
	}
	if (!mount_check_target(definition, target, err)) {
		return false;
	}
	vm_definition_add_mount(definition, source, target, has_mode && strcmp(last, "rw") == 0);
	return true;
}

static bool is_variable_name(const char *text)
{
	static const char head[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char tail[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	size_t length = strlen(text);
	return length > 0 && length <= vx_app_id_max && strchr(head, text[0]) != nullptr &&
	       strspn(text, tail) == length;
}

static bool parse_env(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	size_t count = 0;
	while (definition->environment != nullptr && definition->environment[count] != nullptr) {
		count++;
	}
	if (!is_variable_name(directive->params[0])) {
		return vx_error_set(err, "expected the name of an environment variable, found '%s'",
			directive->params[0]);
	}
	if (count >= vm_environment_max) {
		return vx_error_set(err, "expected at most %zu variables", vm_environment_max);
	}
	vm_definition_add_environment(definition, directive->params[0], directive->params[1]);
	return true;
}

static const struct config_key app_keys[] = {
	{"name", "name TEXT", 1, 1, .parse = config_parse_app_name},
	{"exec", "exec PROGRAM [ARG…]", 1, vm_app_argv_max, .parse = config_parse_app_exec},
	{"icon", "icon NAME", 1, 1, .parse = config_parse_app_icon},
};

static const struct config_key firewall_keys[] = {
	{"allow", "allow [tcp|udp|icmp] WHERE[:PORT[-PORT]]", 1, 2, .repeats = true,
		.parse = config_parse_firewall_rule},
	{"deny", "deny [tcp|udp|icmp] WHERE[:PORT[-PORT]]", 1, 2, .repeats = true,
		.parse = config_parse_firewall_rule},
};

static const struct config_key clipboard_keys[] = {
	{"copy", "copy allow|ask|deny", 1, 1, .parse = config_parse_clipboard_copy},
	{"paste", "paste allow|ask|deny", 1, 1, .parse = config_parse_clipboard_paste},
	{"images", "images deny|allow", 1, 1, .parse = config_parse_clipboard_images},
	{"controls", "controls strip|keep", 1, 1, .parse = config_parse_clipboard_controls},
	{"size", "size KIB", 1, 1, .parse = config_parse_clipboard_size},
	{"timeout", "timeout SECONDS", 1, 1, .parse = config_parse_clipboard_timeout},
};

static const struct config_key vm_keys[] = {
	{"label", "label TEXT", 1, 1, .only_vm = true, .parse = parse_label},
	{"color", "color #rrggbb|NAME", 1, 1, .only_vm = true, .parse = parse_color},
	{"memory", "memory MIN [MAX]", 1, 2, .parse = parse_memory},
	{"vcpus", "vcpus N", 1, 1, .parse = parse_vcpus},
	{"region", "region MIB", 1, 1, .parse = parse_region},
	{"kernel", "kernel PATH", 1, 1, .parse = parse_kernel},
	{"template", "template usr|nix|disk IMAGE [ro|rw]", 1, 3, .parse = config_parse_template},
	{"firmware", "firmware bios|uefi", 1, 1, .parse = config_parse_firmware},
	{"package", "package NAME…", 1, vm_packages_max, .repeats = true,
		.parse = config_parse_package},
	{"home", "home none|private|disposable", 1, 1, .parse = config_parse_home},
	{"workspace", "workspace NAME", 1, 1, .parse = config_parse_workspace},
	{"autostart", "autostart yes|no", 1, 1, .parse = config_parse_autostart},
	{"network", "network none|nat|net-vm NAME|bridge NAME|libvirt NAME", 1, 2,
		.parse = config_parse_network},
	{"firewall", "firewall allow|deny { allow WHAT; deny WHAT; … }", 1, 1,
		.block_keys = firewall_keys, .block_key_count = VX_ARRAY_LENGTH(firewall_keys),
		.parse = config_parse_firewall},
	{"audio", "audio off|output|full", 1, 1, .parse = parse_audio},
	{"usb", "usb on|off|VENDOR:PRODUCT[:SERIAL] [force]", 1, 2, .repeats = true,
		.parse = parse_usb},
	{"disposable", "disposable", 0, 0, .parse = parse_disposable},
	{"preload", "preload N", 1, 1, .only_vm = true, .parse = parse_preload},
	{"clipboard",
		"clipboard { copy allow|ask|deny; paste allow|ask|deny; images deny|allow; "
		"controls strip|keep; size KIB; timeout SECONDS }",
		0, 0, .block_keys = clipboard_keys,
		.block_key_count = VX_ARRAY_LENGTH(clipboard_keys),
		.parse = config_parse_clipboard},
	{"mount", "mount SRC [DST] [ro|rw]", 1, 3, .repeats = true, .parse = parse_mount},
	{"env", "env NAME VALUE", 2, 2, .repeats = true, .parse = parse_env},
	{"app", "app ID { name TEXT; exec PROGRAM [ARG…]; icon NAME }", 1, 1, .repeats = true,
		.only_vm = true, .block_keys = app_keys,
		.block_key_count = VX_ARRAY_LENGTH(app_keys), .parse = config_parse_app},
};

/* Indexes of a table's keys are bits of a set. */
static_assert(VX_ARRAY_LENGTH(vm_keys) <= 64);

static bool strings_have_sane_sizes(const struct scfg_directive *directive, struct vx_error *err)
{
	for (size_t i = 0; i < directive->params_len; i++) {
		if (strlen(directive->params[i]) > string_max) {
			return vx_error_set(err, "expected at most %zu bytes in one word of '%s'",
				string_max, directive->name);
		}
	}
	return true;
}

static bool key_check_shape(const struct config_key *key, const struct scfg_directive *directive,
	bool is_defaults, struct vx_error *err)
{
	if (is_defaults && key->only_vm) {
		return vx_error_set(err, "expected '%s' in a vm block only", key->name);
	}
	if (directive->params_len < key->params_min || directive->params_len > key->params_max) {
		return vx_error_set(err, "expected '%s', found %zu words after '%s'", key->usage,
			directive->params_len, key->name);
	}
	if (key->block_keys == nullptr && directive->children.directives_len > 0) {
		return vx_error_set(err, "expected '%s', found a block", key->usage);
	}
	return true;
}

/* The keys that may stand in a block, and which of them were seen. */
struct block_context {
	struct vm_definition *definition;
	const struct config_key *keys;
	size_t key_count;
	bool is_defaults;
	uint64_t seen;
};

static void unknown_key(const struct block_context *context, const char *name, struct vx_error *err)
{
	vx_cleanup_free char *known = vx_strdup(context->keys[0].name);
	for (size_t i = 1; i < context->key_count; i++) {
		vx_cleanup_free char *more = vx_printf("%s, %s", known, context->keys[i].name);
		vx_replace_string(&known, more);
	}
	vx_error_set(err, "expected one of %s, found '%s'", known, name);
}

static const struct config_key *find_key(
	struct block_context *context, const char *name, struct vx_error *err)
{
	for (size_t i = 0; i < context->key_count; i++) {
		const struct config_key *key = &context->keys[i];
		if (strcmp(key->name, name) != 0) {
			continue;
		}
		if (!key->repeats && (context->seen & UINT64_C(1) << i) != 0) {
			vx_error_set(err, "expected '%s' once, found it again", name);
			return nullptr;
		}
		context->seen |= UINT64_C(1) << i;
		return key;
	}
	unknown_key(context, name, err);
	return nullptr;
}

static bool apply_directive(struct block_context *context, const struct scfg_directive *directive,
	const struct config_key **ret_key, struct vx_error *err)
{
	const struct config_key *key = find_key(context, directive->name, err);
	*ret_key = key;
	return key != nullptr && key_check_shape(key, directive, context->is_defaults, err) &&
	       strings_have_sane_sizes(directive, err) &&
	       key->parse(context->definition, directive, err);
}

static bool apply_block(
	struct block_context *context, const struct scfg_block *block, struct vx_error *err)
{
	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *directive = &block->directives[i];
		const struct config_key *key;
		if (!apply_directive(context, directive, &key, err)) {
			return vx_error_wrap(err, "%d", directive->lineno);
		}
		struct block_context inner = {
			.definition = context->definition,
			.keys = key->block_keys,
			.key_count = key->block_key_count,
		};
		if (!apply_block(&inner, &directive->children, err)) {
			return false;
		}
	}
	return true;
}

bool vm_config_keys_apply(struct vm_definition *definition, const struct scfg_block *block,
	bool is_defaults, struct vx_error *err)
{
	struct block_context context = {
		.definition = definition,
		.keys = vm_keys,
		.key_count = VX_ARRAY_LENGTH(vm_keys),
		.is_defaults = is_defaults,
	};
	return apply_block(&context, block, err);
}

bool vm_config_key_help(size_t index, const char **ret_name, const char **ret_usage)
{
	if (index >= VX_ARRAY_LENGTH(vm_keys)) {
		return false;
	}
	*ret_name = vm_keys[index].name;
	*ret_usage = vm_keys[index].usage;
	return true;
}
