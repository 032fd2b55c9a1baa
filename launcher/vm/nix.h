/* SPDX-License-Identifier: MIT */
/*
 * Packages of Nix. They are built on the host by `vixos add`, into links in the VM's state folder
 * (state_dir.h) that keep them from Nix's garbage collector; VMs see what the links lead to through
 * the shared /nix/store.
 */
#ifndef VX_LAUNCHER_VM_NIX_H
#define VX_LAUNCHER_VM_NIX_H

#include <stddef.h>

static constexpr size_t vm_nix_package_max = 256;

#define VM_NIX_STORE "/nix/store"

/* An attribute of nixpkgs (firefox), FLAKE#ATTRIBUTE, or a path in the store. */
[[nodiscard]] bool vm_nix_package_is_valid(const char *text);

/* What `nix build` takes for a valid package; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_nix_installable(const char *package);

/* A name for the package's link: what is no letter or digit becomes '-'; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_nix_link_name(const char *package);

/*
 * The `bin` folders of what the links in `folder` lead to, each right in the store and there,
 * joined by ':' in the order of the links' names; NULL where there are none. Owned by the caller.
 */
[[nodiscard]] char *vm_nix_search_path(const char *folder);

/* The program `name` of one of them, in the same order, or NULL; owned by the caller. */
[[nodiscard]] char *vm_nix_find_program(const char *folder, const char *name);

/* The only program of what the link `link` in `folder` leads to; NULL where it has none or several.
 * Owned by the caller. */
[[nodiscard]] char *vm_nix_only_program(const char *folder, const char *link);

#endif
