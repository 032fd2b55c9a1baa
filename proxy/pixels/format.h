/* SPDX-License-Identifier: MIT */
/* The wl_shm pixel formats that VixOS forwards. Both halves offer and accept exactly these. */
#ifndef PROXY_PIXELS_FORMAT_H
#define PROXY_PIXELS_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* The two that every compositor has; their wl_shm codes are 0 and 1, not a fourcc. */
static constexpr uint32_t pixel_format_argb8888 = 0;
static constexpr uint32_t pixel_format_xrgb8888 = 1;

struct pixel_format {
	uint32_t code; /* enum wl_shm_format */
	uint32_t bytes_per_pixel;
	const char *name;
};

/* The entry of a wl_shm format code, static; NULL for one that isn't forwarded. */
[[nodiscard]] const struct pixel_format *pixel_format_find(uint32_t untrusted_code);

/* The table, for wl_shm.format events: entries 0 … pixel_format_count() - 1. */
[[nodiscard]] size_t pixel_format_count(void);
[[nodiscard, gnu::returns_nonnull]] const struct pixel_format *pixel_format_at(size_t index);

#endif
