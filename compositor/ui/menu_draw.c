/* SPDX-License-Identifier: MIT */
#include "ui/menu_draw.h"

#include <math.h>

#include "common/memory.h"
#include "ui/cairo_buffer.h"
#include "ui/text.h"
#include "vm/vms.h"

static constexpr uint32_t color_panel = 0x1b1d23ff;
static constexpr uint32_t color_edge = 0x3a3f4bff;
static constexpr uint32_t color_field = 0x262a33ff;
static constexpr uint32_t color_selected = 0x2f4d77ff;
static constexpr uint32_t color_text = 0xf2f4f8ff;
static constexpr uint32_t color_dim = 0x9aa3b2ff;
static constexpr uint32_t color_bad = 0xff8f8fff;
static constexpr uint32_t color_good = 0x8fd694ff;

static constexpr int swatch_width = 6;
static constexpr double corner = 8;

struct menu_metrics menu_metrics(const char *font)
{
	int line, baseline;
	text_measure_font(font, &line, &baseline);
	return (struct menu_metrics){
		.padding = 12,
		.row_height = line + 12,
		.head_height = line + 16 + 2 * 12,
		.foot_height = line + 14,
	};
}

static void round_box(
	cairo_t *cairo, double x, double y, double width, double height, double radius)
{
	cairo_new_path(cairo);
	cairo_arc(cairo, x + width - radius, y + radius, radius, -M_PI / 2, 0);
	cairo_arc(cairo, x + width - radius, y + height - radius, radius, 0, M_PI / 2);
	cairo_arc(cairo, x + radius, y + height - radius, radius, M_PI / 2, M_PI);
	cairo_arc(cairo, x + radius, y + radius, radius, M_PI, 3 * M_PI / 2);
	cairo_close_path(cairo);
}

static void draw_panel(cairo_t *cairo, int width, int height)
{
	cairo_set_operator(cairo, CAIRO_OPERATOR_CLEAR);
	cairo_paint(cairo);
	cairo_set_operator(cairo, CAIRO_OPERATOR_OVER);
	round_box(cairo, 0.5, 0.5, width - 1, height - 1, corner);
	color_set_source(cairo, color_panel);
	cairo_fill_preserve(cairo);
	color_set_source(cairo, color_edge);
	cairo_set_line_width(cairo, 1);
	cairo_stroke(cairo);
}

static void draw_head(
	cairo_t *cairo, const struct menu_look *look, const struct menu_metrics *metrics)
{
	double x = metrics->padding, y = metrics->padding;
	double width = look->width - 2 * metrics->padding;
	double height = metrics->head_height - 2 * metrics->padding;
	round_box(cairo, x, y, width, height, 5);
	color_set_source(cairo, color_field);
	cairo_fill(cairo);
	bool is_empty = look->filter[0] == '\0';
	double end = text_draw(
		cairo, &(struct text_line){
			       .font = look->font,
			       .text = is_empty ? "Type to find a VM or an app" : look->filter,
			       .color = is_empty ? color_dim : color_text,
			       .x = x + 10,
			       .y = y,
			       .width = width - 20,
			       .height = height,
		       });
	color_set_source(cairo, color_text);
	cairo_rectangle(cairo, x + 10 + (is_empty ? -3 : end + 2), y + 7, 1.5, height - 14);
	cairo_fill(cairo);
}

static uint32_t state_color(const struct vm *vm)
{
	switch (vm->state) {
	case VM_RUNNING:
		return color_good;
	case VM_FAILED:
		return color_bad;
	case VM_STOPPED:
	case VM_STARTING:
	case VM_PAUSED:
	case VM_STOPPING:
	case VM_STATE_COUNT:
		break;
	}
	return color_dim;
}

/* The state and its message at the right end; returns where they begin. */
static double draw_state(
	cairo_t *cairo, const struct menu_look *look, const struct vm *vm, double y, int height)
{
	vx_cleanup_free char *text = vm->message[0] != '\0'
					     ? vx_printf("%s · %s", vm_state_text(vm->state),
						       vm->message)
					     : vx_strdup(vm_state_text(vm->state));
	double room = look->width * 0.55;
	double width = fmin(text_width(look->font, text, false), room);
	double right = look->width - 24;
	text_draw(cairo, &(struct text_line){
				 .font = look->font,
				 .text = text,
				 .color = state_color(vm),
				 .x = right - room,
				 .y = y,
				 .width = room,
				 .align = 1,
				 .height = height,
			 });
	return right - width;
}

struct row_place {
	double y;
	int height;
};

