/* SPDX-License-Identifier: MIT */
#include "vm/usb_devices.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "common/display_string.h"
#include "common/fd.h"
#include "common/memory.h"
#include "vm/usb_use.h"

static constexpr size_t attribute_max = 4096;
static constexpr size_t name_max = 60; /* code points */
static constexpr size_t devices_max = 1024;

/* The first line of an attribute, fit to be shown; owned by the caller; NULL where there is none.
 */
static char *read_line(const char *folder, const char *attribute)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, attribute);
	vx_cleanup_free char *untrusted_text = vx_read_file(path, attribute_max, nullptr, nullptr);
	if (untrusted_text == nullptr) {
		return nullptr;
	}
	untrusted_text[strcspn(untrusted_text, "\n")] = '\0';
	char *text = vx_display_string(untrusted_text, name_max);
	if (text[0] == '\0') {
		free(text);
		return nullptr;
	}
	return text;
}

static unsigned read_number(const char *folder, const char *attribute)
{
	vx_cleanup_free char *text = read_line(folder, attribute);
	unsigned long number = text != nullptr ? strtoul(text, nullptr, 10) : 0;
	return number < 1000 ? (unsigned)number : 0;
}

static char *format_name(const char *folder, const struct usb_summary *summary)
{
	vx_cleanup_free char *maker = read_line(folder, "manufacturer");
	vx_cleanup_free char *product = read_line(folder, "product");
	if (maker == nullptr && product == nullptr) {
		return vx_printf("device %04x:%04x", summary->vendor, summary->product);
	}
	if (maker == nullptr || product == nullptr) {
		return vx_strdup(maker != nullptr ? maker : product);
	}
	/* Many repeat themselves. */
	return strncmp(product, maker, strlen(maker)) == 0 ? vx_strdup(product)
							   : vx_printf("%s %s", maker, product);
}

static bool report_file_is_fido(const char *path)
{
	size_t size = 0;
	vx_cleanup_free char *bytes = vx_read_file(path, attribute_max, &size, nullptr);
	return bytes != nullptr && usb_report_is_fido((const uint8_t *)bytes, size);
}

/* Its interfaces are "PORT:1.0" below it, and their HID devices "0003:1050:0407.0001" below those.
 */
static bool interface_is_fido(const char *interface)
{
	bool found = false;
	DIR *directory = opendir(interface);
	for (struct dirent *entry;
		directory != nullptr && !found && (entry = readdir(directory)) != nullptr;) {
		if (strncmp(entry->d_name, "0003:", 5) == 0) {
			vx_cleanup_free char *path = vx_printf(
				"%s/%s/report_descriptor", interface, entry->d_name);
			found = report_file_is_fido(path);
		}
	}
	if (directory != nullptr) {
		closedir(directory);
	}
	return found;
}

static void look_at_interfaces(struct usb_device *device, const char *folder)
{
	size_t length = strlen(device->port);
	DIR *directory = opendir(folder);
	for (struct dirent *entry;
		directory != nullptr && (entry = readdir(directory)) != nullptr;) {
		if (strncmp(entry->d_name, device->port, length) == 0 &&
			entry->d_name[length] == ':') {
			vx_cleanup_free char *path = vx_printf("%s/%s", folder, entry->d_name);
			device->is_fido = device->is_fido || interface_is_fido(path);
		}
	}
	if (directory != nullptr) {
		closedir(directory);
	}
}

static bool device_read(struct usb_device *device, const char *root, const char *port)
{
	vx_cleanup_free char *folder = vx_printf("%s/sys/bus/usb/devices/%s", root, port);
	vx_cleanup_free char *path = vx_printf("%s/descriptors", folder);
	size_t size = 0;
	vx_cleanup_free char *bytes = vx_read_file(path, usb_descriptors_max, &size, nullptr);
	*device = (struct usb_device){
		.bus = read_number(folder, "busnum"),
		.address = read_number(folder, "devnum"),
	};
	if (bytes == nullptr || device->bus == 0 || device->address == 0 ||
		!usb_descriptors_parse((const uint8_t *)bytes, size, &device->summary)) {
		return false;
	}
	device->port = vx_strdup(port);
	device->name = format_name(folder, &device->summary);
	device->serial = read_line(folder, "serial");
	device->node = vx_printf("%s/dev/bus/usb/%03u/%03u", root, device->bus, device->address);
	device->is_writable = access(device->node, R_OK | W_OK) == 0;
	look_at_interfaces(device, folder);
	device->use = usb_use_find(root, port);
	return true;
}

static int compare_devices(const void *a, const void *b)
{
	const struct usb_device *left = a, *right = b;
	if (left->bus != right->bus) {
		return left->bus < right->bus ? -1 : 1;
	}
	return left->address < right->address ? -1 : left->address > right->address;
}

/* Neither an interface ("1-2:1.0") nor a root hub ("usb1"). */
static bool is_device_entry(const char *name)
{
	return name[0] >= '0' && name[0] <= '9' && strchr(name, ':') == nullptr;
}

void usb_devices_read(struct usb_devices *devices, const char *root)
{
	*devices = (struct usb_devices){};
	vx_cleanup_free char *path = vx_printf("%s/sys/bus/usb/devices", root);
	DIR *directory = opendir(path);
	if (directory == nullptr) {
		return;
	}
	for (struct dirent *entry;
		devices->count < devices_max && (entry = readdir(directory)) != nullptr;) {
		struct usb_device device;
		if (is_device_entry(entry->d_name) && device_read(&device, root, entry->d_name)) {
			devices->list = vx_reallocarray(
				devices->list, devices->count + 1, sizeof(*devices->list));
			devices->list[devices->count++] = device;
		}
	}
	closedir(directory);
	if (devices->count > 0) {
		qsort(devices->list, devices->count, sizeof(*devices->list), compare_devices);
	}
}

void usb_devices_finish(struct usb_devices *devices)
{
	for (size_t i = 0; i < devices->count; i++) {
		struct usb_device *device = &devices->list[i];
		free(device->port);
		free(device->name);
		free(device->serial);
		free(device->node);
		free(device->use);
	}
	free(devices->list);
	*devices = (struct usb_devices){};
}
