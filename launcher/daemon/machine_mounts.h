/* SPDX-License-Identifier: MIT */
/*
 * Folders that a VM gets, and has taken from it, while it runs: the hypervisor plugs the device in
 * or out, vixos-tool in the guest mounts or unmounts. Whoever asked may be gone before the end.
 */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_MOUNTS_H
#define VX_LAUNCHER_DAEMON_MACHINE_MOUNTS_H

#include "common/error.h"

struct machine;
struct vm_mount;

/* Hears once how it went. */
typedef void (*machine_mount_handler)(void *data, const struct vx_error *err);

/*
 * Shows `source` (both normalised) in the VM, which runs. Where it can't be mounted there, all is
 * as it was. The same folder at the same place again is no error. False where it isn't even begun.
 */
bool machine_mount(struct machine *machine, const char *source, const char *target, bool writable,
	machine_mount_handler handler, void *data, struct vx_error *err);

/*
 * Takes the mount that vm_definition_find_mount() knows under `path` from the VM. Fails while
 * programs use it, unless `is_forced`.
 */
bool machine_unmount(struct machine *machine, const char *path, bool is_forced,
	machine_mount_handler handler, void *data, struct vx_error *err);

/* Takes folders for exchange (vm/share_dir.h) from it for which nobody waits any more. */
void machine_mounts_reap(struct machine *machine);

/* The VM has ended, and its folders with it. */
void machine_mounts_forget(struct machine *machine);

/* Before the machine is destroyed: nobody is told any more. */
void machine_mounts_drop(struct machine *machine);

/* `data` is not to be called back any more. */
void machine_forget_mount_handler(struct machine *machine, const void *data);

#endif
