/* SPDX-License-Identifier: MIT */
/*
 * What a USB device says that it is, read from its descriptors. A device can be hostile: all of it
 * is checked, and nothing is believed beyond what its drivers would have to believe too. Pure.
 */
#ifndef VX_LAUNCHER_VM_USB_DESCRIPTORS_H
#define VX_LAUNCHER_VM_USB_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

static constexpr size_t usb_descriptors_max = 128 * 1024; /* bytes; the kernel keeps half of that */

struct usb_summary {
	uint16_t vendor, product;
	bool is_hub;
	bool has_keyboard,
		has_mouse; /* that work without a driver of their own: HID boot protocol */
	bool has_hid, has_smart_card, has_storage, has_video, has_audio, has_printer, has_wireless;
};
/* Without holes: summaries are compared byte by byte. */
static_assert(sizeof(struct usb_summary) == 2 * sizeof(uint16_t) + 10 * sizeof(bool));

/*
 * The bytes of a device node of usbfs, or of `descriptors` in sysfs: the device's descriptor, then
 * those of its configurations. False where they aren't well-formed.
 */
[[nodiscard]] bool usb_descriptors_parse(
	const uint8_t *untrusted_bytes, size_t size, struct usb_summary *ret);

/* Is this the report descriptor of a FIDO authenticator? */
bool usb_report_is_fido(const uint8_t *untrusted_bytes, size_t size);

#endif
