/* SPDX-License-Identifier: MIT */
/*
 * What outlives a VM: $XDG_DATA_HOME/vixos/NAME/ (else ~/.local/share/vixos/NAME/) with
 *
 *   home/      the private home, shown in the guest as /home/user
 *   packages/  links to what `vixos add` has built (nix.h)
 *
 * A guest may write anything into its home, so nothing here follows a link in it. The folder of a
 * VM is locked while something is made of it or changed in it.
 */
#ifndef VX_LAUNCHER_VM_STATE_DIR_H
#define VX_LAUNCHER_VM_STATE_DIR_H

#include "common/error.h"

/* The VM's folder, or a part of it; owned by the caller. NULL where neither HOME nor XDG_DATA_HOME
 * is set. */
[[nodiscard]] char *vm_state_dir_path(const char *name, const char *part, struct vx_error *err);

/* Is there anything of this VM? */
bool vm_state_dir_exists(const char *name);
/* Is there a private home? */
bool vm_state_dir_has_home(const char *name);

/* Makes every folder on the way to `path` that isn't there yet, with mode 0700. */
bool vm_make_folders(const char *path, struct vx_error *err);

/* Makes the folder, and `part` in it with mode 0700. `part` may be NULL. */
bool vm_state_dir_make(const char *name, const char *part, struct vx_error *err);

/*
 * Locks the folder for the caller alone or, where not `is_exclusive`, with others who start VMs;
 * gives a descriptor whose end ends the lock. -1 with an error where it is taken, and with an empty
 * error where there is no such folder.
 */
[[nodiscard]] int vm_state_dir_lock(const char *name, bool is_exclusive, struct vx_error *err);

/* Fails where `to` exists. */
bool vm_state_dir_rename(const char *from, const char *to, struct vx_error *err);

/* Removes all of it, however deep; no link is followed. Succeeds where there is nothing. */
bool vm_state_dir_remove(const char *name, struct vx_error *err);

/*
 * The same for any folder: `name` in `parent_fd`. Exported for tests.
 */
bool vm_state_dir_remove_tree(int parent_fd, const char *name, struct vx_error *err);

#endif
