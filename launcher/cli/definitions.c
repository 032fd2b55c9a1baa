/* SPDX-License-Identifier: MIT */
#include "cli/definitions.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/nix_build.h"
#include "common/fd.h"
#include "common/name.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/definition_file.h"
#include "vm/state_dir.h"

bool definitions_check_name(const char *name, struct vx_error *err)
{
	return vx_vm_name_is_valid(name) ||
	       vx_error_set_kind(err, VX_ERROR_USAGE,
		       "'%s' can't name a VM (a lower-case letter, then letters, digits, '_', '.', "
		       "'-'; 31 at most)",
		       name);
}

/* Says where else it is, or that it is nowhere. */
static void blame_elsewhere(const char *name, struct vx_error *err)
{
	struct vm_config *config = vm_config_load(err);
	if (config == nullptr) {
		return;
	}
	const struct vm_definition *definition = vm_config_find(config, name);
	if (definition != nullptr) {
		vx_error_set(err, "VM '%s' is defined at %s:%u, which is yours to change", name,
			definition->file, definition->line);
	} else {
		vx_error_set(err,
			"there is no definition of a VM '%s'; 'vixos create %s' makes one", name,
			name);
	}
	vm_config_destroy(config);
}

bool own_definition_find(struct own_definition *own, const char *name, struct vx_error *err)
{
	*own = (struct own_definition){};
	if (!definitions_check_name(name, err)) {
		return false;
	}
	own->path = definition_file_path(name, nullptr);
	if (own->path == nullptr || access(own->path, F_OK) != 0) {
		blame_elsewhere(name, err);
		return false;
	}
	own->text = vx_read_file(own->path, vm_config_file_max, nullptr, err);
	return own->text != nullptr;
}

void own_definition_finish(struct own_definition *own)
{
	free(own->path);
	free(own->text);
}

bool definitions_check_free(const char *name, struct vx_error *err)
{
	if (!definitions_check_name(name, err)) {
		return false;
	}
	struct vm_config *config = vm_config_load(err);
	if (config == nullptr) {
		return false;
	}
	const struct vm_definition *definition = vm_config_find(config, name);
	bool is_free = definition == nullptr;
	if (!is_free) {
		vx_error_set(err, "VM '%s' is defined already, at %s:%u", name, definition->file,
			definition->line);
	}
	vm_config_destroy(config);
	return is_free;
}

bool definitions_confirm(const char *question)
{
	char answer[16] = "";
	if (!isatty(STDIN_FILENO)) {
		return false;
	}
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof(answer), stdin) == nullptr) {
		return false;
	}
	answer[strcspn(answer, "\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

bool definitions_build_package(const char *name, const char *package, struct vx_error *err)
{
	struct vm_config *config = vm_config_load(err);
	if (config == nullptr) {
		return false;
	}
	const struct vm_definition *definition = vm_config_find(config, name);
	const struct vm_definition *settings = definition != nullptr ? definition
								     : config->defaults;
	bool is_built = definition == nullptr || nix_build_missing(definition, err);
	if (is_built && package != nullptr && settings->template == VM_TEMPLATE_NIX &&
		!nix_is_built(name, package)) {
		is_built = nix_build(name, package, err);
	}
	vm_config_destroy(config);
	return is_built;
}

bool definitions_build_packages(const char *name, struct vx_error *err)
{
	return definitions_build_package(name, nullptr, err);
}
