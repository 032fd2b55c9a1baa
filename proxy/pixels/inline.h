/* SPDX-License-Identifier: MIT */
/*
 * Pixels in the byte stream, where there is no shared region. The guest keeps its slots in a
 * private region of its own; after a slot was written, its damage is cut into chunks and sent ahead
 * of the `present` message. The host writes them into the same place of a private region of its
 * own. Chunks of several slots may interleave: each stands alone.
 *
 * A chunk, little-endian (the message around it says which slot it is for, see slot_claim):
 *
 *	u16 x, y, width, height   pixels, inside the slot
 *	u32 encoding              enum inline_encoding
 *	u8  data[]                raw: width * height pixels, rows packed; LZ4: one block of that
 */
#ifndef PROXY_PIXELS_INLINE_H
#define PROXY_PIXELS_INLINE_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "proxy/pixels/damage.h"
#include "proxy/pixels/slot_check.h"

static constexpr size_t inline_header_size = 12;
static constexpr size_t inline_raw_max = 60 * 1024; /* bytes of pixels in one chunk */
static constexpr size_t inline_chunk_max = inline_header_size + inline_raw_max;

enum inline_encoding : uint32_t {
	INLINE_RAW = 0,
	INLINE_LZ4 = 1,
	INLINE_ENCODING_COUNT,
};

struct inline_encoder;
struct inline_decoder;

/* Where one slot's transmission is; plain data, one per slot being sent. */
struct inline_cursor {
	struct slot_geometry geometry;
	struct damage damage;
	uint32_t rect; /* index into damage.rects */
	int32_t x, y;  /* next pixel of that rectangle */
	/* Chunks that go raw before one is compressed again, and how many these will be next. */
	unsigned raw_left, raw_next;
};

/* Scratch memory for encoding; one for the whole guest half. `lz4`: may chunks be compressed? */
[[nodiscard, gnu::returns_nonnull]] struct inline_encoder *inline_encoder_create(bool lz4);
void inline_encoder_destroy(struct inline_encoder *encoder);

/* Starts sending `damage` (clipped) of a slot. */
void inline_cursor_init(struct inline_cursor *cursor, const struct slot_geometry *geometry,
	const struct damage *damage);

/*
 * Encodes the next chunk from the private region at `region` into `ret_chunk` (room for
 * inline_chunk_max bytes) and returns its size; 0 when all was sent.
 */
[[nodiscard]] size_t inline_encode(struct inline_encoder *encoder, struct inline_cursor *cursor,
	const uint8_t *region, uint8_t *ret_chunk);

[[nodiscard, gnu::returns_nonnull]] struct inline_decoder *inline_decoder_create(void);
void inline_decoder_destroy(struct inline_decoder *decoder);

/*
 * Host: writes one chunk into the slot. `region` must be the region that `geometry` was checked
 * against. False where the chunk isn't exact: a rectangle outside the slot or empty, over
 * inline_raw_max, an unknown encoding, data that doesn't give exactly the rectangle's bytes.
 */
bool inline_decode(struct inline_decoder *decoder, const uint8_t *untrusted_chunk, size_t size,
	const struct slot_geometry *geometry, uint8_t *region, struct vx_error *err);

#endif
