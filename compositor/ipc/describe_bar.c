/* SPDX-License-Identifier: MIT */
/* Bars as JSON. */
#include <linux/input-event-codes.h>

#include "commands/commands.h"
#include "config/bar.h"
#include "config/config.h"
#include "ipc/describe.h"

/* What colours that are not set fall back on. */
static enum bar_color fallback_color(enum bar_color color)
{
	switch ((int)color) {
	case BAR_FOCUSED_BACKGROUND:
		return BAR_BACKGROUND;
	case BAR_FOCUSED_STATUSLINE:
		return BAR_STATUSLINE;
	case BAR_FOCUSED_SEPARATOR:
		return BAR_SEPARATOR;
	case BAR_BINDING_MODE_BORDER:
		return BAR_URGENT_WORKSPACE_BORDER;
	case BAR_BINDING_MODE_BG:
		return BAR_URGENT_WORKSPACE_BG;
	case BAR_BINDING_MODE_TEXT:
		return BAR_URGENT_WORKSPACE_TEXT;
	default:
		return color;
	}
}

static void add_bar_colors(
	struct describe *describe, yyjson_mut_val *object, const struct bar_config *bar)
{
	yyjson_mut_val *colors = yyjson_mut_obj(describe->doc);
	for (unsigned i = 0; i < BAR_COLOR_COUNT; i++) {
		const char *color = bar->colors[i];
		color = color ? color : bar->colors[fallback_color((enum bar_color)i)];
		describe_add_string(describe, colors, bar_color_names[i], color);
	}
	yyjson_mut_obj_add_val(describe->doc, object, "colors", colors);
}

static int x11_button(uint32_t button)
{
	static const uint32_t buttons[] = {0, BTN_LEFT, BTN_MIDDLE, BTN_RIGHT, binding_scroll_up,
		binding_scroll_down, binding_scroll_left, binding_scroll_right, BTN_SIDE,
		BTN_EXTRA};
	for (size_t i = 1; i < VX_ARRAY_LENGTH(buttons); i++) {
		if (buttons[i] == button) {
			return (int)i;
		}
	}
	return 0;
}

static yyjson_mut_val *describe_bar_binding(
	struct describe *describe, uint32_t button, const char *command)
{
	yyjson_mut_val *object = yyjson_mut_obj(describe->doc);
	yyjson_mut_obj_add_int(describe->doc, object, "input_code", x11_button(button));
	yyjson_mut_obj_add_uint(describe->doc, object, "event_code", button);
	describe_add_string(describe, object, "command", command);
	return object;
}

static void add_bar_bindings(
	struct describe *describe, yyjson_mut_val *object, const struct bar_config *bar)
{
	yyjson_mut_doc *doc = describe->doc;
	if (bar->bindings.length > 0) {
		yyjson_mut_val *array = yyjson_mut_arr(doc);
		for (int i = 0; i < bar->bindings.length; i++) {
			const struct bar_binding *binding = bar->bindings.items[i];
			yyjson_mut_val *described = describe_bar_binding(
				describe, binding->button, binding->command);
			yyjson_mut_obj_add_bool(doc, described, "release", binding->release);
			yyjson_mut_arr_append(array, described);
		}
		yyjson_mut_obj_add_val(doc, object, "bindings", array);
	}
	if (bar->tray_bindings.length > 0) {
		yyjson_mut_val *array = yyjson_mut_arr(doc);
		for (int i = 0; i < bar->tray_bindings.length; i++) {
			const struct bar_tray_binding *binding = bar->tray_bindings.items[i];
			yyjson_mut_arr_append(array,
				describe_bar_binding(describe, binding->button, binding->command));
		}
		yyjson_mut_obj_add_val(doc, object, "tray_bindings", array);
	}
}

static void add_names(struct describe *describe, yyjson_mut_val *object, const char *key,
	char *const *names, int count)
{
	if (count == 0) {
		return;
	}
	yyjson_mut_val *array = yyjson_mut_arr(describe->doc);
	for (int i = 0; i < count; i++) {
		yyjson_mut_arr_add_strcpy(describe->doc, array, names[i]);
	}
	yyjson_mut_obj_add_val(describe->doc, object, key, array);
}

static void add_bar_gaps(struct describe *describe, yyjson_mut_val *object, const struct gaps *gaps)
{
	yyjson_mut_val *described = yyjson_mut_obj(describe->doc);
	yyjson_mut_obj_add_int(describe->doc, described, "top", gaps->top);
	yyjson_mut_obj_add_int(describe->doc, described, "right", gaps->right);
	yyjson_mut_obj_add_int(describe->doc, described, "bottom", gaps->bottom);
	yyjson_mut_obj_add_int(describe->doc, described, "left", gaps->left);
	yyjson_mut_obj_add_val(describe->doc, object, "gaps", described);
}

static void add_bar_switches(
	struct describe *describe, yyjson_mut_val *object, const struct bar_config *bar)
{
	const struct config *config = describe->session->config;
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_obj_add_bool(doc, object, "wrap_scroll", bar->wrap_scroll);
	yyjson_mut_obj_add_bool(doc, object, "workspace_buttons", bar->workspace_buttons);
	yyjson_mut_obj_add_bool(
		doc, object, "strip_workspace_numbers", bar->strip_workspace_numbers);
	yyjson_mut_obj_add_bool(doc, object, "strip_workspace_name", bar->strip_workspace_name);
	yyjson_mut_obj_add_bool(doc, object, "binding_mode_indicator", bar->binding_mode_indicator);
	yyjson_mut_obj_add_bool(doc, object, "verbose", bar->verbose);
	yyjson_mut_obj_add_bool(doc, object, "pango_markup",
		bar->pango_markup == bar_pango_markup_default ? config->options.pango_markup
							      : bar->pango_markup != 0);
}

yyjson_mut_val *describe_bar(struct describe *describe, const struct bar_config *bar)
{
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	describe_add_string(describe, object, "id", bar->id);
	describe_add_string(describe, object, "mode", bar->mode);
	describe_add_string(describe, object, "hidden_state", bar->hidden_state);
	describe_add_string(describe, object, "position", bar->position);
	describe_add_string(describe, object, "status_command", bar->status_command);
	describe_add_string(
		describe, object, "font", bar->font ? bar->font : describe->session->config->font);
	add_bar_gaps(describe, object, &bar->gaps);
	describe_add_known(describe, object, "separator_symbol", bar->separator_symbol);
	yyjson_mut_obj_add_int(doc, object, "bar_height", bar->height);
	yyjson_mut_obj_add_int(doc, object, "status_padding", bar->status_padding);
	yyjson_mut_obj_add_int(doc, object, "status_edge_padding", bar->status_edge_padding);
	yyjson_mut_obj_add_int(doc, object, "workspace_min_width", bar->workspace_min_width);
	add_bar_switches(describe, object, bar);
	add_bar_colors(describe, object, bar);
	add_bar_bindings(describe, object, bar);
	add_names(describe, object, "outputs", bar->outputs.items, bar->outputs.length);
	add_names(describe, object, "tray_outputs", bar->tray_outputs.items,
		bar->tray_outputs.length);
	describe_add_known(describe, object, "icon_theme", bar->icon_theme);
	yyjson_mut_obj_add_int(doc, object, "tray_padding", bar->tray_padding);
	return object;
}
