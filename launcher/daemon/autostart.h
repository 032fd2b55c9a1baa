/* SPDX-License-Identifier: MIT */
/* VMs that start with the desktop: once for each compositor, whatever becomes of vixosd meanwhile.
 */
#ifndef VX_LAUNCHER_DAEMON_AUTOSTART_H
#define VX_LAUNCHER_DAEMON_AUTOSTART_H

struct daemon;

/* Starts what is due: at displays that were attached, as soon as it is known what runs. */
void autostart_run(struct daemon *daemon);

#endif
