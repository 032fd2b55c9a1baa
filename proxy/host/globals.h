/* SPDX-License-Identifier: MIT */
/* The compositor's globals, and which of them the guest is shown: those in the list of protocols.
 */
#ifndef VX_PROXY_HOST_GLOBALS_H
#define VX_PROXY_HOST_GLOBALS_H

struct host_client;
struct host_globals;
struct wire_interfaces;

/* Asks the compositor, on a new connection and before any request of the guest. */
void globals_start(struct host_client *client);

void globals_finish(struct host_globals *globals);

void globals_install(struct wire_interfaces *interfaces);

#endif
