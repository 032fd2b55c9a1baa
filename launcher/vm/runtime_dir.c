/* SPDX-License-Identifier: MIT */
#include "vm/runtime_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/name.h"
#include "vm/network.h"
#include "vm/region.h"

/* Sockets and a ring; deeper trees are nothing that we make. */
static constexpr unsigned remove_depth_max = 8;

static void close_folder(DIR **folder)
{
	if (*folder != nullptr) {
		closedir(*folder);
	}
}

/* A private folder of this user, made if it isn't there; symbolic links are refused. */
static bool make_private_folder(const char *path, struct vx_error *err)
{
	struct stat info;
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		return vx_error_set_errno(err, errno, "can't make the folder '%s'", path);
	}
	if (lstat(path, &info) < 0) {
		return vx_error_set_errno(err, errno, "can't look at '%s'", path);
	}
	if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 0077) != 0) {
		return vx_error_set(err,
			"'%s' must be a folder that only you can read: remove it or "
			"'chmod 700' it",
			path);
	}
	return true;
}

char *vm_runtime_base(struct vx_error *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct stat info;
	if (runtime == nullptr || runtime[0] != '/') {
		vx_error_set(err, "XDG_RUNTIME_DIR is not set to an absolute path: log in through "
				  "systemd-logind, or set it to a private folder");
		return nullptr;
	}
	if (stat(runtime, &info) < 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) {
		vx_error_set(
			err, "XDG_RUNTIME_DIR is '%s', which is not a folder of yours", runtime);
		return nullptr;
	}
	vx_cleanup_free char *base = vx_printf("%s/vixos", runtime);
	return make_private_folder(base, err) ? vx_take_ptr(base) : nullptr;
}

bool vm_runtime_dir_init(struct vm_runtime_dir *dir, const char *name, struct vx_error *err)
{
	*dir = (struct vm_runtime_dir){};
	vx_assert(vx_vm_name_is_valid(name));
	vx_cleanup_free char *base = vm_runtime_base(err);
	if (base == nullptr) {
		return false;
	}
	dir->path = vx_printf("%s/vm/%s", base, name);
	dir->link_socket = vx_printf("%s/link.sock", dir->path);
	dir->console_socket = vx_printf("%s/console.sock", dir->path);
	dir->console_ring = vx_printf("%s/console.ring", dir->path);
	dir->uefi_variables = vx_printf("%s/nvram.fd", dir->path);
	dir->proxy_socket = vx_printf("%s/proxy.sock", dir->path);
	dir->network_control = vx_printf("%s/network.sock", dir->path);
	dir->bind_socket = vx_printf("%s/bind.sock", dir->path);
	dir->network_socket = vx_printf(
		"%s/libvirt/qemu/run/passt/vixos-%s.sock", getenv("XDG_RUNTIME_DIR"), name);
	return true;
}

char *vm_usb_socket(const struct vm_runtime_dir *dir, unsigned place)
{
	return vx_printf("%s/usb%u.sock", dir->path, place);
}

void vm_runtime_dir_finish(struct vm_runtime_dir *dir)
{
	free(dir->path);
	free(dir->link_socket);
	free(dir->console_socket);
	free(dir->console_ring);
	free(dir->uefi_variables);
	free(dir->proxy_socket);
	free(dir->bind_socket);
	free(dir->network_socket);
	free(dir->network_control);
	*dir = (struct vm_runtime_dir){};
}

bool vm_runtime_dir_make(const struct vm_runtime_dir *dir, struct vx_error *err)
{
	vx_cleanup_free char *parent = vx_strndup(
		dir->path, (size_t)(strrchr(dir->path, '/') - dir->path));
	return make_private_folder(parent, err) && vm_runtime_dir_remove(dir, err) &&
	       make_private_folder(dir->path, err);
}

/* Removes `name` in the folder `parent`, and what is in it, by descriptors: links are removed,
 * never followed. */
static bool remove_tree(int parent, const char *name, unsigned depth)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) {
		return true;
	}
	if ((errno != EISDIR && errno != EPERM) || depth >= remove_depth_max) {
		return false;
	}
	vx_cleanup_close int fd = openat(
		parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int folder_fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	VX_CLEANUP(close_folder) DIR *folder = folder_fd >= 0 ? fdopendir(folder_fd) : nullptr;
	if (folder == nullptr) {
		return false;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != nullptr;) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			!remove_tree(fd, entry->d_name, depth + 1)) {
			return false;
		}
	}
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

bool vm_runtime_dir_remove(const struct vm_runtime_dir *dir, struct vx_error *err)
{
	vm_network_end(dir->network_socket);
	if (!remove_tree(AT_FDCWD, dir->path, 0)) {
		return vx_error_set_errno(err, errno, "can't remove '%s'", dir->path);
	}
	return true;
}

bool vm_runtime_dir_rename(
	const struct vm_runtime_dir *from, const struct vm_runtime_dir *to, struct vx_error *err)
{
	if (!vm_runtime_dir_remove(to, err)) {
		return false;
	}
	/* passt is QEMU's by now, and its socket of no use to anybody else. */
	(void)unlink(from->network_socket);
	return rename(from->path, to->path) == 0 ||
	       vx_error_set_errno(err, errno, "can't rename '%s'", from->path);
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static bool remove_by_name(const char *name)
{
	struct vm_runtime_dir dir;
	bool removed = vm_runtime_dir_init(&dir, name, nullptr) &&
		       vm_runtime_dir_remove(&dir, nullptr);
	vm_runtime_dir_finish(&dir);
	return removed;
}

size_t vm_runtime_dir_sweep(const char *const *running, size_t count)
{
	vx_cleanup_free char *base = vm_runtime_base(nullptr);
	if (base == nullptr) {
		return 0;
	}
	size_t removed = vm_region_sweep(running, count);
	vx_cleanup_free char *path = vx_printf("%s/vm", base);
	VX_CLEANUP(close_folder) DIR *folder = opendir(path);
	if (folder == nullptr) {
		return removed;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != nullptr;) {
		if (vx_vm_name_is_valid(entry->d_name) &&
			!is_among(entry->d_name, running, count) && remove_by_name(entry->d_name)) {
			removed++;
		}
	}
	return removed;
}
