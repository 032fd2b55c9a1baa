/* SPDX-License-Identifier: MIT */
/* What a prompt looks like. */
#ifndef UI_PROMPT_DRAW_H
#define UI_PROMPT_DRAW_H

#include <stdint.h>
#include <wlr/util/box.h>

struct cairo_buffer;

enum prompt_button : unsigned {
	PROMPT_REFUSE,
	PROMPT_ACCEPT,
	PROMPT_BUTTON_COUNT,
	PROMPT_NO_BUTTON = PROMPT_BUTTON_COUNT,
};

struct prompt_look {
	int width;
	float scale;
	const char *font;
	const char *label; /* of the VM */
	uint32_t color;
	const char *text, *accept;
	const char *hint; /* why it can't be accepted yet; NULL: it can be */
	enum prompt_button selected;
};

/* The buffer, owned by the caller; its height in logical pixels, and where the buttons are in it.
 */
[[nodiscard]] struct cairo_buffer *prompt_draw(const struct prompt_look *look, int *ret_height,
	struct wlr_box ret_buttons[static PROMPT_BUTTON_COUNT]);

#endif
