/* SPDX-License-Identifier: MIT */
/*
 * Devices that come while the VM runs: USB devices that were attached to it. There is no udev; what
 * little is needed of it is here: a driver is loaded, and the user gets the device's nodes.
 */
#ifndef VX_LAUNCHER_AGENT_INIT_HOTPLUG_H
#define VX_LAUNCHER_AGENT_INIT_HOTPLUG_H

#include <stddef.h>

#include "common/error.h"

/* A socket that becomes readable with each message of the kernel; owned by the caller; -1: failed.
 */
[[nodiscard]] int hotplug_open(struct vx_error *err);

/* Sees to the messages that are there. Never blocks. */
void hotplug_dispatch(int fd);

/* The two things that matter in a message; borrowed from it. */
struct hotplug_event {
	const char *node;  /* a device node to be given to the user, below /dev; may be NULL */
	const char *alias; /* a USB device that wants a driver; may be NULL */
};

/* Reads one message: `size` bytes of strings, with a NUL behind each. Pure. */
struct hotplug_event hotplug_parse(const char *message, size_t size);

/* Is this a node, named below /dev, that belongs to the user? Pure. */
bool hotplug_is_for_user(const char *node);

#endif
