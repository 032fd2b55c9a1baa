/* SPDX-License-Identifier: MIT */
#include "vm/state_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"

/*
 * A guest can nest folders deeper than there are descriptors: what lies deeper than this is first
 * moved up.
 */
static constexpr unsigned depth_max = 32;

static char *base_path(struct vx_error *err)
{
	const char *data_home = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");
	if (data_home != nullptr && data_home[0] == '/') {
		return vx_printf("%s/vixos", data_home);
	}
	if (home != nullptr && home[0] == '/') {
		return vx_printf("%s/.local/share/vixos", home);
	}
	vx_error_set(err, "there is no place for what VMs keep: HOME is not set");
	return nullptr;
}

char *vm_state_dir_path(const char *name, const char *part, struct vx_error *err)
{
	vx_cleanup_free char *base = base_path(err);
	if (base == nullptr) {
		return nullptr;
	}
	return part != nullptr ? vx_printf("%s/%s/%s", base, name, part)
			       : vx_printf("%s/%s", base, name);
}

static bool is_folder(char *path)
{
	vx_cleanup_free char *owned = path;
	struct stat info;
	return owned != nullptr && lstat(owned, &info) == 0 && S_ISDIR(info.st_mode);
}

bool vm_state_dir_exists(const char *name)
{
	return is_folder(vm_state_dir_path(name, nullptr, nullptr));
}

bool vm_state_dir_has_home(const char *name)
{
	return is_folder(vm_state_dir_path(name, "home", nullptr));
}

bool vm_make_folders(const char *path, struct vx_error *err)
{
	vx_cleanup_free char *partial = vx_strdup(path);
	char *slash = partial;
	do {
		slash = strchr(slash + 1, '/');
		if (slash != nullptr) {
			*slash = '\0';
		}
		if (mkdir(partial, 0700) != 0 && errno != EEXIST) {
			return vx_error_set_errno(err, errno, "can't make folder '%s'", partial);
		}
		if (slash != nullptr) {
			*slash = '/';
		}
	} while (slash != nullptr);
	return true;
}

bool vm_state_dir_make(const char *name, const char *part, struct vx_error *err)
{
	vx_cleanup_free char *path = vm_state_dir_path(name, part, err);
	struct stat info;
	if (path == nullptr || !vm_make_folders(path, err)) {
		return false;
	}
	if (lstat(path, &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) {
		return vx_error_set(err, "'%s' is not a folder of yours", path);
	}
	return true;
}

int vm_state_dir_lock(const char *name, bool is_exclusive, struct vx_error *err)
{
	vx_cleanup_free char *path = vm_state_dir_path(name, nullptr, err);
	if (path == nullptr) {
		return -1;
	}
	vx_cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		if (errno != ENOENT) {
			vx_error_set_errno(err, errno, "can't use '%s'", path);
		}
		return -1;
	}
	if (flock(fd, (is_exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK) {
			vx_error_set(err, "VM '%s' is just being %s", name,
				is_exclusive ? "started or changed" : "changed by another command");
		} else {
			vx_error_set_errno(err, errno, "can't lock '%s'", path);
		}
		return -1;
	}
	return vx_take_fd(fd);
}

bool vm_state_dir_rename(const char *from, const char *to, struct vx_error *err)
{
	vx_cleanup_free char *old_path = vm_state_dir_path(from, nullptr, err);
	vx_cleanup_free char *new_path = vm_state_dir_path(to, nullptr, err);
	if (old_path == nullptr || new_path == nullptr) {
		return false;
	}
	if (renameat2(AT_FDCWD, old_path, AT_FDCWD, new_path, RENAME_NOREPLACE) != 0) {
		return vx_error_set_errno(
			err, errno, "can't rename '%s' to '%s'", old_path, new_path);
	}
	return true;
}

/* Removal */

struct removal {
	int top_fd;        /* of the folder that is to be emptied; borrowed */
	unsigned moved_up; /* to give what is moved up names of its own */
	bool has_moved;
	struct vx_error *err;
};

static bool remove_entry(struct removal *removal, int fd, const char *name, unsigned depth);

/* A guest may have taken its own rights from a folder. */
static void make_usable(int parent_fd, const char *name)
{
	struct stat info;
	if (fstatat(parent_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode) &&
		(info.st_mode & 0700) != 0700) {
		(void)fchmodat(parent_fd, name, 0700, AT_SYMLINK_NOFOLLOW);
	}
}

static int open_folder(int parent_fd, const char *name, struct vx_error *err)
{
	make_usable(parent_fd, name);
	int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "can't remove folder '%s'", name);
	}
	return fd;
}

