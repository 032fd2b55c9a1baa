/* SPDX-License-Identifier: MIT */
#include "init/devices.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/user.h"

#define LINK_PORT "org.vixos.link"

/* What vixos-guest maps: write-combining where the CPU has it, else uncached. */
static const char *const region_files[] = {"resource2", "resource2_wc"};

/* Does the file `folder`/`entry`/`attribute` consist of `expected`? */
static bool attribute_is(
	const char *folder, const char *entry, const char *attribute, const char *expected)
{
	vx_cleanup_free char *path = vx_printf("%s/%s/%s", folder, entry, attribute);
	vx_cleanup_free char *text = vx_read_file(path, 4096, nullptr, nullptr);
	if (text == nullptr) {
		return false;
	}
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, expected) == 0;
}

/* Name (owned) of the first entry of `folder` for which `matches` holds; NULL if there is none. */
static char *find_entry(const char *folder,
	bool (*matches)(const char *folder, const char *entry, const char *name), const char *name)
{
	DIR *directory = opendir(folder);
	if (directory == nullptr) {
		return nullptr;
	}
	char *found = nullptr;
	for (struct dirent *entry = readdir(directory); entry != nullptr && found == nullptr;
		entry = readdir(directory)) {
		if (entry->d_name[0] != '.' && matches(folder, entry->d_name, name)) {
			found = vx_strdup(entry->d_name);
		}
	}
	closedir(directory);
	return found;
}

static bool is_port(const char *folder, const char *entry, const char *name)
{
	return attribute_is(folder, entry, "name", name);
}

static bool is_region(const char *folder, const char *entry, const char *name)
{
	return attribute_is(folder, entry, "vendor", "0x1af4") &&
	       attribute_is(folder, entry, "device", "0x1110");
}

/* Ports are announced by the device after its driver is there: usually at once, in any case soon.
 */
static char *wait_for_port(const char *name, unsigned timeout_ms)
{
	static constexpr unsigned step_ms = 10;
	for (unsigned waited = 0;; waited += step_ms) {
		char *port = find_entry("/sys/class/virtio-ports", is_port, name);
		if (port != nullptr || waited >= timeout_ms) {
			return port;
		}
		nanosleep(&(struct timespec){.tv_nsec = step_ms * 1'000'000L}, nullptr);
	}
}

char *devices_find_port(const char *name, unsigned timeout_ms)
{
	vx_cleanup_free char *port = wait_for_port(name, timeout_ms);
	return port != nullptr ? vx_printf("/dev/%s", port) : nullptr;
}

bool devices_give_link(unsigned timeout_ms, struct vx_error *err)
{
	vx_cleanup_free char *port = wait_for_port(LINK_PORT, timeout_ms);
	if (port == nullptr) {
		return vx_error_set(err, "the VM has no virtio-serial port '" LINK_PORT "'");
	}
	vx_cleanup_free char *device = vx_printf("/dev/%s", port);
	vx_cleanup_free char *target = vx_printf("../%s", port);
	if (mkdir("/dev/virtio-ports", 0755) != 0 && errno != EEXIST) {
		return vx_error_set_errno(err, errno, "can't make /dev/virtio-ports");
	}
	if (symlink(target, "/dev/virtio-ports/" LINK_PORT) != 0 && errno != EEXIST) {
		return vx_error_set_errno(err, errno, "can't make /dev/virtio-ports/" LINK_PORT);
	}
	if (chown(device, user_id, user_id) != 0 || chmod(device, 0600) != 0) {
		return vx_error_set_errno(err, errno, "can't give '%s' to the user", device);
	}
	return true;
}

bool devices_give_region(struct vx_error *err)
{
	vx_cleanup_free char *device = find_entry("/sys/bus/pci/devices", is_region, nullptr);
	if (device == nullptr) {
		return true;
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(region_files); i++) {
		vx_cleanup_free char *path = vx_printf(
			"/sys/bus/pci/devices/%s/%s", device, region_files[i]);
		if (chown(path, user_id, user_id) != 0 && errno != ENOENT) {
			return vx_error_set_errno(err, errno, "can't give '%s' to the user", path);
		}
	}
	/* What bus scanning has no need of without a driver: answer to accesses of memory. */
	vx_cleanup_free char *enable = vx_printf("/sys/bus/pci/devices/%s/enable", device);
	vx_cleanup_close int fd = open(enable, O_WRONLY | O_CLOEXEC);
	return fd < 0 || vx_write_all(fd, "1", 1, err);
}
