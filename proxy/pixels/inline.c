/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/inline.h"

#include <inttypes.h>
#include <lz4.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "proxy/pixels/format.h"

/* Of chunks that don't shrink one in so many is tried. */
static constexpr unsigned raw_run_max = 16;

struct inline_encoder {
	void *state;                  /* owned; NULL where chunks go raw */
	uint8_t rows[inline_raw_max]; /* a chunk's rows, packed */
};

struct inline_decoder {
	uint8_t rows[inline_raw_max];
};

/* A chunk's rectangle. */
struct area {
	uint32_t x, y, width, height;
};

static void put_u16(uint8_t *bytes, uint32_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

static uint32_t get_u16(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static void put_header(uint8_t *chunk, const struct area *area, enum inline_encoding encoding)
{
	put_u16(chunk, area->x);
	put_u16(chunk + 2, area->y);
	put_u16(chunk + 4, area->width);
	put_u16(chunk + 6, area->height);
	put_u16(chunk + 8, encoding);
	put_u16(chunk + 10, 0);
}

struct inline_encoder *inline_encoder_create(bool lz4)
{
	struct inline_encoder *encoder = vx_new(encoder);
	if (lz4) {
		encoder->state = vx_calloc((size_t)LZ4_sizeofState(), 1);
	}
	return encoder;
}

void inline_encoder_destroy(struct inline_encoder *encoder)
{
	if (encoder == nullptr) {
		return;
	}
	free(encoder->state);
	free(encoder);
}

static void cursor_enter_rect(struct inline_cursor *cursor)
{
	if (cursor->rect < cursor->damage.count) {
		cursor->x = cursor->damage.rects[cursor->rect].x1;
		cursor->y = cursor->damage.rects[cursor->rect].y1;
	}
}

void inline_cursor_init(struct inline_cursor *cursor, const struct slot_geometry *geometry,
	const struct damage *damage)
{
	*cursor = (struct inline_cursor){.geometry = *geometry, .raw_next = 1};
	damage_add_damage(
		&cursor->damage, (int32_t)geometry->width, (int32_t)geometry->height, damage);
	cursor_enter_rect(cursor);
}

/* Takes as many whole rows as fit a chunk; of rows that don't fit, a part. */
static struct area cursor_take(struct inline_cursor *cursor)
{
	const struct damage_rect *rect = &cursor->damage.rects[cursor->rect];
	uint32_t pixels = (uint32_t)inline_raw_max / cursor->geometry.format->bytes_per_pixel;
	uint32_t width = (uint32_t)(rect->x2 - cursor->x);
	uint32_t height = (uint32_t)(rect->y2 - cursor->y);
	bool whole_rows = cursor->x == rect->x1 && width <= pixels;
	struct area area = {.x = (uint32_t)cursor->x, .y = (uint32_t)cursor->y};
	area.width = width < pixels ? width : pixels;
	area.height = whole_rows ? pixels / width : 1;
	area.height = area.height < height ? area.height : height;
	cursor->x += (int32_t)area.width;
	if (cursor->x == rect->x2) {
		cursor->x = rect->x1;
		cursor->y += (int32_t)area.height;
	}
	if (cursor->y == rect->y2) {
		cursor->rect++;
		cursor_enter_rect(cursor);
	}
	return area;
}

static const uint8_t *gather_rows(struct inline_encoder *encoder,
	const struct slot_geometry *geometry, const struct area *area, const uint8_t *region)
{
	size_t bytes_per_pixel = geometry->format->bytes_per_pixel;
	size_t row = area->width * bytes_per_pixel;
	const uint8_t *source = region + geometry->offset + (size_t)area->y * geometry->stride +
				area->x * bytes_per_pixel;
	if (row == geometry->stride) {
		return source;
	}
	for (uint32_t i = 0; i < area->height; i++) {
		memcpy(encoder->rows + i * row, source + (size_t)i * geometry->stride, row);
	}
	return encoder->rows;
}

/*
 * Compresses a chunk's rows; 0 where they are to go raw. Where one doesn't shrink by an eighth, its
 * neighbours hardly will: more and more of them aren't tried, until one does.
 */
static size_t pack_rows(struct inline_encoder *encoder, struct inline_cursor *cursor,
	const uint8_t *rows, size_t size, uint8_t *ret_packed)
{
	if (encoder->state == nullptr || size < 16) {
		return 0;
	}
	if (cursor->raw_left > 0) {
		cursor->raw_left--;
		return 0;
	}
	int packed = LZ4_compress_fast_extState(encoder->state, (const char *)rows,
		(char *)ret_packed, (int)size, (int)(size - size / 8), 1);
	if (packed > 0) {
		cursor->raw_next = 1;
		return (size_t)packed;
	}
	cursor->raw_left = cursor->raw_next;
	cursor->raw_next = cursor->raw_next < raw_run_max ? cursor->raw_next * 2 : raw_run_max;
	return 0;
}

size_t inline_encode(struct inline_encoder *encoder, struct inline_cursor *cursor,
	const uint8_t *region, uint8_t *ret_chunk)
{
	if (cursor->rect >= cursor->damage.count) {
		return 0;
	}
	struct area area = cursor_take(cursor);
	size_t size = (size_t)area.width * area.height * cursor->geometry.format->bytes_per_pixel;
	const uint8_t *rows = gather_rows(encoder, &cursor->geometry, &area, region);
	size_t packed = pack_rows(encoder, cursor, rows, size, ret_chunk + inline_header_size);
	if (packed > 0) {
		put_header(ret_chunk, &area, INLINE_LZ4);
		return inline_header_size + packed;
	}
	put_header(ret_chunk, &area, INLINE_RAW);
	memcpy(ret_chunk + inline_header_size, rows, size);
	return inline_header_size + size;
}

struct inline_decoder *inline_decoder_create(void)
{
	struct inline_decoder *decoder = vx_new(decoder);
	return decoder;
}

void inline_decoder_destroy(struct inline_decoder *decoder)
{
	free(decoder);
}

static bool check_area(
	const struct area *area, const struct slot_geometry *geometry, struct vx_error *err)
{
	/* 16 bits each, so no sum or product of these can wrap. */
	if (area->width == 0 || area->height == 0 || area->x + area->width > geometry->width ||
		area->y + area->height > geometry->height ||
		(uint64_t)area->width * area->height * geometry->format->bytes_per_pixel >
			inline_raw_max) {
		return vx_error_set(err,
			"chunk of %" PRIu32 "x%" PRIu32 " at %" PRIu32 ",%" PRIu32
			" in a slot of %" PRIu32 "x%" PRIu32,
			area->width, area->height, area->x, area->y, geometry->width,
			geometry->height);
	}
	return true;
}

/*
 * The chunk's rows, exactly `size` bytes long without gaps; NULL where they aren't. What has to be
 * unpacked is unpacked into `target`, which has room for them.
 */
static const uint8_t *unpack_rows(uint8_t *target, uint32_t untrusted_encoding,
	const uint8_t *untrusted_data, size_t data_size, size_t size)
{
	if (untrusted_encoding == INLINE_RAW) {
		return data_size == size ? untrusted_data : nullptr;
	}
	if (untrusted_encoding != INLINE_LZ4 || data_size > inline_raw_max) {
		return nullptr;
	}
	int unpacked = LZ4_decompress_safe(
		(const char *)untrusted_data, (char *)target, (int)data_size, (int)size);
	return unpacked >= 0 && (size_t)unpacked == size ? target : nullptr;
}

bool inline_decode(struct inline_decoder *decoder, const uint8_t *untrusted_chunk, size_t size,
	const struct slot_geometry *geometry, uint8_t *region, struct vx_error *err)
{
	if (size <= inline_header_size) {
		return vx_error_set(err, "chunk of %zu bytes", size);
	}
	struct area area = {
		.x = get_u16(untrusted_chunk),
		.y = get_u16(untrusted_chunk + 2),
		.width = get_u16(untrusted_chunk + 4),
		.height = get_u16(untrusted_chunk + 6),
	};
	uint32_t encoding = get_u16(untrusted_chunk + 8) | get_u16(untrusted_chunk + 10) << 16;
	if (!check_area(&area, geometry, err)) {
		return false;
	}
	size_t bytes_per_pixel = geometry->format->bytes_per_pixel;
	size_t row = area.width * bytes_per_pixel;
	uint8_t *target = region + geometry->offset + (size_t)area.y * geometry->stride +
			  area.x * bytes_per_pixel;
	/* Rows as wide as the slot are unpacked where they belong, the others copied there. */
	const uint8_t *rows = unpack_rows(row == geometry->stride ? target : decoder->rows,
		encoding, untrusted_chunk + inline_header_size, size - inline_header_size,
		row * area.height);
	if (rows == nullptr) {
		return vx_error_set(err,
			"chunk with encoding %" PRIu32 " and %zu bytes that don't give %zu",
			encoding, size - inline_header_size, row * area.height);
	}
	for (uint32_t i = 0; rows != target && i < area.height; i++) {
		memcpy(target + (size_t)i * geometry->stride, rows + i * row, row);
	}
	return true;
}
