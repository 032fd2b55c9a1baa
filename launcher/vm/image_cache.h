/* SPDX-License-Identifier: MIT */
/* Files that are made once and kept in $XDG_CACHE_HOME/vixos. Private to launcher/vm. */
#ifndef VX_LAUNCHER_VM_IMAGE_CACHE_H
#define VX_LAUNCHER_VM_IMAGE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* A key under construction: start from image_key_start. */
static constexpr uint64_t image_key_start = 0xcbf29ce484222325u;
void image_key_add(uint64_t *key, const void *data, size_t size);
void image_key_add_text(uint64_t *key, const char *text);

/* Path, size, inode and time of last change; false where there is no such file. */
bool image_key_add_file(uint64_t *key, const char *path, struct vx_error *err);

/* Writes a file's content to `fd`; false with `err` set where it can't. */
typedef bool (*image_writer)(int fd, const void *data, struct vx_error *err);

/*
 * Path of the file "<kind>-<release>-<key>" in `folder` (NULL: $XDG_CACHE_HOME/vixos), which
 * `write` makes where it isn't there. Many may ask at once: one writes, the others wait for it. Of
 * each kind, the most recently used few are kept. Owned by the caller; NULL on failure.
 */
[[nodiscard]] char *image_cache_ensure(const char *folder, const char *kind, const char *release,
	uint64_t key, image_writer write, const void *data, struct vx_error *err);

/* $XDG_CACHE_HOME/vixos, which is made if need be; owned by the caller. */
[[nodiscard]] char *image_cache_folder(struct vx_error *err);

#endif
