/* SPDX-License-Identifier: MIT */
/* The one pattern for names of VMs: [a-z][a-z0-9_.-]{0,30}, without "..". */
#ifndef VX_COMMON_NAME_H
#define VX_COMMON_NAME_H

static constexpr unsigned vx_vm_name_max = 31;

/* The security-context sandbox engine that stands for VixOS; app_id and instance_id are the VM's name. */
#define VX_SANDBOX_ENGINE "org.vixos"

/* May `name` (which may be NULL) name a VM? Names that pass are safe in paths, XML and unit names. */
[[nodiscard]] bool vx_vm_name_is_valid(const char *name);

#endif
