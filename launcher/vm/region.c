/* SPDX-License-Identifier: MIT */
#include "vm/region.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "common/name.h"
#include "vm/domain_xml.h"
#include "vm/runtime_dir.h"

#define SHM_FOLDER "/dev/shm"

static constexpr size_t tag_digits = 8;
static constexpr size_t random_bytes = 12;
static constexpr size_t suffix_digits = tag_digits + 2 * random_bytes;

/* What stays free for everybody else. */
static constexpr uint64_t reserve_bytes = 16 * 1024 * 1024;

static void close_folder(DIR **folder)
{
	if (*folder != nullptr) {
		closedir(*folder);
	}
}

/* Stands for the runtime folder in names. False where there is no runtime folder. */
static bool session_tag(char tag[static tag_digits + 1], struct vx_error *err)
{
	vx_cleanup_free char *base = vm_runtime_base(err);
	if (base == nullptr) {
		return false;
	}
	uint32_t hash = 2166136261u;
	for (const char *c = base; *c != '\0'; c++) {
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	}
	vx_cleanup_free char *digits = vx_printf("%08x", hash);
	memcpy(tag, digits, tag_digits + 1);
	return true;
}

/* The name of the VM in a region's name, owned by the caller; NULL where it is no region's name. */
static char *vm_of_region(const char *region_name)
{
	static constexpr size_t prefix = sizeof(VM_DOMAIN_PREFIX) - 1;
	size_t length = strlen(region_name);
	if (strncmp(region_name, VM_DOMAIN_PREFIX, prefix) != 0 ||
		length < prefix + 1 + suffix_digits) {
		return nullptr;
	}
	size_t name_length = length - prefix - 1 - suffix_digits;
	const char *dash = region_name + prefix + name_length;
	vx_cleanup_free char *name = vx_strndup(region_name + prefix, name_length);
	if (*dash != '-' || strspn(dash + 1, "0123456789abcdef") != suffix_digits ||
		!vx_vm_name_is_valid(name)) {
		return nullptr;
	}
	return vx_take_ptr(name);
}

bool vm_region_name_is_valid(const char *region_name, const char *vm_name)
{
	vx_cleanup_free char *name = vm_of_region(region_name);
	return name != nullptr && strcmp(name, vm_name) == 0;
}

char *vm_region_path(const char *region_name)
{
	return vx_printf(SHM_FOLDER "/%s", region_name);
}

/* Bytes that regions of this user may still fill: they are sparse until the guest has drawn. */
static uint64_t promised_bytes(void)
{
	uint64_t promised = 0;
	VX_CLEANUP(close_folder) DIR *folder = opendir(SHM_FOLDER);
	if (folder == nullptr) {
		return 0;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != nullptr;) {
		vx_cleanup_free char *name = vm_of_region(entry->d_name);
		struct stat info;
		if (name == nullptr ||
			fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISREG(info.st_mode)) {
			continue;
		}
		uint64_t size = (uint64_t)info.st_size;
		uint64_t filled = (uint64_t)info.st_blocks * 512;
		promised += size > filled ? size - filled : 0;
	}
	return promised;
}

bool vm_region_check_room(uint64_t size, struct vx_error *err)
{
	static constexpr uint64_t mib = 1024 * 1024;
	struct statvfs info;
	if (statvfs(SHM_FOLDER, &info) < 0) {
		return vx_error_set_errno(err, errno, "can't look at " SHM_FOLDER);
	}
	uint64_t available = (uint64_t)info.f_bavail * info.f_frsize;
	uint64_t promised = promised_bytes();
	available = available > promised ? available - promised : 0;
	if (available < size + reserve_bytes) {
		return vx_error_set(err,
			SHM_FOLDER
			" has room for %llu MiB, and the VM's windows need %llu MiB: stop "
			"another VM, remove files there, or make it larger ('mount -o "
			"remount,size=… " SHM_FOLDER "')",
			(unsigned long long)(available / mib),
			(unsigned long long)((size + reserve_bytes) / mib));
	}
	return true;
}

char *vm_region_make(const char *vm_name, uint64_t size, struct vx_error *err)
{
	char tag[tag_digits + 1];
	uint8_t noise[random_bytes];
	if (!session_tag(tag, err) || !vm_region_check_room(size, err)) {
		return nullptr;
	}
	if (getrandom(noise, sizeof(noise), 0) != (ssize_t)sizeof(noise)) {
		vx_error_set_errno(err, errno, "can't get random bytes");
		return nullptr;
	}
	char digits[2 * random_bytes + 1] = {};
	for (size_t i = 0; i < random_bytes; i++) {
		static const char hex[] = "0123456789abcdef";
		digits[2 * i] = hex[noise[i] >> 4];
		digits[2 * i + 1] = hex[noise[i] & 15];
	}
	vx_cleanup_free char *name = vx_printf(VM_DOMAIN_PREFIX "%s-%s%s", vm_name, tag, digits);
	vx_cleanup_free char *path = vm_region_path(name);
	vx_cleanup_close int fd = open(
		path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "can't make '%s'", path);
		return nullptr;
	}
	if (ftruncate(fd, (off_t)size) < 0) {
		vx_error_set_errno(err, errno, "can't make '%s' large enough", path);
		unlink(path);
		return nullptr;
	}
	return vx_take_ptr(name);
}

char *vm_region_rename(const char *region_name, const char *vm_name, struct vx_error *err)
{
	const char *suffix = region_name + strlen(region_name) - suffix_digits;
	vx_cleanup_free char *name = vx_printf(VM_DOMAIN_PREFIX "%s-%s", vm_name, suffix);
	vx_cleanup_free char *from = vm_region_path(region_name);
	vx_cleanup_free char *to = vm_region_path(name);
	if (rename(from, to) != 0) {
		vx_error_set_errno(err, errno, "can't rename '%s'", from);
		return nullptr;
	}
	return vx_take_ptr(name);
}

/* Calls for each region of this session. */
static size_t remove_regions(
	bool (*is_wanted)(const char *vm_name, const void *data), const void *data)
{
	char tag[tag_digits + 1];
	size_t removed = 0;
	VX_CLEANUP(close_folder) DIR *folder = opendir(SHM_FOLDER);
	if (folder == nullptr || !session_tag(tag, nullptr)) {
		return 0;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != nullptr;) {
		vx_cleanup_free char *name = vm_of_region(entry->d_name);
		if (name == nullptr || !is_wanted(name, data)) {
			continue;
		}
		const char *suffix = entry->d_name + strlen(entry->d_name) - suffix_digits;
		if (strncmp(suffix, tag, tag_digits) == 0 &&
			unlinkat(dirfd(folder), entry->d_name, 0) == 0) {
			removed++;
		}
	}
	return removed;
}

static bool is_of_vm(const char *vm_name, const void *data)
{
	return strcmp(vm_name, data) == 0;
}

void vm_region_remove(const char *vm_name)
{
	remove_regions(is_of_vm, vm_name);
}

struct running_vms {
	const char *const *names;
	size_t count;
};

static bool is_not_running(const char *vm_name, const void *data)
{
	const struct running_vms *running = data;
	for (size_t i = 0; i < running->count; i++) {
		if (strcmp(running->names[i], vm_name) == 0) {
			return false;
		}
	}
	return true;
}

size_t vm_region_sweep(const char *const *running, size_t count)
{
	const struct running_vms vms = {running, count};
	return remove_regions(is_not_running, &vms);
}
