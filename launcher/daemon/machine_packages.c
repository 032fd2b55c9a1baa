/* SPDX-License-Identifier: MIT */
#include "daemon/machine_packages.h"

#include <string.h>
#include <unistd.h>

#define VX_LOG_MODULE "packages"
#include "common/log.h"
#include "daemon/machine.h"
#include "guest_path.h"
#include "vm/definition.h"
#include "vm/nix.h"
#include "vm/state_dir.h"

/* "…/bin:…/bin", or NULL; owned by the caller. */
static char *search_path(const char *vm)
{
	vx_cleanup_free char *folder = vm_state_dir_path(vm, "packages", nullptr);
	return folder != nullptr ? vm_nix_search_path(folder) : nullptr;
}

void machine_packages_share(struct machine *machine)
{
	struct vm_definition *definition = machine->definition;
	vx_cleanup_free char *path = search_path(machine->name);
	if (definition->template != VM_TEMPLATE_NIX &&
		(path == nullptr || definition->template == VM_TEMPLATE_DISK)) {
		return;
	}
	for (size_t i = 0; i < definition->mount_count; i++) {
		if (strcmp(definition->mounts[i].target, VM_NIX_STORE) == 0) {
			return;
		}
	}
	if (definition->mount_count < vm_mounts_max) {
		vm_definition_add_mount(definition, VM_NIX_STORE, VM_NIX_STORE, false);
	} else {
		vx_log_warn("'%s' has too many mounts for %s too", machine->name, VM_NIX_STORE);
	}
}

static bool is_path(const char *entry)
{
	return strncmp(entry, "PATH=", strlen("PATH=")) == 0;
}

char **machine_packages_environment(const struct machine *machine)
{
	char **configured = machine->definition->environment;
	vx_cleanup_free char *path = search_path(machine->name);
	bool has_path = path == nullptr;
	size_t count = 0;
	for (; configured != nullptr && configured[count] != nullptr; count++) {
		has_path = has_path || is_path(configured[count]);
	}
	if (count == 0 && has_path) {
		return nullptr;
	}
	char **environment = vx_calloc(count + 2, sizeof(*environment));
	for (size_t i = 0; i < count; i++) {
		environment[i] = vx_strdup(configured[i]);
	}
	if (!has_path) {
		environment[count] = vx_printf("PATH=%s:" VX_GUEST_PATH, path);
	}
	return environment;
}

void machine_packages_free(char **environment)
{
	for (size_t i = 0; environment != nullptr && environment[i] != nullptr; i++) {
		free(environment[i]);
	}
	free(environment);
}

/* What is behind the flake and the way to the attribute: firefox, of nixpkgs#pkgs.firefox. */
static const char *last_part(const char *package)
{
	const char *part = package;
	for (const char *c = package; *c != '\0'; c++) {
		if (*c == '#' || *c == '.' || *c == '/') {
			part = c + 1;
		}
	}
	return part;
}

char **machine_packages_resolve(const struct vm_definition *definition, const char *package,
	const char *executable, struct vx_error *err)
{
	vx_cleanup_free char *folder = vm_state_dir_path(definition->name, "packages", err);
	if (folder == nullptr) {
		return nullptr;
	}
	vx_cleanup_free char *link = vm_nix_link_name(package);
	const char *wanted = executable != nullptr ? executable : last_part(package);
	char *program = vm_nix_find_program(folder, wanted);
	if (program == nullptr && executable == nullptr) {
		program = vm_nix_only_program(folder, link);
	}
	if (program == nullptr) {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"no Nix package of VM '%s' has a program '%s'; 'vixos add %s PACKAGE' adds "
			"one, --executable names another program",
			definition->name, wanted, definition->name);
		return nullptr;
	}
	char **argv = vx_calloc(2, sizeof(*argv));
	argv[0] = program;
	return argv;
}
