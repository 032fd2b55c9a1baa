/* SPDX-License-Identifier: MIT */
/* The kernel's network interfaces, by ioctl(2). `control` is any IPv4 socket. */
#ifndef VX_COMMON_INTERFACE_H
#define VX_COMMON_INTERFACE_H

#include <netinet/in.h>
#include <stdint.h>

bool vx_interface_bring_up(int control, const char *name);
bool vx_interface_set_address(
	int control, const char *name, struct in_addr address, struct in_addr netmask);
/* A route to the host `to`, or the default route where that is 0, over `gateway` unless that is 0.
 */
bool vx_interface_add_route(
	int control, const char *name, struct in_addr to, struct in_addr gateway);
/* The hardware address; false for what isn't Ethernet. */
bool vx_interface_get_hardware_address(
	int control, const char *name, uint8_t ret_address[static 6]);
bool vx_interface_rename(int control, const char *from, const char *to);

#endif
