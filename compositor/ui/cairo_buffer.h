/* SPDX-License-Identifier: MIT */
/* A wlr_buffer that cairo draws into. */
#ifndef UI_CAIRO_BUFFER_H
#define UI_CAIRO_BUFFER_H

#include <cairo.h>
#include <wlr/types/wlr_buffer.h>

struct cairo_buffer {
	struct wlr_buffer base;
	cairo_surface_t *surface; /* owned */
	cairo_t *cairo;           /* owned */
};

/*
 * `width` and `height` in pixels of the screen; larger ones than 16384 are cut. The caller owns one
 * reference: wlr_buffer_drop(&buffer->base) gives it back.
 */
[[nodiscard, gnu::returns_nonnull]] struct cairo_buffer *cairo_buffer_create(int width, int height);

/* To be called after drawing, before the buffer is shown. */
void cairo_buffer_flush(struct cairo_buffer *buffer);

#endif
