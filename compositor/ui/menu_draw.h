/* SPDX-License-Identifier: MIT */
/* How the menu looks. */
#ifndef UI_MENU_DRAW_H
#define UI_MENU_DRAW_H

#include "ui/menu_rows.h"

struct cairo_buffer;

struct menu_look {
	int width, height; /* logical pixels */
	float scale;
	const char *font;
	const char *filter;
	const char *notice; /* shown where there are no rows */
	const struct menu_rows *rows;
	int selected, first; /* row indexes; `first` is at the top */
};

/* How the menu is laid out in logical pixels, for a font's line height. */
struct menu_metrics {
	int padding, row_height, head_height, foot_height;
};

struct menu_metrics menu_metrics(const char *font);

/* Owned by the caller: wlr_buffer_drop(). */
struct cairo_buffer *menu_draw(const struct menu_look *look);
/* One line in a box as wide as it needs; `*ret_width` and `*ret_height` are logical. */
struct cairo_buffer *menu_draw_message(
	const char *text, const char *font, float scale, int *ret_width, int *ret_height);

#endif
