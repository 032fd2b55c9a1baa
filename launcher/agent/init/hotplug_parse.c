/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "init/hotplug.h"

/* Where a prefix ends in a slash everything below that folder is meant, else names with a number.
 */
static const char *const prefixes[] = {
	"bus/usb/", /* what libusb opens: smart cards, phones, printers */
	"hidraw",   /* security keys */
	"sd",       /* disks: a VM has no others of this name */
	"snd/",
	"ttyACM",
	"ttyUSB",
	"video",
};

bool hotplug_is_for_user(const char *node)
{
	if (strstr(node, "..") != nullptr) {
		return false;
	}
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i]);
		if (strncmp(node, prefixes[i], length) == 0 && node[length] != '\0') {
			return true;
		}
	}
	return false;
}

static const char *value_of(const char *entry, const char *key)
{
	size_t length = strlen(key);
	return strncmp(entry, key, length) == 0 ? entry + length : nullptr;
}

struct hotplug_event hotplug_parse(const char *message, size_t size)
{
	struct hotplug_event event = {};
	bool is_add = false;
	if (size == 0 || message[size - 1] != '\0') {
		return event;
	}
	for (const char *entry = message; entry < message + size; entry += strlen(entry) + 1) {
		const char *action = value_of(entry, "ACTION=");
		const char *node = value_of(entry, "DEVNAME=");
		const char *alias = value_of(entry, "MODALIAS=");
		is_add = is_add || (action != nullptr && strcmp(action, "add") == 0);
		if (node != nullptr && hotplug_is_for_user(node)) {
			event.node = node;
		}
		if (alias != nullptr &&
			(strncmp(alias, "usb:", 4) == 0 || strncmp(alias, "hid:", 4) == 0)) {
			event.alias = alias;
		}
	}
	return is_add ? event : (struct hotplug_event){};
}
