/* SPDX-License-Identifier: MIT */
/* Hears from udev of devices that are plugged in. */
#include <systemd/sd-device.h>

#include "common/log.h"
#include "common/memory.h"
#include "daemon/daemon.h"
#include "daemon/machine_usb.h"
#include "daemon/usb_process.h"
#include "vm/usb_devices.h"

static unsigned property_number(sd_device *device, const char *name)
{
	const char *text = nullptr;
	if (sd_device_get_property_value(device, name, &text) < 0) {
		return 0;
	}
	unsigned long number = strtoul(text, nullptr, 10);
	return number < 1000 ? (unsigned)number : 0;
}

static int handle_device(sd_device_monitor *monitor, sd_device *event_device, void *data)
{
	struct daemon *daemon = data;
	sd_device_action_t action;
	if (sd_device_get_action(event_device, &action) < 0 || action != SD_DEVICE_ADD) {
		return 0;
	}
	unsigned bus = property_number(event_device, "BUSNUM");
	unsigned address = property_number(event_device, "DEVNUM");
	struct usb_devices devices;
	usb_devices_read(&devices, "");
	for (size_t i = 0; i < devices.count; i++) {
		if (devices.list[i].bus == bus && devices.list[i].address == address) {
			machine_usb_plugged(daemon, &devices.list[i]);
		}
	}
	usb_devices_finish(&devices);
	return 0;
}

sd_device_monitor *machine_usb_monitor(struct daemon *daemon, struct vx_error *err)
{
	sd_device_monitor *monitor = nullptr;
	int result = sd_device_monitor_new(&monitor);
	if (result >= 0) {
		result = sd_device_monitor_filter_add_match_subsystem_devtype(
			monitor, "usb", "usb_device");
	}
	if (result >= 0) {
		result = sd_device_monitor_attach_event(monitor, daemon->event);
	}
	if (result >= 0) {
		result = sd_device_monitor_start(monitor, handle_device, daemon);
	}
	if (result < 0) {
		vx_error_set_errno(err, -result, "can't hear of USB devices that are plugged in");
		return sd_device_monitor_unref(monitor);
	}
	return monitor;
}
