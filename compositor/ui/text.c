/* SPDX-License-Identifier: MIT */
#include "ui/text.h"

#include "common/error.h"

PangoLayout *text_layout(cairo_t *cairo, const char *font, const char *text, bool markup)
{
	PangoLayout *layout = pango_cairo_create_layout(cairo);
	PangoFontDescription *description = pango_font_description_from_string(font);
	pango_layout_set_font_description(layout, description);
	pango_font_description_free(description);
	pango_layout_set_single_paragraph_mode(layout, TRUE);
	PangoAttrList *attributes = nullptr;
	char *plain = nullptr;
	if (markup && pango_parse_markup(text, -1, 0, &attributes, &plain, nullptr, nullptr)) {
		pango_layout_set_text(layout, plain, -1);
		pango_layout_set_attributes(layout, attributes);
		pango_attr_list_unref(attributes);
		g_free(plain);
	} else {
		pango_layout_set_text(layout, text, -1);
	}
	return layout;
}

double text_draw(cairo_t *cairo, const struct text_line *line)
{
	if (line->width <= 0) {
		return 0;
	}
	PangoLayout *layout = text_layout(cairo, line->font, line->text, line->markup);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	int width = 0, height = 0;
	pango_layout_get_pixel_size(layout, &width, &height);
	if (width > line->width) {
		pango_layout_set_width(layout, (int)(line->width * PANGO_SCALE));
		width = (int)line->width;
	}
	double y = line->y;
	if (line->height > 0) {
		y += (line->height - height) / 2;
	}
	color_set_source(cairo, line->color);
	cairo_move_to(cairo, line->x + (line->width - width) * line->align, y);
	pango_cairo_show_layout(cairo, layout);
	g_object_unref(layout);
	return width;
}

static cairo_t *scratch_cairo(void)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 1, 1);
	cairo_t *cairo = cairo_create(surface);
	cairo_surface_destroy(surface);
	return cairo;
}

double text_width(const char *font, const char *text, bool markup)
{
	cairo_t *cairo = scratch_cairo();
	PangoLayout *layout = text_layout(cairo, font, text, markup);
	int width = 0;
	pango_layout_get_pixel_size(layout, &width, nullptr);
	g_object_unref(layout);
	cairo_destroy(cairo);
	return width;
}

void text_measure_font(const char *font, int *ret_height, int *ret_baseline)
{
	cairo_t *cairo = scratch_cairo();
	PangoContext *context = pango_cairo_create_context(cairo);
	PangoFontDescription *description = pango_font_description_from_string(font);
	PangoFontMetrics *metrics = pango_context_get_metrics(context, description, nullptr);
	*ret_baseline = pango_font_metrics_get_ascent(metrics) / PANGO_SCALE;
	*ret_height = *ret_baseline + pango_font_metrics_get_descent(metrics) / PANGO_SCALE;
	pango_font_metrics_unref(metrics);
	pango_font_description_free(description);
	g_object_unref(context);
	cairo_destroy(cairo);
}

bool text_font_is_valid(const char *font, struct vx_error *err)
{
	PangoFontDescription *description = pango_font_description_from_string(font);
	const char *missing = pango_font_description_get_family(description) == nullptr ? "family"
			      : pango_font_description_get_size(description) == 0       ? "size"
											: nullptr;
	pango_font_description_free(description);
	return missing == nullptr || vx_error_set(err, "Invalid font %s.", missing);
}

void text_finish(void)
{
	/* Not what cairo and fontconfig keep: a thread of Pango's may be at it still. */
	pango_cairo_font_map_set_default(nullptr);
}

static double channel(uint32_t color, unsigned shift)
{
	return ((color >> shift) & 0xff) / 255.0;
}

void color_set_source(cairo_t *cairo, uint32_t color)
{
	cairo_set_source_rgba(cairo, channel(color, 24), channel(color, 16), channel(color, 8),
		channel(color, 0));
}

void color_to_floats(uint32_t color, float ret_floats[static 4])
{
	float alpha = (float)channel(color, 0);
	ret_floats[0] = (float)channel(color, 24) * alpha;
	ret_floats[1] = (float)channel(color, 16) * alpha;
	ret_floats[2] = (float)channel(color, 8) * alpha;
	ret_floats[3] = alpha;
}

uint32_t color_contrast(uint32_t background)
{
	double luminance = 0.299 * channel(background, 24) + 0.587 * channel(background, 16) +
			   0.114 * channel(background, 8);
	return luminance > 0.55 ? 0x000000ff : 0xffffffff;
}
