/* SPDX-License-Identifier: MIT */
/*
 * The `memory` service: the host opens one channel, and the guest tells on it how much memory it
 * has and needs: at once, while it is short of memory, and whenever the host sends a byte. The wire
 * format is docs/link.md, "memory". What a guest says of itself is a claim, and nothing more.
 */
#ifndef VX_PROXY_LINK_MEMORY_H
#define VX_PROXY_LINK_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define VX_MEMORY_SERVICE "memory"

static constexpr size_t vx_memory_report_size = 16;
static constexpr uint32_t vx_memory_window = 8 * vx_memory_report_size; /* of the channel */
static constexpr uint32_t vx_memory_total_max_kib = 1u << 30;           /* 1 TiB */
static constexpr uint32_t vx_memory_pressure_max = 10'000;

struct vx_memory_report {
	uint32_t total_kib;     /* that the guest's kernel manages now */
	uint32_t available_kib; /* that programs could have without swapping; at most the total */
	/* Parts of 10000 of the time since the report before in which some program waited for
	 * memory. */
	uint32_t pressure;
};

void vx_memory_encode(
	const struct vx_memory_report *report, uint8_t ret_bytes[static vx_memory_report_size]);

/* False where a number is out of range. */
[[nodiscard]] bool vx_memory_decode(const uint8_t untrusted_bytes[static vx_memory_report_size],
	struct vx_memory_report *ret_report, struct vx_error *err);

#endif
