/* SPDX-License-Identifier: MIT */
/* CLOCK_MONOTONIC, for what lasts at most so long. */
#ifndef VX_COMMON_CLOCK_H
#define VX_COMMON_CLOCK_H

#include <stdint.h>

uint64_t vx_clock_ns(void);
uint64_t vx_clock_ms(void);

/* The moment in so many milliseconds, as vx_clock_ns() will give it. */
uint64_t vx_clock_after_ms(int duration_ms);

/* For poll(): how long until then, rounded up; 0 once it has come. */
int vx_clock_remaining_ms(uint64_t end_ns);

#endif
