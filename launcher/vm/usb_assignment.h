/* SPDX-License-Identifier: MIT */
/* `usb VENDOR:PRODUCT[:SERIAL] [force]` of a definition: a device that is to be a VM's. */
#ifndef VX_LAUNCHER_VM_USB_ASSIGNMENT_H
#define VX_LAUNCHER_VM_USB_ASSIGNMENT_H

#include <stdint.h>

#include "common/error.h"

static constexpr size_t vm_usb_serial_max = 126; /* what fits into a string descriptor */

struct vm_usb_assignment {
	uint16_t vendor, product;
	char *serial; /* owned; NULL: whichever */
	bool forced;  /* although it is a keyboard, or the host uses it */
};

/* Four hexadecimal digits, a colon and four more; stops there. NULL where it isn't that. */
const char *vm_usb_ids_parse(const char *text, uint16_t *ret_vendor, uint16_t *ret_product);

/* "1050:0407" or "1050:0407:12345678". The serial number is owned by the caller. */
[[nodiscard]] bool vm_usb_assignment_parse(
	const char *text, struct vm_usb_assignment *ret, struct vx_error *err);

/* As it was written, without `force`; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_usb_assignment_format(
	const struct vm_usb_assignment *assignment);

#endif
