/* SPDX-License-Identifier: MIT */
#include "copy/made_files.h"

#include <stdint.h>

#include "common/memory.h"

static constexpr size_t capacity_min = 64;

/* Its own slot, or the empty one where it belongs. */
static struct made_file *find_slot(const struct made_files *files, const struct made_file *file)
{
	uint64_t hash = ((uint64_t)file->inode ^ ((uint64_t)file->device << 32)) *
			UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = (size_t)(hash >> 32);; i++) {
		struct made_file *slot = &files->slots[i & (files->capacity - 1)];
		if (slot->inode == 0 ||
			(slot->inode == file->inode && slot->device == file->device)) {
			return slot;
		}
	}
}

static void grow(struct made_files *files)
{
	struct made_files larger = {
		.capacity = files->capacity > 0 ? 2 * files->capacity : capacity_min,
		.count = files->count,
	};
	larger.slots = vx_calloc(larger.capacity, sizeof(*larger.slots));
	for (size_t i = 0; i < files->capacity; i++) {
		if (files->slots[i].inode != 0) {
			*find_slot(&larger, &files->slots[i]) = files->slots[i];
		}
	}
	free(files->slots);
	*files = larger;
}

void made_files_add(struct made_files *files, const struct stat *info)
{
	const struct made_file file = {.device = info->st_dev, .inode = info->st_ino};
	if (file.inode == 0) {
		return;
	}
	if (2 * (files->count + 1) > files->capacity) {
		grow(files);
	}
	struct made_file *slot = find_slot(files, &file);
	files->count += slot->inode == 0 ? 1 : 0;
	*slot = file;
}

bool made_files_has(const struct made_files *files, const struct stat *info)
{
	const struct made_file file = {.device = info->st_dev, .inode = info->st_ino};
	return files->capacity > 0 && file.inode != 0 && find_slot(files, &file)->inode != 0;
}

void made_files_finish(struct made_files *files)
{
	free(files->slots);
	*files = (struct made_files){};
}
