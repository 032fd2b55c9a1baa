/* SPDX-License-Identifier: MIT */
#include "vm/usb_descriptors.h"

static constexpr size_t device_size = 18;
static constexpr size_t interface_size = 9;
static constexpr uint8_t type_device = 1;
static constexpr uint8_t type_interface = 4;

enum usb_class : uint8_t {
	CLASS_AUDIO = 0x01,
	CLASS_HID = 0x03,
	CLASS_PRINTER = 0x07,
	CLASS_STORAGE = 0x08,
	CLASS_HUB = 0x09,
	CLASS_SMART_CARD = 0x0b,
	CLASS_VIDEO = 0x0e,
	CLASS_WIRELESS = 0xe0,
};

static uint16_t get_16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static void take_hid(struct usb_summary *summary, uint8_t subclass, uint8_t protocol)
{
	static constexpr uint8_t boot = 1;
	static constexpr uint8_t keyboard = 1;
	static constexpr uint8_t mouse = 2;
	summary->has_hid = true;
	summary->has_keyboard = summary->has_keyboard || (subclass == boot && protocol == keyboard);
	summary->has_mouse = summary->has_mouse || (subclass == boot && protocol == mouse);
}

static void take_interface(struct usb_summary *summary, const uint8_t *interface)
{
	const struct {
		enum usb_class class;
		bool *flag;
	} flags[] = {
		{CLASS_AUDIO, &summary->has_audio},
		{CLASS_PRINTER, &summary->has_printer},
		{CLASS_STORAGE, &summary->has_storage},
		{CLASS_HUB, &summary->is_hub},
		{CLASS_SMART_CARD, &summary->has_smart_card},
		{CLASS_VIDEO, &summary->has_video},
		{CLASS_WIRELESS, &summary->has_wireless},
	};
	if (interface[5] == CLASS_HID) {
		take_hid(summary, interface[6], interface[7]);
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		*flags[i].flag = *flags[i].flag || interface[5] == flags[i].class;
	}
}

bool usb_descriptors_parse(const uint8_t *untrusted_bytes, size_t size, struct usb_summary *ret)
{
	*ret = (struct usb_summary){};
	if (size < device_size || size > usb_descriptors_max || untrusted_bytes[0] != device_size ||
		untrusted_bytes[1] != type_device) {
		return false;
	}
	ret->vendor = get_16(untrusted_bytes + 8);
	ret->product = get_16(untrusted_bytes + 10);
	ret->is_hub = untrusted_bytes[4] == CLASS_HUB;
	for (size_t at = device_size; at < size;) {
		size_t length = untrusted_bytes[at];
		if (length < 2 || length > size - at) {
			return false;
		}
		if (untrusted_bytes[at + 1] == type_interface) {
			if (length < interface_size) {
				return false;
			}
			take_interface(ret, untrusted_bytes + at);
		}
		at += length;
	}
	return true;
}

bool usb_report_is_fido(const uint8_t *untrusted_bytes, size_t size)
{
	static constexpr uint8_t long_item = 0xfe;
	static constexpr uint8_t usage_page = 0x04;
	static constexpr uint8_t length_bits = 0x03;
	static constexpr uint16_t fido_alliance = 0xf1d0;
	for (size_t at = 0; at < size;) {
		uint8_t item = untrusted_bytes[at++];
		size_t length = item & length_bits;
		if (item == long_item) {
			return false; /* nobody makes them */
		}
		length = length == 3 ? 4 : length;
		if (length > size - at) {
			return false;
		}
		if ((item & ~length_bits) == usage_page && length == 2 &&
			get_16(untrusted_bytes + at) == fido_alliance) {
			return true;
		}
		at += length;
	}
	return false;
}
