/* SPDX-License-Identifier: MIT */
/* Text by Pango, and the colours of the desktop. */
#ifndef UI_TEXT_H
#define UI_TEXT_H

#include <cairo.h>
#include <pango/pangocairo.h>
#include <stdint.h>

struct vx_error;

/* A layout for one line of `text` in `font`; owned by the caller (g_object_unref). */
[[nodiscard]] PangoLayout *text_layout(
	cairo_t *cairo, const char *font, const char *text, bool markup);

struct text_line {
	const char *font; /* a Pango font description */
	const char *text;
	bool markup;
	uint32_t color; /* 0xRRGGBBAA */
	double x, y;    /* top left of the line's box */
	double width;   /* longer text ends in an ellipsis */
	double align;   /* 0 left, 0.5 centre, 1 right within `width` */
	double height;  /* the line is centred in it; 0: not */
};

/* Draws one line and returns how wide it came out. */
double text_draw(cairo_t *cairo, const struct text_line *line);

/* The width that text_draw() would need. */
double text_width(const char *font, const char *text, bool markup);

/* Height and baseline of a line in logical pixels, as sway measures them for title bars. */
void text_measure_font(const char *font, int *ret_height, int *ret_baseline);
bool text_font_is_valid(const char *font, struct vx_error *err);

/* Gives back what Pango keeps for the whole process. */
void text_finish(void);

/* Colours are 0xRRGGBBAA. */
void color_set_source(cairo_t *cairo, uint32_t color);
/* Premultiplied, for the scene. */
void color_to_floats(uint32_t color, float ret_floats[static 4]);
/* Black or white, whichever can be read on `background`. */
uint32_t color_contrast(uint32_t background);

#endif
