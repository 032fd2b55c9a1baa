/* SPDX-License-Identifier: MIT */
/* The vixos-usb behind a struct machine_usb. Private to machine_usb.c. */
#ifndef VX_LAUNCHER_DAEMON_USB_PROCESS_H
#define VX_LAUNCHER_DAEMON_USB_PROCESS_H

#include <signal.h>

#include "daemon/machine_usb.h"

/* With the open device (borrowed) as its input; `link` is QEMU's socket. */
bool usb_process_start(
	struct machine_usb *usb, int device_fd, const char *link, struct vx_error *err);

/* One that an earlier vixosd has started; false where it is gone. */
bool usb_process_adopt(struct machine_usb *usb);

/* Which device is at a place, by the name of a control socket in the VM's folder. */
bool usb_process_find(const char *folder, unsigned place, unsigned *ret_bus, unsigned *ret_address);

void usb_process_signal(struct machine_usb *usb, int number);

/* Told by it: the line that says how it went ("" where none came), and its end, the last of all. */
void machine_usb_said(struct machine_usb *usb, const char *line);
void machine_usb_ended(struct machine_usb *usb);

/* Told by usb_monitor.c */
void machine_usb_plugged(struct daemon *daemon, const struct usb_device *device);

#endif
