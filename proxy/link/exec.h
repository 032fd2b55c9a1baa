/* SPDX-License-Identifier: MIT */
/*
 * The `exec` service: the host opens a channel, asks for one program and talks to it. Spoken
 * between `vixos` (through vixos-proxy, which checks and copies every frame) and the agent in
 * vixos-guest. The wire format is docs/link.md, "exec": frames of u8 type, u8[3] zero, u32 length,
 * payload.
 */
#ifndef VX_PROXY_LINK_EXEC_H
#define VX_PROXY_LINK_EXEC_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/error.h"

#define VX_EXEC_SERVICE "exec"

static constexpr size_t vx_exec_payload_max = 32 * 1024;
static constexpr size_t vx_exec_argv_max = 1024; /* arguments, and again environment entries */

enum vx_exec_frame_type : uint8_t {
	/* host to guest */
	VX_EXEC_START = 1,  /* once, first: struct vx_exec_request, packed */
	VX_EXEC_STDIN = 2,  /* bytes; empty: end of file */
	VX_EXEC_RESIZE = 3, /* u16 columns, u16 rows */
	VX_EXEC_SIGNAL = 4, /* u8 signal number, for the program's process group */
	/* guest to host */
	VX_EXEC_STARTED = 16, /* empty: execve succeeded */
	VX_EXEC_STDOUT = 17,  /* bytes */
	VX_EXEC_STDERR = 18,  /* bytes; never where there is a terminal */
	VX_EXEC_EXIT = 19,    /* once, last: u32 status 0-255 (128 + n: killed by signal n) */
	VX_EXEC_FAILED = 20,  /* once, instead of STARTED: u32 errno of execve, chdir or fork */
	VX_EXEC_FRAME_TYPE_COUNT,
};

enum vx_exec_flag : uint32_t {
	VX_EXEC_FLAG_TERMINAL = 1 << 0, /* run it on a new pseudo-terminal */
	VX_EXEC_FLAG_LOGIN_SHELL = 1
				   << 1, /* argv is empty: run the user's shell as a login shell */
	VX_EXEC_FLAG_DETACHED =
		1 << 2, /* no stdio: it goes to the VM's log; the channel still reports the exit */
	VX_EXEC_FLAG_OWNER =
		1 << 3, /* with DETACHED: if nobody is left to hear of its exit, the VM ends then */
};

/* A request; all strings are borrowed. */
struct vx_exec_request {
	uint32_t flags;
	uint16_t columns, rows;  /* with a terminal */
	const char *directory;   /* NULL: the guest user's home */
	const char *const *argv; /* NULL-terminated */
	const char *const *
		environment; /* NULL-terminated NAME=VALUE, added to the guest's own; may be NULL */
};

struct vx_exec_frame {
	enum vx_exec_frame_type type;
	const uint8_t *untrusted_payload; /* borrowed from the decoder's buffer */
	size_t size;
};

enum vx_exec_direction : unsigned {
	VX_EXEC_TO_GUEST,
	VX_EXEC_TO_HOST,
};

/*
 * Takes the next whole frame off the front of `input`. Returns 1 and fills `ret_frame` (valid until
 * the buffer is next appended to; the bytes are already consumed), 0 when more bytes are needed, -1
 * when the bytes are no frame that may travel in `direction` (type, size of fixed-size payloads,
 * values out of range): then drop the channel.
 */
int vx_exec_decode(struct vx_buffer *input, enum vx_exec_direction direction,
	struct vx_exec_frame *ret_frame, struct vx_error *err);

/* Appends a frame; false where the output buffer's bound or vx_exec_payload_max would be exceeded.
 */
[[nodiscard]] bool vx_exec_encode(
	struct vx_buffer *output, enum vx_exec_frame_type type, const void *payload, size_t size);

/* Appends a START frame; false where the request is too large. */
[[nodiscard]] bool vx_exec_encode_request(
	struct vx_buffer *output, const struct vx_exec_request *request, struct vx_error *err);

/*
 * Unpacks a START frame's payload. On success `*ret_storage` (owned by the caller, freed with
 * free()) holds what `ret_request` points at.
 */
bool vx_exec_decode_request(const uint8_t *untrusted_payload, size_t size,
	struct vx_exec_request *ret_request, void **ret_storage, struct vx_error *err);

/* Readers of the fixed-size payloads of frames that vx_exec_decode() accepted. */
uint32_t vx_exec_frame_get_u32(const struct vx_exec_frame *frame);
void vx_exec_frame_get_size(
	const struct vx_exec_frame *frame, uint16_t *ret_columns, uint16_t *ret_rows);

#endif
