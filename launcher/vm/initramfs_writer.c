/* SPDX-License-Identifier: MIT */
#include "vm/initramfs_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/fd.h"
#include "vm/guest_etc.h"
#include "vm/initramfs.h"
#include "vm/kernel.h"
#include "vm/module_list.h"
#include "vm/module_signature.h"

static constexpr size_t program_size_max = 64 * 1024 * 1024;
static constexpr size_t module_size_max = 32 * 1024 * 1024;

static bool archive_failed(struct archive *archive, const char *path, struct vx_error *err)
{
	/* Its own words for a failed write are no more than that. */
	int number = archive_errno(archive);
	return vx_error_set(
		err, "%s: %s", path, number > 0 ? strerror(number) : archive_error_string(archive));
}

/* Every entry belongs to root and has no time, so that equal inputs give equal images. */
static bool write_entry(struct archive *archive, const char *path, mode_t mode, const char *target,
	const void *data, size_t size, struct vx_error *err)
{
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_nlink(entry, S_ISDIR(mode) ? 2 : 1);
	archive_entry_set_size(entry, (int64_t)size);
	if (S_ISLNK(mode)) {
		archive_entry_set_symlink(entry, target);
	} else if (S_ISCHR(mode)) {
		archive_entry_set_rdev(entry, makedev(5, 1));
	}
	bool written = archive_write_header(archive, entry) == ARCHIVE_OK &&
		       (size == 0 || archive_write_data(archive, data, size) == (la_ssize_t)size);
	archive_entry_free(entry);
	return written || archive_failed(archive, path, err);
}

static bool write_folder(struct archive *archive, const char *path, struct vx_error *err)
{
	return write_entry(archive, path, S_IFDIR | 0755, nullptr, nullptr, 0, err);
}

static bool write_program(struct archive *archive, const char *path, const char *folder,
	const char *name, struct vx_error *err)
{
	vx_cleanup_free char *source = vx_printf("%s/%s", folder, name);
	size_t size = 0;
	vx_cleanup_free char *bytes = vx_read_file(source, program_size_max, &size, err);
	return bytes != nullptr &&
	       write_entry(archive, path, S_IFREG | 0755, nullptr, bytes, size, err);
}

/* The file may have changed since it was listed: what counts is what it is now. */
static char *read_shared_file(const char *path, size_t *ret_size)
{
	vx_cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
		(status.st_mode & S_IROTH) == 0) {
		return nullptr;
	}
	vx_cleanup_free char *self = vx_printf("/proc/self/fd/%d", fd);
	return vx_read_file(self, vm_etc_file_max, ret_size, nullptr);
}

static bool write_etc_entry(
	struct archive *archive, const struct vm_etc_entry *entry, struct vx_error *err)
{
	vx_cleanup_free char *path = vx_printf("root/%s", entry->path);
	if (entry->type == VM_ETC_LINK) {
		return write_entry(archive, path, S_IFLNK | 0777, entry->text, nullptr, 0, err);
	}
	if (entry->type == VM_ETC_DIRECTORY) {
		return write_entry(archive, path, S_IFDIR | entry->mode, nullptr, nullptr, 0, err);
	}
	size_t size = entry->text == nullptr ? 0 : strlen(entry->text);
	vx_cleanup_free char *bytes = entry->source == nullptr
					      ? vx_strdup(entry->text)
					      : read_shared_file(entry->source, &size);
	return bytes == nullptr || /* gone since it was listed */
	       write_entry(archive, path, S_IFREG | entry->mode, nullptr, bytes, size, err);
}

static bool write_etc(struct archive *archive, const struct vm_etc *etc, struct vx_error *err)
{
	for (size_t i = 0; i < etc->count; i++) {
		if (!write_etc_entry(archive, &etc->entries[i], err)) {
			return false;
		}
	}
	return true;
}

static bool write_modules(struct archive *archive, const struct module_list *list,
	const struct vm_kernel *kernel, struct vx_error *err)
{
	bool keeps_signatures = module_signature_is_needed(kernel);
	for (size_t i = 0; i < list->count; i++) {
		size_t size = 0;
		vx_cleanup_free void *bytes = module_read(
			list->paths[i], module_size_max, &size, err);
		if (bytes != nullptr && !keeps_signatures) {
			size = module_signature_cut(bytes, size);
		}
		const char *group = list->groups[i];
		vx_cleanup_free char *path = vx_printf("modules/%02zu%s%s-%s.ko", i,
			group != nullptr ? "+" : "", group != nullptr ? group : "", list->names[i]);
		if (bytes == nullptr ||
			!write_entry(archive, path, S_IFREG | 0644, nullptr, bytes, size, err)) {
			return false;
		}
	}
	return true;
}

static bool write_all(struct archive *archive, const struct vm_initramfs_inputs *inputs,
	const struct vm_etc *etc, const struct module_list *modules, struct vx_error *err)
{
	return write_folder(archive, "dev", err) &&
	       write_entry(archive, "dev/console", S_IFCHR | 0600, nullptr, nullptr, 0, err) &&
	       write_folder(archive, "proc", err) && write_folder(archive, "sys", err) &&
	       write_folder(archive, "modules", err) &&
	       write_modules(archive, modules, inputs->kernel, err) &&
	       write_program(archive, "init", inputs->programs, "vixos-init", err) &&
	       write_folder(archive, "root", err) && write_etc(archive, etc, err) &&
	       write_program(
		       archive, "root/run/vixos/vixos-tool", inputs->programs, "vixos-tool", err) &&
	       write_program(
		       archive, "root/run/vixos/vixos-guest", inputs->programs, "vixos-guest", err);
}

bool initramfs_write(int fd, const struct vm_initramfs_inputs *inputs, const struct vm_etc *etc,
	struct vx_error *err)
{
	struct module_list modules = {};
	if (!module_list_resolve(&modules, inputs->kernel, err)) {
		return false;
	}
	struct archive *archive = archive_write_new();
	bool written = archive_write_set_format_cpio_newc(archive) == ARCHIVE_OK &&
		       archive_write_add_filter_none(archive) == ARCHIVE_OK &&
		       archive_write_open_fd(archive, fd) == ARCHIVE_OK;
	if (!written) {
		archive_failed(archive, "cpio", err);
	}
	written = written && write_all(archive, inputs, etc, &modules, err);
	if (archive_write_close(archive) != ARCHIVE_OK && written) {
		written = archive_failed(archive, "cpio", err);
	}
	archive_write_free(archive);
	module_list_finish(&modules);
	return written;
}
