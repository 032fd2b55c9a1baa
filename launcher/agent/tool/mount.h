/* SPDX-License-Identifier: MIT */
/* vixos-tool mount, unmount: pass a request on to the process that may do it (init/mounts.h). */
#ifndef VX_LAUNCHER_AGENT_TOOL_MOUNT_H
#define VX_LAUNCHER_AGENT_TOOL_MOUNT_H

/* `mount TAG TARGET ro|rw`, `unmount TAG [lazy]`; NULL-terminated. Returns 0 or an errno. */
int tool_mount(char *const *argv);
int tool_unmount(char *const *argv);

#endif
