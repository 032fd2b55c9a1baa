/* SPDX-License-Identifier: MIT */
#include "ui/titlebar.h"

#include <math.h>
#include <string.h>

#include "common/memory.h"
#include "ui/cairo_buffer.h"
#include "ui/text.h"

static constexpr int chip_padding = 6;

void titlebar_init(struct titlebar *titlebar, struct wlr_scene_tree *parent)
{
	titlebar->node = wlr_scene_buffer_create(parent, nullptr);
}

void titlebar_finish(struct titlebar *titlebar)
{
	free(titlebar->key);
	*titlebar = (struct titlebar){};
}

static char *make_key(const struct titlebar_look *look)
{
	return vx_printf("%dx%d@%f %x %x %x %d %d %d %d %x\n%s\n%s\n%s\n%s", look->width,
		look->height, (double)look->scale, look->border, look->background, look->text,
		look->markup, (int)look->align, look->border_thickness, look->padding,
		look->chip.color, look->font, look->chip.label ? look->chip.label : "",
		look->marks ? look->marks : "", look->title ? look->title : "");
}

static void fill(cairo_t *cairo, uint32_t color, double x, double y, double width, double height)
{
	color_set_source(cairo, color);
	cairo_rectangle(cairo, x, y, width, height);
	cairo_fill(cairo);
}

static void draw_frame(cairo_t *cairo, const struct titlebar_look *look)
{
	int edge = look->border_thickness;
	cairo_set_operator(cairo, CAIRO_OPERATOR_SOURCE);
	fill(cairo, look->border, 0, 0, look->width, look->height);
	fill(cairo, look->background, edge, edge, look->width - 2 * edge, look->height - 2 * edge);
	cairo_set_operator(cairo, CAIRO_OPERATOR_OVER);
}

/* Returns where the title may begin. */
static double draw_chip(cairo_t *cairo, const struct titlebar_look *look)
{
	if (look->chip.label == nullptr) {
		return look->padding;
	}
	double width = text_width(look->font, look->chip.label, false) + 2 * chip_padding;
	if (width > look->width) {
		width = look->width;
	}
	fill(cairo, look->chip.color | 0xff, 0, 0, width, look->height);
	text_draw(cairo, &(struct text_line){
				 .font = look->font,
				 .text = look->chip.label,
				 .color = color_contrast(look->chip.color),
				 .x = chip_padding,
				 .width = width - 2 * chip_padding,
				 .height = look->height,
			 });
	return width + look->padding;
}

static double draw_marks(cairo_t *cairo, const struct titlebar_look *look, double begin, double end)
{
	if (look->marks == nullptr) {
		return end;
	}
	double width = text_draw(cairo, &(struct text_line){
						.font = look->font,
						.text = look->marks,
						.color = look->text,
						.x = begin,
						.width = end - begin,
						.align = look->align == TITLE_ALIGN_RIGHT ? 0 : 1,
						.height = look->height,
					});
	return look->align == TITLE_ALIGN_RIGHT ? end : end - width - look->padding;
}

static void draw(cairo_t *cairo, const struct titlebar_look *look)
{
	static const double aligns[] = {
		[TITLE_ALIGN_LEFT] = 0,
		[TITLE_ALIGN_CENTER] = 0.5,
		[TITLE_ALIGN_RIGHT] = 1,
	};
	draw_frame(cairo, look);
	double begin = draw_chip(cairo, look);
	double end = draw_marks(cairo, look, begin, look->width - look->padding);
	if (look->title == nullptr || end <= begin) {
		return;
	}
	/* What is centred is centred in the whole bar where that leaves chip and marks alone. */
	double width = text_width(look->font, look->title, look->markup);
	double left = begin, right = end;
	if (look->align == TITLE_ALIGN_CENTER) {
		double middle = (look->width - width) / 2;
		if (middle >= begin && middle + width <= end) {
			left = middle;
			right = middle + width + 1;
		}
	}
	text_draw(cairo, &(struct text_line){
				 .font = look->font,
				 .text = look->title,
				 .markup = look->markup,
				 .color = look->text,
				 .x = left,
				 .width = right - left,
				 .align = aligns[look->align],
				 .height = look->height,
			 });
}

void titlebar_update(struct titlebar *titlebar, const struct titlebar_look *look)
{
	char *key = make_key(look);
	if (titlebar->key != nullptr && strcmp(titlebar->key, key) == 0) {
		free(key);
		return;
	}
	free(titlebar->key);
	titlebar->key = key;
	if (look->width <= 0 || look->height <= 0) {
		wlr_scene_buffer_set_buffer(titlebar->node, nullptr);
		return;
	}
	struct cairo_buffer *buffer = cairo_buffer_create(
		(int)ceil((double)look->width * look->scale),
		(int)ceil((double)look->height * look->scale));
	cairo_scale(buffer->cairo, look->scale, look->scale);
	draw(buffer->cairo, look);
	cairo_buffer_flush(buffer);
	wlr_scene_buffer_set_buffer(titlebar->node, &buffer->base);
	wlr_scene_buffer_set_dest_size(titlebar->node, look->width, look->height);
	wlr_buffer_drop(&buffer->base);
}
