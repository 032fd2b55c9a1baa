/* SPDX-License-Identifier: MIT */
/*
 * The one copy: damaged rows from a client's buffer to a slot.
 *
 * The client can shrink its file at any moment, and reading past the end raises SIGBUS. Copies run
 * under a guard that turns such a fault into a false return: that client's fault, not ours.
 *
 * For use by one thread. A signal handler can only find its state in a static variable; copy.c has
 * the one of this library.
 */
#ifndef PROXY_PIXELS_COPY_H
#define PROXY_PIXELS_COPY_H

#include <stddef.h>
#include <stdint.h>

struct damage;

struct pixel_copy {
	uint8_t *target;                       /* the slot's first pixel */
	const uint8_t *source;                 /* the client's buffer's first pixel */
	uint32_t target_stride, source_stride; /* bytes */
	uint32_t width, height;                /* pixels, of both */
	uint32_t bytes_per_pixel;
	bool streaming; /* non-temporal stores: struct pixel_region's `streaming` */
};

/* Takes SIGBUS over, or counts one more user of it. Faults elsewhere go to the handler before ours.
 */
void pixel_copy_guard_acquire(void);

/* The last user gives SIGBUS back to whoever had it before. */
void pixel_copy_guard_release(void);

/*
 * Copies every rectangle of `damage` (clipped to width and height). False where reading the source
 * faulted: the target's content is then undefined and the client is to be disconnected. The guard
 * must be held.
 */
[[nodiscard]] bool pixel_copy_damage(const struct pixel_copy *copy, const struct damage *damage);

/*
 * Reads `size` bytes of client memory under the guard; false where it faulted. For cursors, keymaps
 * and other small things.
 */
[[nodiscard]] bool pixel_copy_bytes(void *target, const void *untrusted_source, size_t size);

/* Fills memory with non-temporal or plain stores; what pixel_region measures with. */
void pixel_copy_row(uint8_t *target, const uint8_t *source, size_t size, bool streaming);

#endif
