/* SPDX-License-Identifier: MIT */
/*
 * Where a compositor is sway, without a menu of ours: binds VMs to workspaces by its IPC, with
 * assign rules, behind those of the user. They are said again when sway has read its configuration
 * anew. Never blocks.
 */
#ifndef VX_LAUNCHER_DAEMON_SWAY_H
#define VX_LAUNCHER_DAEMON_SWAY_H

#include <systemd/sd-event.h>

struct sway;

/*
 * To the sway at the other end of the Wayland connection `wayland_fd`; NULL where that is none.
 * Owned by the caller.
 */
[[nodiscard]] struct sway *sway_connect(sd_event *event, int wayland_fd);
void sway_destroy(struct sway *sway); /* the rules stay; NULL allowed */

/* New windows of the VM open on `workspace`; both are valid names. */
void sway_bind(struct sway *sway, const char *vm, const char *workspace);

/* The command that says so: for the first workspace of a VM, or (`serial` > 0) for another. Owned
 * by the caller. For tests. */
[[nodiscard, gnu::returns_nonnull]] char *sway_format_rule(
	const char *vm, const char *workspace, unsigned serial);

#endif
