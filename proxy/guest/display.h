/* SPDX-License-Identifier: MIT */
/* wl_display and wl_registry: the host half's globals, and beside them those served in the VM. */
#ifndef VX_PROXY_GUEST_DISPLAY_H
#define VX_PROXY_GUEST_DISPLAY_H

struct wire_interfaces;

/* Hangs this file's handlers on the protocol tables. */
void display_install(struct wire_interfaces *interfaces);

#endif
