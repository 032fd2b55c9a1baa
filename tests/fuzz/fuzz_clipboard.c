/* SPDX-License-Identifier: MIT */
/*
 * The clipboard service. Input: u8 flags, u8 kind, then a request and content. What passes must be
 * what it is said to be, and pass unchanged a second time.
 */
#include <stdint.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/clipboard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(const uint8_t *bytes)
{
	struct vx_clipboard_request request;
	if (vx_clipboard_decode_request(bytes, &request, nullptr)) {
		uint8_t again[vx_clipboard_request_size];
		vx_clipboard_encode_request(&request, again);
		vx_assert(memcmp(bytes, again, sizeof(again)) == 0);
	}
}

static void check_text(const struct vx_buffer *content, uint8_t flags)
{
	const uint8_t *bytes = vx_buffer_bytes(content);
	for (size_t i = 0; i < content->size; i++) {
		vx_assert(bytes[i] != 0);
		if ((flags & VX_CLIPBOARD_KEEP_CONTROLS) == 0) {
			vx_assert((bytes[i] >= 0x20 || bytes[i] == '\t' || bytes[i] == '\n') &&
				  bytes[i] != 0x7f);
			vx_assert(bytes[i] != 0xc2 || bytes[i + 1] >= 0xa0);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 + vx_clipboard_request_size) {
		return 0;
	}
	check_request(data + 2);
	uint8_t flags = data[0] & VX_CLIPBOARD_KEEP_CONTROLS;
	enum vx_clipboard_kind kind = data[1] % VX_CLIPBOARD_KIND_COUNT;
	struct vx_buffer content = {}, copy = {};
	vx_assert(vx_buffer_append(&content, data + 2, size - 2));
	if (vx_clipboard_clean(&content, kind, flags, nullptr)) {
		vx_assert(kind != VX_CLIPBOARD_NOTHING && content.size <= size - 2);
		if (kind == VX_CLIPBOARD_TEXT) {
			check_text(&content, flags);
		}
		vx_assert(vx_buffer_append(&copy, vx_buffer_bytes(&content), content.size));
		vx_assert(content.size == 0 || vx_clipboard_clean(&copy, kind, flags, nullptr));
		vx_assert(copy.size == content.size &&
			  (copy.size == 0 || memcmp(vx_buffer_bytes(&copy),
						     vx_buffer_bytes(&content), copy.size) == 0));
	}
	vx_buffer_finish(&content);
	vx_buffer_finish(&copy);
	return 0;
}
