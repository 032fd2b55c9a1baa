/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include <string.h>

#include "proxy/link/link.h"
#include "proxy/link/little_endian.h"

struct frame_rule {
	size_t length_min, length_max;
	bool on_channel; /* else the channel id must be 0 */
};

static const struct frame_rule frame_rules[] = {
	[LINK_FRAME_HELLO] = {link_frame_hello_size, link_frame_hello_max, false},
	[LINK_FRAME_OPEN] = {4 + 1, 4 + vx_link_service_max, true},
	[LINK_FRAME_DATA] = {1, vx_link_frame_payload_max, true},
	[LINK_FRAME_CREDIT] = {4, 4, true},
	[LINK_FRAME_FINISH] = {0, 0, true},
	[LINK_FRAME_CLOSE] = {4, 4, true},
	[LINK_FRAME_PING] = {link_frame_ping_size, link_frame_ping_size, false},
	[LINK_FRAME_PONG] = {link_frame_ping_size, link_frame_ping_size, false},
};
static_assert(sizeof(frame_rules) / sizeof(frame_rules[0]) == LINK_FRAME_COUNT);

bool link_frame_decode_header(const uint8_t *untrusted_bytes, struct link_frame_header *ret_header)
{
	uint8_t untrusted_type = untrusted_bytes[0];
	uint32_t untrusted_channel = vx_get_u32(untrusted_bytes + 4);
	uint32_t untrusted_length = vx_get_u32(untrusted_bytes + 8);
	if (untrusted_type < LINK_FRAME_HELLO || untrusted_type >= LINK_FRAME_COUNT ||
		untrusted_bytes[1] != 0 || untrusted_bytes[2] != 0 || untrusted_bytes[3] != 0) {
		return false;
	}
	const struct frame_rule *rule = &frame_rules[untrusted_type];
	if (untrusted_length < rule->length_min || untrusted_length > rule->length_max ||
		rule->on_channel != (untrusted_channel != 0) ||
		untrusted_channel >= vx_link_channels_max) {
		return false;
	}
	*ret_header = (struct link_frame_header){
		.type = (enum link_frame_type)untrusted_type,
		.channel = untrusted_channel,
		.length = untrusted_length,
	};
	return true;
}

bool link_service_is_valid(const uint8_t *untrusted_name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t c = untrusted_name[i];
		bool is_letter = c >= 'a' && c <= 'z';
		bool is_digit = c >= '0' && c <= '9';
		if (!is_letter && !is_digit && c != '.' && c != '_' && c != '-') {
			return false;
		}
	}
	return length > 0 && length <= vx_link_service_max;
}

size_t link_frame_encode_header(
	uint8_t *bytes, enum link_frame_type type, uint32_t channel, size_t length)
{
	bytes[0] = type;
	memset(bytes + 1, 0, 3);
	vx_put_u32(bytes + 4, channel);
	vx_put_u32(bytes + 8, (uint32_t)length);
	return link_frame_header_size;
}

size_t link_frame_encode_hello(uint8_t *bytes, const struct link_hello *hello)
{
	size_t used = link_frame_encode_header(bytes, LINK_FRAME_HELLO, 0, link_frame_hello_size);
	uint8_t *payload = bytes + used;
	memset(payload, 0, link_frame_hello_size);
	vx_put_u32(payload, hello->magic);
	vx_put_u16(payload + 4, hello->major);
	vx_put_u16(payload + 6, hello->minor);
	vx_put_u32(payload + 8, hello->features);
	payload[12] = hello->role;
	return used + link_frame_hello_size;
}

size_t link_frame_encode_open(
	uint8_t *bytes, uint32_t channel, uint32_t window, const char *service)
{
	size_t length = strlen(service);
	size_t used = link_frame_encode_header(bytes, LINK_FRAME_OPEN, channel, 4 + length);
	vx_put_u32(bytes + used, window);
	memcpy(bytes + used + 4, service, length);
	return used + 4 + length;
}

size_t link_frame_encode_u32(
	uint8_t *bytes, enum link_frame_type type, uint32_t channel, uint32_t value)
{
	size_t used = link_frame_encode_header(bytes, type, channel, sizeof(value));
	vx_put_u32(bytes + used, value);
	return used + sizeof(value);
}

size_t link_frame_encode_token(uint8_t *bytes, enum link_frame_type type, uint64_t token)
{
	size_t used = link_frame_encode_header(bytes, type, 0, sizeof(token));
	vx_put_u64(bytes + used, token);
	return used + sizeof(token);
}

struct link_hello link_frame_decode_hello(const uint8_t *untrusted_payload)
{
	return (struct link_hello){
		.magic = vx_get_u32(untrusted_payload),
		.major = vx_get_u16(untrusted_payload + 4),
		.minor = vx_get_u16(untrusted_payload + 6),
		.features = vx_get_u32(untrusted_payload + 8),
		.role = untrusted_payload[12],
	};
}
