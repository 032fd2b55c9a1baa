/* SPDX-License-Identifier: MIT */
/* The packages of Nix that a VM has (vm/nix.h). */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_PACKAGES_H
#define VX_LAUNCHER_DAEMON_MACHINE_PACKAGES_H

#include "common/error.h"

struct machine;
struct vm_definition;

/* Before the start: a VM with packages, or with the template nix, gets the store. */
void machine_packages_share(struct machine *machine);

/*
 * What programs of the VM get: its configured environment, and PATH where there are packages, also
 * ones that were added since it was started. NULL-terminated; the array and what it points at are
 * the caller's (machine_packages_free()). NULL where there is nothing.
 */
[[nodiscard]] char **machine_packages_environment(const struct machine *machine);
void machine_packages_free(char **environment); /* NULL allowed */

/*
 * The command for `package` in a VM with the template nix: `executable`, or the program of the
 * package's name, or the package's only one. As catalog_resolve(), to be freed by
 * catalog_free_argv().
 */
[[nodiscard]] char **machine_packages_resolve(const struct vm_definition *definition,
	const char *package, const char *executable, struct vx_error *err);

#endif
