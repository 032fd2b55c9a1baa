/* SPDX-License-Identifier: MIT */
/* Which bytes of a region are taken: a sorted list of free extents, first fit, neighbours joined.
 */
#ifndef PROXY_PIXELS_REGION_SPACE_H
#define PROXY_PIXELS_REGION_SPACE_H

#include <stddef.h>
#include <stdint.h>

struct region_extent {
	uint64_t offset, length;
};

struct region_space {
	struct region_extent *free; /* owned; sorted by offset, no two touch */
	size_t count, capacity;
	uint64_t size, used; /* bytes */
};

void region_space_init(struct region_space *space, uint64_t size);
void region_space_finish(struct region_space *space);

/* Takes `length` bytes (more than 0); false where no free extent is that long. */
[[nodiscard]] bool region_space_take(
	struct region_space *space, uint64_t length, uint64_t *ret_offset);

/* Gives back exactly what was taken. */
void region_space_give(struct region_space *space, uint64_t offset, uint64_t length);

#endif
