/* SPDX-License-Identifier: MIT */
/*
 * Output of a guest's program for the user's terminal where none was asked for on the other side:
 * text, newlines and tabs stay, everything that could command the terminal is made visible.
 */
#ifndef VX_LAUNCHER_CLI_PLAIN_TEXT_H
#define VX_LAUNCHER_CLI_PLAIN_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/* A UTF-8 sequence that has begun but not ended with the last bytes. */
struct plain_text {
	uint8_t pending[4];
	size_t pending_count;
	size_t pending_length;
};

/*
 * Appends `untrusted_bytes` to `output`: control characters as in cat -v, bytes that aren't UTF-8
 * and code points that aren't for text as U+FFFD. False where the output has no room.
 */
[[nodiscard]] bool plain_text_append(struct plain_text *state, const uint8_t *untrusted_bytes,
	size_t size, struct vx_buffer *output);

#endif
