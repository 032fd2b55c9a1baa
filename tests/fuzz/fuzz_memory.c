/* SPDX-License-Identifier: MIT */
/* Reports of the memory service: what is taken must be in range, and encode to the same bytes. */
#include <stdint.h>
#include <string.h>

#include "common/log.h"
#include "proxy/link/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + vx_memory_report_size <= size; i += vx_memory_report_size) {
		struct vx_memory_report report;
		vx_cleanup_error struct vx_error err = {};
		if (!vx_memory_decode(data + i, &report, &err)) {
			vx_assert(err.message != nullptr);
			continue;
		}
		uint8_t again[vx_memory_report_size];
		vx_memory_encode(&report, again);
		vx_assert(memcmp(data + i, again, sizeof(again)) == 0);
		vx_assert(report.available_kib <= report.total_kib &&
			  report.total_kib <= vx_memory_total_max_kib &&
			  report.pressure <= vx_memory_pressure_max);
	}
	return 0;
}
