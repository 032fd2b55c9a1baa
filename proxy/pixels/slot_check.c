/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/slot_check.h"

#include <inttypes.h>

#include "proxy/pixels/format.h"

/* What pixman, and with it most compositors, asks of a stride. */
static constexpr uint32_t stride_alignment = 4;

static bool check_size(const struct slot_claim *claim, struct vx_error *err)
{
	if (claim->width == 0 || claim->height == 0 || claim->width > slot_size_max ||
		claim->height > slot_size_max) {
		return vx_error_set(
			err, "slot of %" PRIu32 "x%" PRIu32 " pixels", claim->width, claim->height);
	}
	return true;
}

static bool check_stride(
	const struct slot_claim *claim, const struct pixel_format *format, struct vx_error *err)
{
	uint64_t row = (uint64_t)claim->width * format->bytes_per_pixel;
	if (claim->stride < row || claim->stride % stride_alignment != 0) {
		return vx_error_set(err,
			"slot with rows of %" PRIu64 " bytes and a stride of %" PRIu32, row,
			claim->stride);
	}
	return true;
}

static bool check_place(const struct slot_claim *claim, uint64_t region_size, struct vx_error *err)
{
	/* At most 2^46, so neither this nor the sum can wrap once the offset is known to be small.
	 */
	uint64_t length = (uint64_t)claim->stride * claim->height;
	uint64_t end_max = region_size < INT32_MAX ? region_size : INT32_MAX;
	if (claim->offset % slot_alignment != 0 || claim->offset > end_max ||
		length > end_max - claim->offset) {
		return vx_error_set(err,
			"slot of %" PRIu64 " bytes at %" PRIu64 " in a region of %" PRIu64, length,
			claim->offset, region_size);
	}
	return true;
}

bool slot_check(const struct slot_claim *untrusted_claim, uint64_t region_size,
	struct slot_geometry *ret_geometry, struct vx_error *err)
{
	const struct pixel_format *format = pixel_format_find(untrusted_claim->format);
	if (format == nullptr) {
		return vx_error_set(
			err, "slot of unknown format 0x%08" PRIx32, untrusted_claim->format);
	}
	if (!check_size(untrusted_claim, err) || !check_stride(untrusted_claim, format, err) ||
		!check_place(untrusted_claim, region_size, err)) {
		return false;
	}
	*ret_geometry = (struct slot_geometry){
		.offset = (uint32_t)untrusted_claim->offset,
		.width = untrusted_claim->width,
		.height = untrusted_claim->height,
		.stride = untrusted_claim->stride,
		.length = untrusted_claim->stride * untrusted_claim->height,
		.format = format,
	};
	return true;
}
