/* SPDX-License-Identifier: MIT */
/*
 * Folders for exchange between one run and the host (`vixos run --share-tmp`): made for it, with a
 * name that nobody can guess, in $XDG_CACHE_HOME/vixos/share/VM/, and removed after it. Not in
 * XDG_RUNTIME_DIR: a VM could fill that up.
 *
 * The folder of a run is locked by whoever waits for it (flock(2)), so that a lock that can be had
 * tells that it is nobody's any more, however they ended. Others last as long as their VM.
 */
#ifndef VX_LAUNCHER_VM_SHARE_DIR_H
#define VX_LAUNCHER_VM_SHARE_DIR_H

#include <stddef.h>

#include "common/error.h"

struct vm_share_dir {
	char *path; /* owned */
	char *name; /* owned; its last part without what tells the kind */
	int lock;   /* owned; holds the lock; of a run only, else -1 */
};

[[nodiscard]] bool vm_share_dir_make(
	struct vm_share_dir *dir, const char *vm, bool is_run, struct vx_error *err);
void vm_share_dir_finish(struct vm_share_dir *dir); /* frees, and unlocks; removes nothing */

/* Is `path` one of them? */
[[nodiscard]] bool vm_share_dir_is_one(const char *path);

/* Is it one of a run, for which nobody waits any more? */
[[nodiscard]] bool vm_share_dir_is_left(const char *path);

/*
 * Removes it with all in it, whatever a VM has put there: links aren't followed, and depth,
 * permissions and long paths are no hindrance. No VM may have it any more.
 */
void vm_share_dir_remove(const char *path);

/* Removes all of a VM, which doesn't run, and those of all VMs but the `count` in `running`. */
void vm_share_dir_remove_all(const char *vm);
void vm_share_dir_sweep(const char *const *running, size_t count);

#endif
