/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/region_space.h"

#include <string.h>

#include "common/log.h"
#include "common/memory.h"

void region_space_init(struct region_space *space, uint64_t size)
{
	*space = (struct region_space){.size = size, .capacity = 16};
	space->free = vx_reallocarray(nullptr, space->capacity, sizeof(*space->free));
	if (size > 0) {
		space->free[space->count++] = (struct region_extent){0, size};
	}
}

void region_space_finish(struct region_space *space)
{
	free(space->free);
	*space = (struct region_space){};
}

static void remove_extent(struct region_space *space, size_t index)
{
	space->count--;
	memmove(&space->free[index], &space->free[index + 1],
		(space->count - index) * sizeof(*space->free));
}

static void insert_extent(struct region_space *space, size_t index, struct region_extent extent)
{
	if (space->count == space->capacity) {
		space->capacity *= 2;
		space->free = vx_reallocarray(space->free, space->capacity, sizeof(*space->free));
	}
	memmove(&space->free[index + 1], &space->free[index],
		(space->count - index) * sizeof(*space->free));
	space->free[index] = extent;
	space->count++;
}

bool region_space_take(struct region_space *space, uint64_t length, uint64_t *ret_offset)
{
	vx_assert(length > 0);
	for (size_t i = 0; i < space->count; i++) {
		struct region_extent *extent = &space->free[i];
		if (extent->length < length) {
			continue;
		}
		*ret_offset = extent->offset;
		extent->offset += length;
		extent->length -= length;
		if (extent->length == 0) {
			remove_extent(space, i);
		}
		space->used += length;
		return true;
	}
	return false;
}

/* Index of the first free extent behind `offset`. */
static size_t find_behind(const struct region_space *space, uint64_t offset)
{
	size_t low = 0;
	size_t high = space->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (space->free[middle].offset < offset) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

void region_space_give(struct region_space *space, uint64_t offset, uint64_t length)
{
	size_t index = find_behind(space, offset);
	struct region_extent *before = index > 0 ? &space->free[index - 1] : nullptr;
	struct region_extent *behind = index < space->count ? &space->free[index] : nullptr;
	vx_assert(length <= space->used && offset + length <= space->size);
	vx_assert(before == nullptr || before->offset + before->length <= offset);
	vx_assert(behind == nullptr || offset + length <= behind->offset);
	space->used -= length;
	bool joins_before = before != nullptr && before->offset + before->length == offset;
	bool joins_behind = behind != nullptr && behind->offset == offset + length;
	if (joins_before) {
		before->length += length;
		if (joins_behind) {
			before->length += behind->length;
			remove_extent(space, index);
		}
	} else if (joins_behind) {
		behind->offset = offset;
		behind->length += length;
	} else {
		insert_extent(space, index, (struct region_extent){offset, length});
	}
}
