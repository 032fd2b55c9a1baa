/* SPDX-License-Identifier: MIT */
/*
 * The stream of copies. Input: u8 (bit 0: a claim is needed, the rest: size of the pieces), then
 * the stream. What is accepted keeps to its claims and encodes to a frame that is accepted again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "copy/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct copy_checker checker, again;
	uint64_t claimed_bytes, claimed_entries, bytes, entries;
};

static void count(struct run *run, const struct copy_frame *frame)
{
	if (frame->type == COPY_BEGIN) {
		run->claimed_bytes = frame->bytes;
		run->claimed_entries = frame->entries;
	}
	if (frame->type == COPY_FOLDER || frame->type == COPY_FILE || frame->type == COPY_LINK ||
		frame->type == COPY_HARD_LINK) {
		run->entries++;
		vx_assert(copy_name_is_valid(frame->entry.name));
		vx_assert(frame->entry.mode <= 0777);
	}
	if (frame->type == COPY_DATA) {
		run->bytes += frame->data_size;
		/* All of it is there to be read. */
		vx_cleanup_free uint8_t *copy = vx_memdup(frame->untrusted_data, frame->data_size);
		(void)copy;
	}
	if (frame->type == COPY_PROBLEM) {
		vx_assert(copy_problem_text(frame->problem, frame->errnum) != nullptr);
	}
	vx_assert(run->bytes <= run->claimed_bytes && run->entries <= run->claimed_entries);
	vx_assert(run->checker.depth <= copy_depth_max);
}

static void check_again(struct run *run, const struct copy_frame *frame)
{
	struct vx_buffer bytes = {};
	struct copy_frame copy;
	vx_assert(copy_encode(&bytes, frame));
	vx_assert(copy_decode(&bytes, &run->again, &copy, nullptr) == 1);
	vx_assert(copy.type == frame->type && bytes.size == 0);
	vx_buffer_finish(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	struct run run = {.checker.needs_claim = (data[0] & 1) != 0};
	size_t piece = 1 + data[0] / 2 * 8;
	struct vx_buffer input = {};
	struct copy_frame frame = {};
	int result = 0;
	for (size_t i = 1; i < size && result >= 0; i += piece) {
		vx_assert(vx_buffer_append(&input, data + i, size - i < piece ? size - i : piece));
		vx_cleanup_error struct vx_error err = {};
		while ((result = copy_decode(&input, &run.checker, &frame, &err)) == 1) {
			count(&run, &frame);
			check_again(&run, &frame);
		}
		vx_assert((result < 0) == (err.message != nullptr));
	}
	vx_buffer_finish(&input);
	return 0;
}
