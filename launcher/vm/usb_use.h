/* SPDX-License-Identifier: MIT */
/* What the host does with a USB device. Private to launcher/vm. */
#ifndef VX_LAUNCHER_VM_USB_USE_H
#define VX_LAUNCHER_VM_USB_USE_H

/*
 * "a file system of it is mounted", "its network interface is up", …, owned by the caller; NULL
 * where the host would miss nothing. `port` as in /sys/bus/usb/devices below `root`.
 */
[[nodiscard]] char *usb_use_find(const char *root, const char *port);

#endif
