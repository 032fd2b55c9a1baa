/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_NET_TAP_H
#define VX_LAUNCHER_NET_TAP_H

#include <netinet/in.h>

#include "common/error.h"

/*
 * Makes the interface "up" with an address, its netmask of /30 and a default route. Its other end
 * is the descriptor that is returned, owned by the caller: the interface is there as long as
 * anybody has it open. -1 on failure.
 */
[[nodiscard]] int tap_make(struct in_addr address, struct in_addr gateway, struct vx_error *err);

/* Is there an interface "up"? */
bool tap_is_up(void);

/* Brings the loopback up, without which nothing is refused at once. */
[[nodiscard]] bool tap_bring_up_loopback(struct vx_error *err);

#endif
