/* SPDX-License-Identifier: MIT */
/* What a guest may do with windows: names that are fit to be shown, sizes and places that make
 * sense. */
#ifndef VX_PROXY_HOST_SHELL_H
#define VX_PROXY_HOST_SHELL_H

struct wire_interfaces;

void shell_install(struct wire_interfaces *interfaces);

#endif
