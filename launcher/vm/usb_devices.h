/* SPDX-License-Identifier: MIT */
/* The host's USB devices, as sysfs shows them now. Reads files only; takes a millisecond or two. */
#ifndef VX_LAUNCHER_VM_USB_DEVICES_H
#define VX_LAUNCHER_VM_USB_DEVICES_H

#include "common/error.h"
#include "vm/usb_descriptors.h"

struct vm_usb_assignment;

struct usb_device {
	unsigned bus, address; /* "001/004": changes whenever it is plugged in */
	char *port;            /* owned; "1-2.3": where it is plugged in */
	char *name;            /* owned; fit to be shown; maker and product, as far as it says */
	char *serial;          /* owned; fit to be shown; may be NULL */
	char *node;            /* owned; path of its device node */
	struct usb_summary summary;
	bool is_fido;
	bool is_writable; /* the node, by this user */
	char *use;        /* owned; what the host does with it just now; NULL: nothing */
};

struct usb_devices {
	struct usb_device *list; /* owned */
	size_t count;
};

/* All but root hubs, by bus and address. `root` stands for "/" in tests; "" means that. */
void usb_devices_read(struct usb_devices *devices, const char *root);
void usb_devices_finish(struct usb_devices *devices);

/* One word or two for people: "security key", "keyboard", "storage", … */
const char *usb_device_kind(const struct usb_device *device);

/*
 * The one that `spec` means: its port ("1-2"), bus and address ("001/004"),
 * VENDOR:PRODUCT[:SERIAL], or a part of its name that no other has. NULL, with an error that lists
 * what it could mean.
 */
const struct usb_device *usb_devices_find(
	const struct usb_devices *devices, const char *spec, struct vx_error *err);

bool usb_device_is_assigned(
	const struct usb_device *device, const struct vm_usb_assignment *assignment);

/* What a definition calls it: VENDOR:PRODUCT, and its serial number if it has a plain one; owned by
 * the caller. */
[[nodiscard, gnu::returns_nonnull]] char *usb_device_assignment(const struct usb_device *device);

/*
 * May a VM have it? Hubs never; what the user types on or the host uses only where they insist by
 * `force`; nothing whose node isn't writable. The error says what to do.
 */
[[nodiscard]] bool usb_device_check(
	const struct usb_device *device, bool force, struct vx_error *err);

/* The rule for udev by which the user of the seat may use it; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *usb_device_udev_rule(const struct usb_device *device);
#define VM_USB_RULES_FILE "/etc/udev/rules.d/70-vixos-usb.rules"

#endif