static void draw_vm(cairo_t *cairo, const struct menu_look *look, const struct vm *vm,
	const struct row_place *place)
{
	double label_width = fmin(text_width(look->font, vm->label, false) + 16, look->width * 0.4);
	round_box(cairo, 24, place->y + 3, label_width, place->height - 6, 4);
	color_set_source(cairo, vm->color);
	cairo_fill(cairo);
	text_draw(cairo, &(struct text_line){
				 .font = look->font,
				 .text = vm->label,
				 .color = color_contrast(vm->color),
				 .x = 32,
				 .y = place->y,
				 .width = label_width - 16,
				 .height = place->height,
			 });
	draw_state(cairo, look, vm, place->y, place->height);
}

static void draw_app(cairo_t *cairo, const struct menu_look *look, const struct menu_row *row,
	const struct row_place *place)
{
	double label_room = look->width * 0.3;
	text_draw(cairo, &(struct text_line){
				 .font = look->font,
				 .text = row->app->name,
				 .color = color_text,
				 .x = 44,
				 .y = place->y,
				 .width = look->width - 44 - label_room - 36,
				 .height = place->height,
			 });
	text_draw(cairo, &(struct text_line){
				 .font = look->font,
				 .text = row->vm->label,
				 .color = color_dim,
				 .x = look->width - 24 - label_room,
				 .y = place->y,
				 .width = label_room,
				 .align = 1,
				 .height = place->height,
			 });
}

static void draw_row(
	cairo_t *cairo, const struct menu_look *look, const struct menu_metrics *metrics, int index)
{
	const struct menu_row *row = look->rows->list.items[index];
	struct row_place place = {
		.y = metrics->head_height + (index - look->first) * metrics->row_height,
		.height = metrics->row_height,
	};
	if (index == look->selected) {
		round_box(cairo, 8, place.y + 1, look->width - 16, place.height - 2, 4);
		color_set_source(cairo, color_selected);
		cairo_fill(cairo);
	}
	color_set_source(cairo, row->vm->color);
	cairo_rectangle(cairo, metrics->padding, place.y, swatch_width, place.height);
	cairo_fill(cairo);
	if (row->app != nullptr) {
		draw_app(cairo, look, row, &place);
	} else {
		draw_vm(cairo, look, row->vm, &place);
	}
}

static void draw_foot(
	cairo_t *cairo, const struct menu_look *look, const struct menu_metrics *metrics)
{
	double y = look->height - metrics->foot_height;
	color_set_source(cairo, color_edge);
	cairo_rectangle(cairo, metrics->padding, y, look->width - 2 * metrics->padding, 1);
	cairo_fill(cairo);
	text_draw(
		cairo, &(struct text_line){
			       .font = look->font,
			       .text = "Enter start   Ctrl+Enter shell   Ctrl+Del stop   Esc close",
			       .color = color_dim,
			       .x = metrics->padding,
			       .y = y,
			       .width = look->width - 2 * metrics->padding,
			       .align = 0.5,
			       .height = metrics->foot_height,
		       });
}

struct cairo_buffer *menu_draw(const struct menu_look *look)
{
	struct menu_metrics metrics = menu_metrics(look->font);
	struct cairo_buffer *buffer = cairo_buffer_create(
		(int)ceil((double)look->width * look->scale),
		(int)ceil((double)look->height * look->scale));
	cairo_t *cairo = buffer->cairo;
	cairo_scale(cairo, look->scale, look->scale);
	draw_panel(cairo, look->width, look->height);
	draw_head(cairo, look, &metrics);
	int room = (look->height - metrics.head_height - metrics.foot_height) / metrics.row_height;
	for (int i = look->first; i < look->rows->list.length && i < look->first + room; i++) {
		draw_row(cairo, look, &metrics, i);
	}
	if (look->rows->list.length == 0) {
		text_draw(cairo, &(struct text_line){
					 .font = look->font,
					 .text = look->notice,
					 .color = color_dim,
					 .x = 24,
					 .y = metrics.head_height,
					 .width = look->width - 48,
					 .align = 0.5,
					 .height = metrics.row_height,
				 });
	}
	draw_foot(cairo, look, &metrics);
	cairo_buffer_flush(buffer);
	return buffer;
}

struct cairo_buffer *menu_draw_message(
	const char *text, const char *font, float scale, int *ret_width, int *ret_height)
{
	struct menu_metrics metrics = menu_metrics(font);
	*ret_width = (int)ceil(text_width(font, text, false)) + 4 * metrics.padding;
	*ret_height = metrics.row_height + metrics.padding;
	struct cairo_buffer *buffer = cairo_buffer_create(
		(int)ceil((double)*ret_width * scale), (int)ceil((double)*ret_height * scale));
	cairo_scale(buffer->cairo, scale, scale);
	draw_panel(buffer->cairo, *ret_width, *ret_height);
	text_draw(buffer->cairo, &(struct text_line){
					 .font = font,
					 .text = text,
					 .color = color_text,
					 .x = metrics.padding,
					 .width = *ret_width - 2 * metrics.padding,
					 .align = 0.5,
					 .height = *ret_height,
				 });
	cairo_buffer_flush(buffer);
	return buffer;
}
