/* SPDX-License-Identifier: MIT */
#include "vm/config.h"

#include <errno.h>
#include <scfg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "common/name.h"
#include "vm/config_keys.h"
#include "vm/config_paths.h"
#include "vm/definition.h"
#include "vm/scfg_syntax.h"

static constexpr size_t uri_max = 1024;

/* A file that was read; the blocks live until all files are applied. */
struct config_file {
	const char *name; /* borrowed */
	char *only_vm;    /* owned; the one VM that it defines; NULL: anything */
	struct scfg_block block;
};

static bool mistake(const struct config_file *file, const struct scfg_directive *directive,
	struct vx_error *err)
{
	vx_error_wrap(err, "%s:%d", file->name, directive->lineno);
	err->kind = VX_ERROR_USAGE;
	return false;
}

static bool file_parse(
	struct config_file *file, const char *text, size_t size, struct vx_error *err)
{
	file->block = (struct scfg_block){};
	if (!vm_scfg_check(text, size, file->name, err)) {
		return false;
	}
	if (size == 0) {
		return true;
	}
	FILE *stream = fmemopen((void *)text, size, "r");
	if (stream == nullptr) {
		return vx_error_set_errno(err, errno, "can't read '%s'", file->name);
	}
	int result = scfg_parse_file(&file->block, stream);
	fclose(stream);
	if (result != 0) {
		return vx_error_set_kind(err, VX_ERROR_USAGE, "%s:1: expected scfg", file->name);
	}
	return true;
}

/* Top-level keys other than `vm`; each takes one parameter but `defaults`, which takes a block. */
static bool apply_accel(
	struct vm_config *config, const struct scfg_directive *directive, struct vx_error *err)
{
	if (!vm_accel_choice_parse(directive->params[0], &config->accel)) {
		return vx_error_set(
			err, "expected auto, kvm or tcg, found '%s'", directive->params[0]);
	}
	return true;
}

static bool apply_uri(
	struct vm_config *config, const struct scfg_directive *directive, struct vx_error *err)
{
	const char *uri = directive->params[0];
	if (strchr(uri, ':') == nullptr || strlen(uri) > uri_max) {
		return vx_error_set(
			err, "expected a libvirt URI like qemu:///session, found '%s'", uri);
	}
	vx_replace_string(&config->uri, uri);
	return true;
}

static bool apply_preload(
	struct vm_config *config, const struct scfg_directive *directive, struct vx_error *err)
{
	return vm_config_parse_preload(directive->params[0], &config->preload, err);
}

static bool apply_memory_balance(
	struct vm_config *config, const struct scfg_directive *directive, struct vx_error *err)
{
	config->balances_memory = strcmp(directive->params[0], "on") == 0;
	return config->balances_memory || strcmp(directive->params[0], "off") == 0 ||
	       vx_error_set(err, "expected on or off, found '%s'", directive->params[0]);
}

static bool apply_memory_size(
	uint32_t *ret_mib, const struct scfg_directive *directive, struct vx_error *err)
{
	return config_memory_parse(directive->params[0], ret_mib) ||
	       vx_error_set(err, "expected a size in MiB (or with M or G), found '%s'",
		       directive->params[0]);
}

static bool apply_memory_limit(
	struct vm_config *config, const struct scfg_directive *directive, struct vx_error *err)
{
	return apply_memory_size(&config->memory_limit_mib, directive, err);
}

static bool apply_memory_reserve(
	struct vm_config *config, const struct scfg_directive *directive, struct vx_error *err)
{
	return apply_memory_size(&config->memory_reserve_mib, directive, err);
}

static const struct {
	const char *name;
	bool (*apply)(struct vm_config *config, const struct scfg_directive *directive,
		struct vx_error *err);
} settings[] = {
	{"accel", apply_accel},
	{"uri", apply_uri},
	{"preload", apply_preload},
	{"memory-balance", apply_memory_balance},
	{"memory-limit", apply_memory_limit},
	{"memory-reserve", apply_memory_reserve},
};

static constexpr size_t top_level_defaults = VX_ARRAY_LENGTH(settings);
static constexpr size_t top_level_vm = top_level_defaults + 1;
static constexpr size_t top_level_unknown = top_level_vm + 1;

static size_t top_level_key(const char *name)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(settings); i++) {
		if (strcmp(settings[i].name, name) == 0) {
			return i;
		}
	}
	if (strcmp(name, "defaults") == 0) {
		return top_level_defaults;
	}
	return strcmp(name, "vm") == 0 ? top_level_vm : top_level_unknown;
}

/* In a file of a folder, which is named after its VM. */
static bool check_only_vm(const struct config_file *file, const struct scfg_directive *directive,
	size_t key, struct vx_error *err)
{
	if (file->only_vm == nullptr || (key == top_level_vm && directive->params_len == 1 &&
						strcmp(directive->params[0], file->only_vm) == 0)) {
		return true;
	}
	return vx_error_set(err, "expected 'vm %s', after which the file is named, found '%s%s%s'",
		file->only_vm, directive->name, directive->params_len > 0 ? " " : "",
		directive->params_len > 0 ? directive->params[0] : "");
}

