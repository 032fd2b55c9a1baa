/* SPDX-License-Identifier: MIT */
#include "ring.h"

#include <string.h>

#include "common/log.h"
#include "common/memory.h"

static constexpr size_t ring_capacity_min = 1024;

/* Copies out `size` bytes from the front without taking them. */
static void ring_peek(const struct link_ring *ring, uint8_t *bytes, size_t size)
{
	size_t until_end = ring->capacity - ring->start;
	size_t first = size < until_end ? size : until_end;
	if (size > 0) {
		memcpy(bytes, ring->data + ring->start, first);
		memcpy(bytes + first, ring->data, size - first);
	}
}

static void ring_grow(struct link_ring *ring, size_t needed)
{
	size_t capacity = ring->capacity > 0 ? ring->capacity : ring_capacity_min;
	while (capacity < needed) {
		capacity *= 2;
	}
	uint8_t *data = vx_reallocarray(nullptr, capacity, 1);
	ring_peek(ring, data, ring->size);
	free(ring->data);
	*ring = (struct link_ring){.data = data, .size = ring->size, .capacity = capacity};
}

void link_ring_append(struct link_ring *ring, const uint8_t *bytes, size_t size)
{
	if (size == 0) {
		return;
	}
	if (ring->size + size > ring->capacity) {
		ring_grow(ring, ring->size + size);
	}
	size_t end = (ring->start + ring->size) & (ring->capacity - 1);
	size_t until_end = ring->capacity - end;
	size_t first = size < until_end ? size : until_end;
	memcpy(ring->data + end, bytes, first);
	memcpy(ring->data, bytes + first, size - first);
	ring->size += size;
}

void link_ring_take(struct link_ring *ring, uint8_t *bytes, size_t size)
{
	vx_assert(size <= ring->size);
	ring_peek(ring, bytes, size);
	ring->size -= size;
	/* An empty ring starts over, so that small messages keep using the same cached memory. */
	ring->start = ring->size == 0 ? 0 : (ring->start + size) & (ring->capacity - 1);
}

void link_ring_finish(struct link_ring *ring)
{
	free(ring->data);
	*ring = (struct link_ring){};
}
