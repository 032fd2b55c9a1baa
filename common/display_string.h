/* SPDX-License-Identifier: MIT */
/*
 * Strings that a guest chose and that people see: window titles, app ids, names of programs.
 * What comes out is valid UTF-8 without control, format (bidi, zero width), private-use,
 * surrogate or non-character code points, and short.
 */
#ifndef VX_COMMON_DISPLAY_STRING_H
#define VX_COMMON_DISPLAY_STRING_H

#include <stddef.h>

static constexpr size_t vx_title_max_code_points = 128;
static constexpr size_t vx_app_id_max = 64;

/*
 * `untrusted_text` (NUL-terminated) with every byte sequence that isn't UTF-8 replaced by U+FFFD,
 * unwanted code points dropped, runs of combining marks cut to four, and at most `max_code_points`
 * code points kept. Owned by the caller.
 */
[[nodiscard, gnu::returns_nonnull]] char *vx_display_string(
	const char *untrusted_text, size_t max_code_points);

/* Only [A-Za-z0-9._-], at most vx_app_id_max bytes; other bytes become '_'. Owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vx_display_app_id(const char *untrusted_text);

#endif