static bool check_top_level(
	const struct scfg_directive *directive, size_t key, bool *seen, struct vx_error *err)
{
	if (key == top_level_unknown) {
		return vx_error_set(err,
			"expected accel, uri, preload, memory-balance, memory-limit, memory-reserve, "
			"defaults or vm, found '%s'",
			directive->name);
	}
	size_t params = key == top_level_defaults ? 0 : 1;
	if (directive->params_len != params) {
		return vx_error_set(err, "expected %zu word%s after '%s', found %zu", params,
			params == 1 ? "" : "s", directive->name, directive->params_len);
	}
	if (key < top_level_defaults && directive->children.directives_len > 0) {
		return vx_error_set(err, "expected no block after '%s'", directive->name);
	}
	if (key != top_level_vm && seen[key]) {
		return vx_error_set(err, "expected '%s' once, found it again", directive->name);
	}
	seen[key] = true;
	return true;
}

/* First pass: everything that the VMs' blocks stand on. */
static bool file_apply_settings(
	struct vm_config *config, const struct config_file *file, struct vx_error *err)
{
	bool seen[top_level_unknown] = {};
	for (size_t i = 0; i < file->block.directives_len; i++) {
		const struct scfg_directive *directive = &file->block.directives[i];
		size_t key = top_level_key(directive->name);
		vx_cleanup_error struct vx_error reason = {};
		bool good = check_only_vm(file, directive, key, &reason) &&
			    check_top_level(directive, key, seen, &reason) &&
			    (key >= top_level_defaults ||
				    settings[key].apply(config, directive, &reason));
		if (!good) {
			mistake(file, directive, &reason);
			return vx_error_move(err, &reason);
		}
		if (key == top_level_defaults &&
			!vm_config_keys_apply(config->defaults, &directive->children, true, err)) {
			return vx_error_set_kind(
				err, VX_ERROR_USAGE, "%s:%s", file->name, vx_error_message(err));
		}
	}
	return true;
}

static struct vm_definition *from_defaults(const struct vm_config *config, const char *name)
{
	struct vm_definition *definition = vm_definition_copy(config->defaults);
	vx_replace_string(&definition->name, name);
	vx_replace_string(&definition->label, name);
	definition->color = vm_definition_default_color(name);
	return definition;
}

/* Replaces that of an earlier file, or comes behind all others. */
static void add_definition(struct vm_config *config, struct vm_definition *definition)
{
	for (size_t i = 0; i < config->definition_count; i++) {
		if (strcmp(config->definitions[i]->name, definition->name) == 0) {
			vm_definition_destroy(config->definitions[i]);
			config->definitions[i] = definition;
			return;
		}
	}
	config->definitions = vx_reallocarray(
		config->definitions, config->definition_count + 1, sizeof(struct vm_definition *));
	config->definitions[config->definition_count++] = definition;
}

/* Does the file define a VM of this name before its directive number `index`? */
static bool is_repeated(const struct config_file *file, size_t index, const char *name)
{
	for (size_t i = 0; i < index; i++) {
		const struct scfg_directive *directive = &file->block.directives[i];
		if (top_level_key(directive->name) == top_level_vm &&
			strcmp(directive->params[0], name) == 0) {
			return true;
		}
	}
	return false;
}

static bool check_vm_directive(const struct vm_config *config, const struct config_file *file,
	size_t index, struct vx_error *err)
{
	const char *name = file->block.directives[index].params[0];
	if (!vx_vm_name_is_valid(name)) {
		return vx_error_set(err,
			"expected a VM's name ([a-z][a-z0-9_.-]{0,30}, no '..'), found '%s'", name);
	}
	if (vm_name_is_preloaded(name)) {
		return vx_error_set(err,
			"expected a VM's name that doesn't begin with '" VM_PRELOAD_PREFIX
			"', found '%s'",
			name);
	}
	if (is_repeated(file, index, name)) {
		return vx_error_set(err, "expected each VM once, found '%s' again", name);
	}
	if (config->definition_count >= vm_config_vms_max) {
		return vx_error_set(err, "expected at most %zu VMs", vm_config_vms_max);
	}
	return true;
}

/* Second pass. */
static bool file_apply_vms(
	struct vm_config *config, const struct config_file *file, struct vx_error *err)
{
	for (size_t i = 0; i < file->block.directives_len; i++) {
		const struct scfg_directive *directive = &file->block.directives[i];
		if (top_level_key(directive->name) != top_level_vm) {
			continue;
		}
		vx_cleanup_error struct vx_error reason = {};
		if (!check_vm_directive(config, file, i, &reason)) {
			mistake(file, directive, &reason);
			return vx_error_move(err, &reason);
		}
		struct vm_definition *definition = from_defaults(config, directive->params[0]);
		definition->is_configured = true;
		definition->file = vx_strdup(file->name);
		definition->line = (unsigned)directive->lineno;
		if (!vm_config_keys_apply(definition, &directive->children, false, &reason)) {
			vm_definition_destroy(definition);
			return vx_error_set_kind(err, VX_ERROR_USAGE, "%s:%s", file->name,
				vx_error_message(&reason));
		}
		add_definition(config, definition);
	}
	return true;
}

