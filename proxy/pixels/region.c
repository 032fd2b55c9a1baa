/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/region.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "proxy/pixels/region_speed.h"

static constexpr char devices_folder_default[] = "/sys/bus/pci/devices";
static constexpr unsigned ivshmem_vendor = 0x1af4;
static constexpr unsigned ivshmem_device = 0x1110;
static constexpr unsigned bar_index = 2;
static constexpr size_t sysfs_file_max = 64 * 1024;

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static bool size_is_usable(uint64_t size)
{
	return size > 0 && size <= pixel_region_size_max && size % page_size() == 0;
}

static bool map_fd(struct pixel_region *region, int fd, size_t size, struct vx_error *err)
{
	void *data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED) {
		return vx_error_set_errno(err, errno, "can't map %zu bytes of pixel region", size);
	}
	region->data = data;
	region->size = size;
	return true;
}

/* A hexadecimal number in a file of sysfs. */
static bool read_id(const char *folder, const char *file, unsigned *ret_id)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, file);
	vx_cleanup_free char *text = vx_read_file(path, sysfs_file_max, nullptr, nullptr);
	return text != nullptr && sscanf(text, "%x", ret_id) == 1;
}

static bool is_ivshmem(const char *folder)
{
	unsigned vendor, device;
	return read_id(folder, "vendor", &vendor) && vendor == ivshmem_vendor &&
	       read_id(folder, "device", &device) && device == ivshmem_device;
}

/* The folder of the first device by name, so that the choice is the same at each start; or NULL. */
static char *find_device(const char *devices_folder)
{
	struct dirent **entries = nullptr;
	int count = scandir(devices_folder, &entries, nullptr, alphasort);
	char *found = nullptr;
	for (int i = 0; i < count; i++) {
		vx_cleanup_free char *folder = vx_printf(
			"%s/%s", devices_folder, entries[i]->d_name);
		if (found == nullptr && entries[i]->d_name[0] != '.' && is_ivshmem(folder)) {
			found = vx_take_ptr(folder);
		}
		free(entries[i]);
	}
	free(entries);
	return found;
}

/* The BAR's size from the lines "<start> <end> <flags>" of `resource`. */
static bool read_bar_size(const char *folder, uint64_t *ret_size, struct vx_error *err)
{
	vx_cleanup_free char *path = vx_printf("%s/resource", folder);
	vx_cleanup_free char *text = vx_read_file(path, sysfs_file_max, nullptr, err);
	if (text == nullptr) {
		return false;
	}
	const char *line = text;
	for (unsigned i = 0; i < bar_index && line != nullptr; i++) {
		line = strchr(line, '\n');
		line = line != nullptr ? line + 1 : nullptr;
	}
	unsigned long long start, end;
	if (line == nullptr || sscanf(line, "%llx %llx", &start, &end) != 2 || end <= start) {
		return vx_error_set(err, "'%s' has no region %u", path, bar_index);
	}
	*ret_size = end - start + 1;
	if (!size_is_usable(*ret_size)) {
		return vx_error_set(
			err, "pixel region of %llu bytes in '%s'", end - start + 1, path);
	}
	return true;
}

/* Without a driver nobody may have switched the device's memory on. Failure shows when it is
 * mapped. */
static void enable_device(const char *folder)
{
	vx_cleanup_free char *path = vx_printf("%s/enable", folder);
	vx_cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		vx_write_all(fd, "1", 1, nullptr);
	}
}

bool pixel_region_map_device(
	struct pixel_region *ret_region, const char *devices_folder, struct vx_error *err)
{
	static const struct {
		const char *file, *source;
	} ways[] = {
		{"resource2_wc", "ivshmem, write-combining"},
		{"resource2", "ivshmem"},
	};
	vx_cleanup_free char *folder = find_device(devices_folder);
	if (folder == nullptr) {
		return vx_error_set(err, "no ivshmem device in '%s'", devices_folder);
	}
	uint64_t size = 0;
	if (!read_bar_size(folder, &size, err)) {
		return false;
	}
	enable_device(folder);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(ways); i++) {
		vx_cleanup_free char *path = vx_printf("%s/%s", folder, ways[i].file);
		vx_cleanup_close int fd = open(path, O_RDWR | O_CLOEXEC);
		struct pixel_region region = pixel_region_unset;
		if (fd < 0) {
			vx_error_set_errno(err, errno, "can't open '%s'", path);
			continue;
		}
		if (map_fd(&region, fd, (size_t)size, err)) {
			region.source = ways[i].source;
			pixel_region_measure(&region);
			*ret_region = region;
			vx_error_finish(err);
			return true;
		}
	}
	return vx_error_wrap(err, "ivshmem device '%s'", folder);
}

static bool map_file(struct pixel_region *ret_region, const char *path, struct vx_error *err)
{
	struct pixel_region region = pixel_region_unset;
	if (!pixel_region_open(&region, path, err)) {
		return false;
	}
	if (!map_fd(&region, region.fd, region.size, err)) {
		pixel_region_finish(&region);
		return false;
	}
	pixel_region_measure(&region);
	*ret_region = region;
	return true;
}

bool pixel_region_map_shared(
	struct pixel_region *ret_region, const char *path, struct vx_error *err)
{
	return path != nullptr ? map_file(ret_region, path, err)
			       : pixel_region_map_device(ret_region, devices_folder_default, err);
}

static bool check_file(const struct stat *status, const char *path, struct vx_error *err)
{
	if (!S_ISREG(status->st_mode)) {
		return vx_error_set(err, "pixel region '%s' is no regular file", path);
	}
	if (status->st_uid != geteuid() || (status->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		return vx_error_set(
			err, "pixel region '%s' isn't ours, or others may write it", path);
	}
	if (status->st_size < 0 || !size_is_usable((uint64_t)status->st_size)) {
		return vx_error_set(err,
			"pixel region '%s' has %lld bytes; a multiple of the page size up to %zu "
			"is needed",
			path, (long long)status->st_size, pixel_region_size_max);
	}
	return true;
}

bool pixel_region_open(struct pixel_region *ret_region, const char *path, struct vx_error *err)
{
	/* NONBLOCK so that a FIFO in its place can't hold us. */
	vx_cleanup_close int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		return vx_error_set_errno(err, errno, "can't open pixel region '%s'", path);
	}
	struct stat status;
	if (fstat(fd, &status) < 0) {
		return vx_error_set_errno(err, errno, "can't stat pixel region '%s'", path);
	}
	if (!check_file(&status, path, err)) {
		return false;
	}
	*ret_region = (struct pixel_region){
		.fd = vx_take_fd(fd),
		.size = (size_t)status.st_size,
		.source = "shared file",
	};
	return true;
}

bool pixel_region_create_private(struct pixel_region *ret_region, size_t size, struct vx_error *err)
{
	if (!size_is_usable(size)) {
		return vx_error_set(err, "pixel region of %zu bytes", size);
	}
	vx_cleanup_close int fd = memfd_create("vixos-pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		return vx_error_set_errno(err, errno, "can't make a private pixel region");
	}
	struct pixel_region region = pixel_region_unset;
	if (!map_fd(&region, fd, size, err)) {
		return false;
	}
	region.fd = vx_take_fd(fd);
	region.source = "private memory";
	*ret_region = region;
	return true;
}

void pixel_region_finish(struct pixel_region *region)
{
	if (region->data != nullptr) {
		munmap(region->data, region->size);
	}
	vx_replace_fd(&region->fd, -1);
	*region = pixel_region_unset;
}
