/* SPDX-License-Identifier: MIT */
#include "vm/initramfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "vm/guest_etc.h"
#include "vm/initramfs_writer.h"
#include "vm/kernel.h"

#define IMAGE_PREFIX "initramfs-"

/* Part of the key: to be raised when the layout of images changes. */
static constexpr uint64_t image_format = 1;
static constexpr size_t images_kept = 4;

/* FNV-1a. Nobody gains by a collision: whoever can write the inputs can write the image. */
static void hash_bytes(uint64_t *hash, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	for (size_t i = 0; i < size; i++) {
		*hash = (*hash ^ bytes[i]) * 0x100000001b3u;
	}
}

static void hash_text(uint64_t *hash, const char *text)
{
	hash_bytes(hash, text, strlen(text) + 1);
}

static bool hash_file(uint64_t *hash, const char *path, struct vx_error *err)
{
	struct stat status;
	if (stat(path, &status) != 0) {
		return vx_error_set_errno(err, errno, "'%s' can't be used", path);
	}
	const int64_t facts[] = {(int64_t)status.st_size, (int64_t)status.st_ino,
		(int64_t)status.st_mtim.tv_sec, (int64_t)status.st_mtim.tv_nsec};
	hash_text(hash, path);
	hash_bytes(hash, facts, sizeof(facts));
	return true;
}

static void hash_etc(uint64_t *hash, const struct vm_etc *etc)
{
	for (size_t i = 0; i < etc->count; i++) {
		const struct vm_etc_entry *entry = &etc->entries[i];
		hash_text(hash, entry->path);
		hash_text(hash, entry->text == nullptr ? "" : entry->text);
		hash_bytes(hash, &entry->type, sizeof(entry->type));
		hash_bytes(hash, &entry->mode, sizeof(entry->mode));
		hash_bytes(hash, &entry->stamp, sizeof(entry->stamp));
	}
}

static bool hash_inputs(uint64_t *ret_hash, const struct vm_initramfs_inputs *inputs,
	const struct vm_etc *etc, struct vx_error *err)
{
	vx_cleanup_free char *modules = vx_printf("%s/modules.dep.bin", inputs->kernel->modules);
	vx_cleanup_free char *init = vx_printf("%s/vixos-init", inputs->programs);
	vx_cleanup_free char *guest = vx_printf("%s/vixos-guest", inputs->programs);
	uint64_t hash = 0xcbf29ce484222325u;
	hash_bytes(&hash, &image_format, sizeof(image_format));
	hash_text(&hash, inputs->kernel->release);
	if (!hash_file(&hash, modules, err) || !hash_file(&hash, init, err) ||
			!hash_file(&hash, guest, err)) {
		return false;
	}
	hash_etc(&hash, etc);
	*ret_hash = hash;
	return true;
}

static bool make_folder(const char *path, struct vx_error *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST) {
		return true;
	}
	return vx_error_set_errno(err, errno, "can't make folder '%s'", path);
}

/* $XDG_CACHE_HOME/vixos, or what `cache` says; made where it isn't there. */
static char *ensure_cache(const char *cache, struct vx_error *err)
{
	if (cache != nullptr) {
		return make_folder(cache, err) ? vx_strdup(cache) : nullptr;
	}
	const char *base = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	vx_cleanup_free char *parent = nullptr;
	if (base != nullptr && base[0] == '/') {
		parent = vx_strdup(base);
	} else if (home != nullptr && home[0] == '/') {
		parent = vx_printf("%s/.cache", home);
	} else {
		vx_error_set(err, "neither XDG_CACHE_HOME nor HOME is set to an absolute path");
		return nullptr;
	}
	vx_cleanup_free char *folder = vx_printf("%s/vixos", parent);
	if (!make_folder(parent, err) || !make_folder(folder, err)) {
		return nullptr;
	}
	return vx_take_ptr(folder);
}

struct cached_image {
	char name[NAME_MAX + 1];
	struct timespec used;
};

static bool is_older(const struct cached_image *a, const struct cached_image *b)
{
	return a->used.tv_sec != b->used.tv_sec ? a->used.tv_sec < b->used.tv_sec
						: a->used.tv_nsec < b->used.tv_nsec;
}

/*
 * Removes all images but the most recently used few, and what writers that died left behind. `newest` is a
 * list of those to keep; what drops out of it is removed.
 */
