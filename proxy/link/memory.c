/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include "proxy/link/little_endian.h"

static constexpr uint32_t total_min_kib = 1024;

void vx_memory_encode(
	const struct vx_memory_report *report, uint8_t ret_bytes[static vx_memory_report_size])
{
	vx_put_u32(ret_bytes, report->total_kib);
	vx_put_u32(ret_bytes + 4, report->available_kib);
	vx_put_u32(ret_bytes + 8, report->pressure);
	vx_put_u32(ret_bytes + 12, 0);
}

bool vx_memory_decode(const uint8_t untrusted_bytes[static vx_memory_report_size],
	struct vx_memory_report *ret_report, struct vx_error *err)
{
	struct vx_memory_report untrusted = {
		.total_kib = vx_get_u32(untrusted_bytes),
		.available_kib = vx_get_u32(untrusted_bytes + 4),
		.pressure = vx_get_u32(untrusted_bytes + 8),
	};
	if (untrusted.total_kib < total_min_kib || untrusted.total_kib > vx_memory_total_max_kib ||
		untrusted.available_kib > untrusted.total_kib ||
		untrusted.pressure > vx_memory_pressure_max ||
		vx_get_u32(untrusted_bytes + 12) != 0) {
		return vx_error_set(err, "no sound report of memory");
	}
	*ret_report = untrusted;
	return true;
}