static struct vm_config *config_create(void)
{
	struct vm_config *config = vx_new(config);
	config->defaults = vm_definition_create("defaults");
	config->uri = vx_strdup("qemu:///session");
	config->balances_memory = true;
	return config;
}

void vm_config_destroy(struct vm_config *config)
{
	if (config == nullptr) {
		return;
	}
	for (size_t i = 0; i < config->definition_count; i++) {
		vm_definition_destroy(config->definitions[i]);
	}
	free(config->definitions);
	vm_definition_destroy(config->defaults);
	free(config->uri);
	free(config);
}

/* NULL on the first mistake. */
static struct vm_config *config_from_files(
	const struct config_file *files, size_t count, struct vx_error *err)
{
	struct vm_config *config = config_create();
	bool good = true;
	for (size_t i = 0; good && i < count; i++) {
		good = file_apply_settings(config, &files[i], err);
	}
	for (size_t i = 0; good && i < count; i++) {
		good = file_apply_vms(config, &files[i], err);
	}
	if (!good) {
		vm_config_destroy(config);
		return nullptr;
	}
	return config;
}

struct vm_config *vm_config_parse(
	const char *text, size_t size, const char *file_name, struct vx_error *err)
{
	struct config_file file = {.name = file_name};
	struct vm_config *config = nullptr;
	if (file_parse(&file, text, size, err)) {
		config = config_from_files(&file, 1, err);
	}
	scfg_block_finish(&file.block);
	return config;
}

static bool file_read(struct config_file *file, bool may_be_missing, struct vx_error *err)
{
	if (may_be_missing && access(file->name, F_OK) != 0 && errno == ENOENT) {
		return true;
	}
	vx_cleanup_error struct vx_error reason = {};
	size_t size = 0;
	vx_cleanup_free char *text = vx_read_file(file->name, vm_config_file_max, &size, &reason);
	if (text == nullptr) {
		return vx_error_set_kind(err, VX_ERROR_USAGE, "can't read the configuration: %s",
			vx_error_message(&reason));
	}
	return file_parse(file, text, size, err);
}

/* What a file is to be read as, instead of what it has. */
struct replacement {
	const char *path, *text;
	size_t size;
};

static bool replaces(const struct replacement *replacement, const char *path)
{
	return replacement != nullptr && strcmp(replacement->path, path) == 0;
}

static struct vm_config *load(
	char *const *paths, const struct replacement *replacement, struct vx_error *err)
{
	struct config_file *files = vx_calloc(config_paths_max, sizeof(*files));
	struct vm_config *config = nullptr;
	size_t count = 0;
	bool good = true;
	for (; good && paths[count] != nullptr; count++) {
		struct config_file *file = &files[count];
		file->name = paths[count];
		file->only_vm = config_path_vm(paths[count]);
		good = replaces(replacement, file->name)
			       ? file_parse(file, replacement->text, replacement->size, err)
			       : file_read(file, !config_paths_are_overridden(), err);
	}
	if (good) {
		config = config_from_files(files, count, err);
	}
	for (size_t i = 0; i < count; i++) {
		scfg_block_finish(&files[i].block);
		free(files[i].only_vm);
	}
	free(files);
	return config;
}

struct vm_config *vm_config_load(struct vx_error *err)
{
	char **paths = config_paths(nullptr);
	struct vm_config *config = load(paths, nullptr, err);
	config_paths_free(paths);
	return config;
}

struct vm_config *vm_config_load_with(
	const char *path, const char *text, size_t size, struct vx_error *err)
{
	const struct replacement replacement = {path, text, size};
	char **paths = config_paths(path);
	struct vm_config *config = load(paths, &replacement, err);
	config_paths_free(paths);
	return config;
}

const struct vm_definition *vm_config_find(const struct vm_config *config, const char *name)
{
	for (size_t i = 0; i < config->definition_count; i++) {
		if (strcmp(config->definitions[i]->name, name) == 0) {
			return config->definitions[i];
		}
	}
	return nullptr;
}

struct vm_definition *vm_definition_for_package(
	const struct vm_config *config, const char *name, struct vx_error *err)
{
	if (!vx_vm_name_is_valid(name)) {
		vx_error_set_kind(err, VX_ERROR_USAGE,
			"'%s' can't be a VM's name: it must match [a-z][a-z0-9_.-]{0,30}; choose one "
			"with --name",
			name);
		return nullptr;
	}
	if (vm_name_is_preloaded(name)) {
		vx_error_set_kind(err, VX_ERROR_USAGE,
			"'%s' can't be a VM's name: names with '" VM_PRELOAD_PREFIX
			"' are for VMs that nobody has taken yet; choose one with --name",
			name);
		return nullptr;
	}
	const struct vm_definition *configured = vm_config_find(config, name);
	return configured != nullptr ? vm_definition_copy(configured) : from_defaults(config, name);
}
