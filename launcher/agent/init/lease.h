/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_LEASE_H
#define VX_LAUNCHER_AGENT_INIT_LEASE_H

/*
 * Gives the interface, which is up, the address that somebody on its wire has for it, and keeps it:
 * renewed in time, asked for anew where it is taken back or has run out. Returns once nobody gives
 * one at first, the address is good for ever, or the interface is gone. `control` is any IPv4
 * socket.
 */
void lease_keep(int control, const char *interface);

#endif
