/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <limits.h>
#include <time.h>

static constexpr uint64_t ns_per_ms = 1'000'000;

uint64_t vx_clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1'000'000'000 + (uint64_t)now.tv_nsec;
}

uint64_t vx_clock_ms(void)
{
	return vx_clock_ns() / 1'000'000;
}

uint64_t vx_clock_after_ms(int duration_ms)
{
	return vx_clock_ns() + (uint64_t)duration_ms * ns_per_ms;
}

int vx_clock_remaining_ms(uint64_t end_ns)
{
	uint64_t now_ns = vx_clock_ns();
	uint64_t left_ms = end_ns > now_ns ? (end_ns - now_ns + ns_per_ms - 1) / ns_per_ms : 0;
	return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}
