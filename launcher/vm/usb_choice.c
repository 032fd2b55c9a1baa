/* SPDX-License-Identifier: MIT */
/* Which USB device is meant, and whether a VM may have it. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "vm/usb_assignment.h"
#include "vm/usb_devices.h"

static constexpr size_t candidates_max = 16; /* in an error */

const char *usb_device_kind(const struct usb_device *device)
{
	const struct usb_summary *summary = &device->summary;
	const struct {
		bool is_it;
		const char *kind;
	} kinds[] = {
		{summary->is_hub, "hub"},
		{device->is_fido, "security key"},
		{summary->has_smart_card, "smart card"},
		{summary->has_keyboard, "keyboard"},
		{summary->has_mouse, "mouse"},
		{summary->has_storage, "storage"},
		{summary->has_video, "camera"},
		{summary->has_audio, "sound"},
		{summary->has_printer, "printer"},
		{summary->has_wireless, "wireless"},
		{summary->has_hid, "input"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(kinds); i++) {
		if (kinds[i].is_it) {
			return kinds[i].kind;
		}
	}
	return "device";
}

/* Ways to name a device */

static bool matches_address(const struct usb_device *device, const char *spec)
{
	unsigned bus = 0, address = 0;
	int length = 0;
	return sscanf(spec, "%3u/%3u%n", &bus, &address, &length) == 2 && spec[length] == '\0' &&
	       isdigit((unsigned char)spec[0]) && bus == device->bus && address == device->address;
}

static bool matches_port(const struct usb_device *device, const char *spec)
{
	return strcmp(spec, device->port) == 0;
}

static bool matches_ids(const struct usb_device *device, const char *spec)
{
	struct vm_usb_assignment assignment;
	vx_cleanup_error struct vx_error none = {};
	if (!vm_usb_assignment_parse(spec, &assignment, &none)) {
		return false;
	}
	vx_cleanup_free char *serial = assignment.serial;
	return usb_device_is_assigned(device, &assignment);
}

static bool matches_name(const struct usb_device *device, const char *spec)
{
	return spec[0] != '\0' && strcasestr(device->name, spec) != nullptr;
}

/* In this order: what is exact goes before what may be a part of a name. */
static bool (*const ways[])(const struct usb_device *device, const char *spec) = {
	matches_address, matches_port, matches_ids, matches_name};

bool usb_device_is_assigned(
	const struct usb_device *device, const struct vm_usb_assignment *assignment)
{
	return device->summary.vendor == assignment->vendor &&
	       device->summary.product == assignment->product &&
	       (assignment->serial == nullptr ||
		       (device->serial != nullptr &&
			       strcmp(device->serial, assignment->serial) == 0));
}

char *usb_device_assignment(const struct usb_device *device)
{
	struct vm_usb_assignment assignment = {
		.vendor = device->summary.vendor,
		.product = device->summary.product,
	};
	vx_cleanup_free char *ids = vm_usb_assignment_format(&assignment);
	if (device->serial == nullptr) {
		return vx_take_ptr(ids);
	}
	vx_cleanup_free char *whole = vx_printf("%s:%s", ids, device->serial);
	bool is_plain = vm_usb_assignment_parse(whole, &assignment, nullptr);
	free(assignment.serial);
	return is_plain ? vx_take_ptr(whole) : vx_take_ptr(ids);
}

static bool set_ambiguous(const struct usb_devices *devices, const char *spec,
	bool (*matches)(const struct usb_device *, const char *), struct vx_error *err)
{
	size_t listed = 0;
	vx_cleanup_free char *text = vx_printf("'%s' can mean several devices; say which:", spec);
	for (size_t i = 0; i < devices->count && listed < candidates_max; i++) {
		const struct usb_device *device = &devices->list[i];
		if (matches(device, spec)) {
			vx_cleanup_free char *more = vx_printf(
				"%s\n  %-8s %03u/%03u  %04x:%04x  %s", text, device->port,
				device->bus, device->address, device->summary.vendor,
				device->summary.product, device->name);
			vx_replace_string(&text, more);
			listed++;
		}
	}
	return vx_error_set(err, "%s", text);
}

const struct usb_device *usb_devices_find(
	const struct usb_devices *devices, const char *spec, struct vx_error *err)
{
	for (size_t way = 0; way < VX_ARRAY_LENGTH(ways); way++) {
		const struct usb_device *found = nullptr;
		for (size_t i = 0; i < devices->count; i++) {
			if (!ways[way](&devices->list[i], spec)) {
				continue;
			}
			if (found != nullptr) {
				set_ambiguous(devices, spec, ways[way], err);
				return nullptr;
			}
			found = &devices->list[i];
		}
		if (found != nullptr) {
			return found;
		}
	}
	vx_error_set(
		err, "there is no USB device '%s'; 'vixos usb list' shows which there are", spec);
	return nullptr;
}

/* Rights */

/* The keyboard of a security key types codes, and nobody types on it. */
static bool is_typed_on(const struct usb_device *device)
{
	const struct usb_summary *summary = &device->summary;
	return (summary->has_keyboard || summary->has_mouse) && !device->is_fido &&
	       !summary->has_smart_card;
}

char *usb_device_udev_rule(const struct usb_device *device)
{
	return vx_printf("SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", "
			 "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", TAG+=\"uaccess\"",
		device->summary.vendor, device->summary.product);
}

static bool check_rights(const struct usb_device *device, struct vx_error *err)
{
	if (device->is_writable) {
		return true;
	}
	vx_cleanup_free char *rule = usb_device_udev_rule(device);
	return vx_error_set(err,
		"you may not use %s (%s): write this line into " VM_USB_RULES_FILE
		" as root, run 'udevadm control --reload', and plug it in again:\n%s",
		device->node, device->name, rule);
}

bool usb_device_check(const struct usb_device *device, bool force, struct vx_error *err)
{
	if (device->summary.is_hub) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"'%s' is a hub, which no VM can have; attach what is plugged into it",
			device->name);
	}
	if (!force && is_typed_on(device)) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"'%s' is a %s: the VM would have what you type or do, and you wouldn't; "
			"--force attaches it all the same",
			device->name, usb_device_kind(device));
	}
	if (!force && device->use != nullptr) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"the host uses '%s': %s; --force takes it away from there", device->name,
			device->use);
	}
	return check_rights(device, err);
}
