/* SPDX-License-Identifier: MIT */
/*
 * The wall in front of the region: what a guest says of a slot is a claim until slot_check() has
 * seen it. No check here or later depends on a byte of pixels, because the guest can change those
 * at any time. Slots may overlap each other: that garbles the pixels of that guest and nothing
 * else.
 */
#ifndef PROXY_PIXELS_SLOT_CHECK_H
#define PROXY_PIXELS_SLOT_CHECK_H

#include <stdint.h>

#include "common/error.h"

struct pixel_format;

static constexpr uint32_t slot_size_max = 16384; /* pixels, each way */
static constexpr uint32_t slot_alignment = 4096; /* of offsets, bytes */

/* As it comes off the link, or as the guest's allocator makes it. */
struct slot_claim {
	uint64_t offset;        /* bytes from the start of the region */
	uint32_t width, height; /* pixels */
	uint32_t stride;        /* bytes */
	uint32_t format;        /* wl_shm code */
};

/* A claim that passed. All values fit wl_shm_pool.create_buffer's signed 32 bits. */
struct slot_geometry {
	uint32_t offset, width, height, stride;
	uint32_t length; /* stride * height, bytes; offset + length lies in the region */
	const struct pixel_format *format; /* static */
};

/*
 * Checks a claim against a region of `region_size` bytes. False with a reason (that holds numbers
 * only) where anything is off: a zero or too large size, a short or unaligned stride, an unknown
 * format, an unaligned offset, an end outside the region.
 */
bool slot_check(const struct slot_claim *untrusted_claim, uint64_t region_size,
	struct slot_geometry *ret_geometry, struct vx_error *err);

#endif
