/* SPDX-License-Identifier: MIT */
/*
 * Frames of the exec service. Input: u8 (bit 0: direction, the rest: size of the pieces), then the
 * stream. What decodes must encode to the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/exec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(const struct vx_exec_frame *frame)
{
	struct vx_exec_request request;
	vx_cleanup_free void *storage = nullptr;
	vx_cleanup_error struct vx_error err = {};
	/* Exact memory, so that a sanitizer sees the first byte read too far. */
	vx_cleanup_free uint8_t *payload = vx_memdup(frame->untrusted_payload, frame->size);
	if (!vx_exec_decode_request(payload, frame->size, &request, &storage, &err)) {
		vx_assert(err.message != nullptr && storage == nullptr);
		return;
	}
	struct vx_buffer again = {};
	struct vx_exec_frame copy;
	vx_assert(vx_exec_encode_request(&again, &request, nullptr));
	vx_assert(vx_exec_decode(&again, VX_EXEC_TO_GUEST, &copy, nullptr) == 1);
	vx_assert(copy.size == frame->size &&
		  memcmp(copy.untrusted_payload, payload, copy.size) == 0);
	vx_buffer_finish(&again);
}

static void check_frame(const struct vx_exec_frame *frame)
{
	uint16_t columns, rows;
	switch (frame->type) {
	case VX_EXEC_START:
		check_request(frame);
		break;
	case VX_EXEC_RESIZE:
		vx_exec_frame_get_size(frame, &columns, &rows);
		break;
	case VX_EXEC_SIGNAL:
		vx_assert(vx_exec_frame_get_u32(frame) - 1 < 64);
		break;
	case VX_EXEC_EXIT:
		vx_assert(vx_exec_frame_get_u32(frame) <= 255);
		break;
	case VX_EXEC_FAILED:
		vx_assert(vx_exec_frame_get_u32(frame) - 1 < 4095);
		break;
	case VX_EXEC_STDIN:
	case VX_EXEC_STARTED:
	case VX_EXEC_STDOUT:
	case VX_EXEC_STDERR:
	case VX_EXEC_FRAME_TYPE_COUNT:
		vx_assert(frame->size <= vx_exec_payload_max);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	enum vx_exec_direction direction = data[0] & 1 ? VX_EXEC_TO_HOST : VX_EXEC_TO_GUEST;
	size_t piece = 1 + data[0] / 2 * 8;
	struct vx_buffer input = {};
	int result = 0;
	for (size_t i = 1; i < size && result >= 0; i += piece) {
		vx_assert(vx_buffer_append(&input, data + i, size - i < piece ? size - i : piece));
		vx_cleanup_error struct vx_error err = {};
		struct vx_exec_frame frame;
		do {
			result = vx_exec_decode(&input, direction, &frame, &err);
			if (result == 1) {
				check_frame(&frame);
			}
		} while (result == 1);
		vx_assert((result < 0) == (err.message != nullptr));
	}
	vx_buffer_finish(&input);
	return 0;
}
