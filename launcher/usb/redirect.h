/* SPDX-License-Identifier: MIT */
/*
 * vixos-usb: gives one USB device of the host to one VM. It holds the device's descriptor, which
 * vixosd has opened and checked, and a connection to QEMU's usb-redir device, over which the guest
 * drives it; libusbredirhost speaks the protocol. Before the first byte from there it has entered
 * the sandbox: it can use what it holds and open nothing.
 *
 * It ends when the device is unplugged, when QEMU closes the connection (the VM has ended), or when
 * it is told to by SIGTERM. The device is the host's again then, with the drivers that it had.
 */
#ifndef VX_LAUNCHER_USB_REDIRECT_H
#define VX_LAUNCHER_USB_REDIRECT_H

#include "common/error.h"

struct redirect_options {
	const char *link_path;    /* QEMU's socket */
	const char *control_path; /* a socket to make: its owner is known by it, nothing is said
				     there */
};

struct redirect;

/* `device_fd` is borrowed. NULL with an error where the device can't be taken. */
[[nodiscard]] struct redirect *redirect_create(
	const struct redirect_options *options, int device_fd, struct vx_error *err);

/* Until one of the three ends; false where it is another. */
bool redirect_run(struct redirect *redirect, struct vx_error *err);

/* Gives the device back. NULL allowed. */
void redirect_destroy(struct redirect *redirect);

#endif
