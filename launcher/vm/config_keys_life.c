/* SPDX-License-Identifier: MIT */
#include "vm/config_keys_life.h"

#include <scfg.h>
#include <string.h>

#include "vm/config_keys.h"
#include "vm/definition.h"
#include "vm/nix.h"

/* disk IMAGE [ro|rw] */
static bool parse_disk(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	vx_cleanup_error struct vx_error reason = {};
	const char *mode = directive->params_len > 2 ? directive->params[2] : "ro";
	if (directive->params_len < 2) {
		return vx_error_set(err, "expected the path of a disk image after 'disk'");
	}
	if (strcmp(mode, "ro") != 0 && strcmp(mode, "rw") != 0) {
		return vx_error_set(err, "expected ro or rw, found '%s'", mode);
	}
	char *path = config_host_path(directive->params[1], &reason);
	if (path == nullptr) {
		return vx_error_set(
			err, "expected the path of a disk image: %s", vx_error_message(&reason));
	}
	free(definition->disk);
	definition->disk = path;
	definition->disk_writable = strcmp(mode, "rw") == 0;
	return true;
}

bool config_parse_template(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	const char *kind = directive->params[0];
	if (!vm_template_parse(kind, &definition->template)) {
		return vx_error_set(err, "expected usr, nix or disk, found '%s'", kind);
	}
	if (definition->template == VM_TEMPLATE_DISK) {
		return parse_disk(definition, directive, err);
	}
	if (directive->params_len > 1) {
		return vx_error_set(
			err, "expected nothing after '%s', found '%s'", kind, directive->params[1]);
	}
	vx_replace_string(&definition->disk, nullptr);
	return true;
}

bool config_parse_firmware(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	const char *word = directive->params[0];
	definition->uefi = strcmp(word, "uefi") == 0;
	return definition->uefi || strcmp(word, "bios") == 0 ||
	       vx_error_set(err, "expected bios or uefi, found '%s'", word);
}

static size_t count_packages(const struct vm_definition *definition)
{
	size_t count = 0;
	while (definition->packages != nullptr && definition->packages[count] != nullptr) {
		count++;
	}
	return count;
}

bool config_parse_package(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	if (count_packages(definition) + directive->params_len > vm_packages_max) {
		return vx_error_set(err, "expected at most %zu packages", vm_packages_max);
	}
	for (size_t i = 0; i < directive->params_len; i++) {
		if (!vm_nix_package_is_valid(directive->params[i])) {
			return vx_error_set(err,
				"expected a Nix package (like firefox, or flake#package), found "
				"'%s'",
				directive->params[i]);
		}
		vm_definition_add_package(definition, directive->params[i]);
	}
	return true;
}

bool config_parse_home(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	return vm_home_parse(directive->params[0], &definition->home) ||
	       vx_error_set(err, "expected none, private or disposable, found '%s'",
		       directive->params[0]);
}

bool config_parse_workspace(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	if (!vm_workspace_is_valid(directive->params[0])) {
		return vx_error_set(err,
			"expected the name of a workspace (up to %zu printable bytes without "
			"quotes and backslashes), found '%s'",
			vm_workspace_max, directive->params[0]);
	}
	vx_replace_string(&definition->workspace, directive->params[0]);
	return true;
}

bool config_parse_autostart(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	const char *word = directive->params[0];
	definition->autostart = strcmp(word, "yes") == 0;
	return definition->autostart || strcmp(word, "no") == 0 ||
	       vx_error_set(err, "expected yes or no, found '%s'", word);
}
