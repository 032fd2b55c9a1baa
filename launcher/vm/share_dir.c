/* SPDX-License-Identifier: MIT */
#include "vm/share_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/name.h"
#include "vm/image_cache.h"

#define RUN_PREFIX "run-"
#define VM_PREFIX "vm-"

static constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/* …/vixos/share, owned by the caller; it needn't be there. */
static char *share_base(struct vx_error *err)
{
	vx_cleanup_free char *cache = image_cache_folder(err);
	return cache != nullptr ? vx_printf("%s/share", cache) : nullptr;
}

static bool make_folder(const char *path, struct vx_error *err)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ||
	       vx_error_set_errno(err, errno, "can't make '%s'", path);
}

static char *random_name(struct vx_error *err)
{
	uint64_t random[2];
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		vx_error_set_errno(err, errno, "no random numbers");
		return nullptr;
	}
	return vx_printf(
		"%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
}

bool vm_share_dir_make(struct vm_share_dir *dir, const char *vm, bool is_run, struct vx_error *err)
{
	*dir = (struct vm_share_dir){.lock = -1};
	vx_cleanup_free char *base = share_base(err);
	vx_cleanup_free char *parent = base != nullptr ? vx_printf("%s/%s", base, vm) : nullptr;
	dir->name = parent != nullptr ? random_name(err) : nullptr;
	if (dir->name == nullptr || !make_folder(base, err) || !make_folder(parent, err)) {
		vm_share_dir_finish(dir);
		return false;
	}
	dir->path = vx_printf("%s/%s%s", parent, is_run ? RUN_PREFIX : VM_PREFIX, dir->name);
	bool good = mkdir(dir->path, 0700) == 0;
	if (good && is_run) {
		dir->lock = open(dir->path, folder_flags);
		good = dir->lock >= 0 && flock(dir->lock, LOCK_EX | LOCK_NB) == 0;
	}
	if (!good) {
		vx_error_set_errno(err, errno, "can't make '%s'", dir->path);
		(void)rmdir(dir->path);
		vm_share_dir_finish(dir);
	}
	return good;
}

void vm_share_dir_finish(struct vm_share_dir *dir)
{
	vx_replace_fd(&dir->lock, -1);
	free(dir->path);
	free(dir->name);
	*dir = (struct vm_share_dir){.lock = -1};
}

bool vm_share_dir_is_one(const char *path)
{
	vx_cleanup_free char *base = share_base(nullptr);
	size_t length = base != nullptr ? strlen(base) : 0;
	return base != nullptr && strncmp(path, base, length) == 0 && path[length] == '/';
}

bool vm_share_dir_is_left(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!vm_share_dir_is_one(path) || strncmp(slash + 1, RUN_PREFIX, strlen(RUN_PREFIX)) != 0) {
		return false;
	}
	vx_cleanup_close int fd = open(path, folder_flags);
	return fd < 0 ? errno == ENOENT : flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Removing */

typedef void (*visit_entry)(int folder, const char *name, void *data);

/* Calls `visit` for each entry, which it may remove. Takes `fd`. */
static void visit_all(int fd, visit_entry visit, void *data)
{
	DIR *directory = fd >= 0 ? fdopendir(fd) : nullptr;
	if (directory == nullptr) {
		vx_cleanup_close_fd(&fd);
		return;
	}
	for (struct dirent *entry = readdir(directory); entry != nullptr;
		entry = readdir(directory)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			visit(dirfd(directory), entry->d_name, data);
		}
	}
	closedir(directory);
}

struct flattening {
	int root;
	uint64_t next; /* number of the next folder that is moved up; begins where nobody knows */
	bool has_moved;
};

/* An entry of a folder in the root: a folder is moved into the root, anything else removed. */
static void move_up(int folder, const char *name, void *data)
{
	struct flattening *flattening = data;
	if (unlinkat(folder, name, 0) == 0 || errno != EISDIR) {
		return;
	}
	(void)fchmodat(folder, name, 0700, AT_SYMLINK_NOFOLLOW);
	vx_cleanup_free char *moved = vx_printf(
		".removing-%llu", (unsigned long long)flattening->next++);
	if (renameat(folder, name, flattening->root, moved) == 0) {
		flattening->has_moved = true;
	}
}

/* An entry of the root. */
static void empty_entry(int root, const char *name, void *data)
{
	if (unlinkat(root, name, 0) == 0 || errno != EISDIR) {
		return;
	}
	/* The user's own, as all that a VM can make here; but perhaps closed to the user. */
	(void)fchmodat(root, name, 0700, AT_SYMLINK_NOFOLLOW);
	visit_all(openat(root, name, folder_flags), move_up, data);
	(void)unlinkat(root, name, AT_REMOVEDIR);
}

/*
 * Folders in folders are moved up until none is left, so that neither descriptors nor paths grow
 * with the depth. Each round takes away at least one level.
 */
void vm_share_dir_remove(const char *path)
{
	(void)fchmodat(AT_FDCWD, path, 0700, AT_SYMLINK_NOFOLLOW);
	vx_cleanup_close int root = open(path, folder_flags);
	struct flattening flattening = {.root = root, .has_moved = true};
	(void)!getrandom(&flattening.next, sizeof(flattening.next), 0);
	while (root >= 0 && flattening.has_moved) {
		flattening.has_moved = false;
		visit_all(openat(root, ".", folder_flags), empty_entry, &flattening);
	}
	(void)rmdir(path);
}

static void remove_in(int folder, const char *name, void *data)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", (const char *)data, name);
	vm_share_dir_remove(path);
}

static void remove_all_in(const char *parent)
{
	visit_all(open(parent, folder_flags), remove_in, (void *)parent);
	(void)rmdir(parent);
}

void vm_share_dir_remove_all(const char *vm)
{
	vx_cleanup_free char *base = share_base(nullptr);
	if (base != nullptr) {
		vx_cleanup_free char *parent = vx_printf("%s/%s", base, vm);
		remove_all_in(parent);
	}
}

struct running {
	const char *base;
	const char *const *names;
	size_t count;
};

static void sweep_one(int folder, const char *name, void *data)
{
	const struct running *running = data;
	for (size_t i = 0; i < running->count; i++) {
		if (strcmp(running->names[i], name) == 0) {
			return;
		}
	}
	if (vx_vm_name_is_valid(name)) {
		vx_cleanup_free char *parent = vx_printf("%s/%s", running->base, name);
		remove_all_in(parent);
	}
}

void vm_share_dir_sweep(const char *const *running, size_t count)
{
	vx_cleanup_free char *base = share_base(nullptr);
	struct running all = {base, running, count};
	if (base != nullptr) {
		visit_all(open(base, folder_flags), sweep_one, &all);
	}
}
