/* SPDX-License-Identifier: MIT */
#include "clipboard.h"

#include <string.h>

#include "proxy/link/little_endian.h"

static const uint8_t png_signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static const struct {
	const char *name;
	enum vx_clipboard_kind kind;
} types[] = {
	{"text/plain;charset=utf-8", VX_CLIPBOARD_TEXT},
	{"UTF8_STRING", VX_CLIPBOARD_TEXT},
	{"text/plain", VX_CLIPBOARD_TEXT},
	{"TEXT", VX_CLIPBOARD_TEXT},
	{"STRING", VX_CLIPBOARD_TEXT},
	{"image/png", VX_CLIPBOARD_PNG},
};

const char *vx_clipboard_type(enum vx_clipboard_kind kind, size_t index)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(types); i++) {
		if (types[i].kind == kind && index-- == 0) {
			return types[i].name;
		}
	}
	return nullptr;
}

enum vx_clipboard_kind vx_clipboard_kind_of_type(const char *untrusted_type, size_t *ret_rank)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(types); i++) {
		if (strcmp(types[i].name, untrusted_type) == 0) {
			*ret_rank = i;
			return types[i].kind;
		}
	}
	*ret_rank = VX_ARRAY_LENGTH(types);
	return VX_CLIPBOARD_NOTHING;
}

void vx_clipboard_choose_type(char **best, const char *untrusted_type, uint8_t kinds)
{
	size_t rank, best_rank = VX_ARRAY_LENGTH(types);
	enum vx_clipboard_kind kind = vx_clipboard_kind_of_type(untrusted_type, &rank);
	if (kind == VX_CLIPBOARD_NOTHING || (kinds & 1u << kind) == 0) {
		return;
	}
	if (*best != nullptr) {
		(void)vx_clipboard_kind_of_type(*best, &best_rank);
	}
	if (rank < best_rank) {
		vx_replace_string(best, untrusted_type);
	}
}

void vx_clipboard_encode_request(const struct vx_clipboard_request *request,
	uint8_t ret_bytes[static vx_clipboard_request_size])
{
	ret_bytes[0] = request->operation;
	ret_bytes[1] = request->kinds;
	ret_bytes[2] = request->flags;
	ret_bytes[3] = 0;
	vx_put_u32(ret_bytes + 4, request->size);
	vx_put_u32(ret_bytes + 8, request->timeout_s);
}

static bool kinds_are_valid(enum vx_clipboard_operation operation, uint8_t kinds)
{
	constexpr uint8_t known = 1 << VX_CLIPBOARD_TEXT | 1 << VX_CLIPBOARD_PNG;
	bool is_single = (kinds & (kinds - 1)) == 0;
	return kinds != 0 && (kinds & ~known) == 0 && (operation == VX_CLIPBOARD_GET || is_single);
}

bool vx_clipboard_decode_request(const uint8_t untrusted_bytes[static vx_clipboard_request_size],
	struct vx_clipboard_request *ret_request, struct vx_error *err)
{
	struct vx_clipboard_request untrusted = {
		.operation = (enum vx_clipboard_operation)untrusted_bytes[0],
		.kinds = untrusted_bytes[1],
		.flags = untrusted_bytes[2],
		.size = vx_get_u32(untrusted_bytes + 4),
		.timeout_s = vx_get_u32(untrusted_bytes + 8),
	};
	bool is_get = untrusted.operation == VX_CLIPBOARD_GET;
	bool is_put = untrusted.operation == VX_CLIPBOARD_PUT;
	if ((!is_get && !is_put) || !kinds_are_valid(untrusted.operation, untrusted.kinds) ||
		(untrusted.flags & ~(is_get ? VX_CLIPBOARD_KEEP_CONTROLS : 0)) != 0 ||
		untrusted_bytes[3] != 0 || untrusted.size > vx_clipboard_size_max ||
		untrusted.timeout_s > (is_put ? vx_clipboard_timeout_max_s : 0)) {
		return vx_error_set(err, "no request of the clipboard service");
	}
	*ret_request = untrusted;
	return true;
}

/* Length of the well-formed sequence at `bytes`, and its code point; 0 where there is none. */
static size_t utf8_read(const uint8_t *untrusted_bytes, size_t size, uint32_t *ret_code_point)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	for (size_t length = 1; length <= VX_ARRAY_LENGTH(forms); length++) {
		if ((untrusted_bytes[0] & forms[length - 1].mask) != forms[length - 1].lead) {
			continue;
		}
		uint32_t code_point = untrusted_bytes[0] & (uint8_t)~forms[length - 1].mask;
		for (size_t i = 1; i < length; i++) {
			if (i >= size || (untrusted_bytes[i] & 0xc0) != 0x80) {
				return 0;
			}
			code_point = code_point << 6 | (untrusted_bytes[i] & 0x3f);
		}
		*ret_code_point = code_point;
		bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
		bool is_good = code_point >= forms[length - 1].least && code_point <= 0x10ffff;
		return is_good && !is_surrogate ? length : 0;
	}
	return 0;
}

static bool is_control(uint32_t code_point)
{
	return (code_point < 0x20 && code_point != '\t' && code_point != '\n') ||
	       (code_point >= 0x7f && code_point < 0xa0);
}

static bool clean_text(struct vx_buffer *untrusted_content, uint8_t flags, struct vx_error *err)
{
	uint8_t *bytes = untrusted_content->data + untrusted_content->start;
	size_t size = untrusted_content->size, kept = 0;
	bool keep_controls = (flags & VX_CLIPBOARD_KEEP_CONTROLS) != 0;
	for (size_t i = 0, length; i < size; i += length) {
		uint32_t code_point;
		length = utf8_read(bytes + i, size - i, &code_point);
		if (length == 0) {
			return vx_error_set(err, "the text is not UTF-8");
		}
		if (code_point == 0) {
			return vx_error_set(err, "the text has a NUL in it");
		}
		if (keep_controls || !is_control(code_point)) {
			memmove(bytes + kept, bytes + i, length);
			kept += length;
		}
	}
	untrusted_content->size = kept;
	return true;
}

bool vx_clipboard_clean(struct vx_buffer *untrusted_content, enum vx_clipboard_kind kind,
	uint8_t flags, struct vx_error *err)
{
	if (untrusted_content->size > vx_clipboard_size_max) {
		return vx_error_set(err, "it is larger than %zu bytes", vx_clipboard_size_max);
	}
	if (untrusted_content->size == 0) {
		return vx_error_set(err, "there is nothing in it");
	}
	switch (kind) {
	case VX_CLIPBOARD_TEXT:
		return clean_text(untrusted_content, flags, err);
	case VX_CLIPBOARD_PNG:
		return (untrusted_content->size > sizeof(png_signature) &&
			       memcmp(vx_buffer_bytes(untrusted_content), png_signature,
				       sizeof(png_signature)) == 0) ||
		       vx_error_set(err, "the picture is no PNG");
	case VX_CLIPBOARD_NOTHING:
	case VX_CLIPBOARD_KIND_COUNT:
		break;
	}
	return vx_error_set(err, "its kind is unknown");
}
