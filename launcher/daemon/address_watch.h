/* SPDX-License-Identifier: MIT */
/* Tells when the addresses of this machine have changed: another network, another prefix. */
#ifndef VX_LAUNCHER_DAEMON_ADDRESS_WATCH_H
#define VX_LAUNCHER_DAEMON_ADDRESS_WATCH_H

#include <systemd/sd-event.h>

struct address_watch;

/* Calls `changed` once for changes that come shortly behind each other. NULL where it can't be had.
 */
[[nodiscard]] struct address_watch *address_watch_create(
	sd_event *event, void (*changed)(void *data), void *data);
void address_watch_destroy(struct address_watch *watch); /* NULL allowed */

#endif
