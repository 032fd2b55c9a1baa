/* SPDX-License-Identifier: MIT */
/* Names that several parts must agree on; that of VMs is [a-z][a-z0-9_.-]{0,30}, without "..". */
#ifndef VX_COMMON_NAME_H
#define VX_COMMON_NAME_H

static constexpr unsigned vx_vm_name_max = 31;

/* The security-context sandbox engine that stands for VixOS; app_id and instance_id are the VM's
 * name. */
#define VX_SANDBOX_ENGINE "org.vixos"

/* May `name` (which may be NULL) name a VM? Names that pass are safe in paths, XML and unit names.
 */
[[nodiscard]] bool vx_vm_name_is_valid(const char *name);

/*
 * Where the compositor that listens on `display_path` (an absolute path) takes the manager of
 * vixos-domain-v1: a socket beside it, so that no ordinary client is even offered the protocol.
 * Owned by the caller.
 */
[[nodiscard, gnu::returns_nonnull]] char *vx_domain_socket_path(const char *display_path);

#endif
