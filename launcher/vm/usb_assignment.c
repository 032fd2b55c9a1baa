/* SPDX-License-Identifier: MIT */
#include "vm/usb_assignment.h"

#include <ctype.h>
#include <string.h>

#include "common/memory.h"

static bool hex4_parse(const char *text, uint16_t *ret)
{
	unsigned value = 0;
	for (size_t i = 0; i < 4; i++) {
		unsigned char digit = (unsigned char)text[i];
		if (!isxdigit(digit)) {
			return false;
		}
		value = value * 16 +
			(unsigned)(isdigit(digit) ? digit - '0' : tolower(digit) - 'a' + 10);
	}
	*ret = (uint16_t)value;
	return true;
}

const char *vm_usb_ids_parse(const char *text, uint16_t *ret_vendor, uint16_t *ret_product)
{
	if (!hex4_parse(text, ret_vendor) || text[4] != ':' || !hex4_parse(text + 5, ret_product)) {
		return nullptr;
	}
	return text + 9;
}

static bool serial_is_plain(const char *serial)
{
	for (const char *c = serial; *c != '\0'; c++) {
		if (*c <= 0x20 || *c >= 0x7f) {
			return false;
		}
	}
	return serial[0] != '\0' && strlen(serial) <= vm_usb_serial_max;
}

bool vm_usb_assignment_parse(const char *text, struct vm_usb_assignment *ret, struct vx_error *err)
{
	*ret = (struct vm_usb_assignment){};
	const char *rest = vm_usb_ids_parse(text, &ret->vendor, &ret->product);
	if (rest == nullptr || (*rest != '\0' && (*rest != ':' || !serial_is_plain(rest + 1)))) {
		return vx_error_set(err,
			"expected VENDOR:PRODUCT or VENDOR:PRODUCT:SERIAL as 'vixos usb list' shows "
			"them, found '%s'",
			text);
	}
	ret->serial = *rest == ':' ? vx_strdup(rest + 1) : nullptr;
	return true;
}

char *vm_usb_assignment_format(const struct vm_usb_assignment *assignment)
{
	const char *serial = assignment->serial;
	return vx_printf("%04x:%04x%s%s", assignment->vendor, assignment->product,
		serial != nullptr ? ":" : "", serial != nullptr ? serial : "");
}
