/* SPDX-License-Identifier: MIT */
/*
 * The virtio-serial port of the link: waits, without looking again and again, until a host has
 * opened its other end. Private to proxy/guest.
 */
#ifndef VX_PROXY_GUEST_LINK_DEVICE_H
#define VX_PROXY_GUEST_LINK_DEVICE_H

#include "common/error.h"

struct link_device;
struct wl_event_loop;

/* `path` is borrowed. `connected` gets the open, non-blocking device, which it then owns. */
[[nodiscard, gnu::returns_nonnull]] struct link_device *link_device_create(
	struct wl_event_loop *loop, const char *path, void (*connected)(int fd, void *data),
	void *data);
void link_device_destroy(struct link_device *device); /* NULL allowed */

/*
 * Opens the device. `connected` is called once there is a host, from here where there is one
 * already. The device that was handed over before must be closed: it can be open once only.
 */
[[nodiscard]] bool link_device_wait(struct link_device *device, struct vx_error *err);

#endif