static bool is_dot_or_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Takes `fd`. */
static bool empty_folder(struct removal *removal, int fd, unsigned depth)
{
	DIR *folder = fdopendir(fd);
	bool good = folder != nullptr;
	if (!good) {
		vx_error_set_errno(removal->err, errno, "can't read a folder");
		close(fd);
		return false;
	}
	for (const struct dirent *entry; good && (entry = readdir(folder)) != nullptr;) {
		good = is_dot_or_dots(entry->d_name) ||
		       remove_entry(removal, dirfd(folder), entry->d_name, depth);
	}
	closedir(folder);
	return good;
}

static bool move_up(struct removal *removal, int fd, const char *name)
{
	make_usable(fd, name);
	for (;;) {
		vx_cleanup_free char *place = vx_printf(".vixos-removed-%u", removal->moved_up++);
		if (renameat2(fd, name, removal->top_fd, place, RENAME_NOREPLACE) == 0) {
			removal->has_moved = true;
			return true;
		}
		if (errno != EEXIST) {
			return vx_error_set_errno(removal->err, errno, "can't remove '%s'", name);
		}
	}
}

static bool remove_entry(struct removal *removal, int fd, const char *name, unsigned depth)
{
	if (unlinkat(fd, name, 0) == 0 || errno == ENOENT) {
		return true;
	}
	if (errno != EISDIR && errno != EPERM) {
		return vx_error_set_errno(removal->err, errno, "can't remove '%s'", name);
	}
	if (unlinkat(fd, name, AT_REMOVEDIR) == 0) {
		return true;
	}
	if (depth >= depth_max) {
		return move_up(removal, fd, name);
	}
	int folder_fd = open_folder(fd, name, removal->err);
	if (folder_fd < 0 || !empty_folder(removal, folder_fd, depth + 1)) {
		return false;
	}
	return unlinkat(fd, name, AT_REMOVEDIR) == 0 ||
	       vx_error_set_errno(removal->err, errno, "can't remove folder '%s'", name);
}

bool vm_state_dir_remove_tree(int parent_fd, const char *name, struct vx_error *err)
{
	vx_cleanup_close int top_fd = open_folder(parent_fd, name, err);
	struct removal removal = {.top_fd = top_fd, .has_moved = true, .err = err};
	while (top_fd >= 0 && removal.has_moved) {
		int fd = openat(top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		removal.has_moved = false;
		if (fd < 0) {
			return vx_error_set_errno(err, errno, "can't remove folder '%s'", name);
		}
		if (!empty_folder(&removal, fd, 0)) {
			return false;
		}
	}
	if (top_fd < 0) {
		return false;
	}
	return unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 ||
	       vx_error_set_errno(err, errno, "can't remove folder '%s'", name);
}

bool vm_state_dir_remove(const char *name, struct vx_error *err)
{
	vx_cleanup_free char *base = base_path(err);
	if (base == nullptr || !vm_state_dir_exists(name)) {
		return base != nullptr;
	}
	vx_cleanup_close int fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return vx_error_set_errno(err, errno, "can't use '%s'", base);
	}
	return vm_state_dir_remove_tree(fd, name, err);
}
