/* SPDX-License-Identifier: MIT */
/* A growing byte queue with an upper bound: append at the back, consume at the front. */
#ifndef VX_COMMON_BUFFER_H
#define VX_COMMON_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct vx_buffer {
	uint8_t *data; /* owned; the queued bytes start at data + start */
	size_t start, size, capacity;
	size_t max_size; /* the bound on size, set before the first append; 0: none */
};

static inline const uint8_t *vx_buffer_bytes(const struct vx_buffer *buffer)
{
	return buffer->data + buffer->start;
}

/* What vx_buffer_reserve() does where the memory at hand doesn't reach. */
[[nodiscard]] uint8_t *vx_buffer_make_room(struct vx_buffer *buffer, size_t size);

/* Room for `size` more bytes behind the queued ones, or NULL over the bound; borrowed until the
 * next call. */
[[nodiscard]] static inline uint8_t *vx_buffer_reserve(struct vx_buffer *buffer, size_t size)
{
	/* The capacity stays within the bound. */
	size_t end = buffer->start + buffer->size;
	return size < buffer->capacity - end ? buffer->data + end
					     : vx_buffer_make_room(buffer, size);
}

/* False (and nothing is appended) where the buffer would exceed its bound. */
[[nodiscard]] static inline bool vx_buffer_append(
	struct vx_buffer *buffer, const void *data, size_t size)
{
	if (size == 0) {
		return true;
	}
	uint8_t *room = vx_buffer_reserve(buffer, size);
	if (room == nullptr) {
		return false;
	}
	memcpy(room, data, size);
	buffer->size += size;
	return true;
}

/* Counts `size` bytes that were written into what vx_buffer_reserve() returned. */
void vx_buffer_commit(struct vx_buffer *buffer, size_t size);

/* Drops `size` bytes at the front. */
void vx_buffer_consume(struct vx_buffer *buffer, size_t size);

/* Writes what `fd`, which doesn't block, takes. False once nothing is left, or nobody reads. */
[[nodiscard]] bool vx_buffer_write(struct vx_buffer *buffer, int fd);

void vx_buffer_finish(struct vx_buffer *buffer);

#endif
