/* SPDX-License-Identifier: MIT */
#include "cli/plain_text.h"

#include <string.h>

static constexpr char replacement[] = "\xef\xbf\xbd";

static bool append_replacement(struct vx_buffer *output)
{
	return vx_buffer_append(output, replacement, sizeof(replacement) - 1);
}

static bool append_ascii(uint8_t byte, struct vx_buffer *output)
{
	if (byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7f)) {
		return vx_buffer_append(output, &byte, 1);
	}
	if (byte == '\r') {
		return true; /* of "\r\n", or an attempt to overwrite a line */
	}
	char shown[2] = {'^', (char)(byte ^ 0x40)};
	return vx_buffer_append(output, shown, sizeof(shown));
}

static size_t sequence_length(uint8_t lead)
{
	if (lead >= 0xc2 && lead <= 0xdf) {
		return 2;
	}
	if (lead >= 0xe0 && lead <= 0xef) {
		return 3;
	}
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

static uint32_t decode(const uint8_t *bytes, size_t length)
{
	uint32_t code = bytes[0] & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		code = code << 6 | (bytes[i] & 0x3fu);
	}
	return code;
}

/* Not overlong, no surrogate, no C1 control, nothing that changes the direction of what follows. */
static bool is_text(uint32_t code, size_t length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
		return false;
	}
	bool is_control = code >= 0x80 && code <= 0x9f;
	bool is_bidi = code == 0x061c || (code >= 0x200e && code <= 0x200f) ||
		       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
	return !is_control && !is_bidi;
}

static bool end_sequence(struct plain_text *state, struct vx_buffer *output)
{
	size_t length = state->pending_length;
	bool is_good = state->pending_count == length &&
		       is_text(decode(state->pending, length), length);
	state->pending_count = 0;
	return is_good ? vx_buffer_append(output, state->pending, length)
		       : append_replacement(output);
}

static bool begin_sequence(struct plain_text *state, uint8_t byte, struct vx_buffer *output)
{
	if (byte < 0x80) {
		return append_ascii(byte, output);
	}
	state->pending_length = sequence_length(byte);
	if (state->pending_length == 0) {
		return append_replacement(output);
	}
	state->pending[0] = byte;
	state->pending_count = 1;
	return true;
}

static bool take_byte(struct plain_text *state, uint8_t byte, struct vx_buffer *output)
{
	if (state->pending_count == 0) {
		return begin_sequence(state, byte, output);
	}
	if ((byte & 0xc0) != 0x80) {
		return end_sequence(state, output) && begin_sequence(state, byte, output);
	}
	state->pending[state->pending_count++] = byte;
	return state->pending_count < state->pending_length || end_sequence(state, output);
}

bool plain_text_append(struct plain_text *state, const uint8_t *untrusted_bytes, size_t size,
	struct vx_buffer *output)
{
	for (size_t i = 0; i < size; i++) {
		if (!take_byte(state, untrusted_bytes[i], output)) {
			return false;
		}
	}
	return true;
}
