/* SPDX-License-Identifier: MIT */
#include "vm/usb_use.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"

static constexpr size_t file_max = 4096;
static constexpr size_t mounts_max = 4 * 1024 * 1024;

/* The drivers whose devices are in use as long as they have them. */
static const struct {
	const char *driver, *use;
} drivers[] = {
	{"btusb", "it is the host's Bluetooth"},
	{"usbfs", "another program uses it"},
};

typedef bool (*entry_check)(const char *root, const char *entry);

static char *read_text(const char *folder, const char *name, size_t max)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, name);
	char *text = vx_read_file(path, max, nullptr, nullptr);
	return text;
}

static bool folder_has_entries(const char *folder)
{
	bool has_one = false;
	DIR *directory = opendir(folder);
	for (struct dirent *entry;
		directory != nullptr && !has_one && (entry = readdir(directory)) != nullptr;) {
		has_one = entry->d_name[0] != '.';
	}
	if (directory != nullptr) {
		closedir(directory);
	}
	return has_one;
}

/* Is it mounted, or has something else, such as an encrypted volume, been made of it? */
static bool block_is_used(const char *root, const char *entry)
{
	vx_cleanup_free char *holders = vx_printf("%s/holders", entry);
	vx_cleanup_free char *number = read_text(entry, "dev", file_max);
	vx_cleanup_free char *path = vx_printf("%s/proc/self/mountinfo", root);
	vx_cleanup_free char *mounts = vx_read_file(path, mounts_max, nullptr, nullptr);
	if (folder_has_entries(holders)) {
		return true;
	}
	if (number == nullptr || mounts == nullptr) {
		return false;
	}
	number[strcspn(number, "\n")] = '\0';
	vx_cleanup_free char *word = vx_printf(" %s ", number);
	return strstr(mounts, word) != nullptr;
}

static bool network_is_up(const char *root, const char *entry)
{
	vx_cleanup_free char *flags = read_text(entry, "flags", file_max);
	return flags != nullptr && (strtoul(flags, nullptr, 16) & 1) != 0;
}

static const struct {
	const char *class;
	entry_check is_used;
	const char *use;
} classes[] = {
	{"block", block_is_used, "a file system or volume on it is in use"},
	{"net", network_is_up, "its network interface is up"},
};

/* Does an entry of a class, a link to its device, belong to the USB device? */
static bool entry_is_of(const char *entry, const char *port)
{
	char target[PATH_MAX];
	ssize_t length = readlink(entry, target, sizeof(target) - 1);
	if (length <= 0) {
		return false;
	}
	target[length] = '\0';
	vx_cleanup_free char *part = vx_printf("/%s/", port);
	return strstr(target, part) != nullptr;
}

static bool class_uses(const char *root, const char *port, const char *class, entry_check is_used)
{
	bool found = false;
	vx_cleanup_free char *folder = vx_printf("%s/sys/class/%s", root, class);
	DIR *directory = opendir(folder);
	for (struct dirent *entry;
		directory != nullptr && !found && (entry = readdir(directory)) != nullptr;) {
		vx_cleanup_free char *path = vx_printf("%s/%s", folder, entry->d_name);
		found = entry->d_name[0] != '.' && entry_is_of(path, port) && is_used(root, path);
	}
	if (directory != nullptr) {
		closedir(directory);
	}
	return found;
}

/* What its driver means, of an interface; NULL where that is nothing. */
static const char *driver_use(const char *interface)
{
	char target[PATH_MAX];
	vx_cleanup_free char *path = vx_printf("%s/driver", interface);
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0) {
		return nullptr;
	}
	target[length] = '\0';
	const char *slash = strrchr(target, '/');
	const char *name = slash != nullptr ? slash + 1 : target;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(drivers); i++) {
		if (strcmp(name, drivers[i].driver) == 0) {
			return drivers[i].use;
		}
	}
	return nullptr;
}

static const char *find_driver_use(const char *root, const char *port)
{
	const char *use = nullptr;
	size_t length = strlen(port);
	vx_cleanup_free char *folder = vx_printf("%s/sys/bus/usb/devices", root);
	DIR *directory = opendir(folder);
	for (struct dirent *entry; directory != nullptr && use == nullptr &&
				   (entry = readdir(directory)) != nullptr;) {
		if (strncmp(entry->d_name, port, length) == 0 && entry->d_name[length] == ':') {
			vx_cleanup_free char *path = vx_printf("%s/%s", folder, entry->d_name);
			use = driver_use(path);
		}
	}
	if (directory != nullptr) {
		closedir(directory);
	}
	return use;
}

char *usb_use_find(const char *root, const char *port)
{
	const char *use = find_driver_use(root, port);
	for (size_t i = 0; use == nullptr && i < VX_ARRAY_LENGTH(classes); i++) {
		if (class_uses(root, port, classes[i].class, classes[i].is_used)) {
			use = classes[i].use;
		}
	}
	return vx_strdup(use);
}
