/* SPDX-License-Identifier: MIT */
#include "common/buffer.h"

#include <errno.h>
#include <stdckdint.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"

static constexpr size_t capacity_min = 256;

static void buffer_compact(struct vx_buffer *buffer)
{
	if (buffer->start > 0) {
		memmove(buffer->data, buffer->data + buffer->start, buffer->size);
		buffer->start = 0;
	}
}

uint8_t *vx_buffer_make_room(struct vx_buffer *buffer, size_t size)
{
	size_t needed;
	if (ckd_add(&needed, buffer->size, size) ||
		(buffer->max_size > 0 && needed > buffer->max_size)) {
		return nullptr;
	}
	if (buffer->start + needed > buffer->capacity) {
		buffer_compact(buffer);
	}
	if (needed > buffer->capacity) {
		size_t capacity = buffer->capacity > capacity_min ? buffer->capacity : capacity_min;
		while (capacity < needed) {
			if (ckd_mul(&capacity, capacity, 2)) {
				capacity = needed;
			}
		}
		if (buffer->max_size > 0 && capacity > buffer->max_size) {
			capacity = buffer->max_size;
		}
		buffer->data = vx_reallocarray(buffer->data, capacity, 1);
		buffer->capacity = capacity;
	}
	return buffer->data == nullptr ? nullptr : buffer->data + buffer->start + buffer->size;
}

void vx_buffer_commit(struct vx_buffer *buffer, size_t size)
{
	vx_assert(buffer->start + buffer->size + size <= buffer->capacity);
	buffer->size += size;
}

void vx_buffer_consume(struct vx_buffer *buffer, size_t size)
{
	vx_assert(size <= buffer->size);
	buffer->size -= size;
	buffer->start = buffer->size == 0 ? 0 : buffer->start + size;
}

bool vx_buffer_write(struct vx_buffer *buffer, int fd)
{
	ssize_t size = write(fd, vx_buffer_bytes(buffer), buffer->size);
	if (size < 0) {
		return errno == EAGAIN || errno == EINTR;
	}
	vx_buffer_consume(buffer, (size_t)size);
	return buffer->size > 0;
}

void vx_buffer_finish(struct vx_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct vx_buffer){.max_size = buffer->max_size};
}
