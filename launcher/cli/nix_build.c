/* SPDX-License-Identifier: MIT */
#include "cli/nix_build.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/definition.h"
#include "vm/nix.h"
#include "vm/state_dir.h"

static bool is_program(const char *folder, size_t length, const char *name)
{
	vx_cleanup_free char *path = vx_printf("%.*s/%s", (int)length, folder, name);
	return length > 0 && access(path, X_OK) == 0;
}

bool nix_check(struct vx_error *err)
{
	for (const char *part = getenv("PATH"); part != nullptr;) {
		size_t length = strcspn(part, ":");
		if (is_program(part, length, "nix")) {
			return true;
		}
		part = part[length] == ':' ? part + length + 1 : nullptr;
	}
	return vx_error_set(err, "there is no Nix on this machine; what is installed here as ever, "
				 "like 'apt install PACKAGE', VMs that see the host's /usr have at "
				 "once, also while they run");
}

static char *link_path(const char *vm, const char *package, struct vx_error *err)
{
	vx_cleanup_free char *name = vm_nix_link_name(package);
	vx_cleanup_free char *folder = vm_state_dir_path(vm, "packages", err);
	return folder != nullptr ? vx_printf("%s/%s", folder, name) : nullptr;
}

bool nix_is_built(const char *vm, const char *package)
{
	vx_cleanup_free char *link = link_path(vm, package, nullptr);
	return link != nullptr && access(link, F_OK) == 0;
}

bool nix_build(const char *vm, const char *package, struct vx_error *err)
{
	if (!vm_nix_package_is_valid(package)) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"'%s' can't be a package of Nix (like firefox, or flake#package)", package);
	}
	vx_cleanup_free char *link = link_path(vm, package, err);
	if (link == nullptr || !nix_check(err) || !vm_state_dir_make(vm, "packages", err)) {
		return false;
	}
	vx_cleanup_free char *installable = vm_nix_installable(package);
	/* The options are for a Nix whose configuration doesn't have what `build` needs switched
	 * on. */
	char *argv[] = {(char *)"nix", (char *)"--extra-experimental-features",
		(char *)"nix-command flakes", (char *)"build", (char *)"--out-link", link,
		(char *)"--", installable, nullptr};
	pid_t child;
	int status = 0;
	int result = posix_spawnp(&child, argv[0], nullptr, nullptr, argv, environ);
	if (result != 0) {
		return vx_error_set_errno(err, result, "can't start nix");
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	       vx_error_set(err, "nix can't build '%s'", installable);
}

bool nix_build_missing(const struct vm_definition *definition, struct vx_error *err)
{
	char **packages = definition->packages;
	for (size_t i = 0; packages != nullptr && packages[i] != nullptr; i++) {
		if (!nix_is_built(definition->name, packages[i]) &&
			!nix_build(definition->name, packages[i], err)) {
			return false;
		}
	}
	return true;
}
