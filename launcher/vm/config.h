/* SPDX-License-Identifier: MIT */
/*
 * The configuration, vixos(5): scfg files with global settings, a `defaults` block and `vm` blocks.
 * The table of keys in config_keys.c is the one place where an option is added.
 */
#ifndef VX_LAUNCHER_VM_CONFIG_H
#define VX_LAUNCHER_VM_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "vm/accel.h"

struct vm_definition;

static constexpr size_t vm_config_file_max = 1024 * 1024;
static constexpr size_t vm_config_vms_max = 256;

struct vm_config {
	struct vm_definition **definitions; /* owned, in order of the files */
	size_t definition_count;
	struct vm_definition *defaults; /* owned; for VMs without a block; its name is "defaults" */
	enum vm_accel_choice accel;
	uint32_t preload;            /* how many VMs to keep ready for what has no block */
	bool balances_memory;        /* VMs get and give memory while they run */
	uint32_t memory_reserve_mib; /* not for VMs; 0: a part of the host's */
	uint32_t memory_limit_mib;   /* of all VMs together; 0: none */
	char *uri;                   /* owned; libvirt connection, "qemu:///session" unless set */
};

/*
 * Reads $VIXOS_CONFIG alone where it is set, else vixos/config in each of XDG_CONFIG_DIRS (last
 * first) and then in XDG_CONFIG_HOME, and the files vixos/vms/NAME.scfg there, each of which
 * defines the VM of its name alone; files that don't exist count as empty, except $VIXOS_CONFIG.
 * A later file's settings and VMs replace those of the same name. NULL with VX_ERROR_USAGE and
 * "file:line: what was expected, found 'x'" on the first mistake. Owned by the caller.
 */
[[nodiscard]] struct vm_config *vm_config_load(struct vx_error *err);

/*
 * The same as if the file at `path`, one of those that are read or would be, had this
 * text: what would be read if it were put there. NULL where there would be a mistake.
 */
[[nodiscard]] struct vm_config *vm_config_load_with(
	const char *path, const char *text, size_t size, struct vx_error *err);

/* The same for one text (not NUL-terminated); `file_name` is for messages. */
[[nodiscard]] struct vm_config *vm_config_parse(
	const char *text, size_t size, const char *file_name, struct vx_error *err);

void vm_config_destroy(struct vm_config *config); /* NULL allowed */

/* Borrowed; NULL where no `vm` block has this name. */
const struct vm_definition *vm_config_find(const struct vm_config *config, const char *name);

/*
 * What to start under `name` (that of a package, usually): a copy of its block, or else of the
 * defaults with a colour of its own. NULL with VX_ERROR_USAGE where `name` can't name a VM. Owned
 * by the caller.
 */
[[nodiscard]] struct vm_definition *vm_definition_for_package(
	const struct vm_config *config, const char *name, struct vx_error *err);

/*
 * The same for `name` where it is one of several made like `base`. It is disposable where `base` is
 * or `disposable` says so, and has nothing that would be left of it.
 */
[[nodiscard]] struct vm_definition *vm_definition_for_instance(const struct vm_config *config,
	const char *name, const char *base, bool disposable, struct vx_error *err);

/*
 * Writes a name for another instance of `base` that is at most vx_vm_name_max long: its beginning,
 * a dash and four random characters. False where there are no random numbers.
 */
[[nodiscard]] bool vm_instance_name(const char *base, char **ret_name);

/*
 * The folder of the files that define one VM each (definition_file.h); NULL, with an error, where
 * $VIXOS_CONFIG names the only file, or there is no home. Owned by the caller.
 */
[[nodiscard]] char *vm_config_folder(struct vx_error *err);
#define VM_DEFINITION_SUFFIX ".scfg"

/* The user's own file: $VIXOS_CONFIG or vixos/config in XDG_CONFIG_HOME; it needn't be there. NULL
 * without a home. Owned by the caller. */
[[nodiscard]] char *vm_config_main_path(struct vx_error *err);

/* Name and one line of help of the key at `index` of the `vm` block's table; false past the end. */
bool vm_config_key_help(size_t index, const char **ret_name, const char **ret_usage);

#endif
