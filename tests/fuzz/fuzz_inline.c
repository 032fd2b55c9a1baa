/* SPDX-License-Identifier: MIT */
/* A slot's claim and one chunk for it: what gets through must stay inside the slot. */
#include <stdint.h>
#include <string.h>

#include "common/memory.h"
#include "proxy/pixels/inline.h"
#include "proxy/pixels/slot_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static constexpr size_t claim_size = 24;
static constexpr size_t region_max = 256 * 1024;

static void decode(const struct slot_geometry *geometry, const uint8_t *chunk, size_t size)
{
	/* Exactly as long as the checked claim reaches, so that a sanitizer sees the first byte
	 * over. */
	size_t end = (size_t)geometry->offset + geometry->length;
	vx_cleanup_free uint8_t *region = vx_calloc(end, 1);
	struct inline_decoder *decoder = inline_decoder_create();
	inline_decode(decoder, chunk, size, geometry, region, nullptr);
	inline_decoder_destroy(decoder);
	for (size_t i = 0; i < geometry->offset; i++) {
		if (region[i] != 0) {
			__builtin_trap();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slot_claim claim;
	struct slot_geometry geometry;
	if (size < claim_size) {
		return 0;
	}
	memcpy(&claim.offset, data, 8);
	memcpy(&claim.width, data + 8, 4);
	memcpy(&claim.height, data + 12, 4);
	memcpy(&claim.stride, data + 16, 4);
	memcpy(&claim.format, data + 20, 4);
	if (slot_check(&claim, region_max, &geometry, nullptr)) {
		decode(&geometry, data + claim_size, size - claim_size);
	}
	return 0;
}
