/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/region_speed.h"

#include "common/clock.h"
#include "common/memory.h"
#include "proxy/pixels/copy.h"
#include "proxy/pixels/region.h"

static constexpr size_t sample_size = 1024 * 1024;
static constexpr uint64_t budget_ns = 3 * 1000 * 1000; /* for each kind of store */
static constexpr unsigned passes_max = 8;
/* Plain stores leave the pixels in a cache that the compositor may read, so streaming has to win
 * clearly. */
static constexpr uint64_t streaming_gain_percent = 150;

/* MB/s of the best pass. The first pays for page faults; the budget may allow no second. */
static uint64_t measure(
	struct pixel_region *region, const uint8_t *sample, size_t size, bool streaming)
{
	uint64_t begin = vx_clock_ns();
	uint64_t best = UINT64_MAX;
	for (unsigned i = 0; i < passes_max && vx_clock_ns() - begin < budget_ns; i++) {
		uint64_t pass_begin = vx_clock_ns();
		pixel_copy_row(region->data, sample, size, streaming);
		uint64_t pass = vx_clock_ns() - pass_begin;
		best = pass < best ? pass : best;
	}
	best = best > 0 ? best : 1;
	return size * 1000 / best;
}

void pixel_region_measure(struct pixel_region *region)
{
	size_t size = region->size < sample_size ? region->size : sample_size;
	vx_cleanup_free uint8_t *sample = vx_calloc(size, 1);
	/* Twice, because what comes first pays for the region's page faults. */
	measure(region, sample, size, false);
	uint64_t plain = measure(region, sample, size, false);
	uint64_t streaming = measure(region, sample, size, true);
	region->streaming = streaming * 100 > plain * streaming_gain_percent;
	uint64_t best = region->streaming ? streaming : plain;
	region->write_mb_per_s = best < UINT32_MAX ? (uint32_t)best : UINT32_MAX;
}
