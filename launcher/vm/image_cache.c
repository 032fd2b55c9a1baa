/* SPDX-License-Identifier: MIT */
#include "vm/image_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"

static constexpr size_t files_kept = 4; /* of a kind */

/* FNV-1a. Nobody gains by a collision: whoever can write the inputs can write the image. */
void image_key_add(uint64_t *key, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	for (size_t i = 0; i < size; i++) {
		*key = (*key ^ bytes[i]) * 0x100000001b3u;
	}
}

void image_key_add_text(uint64_t *key, const char *text)
{
	image_key_add(key, text, strlen(text) + 1);
}

bool image_key_add_file(uint64_t *key, const char *path, struct vx_error *err)
{
	struct stat status;
	if (stat(path, &status) != 0) {
		return vx_error_set_errno(err, errno, "'%s' can't be used", path);
	}
	const int64_t facts[] = {(int64_t)status.st_size, (int64_t)status.st_ino,
		(int64_t)status.st_mtim.tv_sec, (int64_t)status.st_mtim.tv_nsec};
	image_key_add_text(key, path);
	image_key_add(key, facts, sizeof(facts));
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

char *image_cache_folder(struct vx_error *err)
{
	return ensure_cache(nullptr, err);
}

struct cached_file {
	char name[NAME_MAX + 1];
	struct timespec used;
};

static bool is_older(const struct cached_file *a, const struct cached_file *b)
{
	return a->used.tv_sec != b->used.tv_sec ? a->used.tv_sec < b->used.tv_sec
						: a->used.tv_nsec < b->used.tv_nsec;
}

/*
 * Removes all files but the most recently used few, and what writers that died left behind.
 * `newest` is a list of those to keep; what drops out of it is removed.
 */
static void prune_one(int folder, struct cached_file newest[static files_kept], const char *name)
{
	struct cached_file candidate = {};
	struct stat status;
	if (strlen(name) > NAME_MAX || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		return;
	}
	memcpy(candidate.name, name, strlen(name));
	candidate.used = status.st_mtim;
	for (size_t i = 0; i < files_kept; i++) {
		if (newest[i].name[0] == '\0' || is_older(&newest[i], &candidate)) {
			struct cached_file pushed_out = newest[i];
			newest[i] = candidate;
			candidate = pushed_out;
		}
	}
	if (candidate.name[0] != '\0') {
		unlinkat(folder, candidate.name, 0);
	}
}

static void prune_cache(const char *cache, const char *kind)
{
	DIR *directory = opendir(cache);
	size_t length = strlen(kind);
	if (directory == nullptr) {
		return;
	}
	struct cached_file newest[files_kept] = {};
	for (struct dirent *entry = readdir(directory); entry != nullptr;
		entry = readdir(directory)) {
		if (strncmp(entry->d_name, kind, length) == 0 && entry->d_name[length] == '-') {
			prune_one(dirfd(directory), newest, entry->d_name);
		}
	}
	closedir(directory);
}

static bool write_file(const char *path, image_writer write, const void *data, struct vx_error *err)
{
	vx_cleanup_free char *temporary = vx_printf("%s.XXXXXX", path);
	vx_cleanup_close int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		return vx_error_set_errno(err, errno, "can't write '%s'", path);
	}
	bool written = write(fd, data, err);
	if (written && (fchmod(fd, 0644) != 0 || rename(temporary, path) != 0)) {
		written = vx_error_set_errno(err, errno, "can't write '%s'", path);
	}
	if (!written) {
		unlink(temporary);
	}
	return written;
}

/* The time of last use decides what is pruned. */
static bool is_there(const char *path)
{
	return utimensat(AT_FDCWD, path, nullptr, 0) == 0;
}

/* One writer at a time: pruning takes all files under way for those of writers that died. */
static bool ensure_written(const char *cache, const char *kind, const char *path,
	image_writer write, const void *data, struct vx_error *err)
{
	vx_cleanup_close int lock = open(cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX) != 0) {
		return vx_error_set_errno(err, errno, "can't lock '%s'", cache);
	}
	if (is_there(path)) {
		return true;
	}
	if (!write_file(path, write, data, err)) {
		return false;
	}
	prune_cache(cache, kind);
	return true;
}

char *image_cache_ensure(const char *folder, const char *kind, const char *release, uint64_t key,
	image_writer write, const void *data, struct vx_error *err)
{
	vx_cleanup_free char *cache = ensure_cache(folder, err);
	if (cache == nullptr) {
		return nullptr;
	}
	vx_cleanup_free char *path = vx_printf("%s/%s-%s-%016" PRIx64, cache, kind, release, key);
	return is_there(path) || ensure_written(cache, kind, path, write, data, err)
		       ? vx_take_ptr(path)
		       : nullptr;
}
