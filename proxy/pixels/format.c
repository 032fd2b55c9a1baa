/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/format.h"

#include "common/log.h"
#include "common/memory.h"

/* wl_shm names a format by DRM's four-character code, but for the two oldest. */
#define FOURCC(a, b, c, d) \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

static const struct pixel_format formats[] = {
	{pixel_format_argb8888, 4, "ARGB8888"},
	{pixel_format_xrgb8888, 4, "XRGB8888"},
	{FOURCC('A', 'B', '2', '4'), 4, "ABGR8888"},
	{FOURCC('X', 'B', '2', '4'), 4, "XBGR8888"},
	{FOURCC('A', 'R', '3', '0'), 4, "ARGB2101010"},
	{FOURCC('X', 'R', '3', '0'), 4, "XRGB2101010"},
	{FOURCC('A', 'B', '3', '0'), 4, "ABGR2101010"},
	{FOURCC('X', 'B', '3', '0'), 4, "XBGR2101010"},
	{FOURCC('R', 'G', '1', '6'), 2, "RGB565"},
	{FOURCC('A', 'B', '4', 'H'), 8, "ABGR16161616F"},
	{FOURCC('X', 'B', '4', 'H'), 8, "XBGR16161616F"},
};

const struct pixel_format *pixel_format_find(uint32_t untrusted_code)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(formats); i++) {
		if (formats[i].code == untrusted_code) {
			return &formats[i];
		}
	}
	return nullptr;
}

size_t pixel_format_count(void)
{
	return VX_ARRAY_LENGTH(formats);
}

const struct pixel_format *pixel_format_at(size_t index)
{
	vx_assert(index < VX_ARRAY_LENGTH(formats));
	return &formats[index];
}
