/* SPDX-License-Identifier: MIT */
#include "ui/prompt_draw.h"

#include <math.h>

#include "common/memory.h"
#include "ui/cairo_buffer.h"
#include "ui/text.h"

static constexpr uint32_t color_panel = 0x1b1d23ff;
static constexpr uint32_t color_edge = 0x3a3f4bff;
static constexpr uint32_t color_button = 0x262a33ff;
static constexpr uint32_t color_selected = 0x2f4d77ff;
static constexpr uint32_t color_text = 0xf2f4f8ff;
static constexpr uint32_t color_dim = 0x9aa3b2ff;
static constexpr uint32_t color_dead = 0x5c6370ff;

static constexpr int padding = 20;
static constexpr int frame = 4; /* in the VM's colour, all around */

struct layout {
	int line, head, text, height;
};

/* The question, over as many lines as it needs; owned by the caller. */
static PangoLayout *question(cairo_t *cairo, const struct prompt_look *look)
{
	PangoLayout *layout = text_layout(cairo, look->font, look->text, false);
	pango_layout_set_width(layout, (look->width - 2 * padding) * PANGO_SCALE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_single_paragraph_mode(layout, false);
	return layout;
}

static struct layout measure(const struct prompt_look *look)
{
	struct layout place = {};
	int baseline, width;
	text_measure_font(look->font, &place.line, &baseline);
	struct cairo_buffer *scratch = cairo_buffer_create(1, 1);
	PangoLayout *layout = question(scratch->cairo, look);
	pango_layout_get_pixel_size(layout, &width, &place.text);
	g_object_unref(layout);
	wlr_buffer_drop(&scratch->base);
	place.head = place.line + 16;
	/* The head, the question, the hint, the buttons. */
	place.height = place.head + padding + place.text + padding + place.line + padding / 2 +
		       place.line + 16 + padding;
	return place;
}

static void draw_panel(cairo_t *cairo, const struct prompt_look *look, const struct layout *place)
{
	color_set_source(cairo, look->color);
	cairo_paint(cairo);
	cairo_rectangle(cairo, frame, place->head, look->width - 2 * frame,
		place->height - place->head - frame);
	color_set_source(cairo, color_panel);
	cairo_fill(cairo);
	text_draw(cairo, &(struct text_line){
				 .font = look->font,
				 .text = look->label,
				 .color = color_contrast(look->color),
				 .x = padding,
				 .width = look->width - 2 * padding,
				 .height = place->head,
			 });
}

static void draw_question(
	cairo_t *cairo, const struct prompt_look *look, const struct layout *place)
{
	PangoLayout *layout = question(cairo, look);
	color_set_source(cairo, color_text);
	cairo_move_to(cairo, padding, place->head + padding);
	pango_cairo_show_layout(cairo, layout);
	g_object_unref(layout);
	text_draw(cairo,
		&(struct text_line){
			.font = look->font,
			.text = look->hint != nullptr ? look->hint : "Tab chooses, Enter decides",
			.color = color_dim,
			.x = padding,
			.y = place->head + padding + place->text + padding,
			.width = look->width - 2 * padding,
			.height = place->line,
		});
}

static void draw_button(cairo_t *cairo, const struct prompt_look *look, enum prompt_button button,
	const struct wlr_box *box)
{
	bool is_dead = button == PROMPT_ACCEPT && look->hint != nullptr;
	cairo_rectangle(cairo, box->x + 0.5, box->y + 0.5, box->width - 1, box->height - 1);
	color_set_source(
		cairo, button == look->selected && !is_dead ? color_selected : color_button);
	cairo_fill_preserve(cairo);
	color_set_source(cairo, color_edge);
	cairo_set_line_width(cairo, 1);
	cairo_stroke(cairo);
	text_draw(cairo, &(struct text_line){
				 .font = look->font,
				 .text = button == PROMPT_ACCEPT ? look->accept : "Refuse",
				 .color = is_dead ? color_dead : color_text,
				 .x = box->x + 8,
				 .y = box->y,
				 .width = box->width - 16,
				 .align = 0.5,
				 .height = box->height,
			 });
}

struct cairo_buffer *prompt_draw(const struct prompt_look *look, int *ret_height,
	struct wlr_box ret_buttons[static PROMPT_BUTTON_COUNT])
{
	struct layout place = measure(look);
	struct cairo_buffer *buffer = cairo_buffer_create(
		(int)ceil((double)look->width * look->scale),
		(int)ceil((double)place.height * look->scale));
	cairo_scale(buffer->cairo, look->scale, look->scale);
	draw_panel(buffer->cairo, look, &place);
	draw_question(buffer->cairo, look, &place);
	int width = (look->width - 3 * padding) / 2;
	for (enum prompt_button button = 0; button < PROMPT_BUTTON_COUNT; button++) {
		ret_buttons[button] = (struct wlr_box){
			.x = padding + (int)button * (width + padding),
			.y = place.height - padding - place.line - 16,
			.width = width,
			.height = place.line + 16,
		};
		draw_button(buffer->cairo, look, button, &ret_buttons[button]);
	}
	cairo_buffer_flush(buffer);
	*ret_height = place.height;
	return buffer;
}
