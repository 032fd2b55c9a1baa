/* SPDX-License-Identifier: MIT */
/* Building packages of Nix for a VM, on the host: nix shows its progress on our terminal. */
#ifndef VX_LAUNCHER_CLI_NIX_BUILD_H
#define VX_LAUNCHER_CLI_NIX_BUILD_H

#include "common/error.h"

struct vm_definition;

/* Builds the package into a link in the VM's folder, in place of what was built for it before. */
bool nix_build(const char *vm, const char *package, struct vx_error *err);

/* Is it built? */
[[nodiscard]] bool nix_is_built(const char *vm, const char *package);

/* Builds those of the definition that aren't. */
bool nix_build_missing(const struct vm_definition *definition, struct vx_error *err);

/* Fails, saying what works instead, where there is no Nix. */
bool nix_check(struct vx_error *err);

#endif
