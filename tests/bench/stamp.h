/* SPDX-License-Identifier: MIT */
/*
 * What the load draws into the first pixels of each frame and the sink reads back: which frame this
 * is and when it was committed. Only frames whose stamp arrives count as delivered.
 */
#ifndef VX_TESTS_BENCH_STAMP_H
#define VX_TESTS_BENCH_STAMP_H

#include <stdint.h>
#include <time.h>

static constexpr uint32_t stamp_magic = 0x56785374;

struct stamp {
	uint32_t magic;
	uint32_t frame;
	uint64_t commit_ns; /* CLOCK_MONOTONIC */
	uint32_t fill;      /* the value of every pixel of the last row */
	uint32_t check;     /* frame ^ fill ^ magic */
};

static inline uint64_t bench_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
