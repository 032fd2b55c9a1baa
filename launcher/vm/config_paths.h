/* SPDX-License-Identifier: MIT */
/* Which files the configuration is made of. Of config.c, with vm_config_folder() and _main_path().
 */
#ifndef VX_LAUNCHER_VM_CONFIG_PATHS_H
#define VX_LAUNCHER_VM_CONFIG_PATHS_H

#include "vm/config.h"

static constexpr size_t config_paths_max = 64 + vm_config_vms_max + 2;

/*
 * All that may be there, up to config_paths_max; what is read last wins. `also` comes last where it
 * isn't among them; it may be NULL. Ends in NULL; config_paths_free().
 */
[[nodiscard, gnu::returns_nonnull]] char **config_paths(const char *also);
void config_paths_free(char **paths);

/* Does VIXOS_CONFIG name the only file? Then it has to be there. */
bool config_paths_are_overridden(void);

/* The VM whose definition a file of the folder is; NULL for other files. Owned by the caller. */
[[nodiscard]] char *config_path_vm(const char *path);

#endif
