/* SPDX-License-Identifier: MIT */
/*
 * The one copy against memcpy() of the same bytes, from a client's memfd to a region's memfd:
 * ratios of times, so that they mean something on any machine. Best of several rounds.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "common/memory.h"
#include "proxy/pixels/copy.h"
#include "proxy/pixels/damage.h"
#include "proxy/pixels/region.h"

static constexpr unsigned rounds = 9;
static constexpr unsigned frames = 30;

struct bench {
	struct pixel_copy copy;
	struct damage damage;
};

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1'000'000'000 + (uint64_t)now.tv_nsec;
}

static void run_memcpy(const struct bench *bench)
{
	size_t size = (size_t)bench->copy.source_stride * bench->copy.height;
	memcpy(bench->copy.target, bench->copy.source, size);
}

static void run_copy(const struct bench *bench)
{
	if (!pixel_copy_damage(&bench->copy, &bench->damage)) {
		puts("fault");
	}
}

/* Microseconds a frame. */
static double measure(void (*run)(const struct bench *), const struct bench *bench)
{
	uint64_t best = UINT64_MAX;
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t begin = now_ns();
		for (unsigned j = 0; j < frames; j++) {
			run(bench);
		}
		uint64_t took = now_ns() - begin;
		best = took < best ? took : best;
	}
	return (double)best / frames / 1000;
}

static void bench_size(uint8_t *target, const uint8_t *source, uint32_t width, uint32_t height)
{
	struct bench bench = {
		.copy = {.target = target,
			.source = source,
			.target_stride = (width * 4 + 63) / 64 * 64,
			.source_stride = width * 4,
			.width = width,
			.height = height,
			.bytes_per_pixel = 4},
	};
	damage_set_all(&bench.damage, (int32_t)width, (int32_t)height);
	double whole = measure(run_memcpy, &bench);
	double plain = measure(run_copy, &bench);
	bench.copy.streaming = true;
	double streaming = measure(run_copy, &bench);
	bench.copy.streaming = false;
	damage_clear(&bench.damage);
	damage_add(&bench.damage, (int32_t)width, (int32_t)height, 100, 100, 200, 20);
	double line = measure(run_copy, &bench);
	printf("%ux%u: memcpy %.0f us; whole frame %.2f of it, streaming %.2f; 200x20 of it %.2f us\n",
		width, height, whole, plain / whole, streaming / whole, line);
}

int main(void)
{
	static constexpr size_t size = 64 * 1024 * 1024;
	struct pixel_region source = pixel_region_unset, target = pixel_region_unset;
	vx_cleanup_error struct vx_error err = {};
	if (!pixel_region_create_private(&source, size, &err) ||
		!pixel_region_create_private(&target, size, &err)) {
		fprintf(stderr, "%s\n", vx_error_message(&err));
		return 1;
	}
	memset(source.data, 1, size);
	memset(target.data, 2, size);
	pixel_copy_guard_acquire();
	bench_size(target.data, source.data, 1276, 720);
	bench_size(target.data, source.data, 1280, 720);
	bench_size(target.data, source.data, 3840, 2160);
	pixel_copy_guard_release();
	pixel_region_finish(&source);
	pixel_region_finish(&target);
	return 0;
}
