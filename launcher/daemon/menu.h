/* SPDX-License-Identifier: MIT */
/* What compositors show of the VMs, and what their users choose there. */
#ifndef VX_LAUNCHER_DAEMON_MENU_H
#define VX_LAUNCHER_DAEMON_MENU_H

struct daemon;

/* Brings every compositor's list of VMs up to date. */
void menu_publish(struct daemon *daemon);

#endif
