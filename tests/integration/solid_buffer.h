/* SPDX-License-Identifier: MIT */
/* Pixels of one colour, for test clients. */
#ifndef VX_TESTS_SOLID_BUFFER_H
#define VX_TESTS_SOLID_BUFFER_H

#include <stdint.h>

struct wl_buffer;
struct wl_shm;

/* `color` is 0xRRGGBB. The caller owns the buffer. Ends the program where that can't be. */
struct wl_buffer *solid_buffer_create(struct wl_shm *shm, int width, int height, uint32_t color);

#endif
