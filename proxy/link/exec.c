/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include <string.h>

#include "proxy/link/little_endian.h"

static constexpr size_t exec_header_size = 8;
static constexpr uint32_t signal_max = 64;
static constexpr uint32_t exit_status_max = 255;
static constexpr uint32_t errno_max = 4095;

struct exec_rule {
	enum vx_exec_direction direction;
	size_t size_min, size_max;
	uint32_t value_min, value_max; /* of payloads that are one number; max 0: no such number */
};

static const struct exec_rule no_rule = {};

static const struct exec_rule to_guest_rules[] = {
	[VX_EXEC_START] = {VX_EXEC_TO_GUEST, 12, vx_exec_payload_max},
	[VX_EXEC_STDIN] = {VX_EXEC_TO_GUEST, 0, vx_exec_payload_max},
	[VX_EXEC_RESIZE] = {VX_EXEC_TO_GUEST, 4, 4},
	[VX_EXEC_SIGNAL] = {VX_EXEC_TO_GUEST, 1, 1, 1, signal_max},
};

static const struct exec_rule to_host_rules[] = {
	[VX_EXEC_STARTED - VX_EXEC_STARTED] = {VX_EXEC_TO_HOST, 0, 0},
	[VX_EXEC_STDOUT - VX_EXEC_STARTED] = {VX_EXEC_TO_HOST, 1, vx_exec_payload_max},
	[VX_EXEC_STDERR - VX_EXEC_STARTED] = {VX_EXEC_TO_HOST, 1, vx_exec_payload_max},
	[VX_EXEC_EXIT - VX_EXEC_STARTED] = {VX_EXEC_TO_HOST, 4, 4, 0, exit_status_max},
	[VX_EXEC_FAILED - VX_EXEC_STARTED] = {VX_EXEC_TO_HOST, 4, 4, 1, errno_max},
};
static_assert(VX_ARRAY_LENGTH(to_host_rules) == VX_EXEC_FRAME_TYPE_COUNT - VX_EXEC_STARTED);

static const struct exec_rule *rule_find(uint8_t untrusted_type)
{
	if (untrusted_type >= VX_EXEC_START && untrusted_type < VX_ARRAY_LENGTH(to_guest_rules)) {
		return &to_guest_rules[untrusted_type];
	}
	if (untrusted_type >= VX_EXEC_STARTED && untrusted_type < VX_EXEC_FRAME_TYPE_COUNT) {
		return &to_host_rules[untrusted_type - VX_EXEC_STARTED];
	}
	return &no_rule;
}

/* The number that a fixed-size payload holds. */
static uint32_t payload_number(const uint8_t *payload, size_t size)
{
	return size == 1 ? payload[0] : vx_get_u32(payload);
}

/* The rule for a frame with this header; NULL where there may be no such frame. */
static const struct exec_rule *header_check(
	const uint8_t *untrusted_header, enum vx_exec_direction direction, struct vx_error *err)
{
	uint8_t untrusted_type = untrusted_header[0];
	uint32_t untrusted_size = vx_get_u32(untrusted_header + 4);
	const struct exec_rule *rule = rule_find(untrusted_type);
	const char *problem = nullptr;
	if (rule == &no_rule || rule->direction != direction) {
		problem = "is unknown or goes the wrong way";
	} else if (untrusted_header[1] != 0 || untrusted_header[2] != 0 ||
		   untrusted_header[3] != 0) {
		problem = "has reserved bytes that are not zero";
	} else if (untrusted_size < rule->size_min || untrusted_size > rule->size_max) {
		problem = "has a payload of the wrong size";
	}
	if (problem != nullptr) {
		vx_error_set(err, "exec frame of type %u %s", untrusted_type, problem);
		return nullptr;
	}
	return rule;
}

static bool value_check(const struct exec_rule *rule, const uint8_t *untrusted_payload, size_t size)
{
	if (rule->value_max == 0) {
		return true;
	}
	uint32_t untrusted_value = payload_number(untrusted_payload, size);
	return untrusted_value >= rule->value_min && untrusted_value <= rule->value_max;
}

int vx_exec_decode(struct vx_buffer *input, enum vx_exec_direction direction,
	struct vx_exec_frame *ret_frame, struct vx_error *err)
{
	if (input->size < exec_header_size) {
		return 0;
	}
	const uint8_t *header = vx_buffer_bytes(input);
	const struct exec_rule *rule = header_check(header, direction, err);
	if (rule == nullptr) {
		return -1;
	}
	size_t size = vx_get_u32(header + 4);
	if (input->size < exec_header_size + size) {
		return 0;
	}
	const uint8_t *payload = header + exec_header_size;
	if (!value_check(rule, payload, size)) {
		vx_error_set(err, "exec frame of type %u holds a number out of range", header[0]);
		return -1;
	}
	*ret_frame = (struct vx_exec_frame){
		.type = (enum vx_exec_frame_type)header[0],
		.untrusted_payload = payload,
		.size = size,
	};
	vx_buffer_consume(input, exec_header_size + size);
	return 1;
}

bool vx_exec_encode(
	struct vx_buffer *output, enum vx_exec_frame_type type, const void *payload, size_t size)
{
	if (size > vx_exec_payload_max) {
		return false;
	}
	uint8_t *room = vx_buffer_reserve(output, exec_header_size + size);
	if (room == nullptr) {
		return false;
	}
	memset(room, 0, exec_header_size);
	room[0] = type;
	vx_put_u32(room + 4, (uint32_t)size);
	if (size > 0) {
		memcpy(room + exec_header_size, payload, size);
	}
	vx_buffer_commit(output, exec_header_size + size);
	return true;
}

uint32_t vx_exec_frame_get_u32(const struct vx_exec_frame *frame)
{
	return payload_number(frame->untrusted_payload, frame->size);
}

void vx_exec_frame_get_size(
	const struct vx_exec_frame *frame, uint16_t *ret_columns, uint16_t *ret_rows)
{
	*ret_columns = vx_get_u16(frame->untrusted_payload);
	*ret_rows = vx_get_u16(frame->untrusted_payload + 2);
}
