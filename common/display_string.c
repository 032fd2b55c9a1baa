/* SPDX-License-Identifier: MIT */
#include "common/display_string.h"

#include <stdint.h>
#include <string.h>

#include "common/memory.h"

static constexpr uint32_t replacement_character = 0xfffd;
static constexpr size_t combining_run_max = 4;

struct code_point_range {
	uint32_t first, last;
};

/* Unicode 16 categories Cc, Cf, Co, Cs and the non-characters; what is in no plane is above the
 * last. */
static const struct code_point_range unwanted[] = {
	{0x0000, 0x001f},
	{0x007f, 0x009f},
	{0x00ad, 0x00ad},
	{0x034f, 0x034f},
	{0x0600, 0x0605},
	{0x061c, 0x061c},
	{0x06dd, 0x06dd},
	{0x070f, 0x070f},
	{0x0890, 0x0891},
	{0x08e2, 0x08e2},
	{0x115f, 0x1160},
	{0x17b4, 0x17b5},
	{0x180b, 0x180f},
	{0x200b, 0x200f},
	{0x2028, 0x202e},
	{0x2060, 0x206f},
	{0x3164, 0x3164},
	{0xd800, 0xf8ff},
	{0xfdd0, 0xfdef},
	{0xfe00, 0xfe0f},
	{0xfeff, 0xfeff},
	{0xffa0, 0xffa0},
	{0xfff0, 0xfffc},
	{0xfffe, 0xffff},
	{0x110bd, 0x110bd},
	{0x110cd, 0x110cd},
	{0x13430, 0x1345f},
	{0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a},
	{0x1fffe, 0x1ffff},
	{0x2fffe, 0x2ffff},
	{0x3fffe, 0x10ffff},
};

/* The blocks whose characters are combining marks (Mn, Me) in scripts of wide use. */
static const struct code_point_range combining[] = {
	{0x0300, 0x036f},
	{0x0483, 0x0489},
	{0x0591, 0x05bd},
	{0x0610, 0x061a},
	{0x064b, 0x065f},
	{0x06d6, 0x06dc},
	{0x0e31, 0x0e31},
	{0x0e34, 0x0e3a},
	{0x0e47, 0x0e4e},
	{0x1ab0, 0x1aff},
	{0x1dc0, 0x1dff},
	{0x20d0, 0x20ff},
	{0x302a, 0x302d},
	{0x3099, 0x309a},
	{0xfe20, 0xfe2f},
};

static bool in_ranges(uint32_t code_point, const struct code_point_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (code_point >= ranges[i].first && code_point <= ranges[i].last) {
			return true;
		}
	}
	return false;
}

/* Length in bytes of the sequence that `lead` starts, 0 where it can start none. */
static size_t sequence_length(uint8_t lead)
{
	if (lead < 0x80) {
		return 1;
	}
	if (lead >= 0xc2 && lead <= 0xdf) {
		return 2;
	}
	if (lead >= 0xe0 && lead <= 0xef) {
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		return 4;
	}
	return 0;
}

/* Reads one code point and advances; whatever is ill-formed reads as U+FFFD and one byte. */
static uint32_t decode(const uint8_t **position)
{
	static const uint8_t lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t *bytes = *position;
	size_t length = sequence_length(bytes[0]);
	uint32_t code_point = length > 0 ? bytes[0] & lead_mask[length] : 0;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			length = 0;
			break;
		}
		code_point = code_point << 6 | (bytes[i] & 0x3fu);
	}
	if (length == 0 || code_point < smallest[length] || code_point > 0x10ffff) {
		*position += 1;
		return replacement_character;
	}
	*position += length;
	return code_point;
}

char *vx_display_string(const char *untrusted_text, size_t max_code_points)
{
	const uint8_t *position = (const uint8_t *)untrusted_text;
	size_t length_max = strnlen(untrusted_text, max_code_points * 16);
	const uint8_t *end = position + length_max;
	/* Three bytes for each input byte (U+FFFD is the only growth) are always enough. */
	char *text = vx_calloc(length_max * 3 + 1, 1);
	size_t used = 0;
	size_t kept = 0;
	size_t combining_run = 0;
	while (position < end && kept < max_code_points) {
		const uint8_t *start = position;
		uint32_t code_point = decode(&position);
		if (position > end) {
			break;
		}
		if (in_ranges(code_point, unwanted, VX_ARRAY_LENGTH(unwanted))) {
			continue;
		}
		bool combines = in_ranges(code_point, combining, VX_ARRAY_LENGTH(combining));
		combining_run = combines ? combining_run + 1 : 0;
		if (combining_run > combining_run_max) {
			continue;
		}
		size_t size = (size_t)(position - start);
		if (code_point == replacement_character) {
			start = (const uint8_t *)"\xef\xbf\xbd";
			size = 3;
		}
		memcpy(text + used, start, size);
		used += size;
		kept++;
	}
	return text;
}

char *vx_display_app_id(const char *untrusted_text)
{
	char *app_id = vx_strndup(untrusted_text, vx_app_id_max);
	for (char *c = app_id; *c != '\0'; c++) {
		bool wanted = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			      (*c >= '0' && *c <= '9') || *c == '.' || *c == '_' || *c == '-';
		if (!wanted) {
			*c = '_';
		}
	}
	return app_id;
}
