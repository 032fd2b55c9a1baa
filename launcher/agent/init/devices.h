/* SPDX-License-Identifier: MIT */
/* Devices that vixos-guest uses, found in /sys because there is no udev, and given to the user. */
#ifndef VX_LAUNCHER_AGENT_INIT_DEVICES_H
#define VX_LAUNCHER_AGENT_INIT_DEVICES_H

#include "common/error.h"

/*
 * Waits up to `timeout_ms` for the virtio-serial port of the link, makes /dev/virtio-ports/NAME and
 * gives it to the user.
 */
bool devices_give_link(unsigned timeout_ms, struct vx_error *err);

/*
 * Path of the device (owned) of the virtio-serial port `name`, which is waited for up to
 * `timeout_ms`; NULL if there is none.
 */
[[nodiscard]] char *devices_find_port(const char *name, unsigned timeout_ms);

/* Gives the shared region (ivshmem, 1af4:1110) to the user. A VM may have none. */
bool devices_give_region(struct vx_error *err);

#endif
