/* SPDX-License-Identifier: MIT */
/* A ring of bytes that grows by doubling: what a channel has queued and not yet framed. */
#ifndef VX_PROXY_LINK_RING_H
#define VX_PROXY_LINK_RING_H

#include <stddef.h>
#include <stdint.h>

struct link_ring {
	uint8_t *data; /* owned; NULL while capacity is 0 */
	size_t start, size;
	size_t capacity; /* a power of two, or 0 */
};

/* Appends; the caller has bounded the total. */
void link_ring_append(struct link_ring *ring, const uint8_t *bytes, size_t size);

/* Moves the first `size` bytes, of those that are there, to `bytes`. */
void link_ring_take(struct link_ring *ring, uint8_t *bytes, size_t size);

/* Frees the memory and forgets the bytes; the ring can be used again. */
void link_ring_finish(struct link_ring *ring);

#endif
