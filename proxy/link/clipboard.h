/* SPDX-License-Identifier: MIT */
/*
 * The `clipboard` service: the host opens a channel, and either gets what is in the VM's clipboard
 * or puts something there. Spoken between vixosd (through vixos-proxy, which checks and cleans what
 * the guest says) and vixos-guest. The wire format is docs/link.md, "clipboard".
 */
#ifndef VX_PROXY_LINK_CLIPBOARD_H
#define VX_PROXY_LINK_CLIPBOARD_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/error.h"

#define VX_CLIPBOARD_SERVICE "clipboard"

static constexpr size_t vx_clipboard_size_max = 16 * 1024 * 1024; /* bytes of any content */
static constexpr size_t vx_clipboard_request_size = 12;
static constexpr uint32_t vx_clipboard_timeout_max_s = 24 * 60 * 60;

enum vx_clipboard_operation : uint8_t {
	VX_CLIPBOARD_GET = 1, /* what was copied in the VM */
	VX_CLIPBOARD_PUT = 2, /* content follows */
};

enum vx_clipboard_kind : uint8_t {
	VX_CLIPBOARD_NOTHING = 0, /* an answer only */
	VX_CLIPBOARD_TEXT = 1,    /* UTF-8 */
	VX_CLIPBOARD_PNG = 2,
	VX_CLIPBOARD_KIND_COUNT,
};

enum vx_clipboard_flag : uint8_t {
	VX_CLIPBOARD_KEEP_CONTROLS = 1 << 0, /* GET: leave control characters in text */
};

struct vx_clipboard_request {
	enum vx_clipboard_operation operation;
	uint8_t kinds;      /* bits 1 << kind: GET: those wanted; PUT: exactly the one */
	uint8_t flags;      /* enum vx_clipboard_flag */
	uint32_t size;      /* GET: the most that is wanted; PUT: bytes that follow */
	uint32_t timeout_s; /* PUT: when the VM is to forget it; 0: never */
};

void vx_clipboard_encode_request(const struct vx_clipboard_request *request,
	uint8_t ret_bytes[static vx_clipboard_request_size]);

/* False where the bytes are no request. */
[[nodiscard]] bool vx_clipboard_decode_request(
	const uint8_t untrusted_bytes[static vx_clipboard_request_size],
	struct vx_clipboard_request *ret_request, struct vx_error *err);

/*
 * Checks content that came from a VM, and cleans it in place. Text must be UTF-8 without NUL, and
 * loses its control characters but tab and newline unless `flags` say otherwise; a picture must
 * begin as a PNG does. False where it can't be used.
 */
[[nodiscard]] bool vx_clipboard_clean(struct vx_buffer *untrusted_content,
	enum vx_clipboard_kind kind, uint8_t flags, struct vx_error *err);

/*
 * The MIME types that stand for a kind, best first; NULL past the last. Others never cross: not
 * text/html, which can load what it likes, nor text/uri-list, which names files of the other side.
 */
[[nodiscard]] const char *vx_clipboard_type(enum vx_clipboard_kind kind, size_t index);

/* The kind of a MIME type, and how good a form of it that is (0: best); NOTHING for all others. */
[[nodiscard]] enum vx_clipboard_kind vx_clipboard_kind_of_type(
	const char *untrusted_type, size_t *ret_rank);

/*
 * Of the types that a program offers, one at a time: keeps in `*best` (a copy, owned by the caller;
 * NULL at first) the best of the wanted `kinds`; text goes before pictures.
 */
void vx_clipboard_choose_type(char **best, const char *untrusted_type, uint8_t kinds);

#endif