static void prune_one(int folder, struct cached_image newest[static images_kept], const char *name)
{
	struct cached_image candidate = {};
	struct stat status;
	if (strlen(name) > NAME_MAX || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		return;
	}
	memcpy(candidate.name, name, strlen(name));
	candidate.used = status.st_mtim;
	for (size_t i = 0; i < images_kept; i++) {
		if (newest[i].name[0] == '\0' || is_older(&newest[i], &candidate)) {
			struct cached_image pushed_out = newest[i];
			newest[i] = candidate;
			candidate = pushed_out;
		}
	}
	if (candidate.name[0] != '\0') {
		unlinkat(folder, candidate.name, 0);
	}
}

static void prune_cache(const char *cache)
{
	DIR *directory = opendir(cache);
	if (directory == nullptr) {
		return;
	}
	struct cached_image newest[images_kept] = {};
	for (struct dirent *entry = readdir(directory); entry != nullptr;
			entry = readdir(directory)) {
		if (strncmp(entry->d_name, IMAGE_PREFIX, strlen(IMAGE_PREFIX)) == 0) {
			prune_one(dirfd(directory), newest, entry->d_name);
		}
	}
	closedir(directory);
}

static bool write_image(const struct vm_initramfs_inputs *inputs, const struct vm_etc *etc,
	const char *path, struct vx_error *err)
{
	vx_cleanup_free char *temporary = vx_printf("%s.XXXXXX", path);
	vx_cleanup_close int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		return vx_error_set_errno(err, errno, "can't write '%s'", path);
	}
	bool written = initramfs_write(fd, inputs, etc, err);
	/* No fsync: after a crash of the host the key decides by size, and the kernel rejects a torn image. */
	if (written && (fchmod(fd, 0644) != 0 || rename(temporary, path) != 0)) {
		written = vx_error_set_errno(err, errno, "can't write '%s'", path);
	}
	if (!written) {
		unlink(temporary);
		return vx_error_wrap(err, "the boot image can't be made");
	}
	return true;
}

char *vm_initramfs_ensure(const struct vm_initramfs_inputs *inputs, struct vx_error *err)
{
	struct vm_etc *etc = vm_etc_collect(inputs->host_root, err);
	if (etc == nullptr) {
		return nullptr;
	}
	uint64_t hash = 0;
	vx_cleanup_free char *cache = nullptr;
	vx_cleanup_free char *path = nullptr;
	bool ready = hash_inputs(&hash, inputs, etc, err) &&
		(cache = ensure_cache(inputs->cache, err)) != nullptr;
	if (ready) {
		path = vx_printf("%s/" IMAGE_PREFIX "%s-%016" PRIx64, cache,
			inputs->kernel->release, hash);
		/* The time of last use decides what is pruned. */
		if (utimensat(AT_FDCWD, path, nullptr, 0) != 0) {
			ready = write_image(inputs, etc, path, err);
			prune_cache(cache);
		}
	}
	vm_etc_destroy(etc);
	return ready ? vx_take_ptr(path) : nullptr;
}

static bool has_guest_programs(const char *folder)
{
	vx_cleanup_free char *init = vx_printf("%s/vixos-init", folder);
	vx_cleanup_free char *guest = vx_printf("%s/vixos-guest", folder);
	return access(init, R_OK) == 0 && access(guest, R_OK) == 0;
}

/* In a build tree vixosd is launcher/daemon/vixosd, and they are in launcher/agent. */
static char *build_tree_programs(void)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (length <= 0) {
		return nullptr;
	}
	self[length] = '\0';
	for (unsigned up = 0; up < 2; up++) {
		char *slash = strrchr(self, '/');
		if (slash == nullptr) {
			return nullptr;
		}
		*slash = '\0';
	}
	return vx_printf("%s/agent", self);
}

char *vm_guest_programs_find(struct vx_error *err)
{
	const char *chosen = getenv("VIXOS_GUEST_PROGRAMS");
	if (chosen != nullptr) {
		if (!has_guest_programs(chosen)) {
			vx_error_set(err, "vixos-init and vixos-guest are not in '%s', which "
				"VIXOS_GUEST_PROGRAMS names", chosen);
			return nullptr;
		}
		return vx_strdup(chosen);
	}
	vx_cleanup_free char *built = build_tree_programs();
	if (built != nullptr && has_guest_programs(built)) {
		return vx_take_ptr(built);
	}
	if (has_guest_programs(VX_LIBEXEC_DIR)) {
		return vx_strdup(VX_LIBEXEC_DIR);
	}
	vx_error_set(err, "vixos-init and vixos-guest are not in '%s'; is VixOS installed completely?",
		VX_LIBEXEC_DIR);
	return nullptr;
}
