/* SPDX-License-Identifier: MIT */
/* Outputs, inputs, seats, bars and bindings as JSON. */
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/desktop.h"
#include "config/bar.h"
#include "config/config.h"
#include "ipc/describe.h"
#include "tree/tree.h"

/* --- Outputs --- */

static void add_mode_size(
	struct describe *describe, yyjson_mut_val *object, const struct desktop_mode *mode)
{
	yyjson_mut_obj_add_int(describe->doc, object, "width", mode->width);
	yyjson_mut_obj_add_int(describe->doc, object, "height", mode->height);
	yyjson_mut_obj_add_int(describe->doc, object, "refresh", mode->refresh);
}

static yyjson_mut_val *describe_mode(
	struct describe *describe, const struct desktop_mode *mode, bool with_ratio)
{
	static const char *const ratios[] = {"none", "4:3", "16:9", "64:27", "256:135"};
	yyjson_mut_val *object = yyjson_mut_obj(describe->doc);
	add_mode_size(describe, object, mode);
	if (with_ratio && mode->aspect_ratio < VX_ARRAY_LENGTH(ratios)) {
		yyjson_mut_obj_add_str(
			describe->doc, object, "picture_aspect_ratio", ratios[mode->aspect_ratio]);
	}
	return object;
}

static bool is_same_mode(const struct desktop_mode *one, const struct desktop_mode *other)
{
	return one->width == other->width && one->height == other->height &&
	       one->refresh == other->refresh;
}

/* Make, model, modes and features: what outputs have whether they are on or not. */
static void add_hardware(struct describe *describe, yyjson_mut_val *object,
	const struct desktop_output *output, bool with_ratio)
{
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_obj_add_bool(doc, object, "primary", false);
	describe_add_string(describe, object, "make", output->make);
	describe_add_string(describe, object, "model", output->model);
	describe_add_string(describe, object, "serial", output->serial);
	yyjson_mut_val *modes = yyjson_mut_arr(doc);
	for (size_t i = 0; i < output->mode_count; i++) {
		yyjson_mut_arr_append(
			modes, describe_mode(describe, &output->modes[i], with_ratio));
	}
	yyjson_mut_obj_add_val(doc, object, "modes", modes);
	yyjson_mut_val *features = yyjson_mut_obj(doc);
	yyjson_mut_obj_add_bool(doc, features, "adaptive_sync",
		output->adaptive_sync_supported || output->adaptive_sync);
	yyjson_mut_obj_add_bool(doc, features, "hdr", output->hdr_supported);
	yyjson_mut_obj_add_val(doc, object, "features", features);
}

static void add_current_mode(
	struct describe *describe, yyjson_mut_val *object, const struct desktop_output *output)
{
	bool is_listed = false;
	for (size_t i = 0; i < output->mode_count; i++) {
		is_listed |= is_same_mode(&output->modes[i], &output->mode);
	}
	yyjson_mut_obj_add_val(describe->doc, object, "current_mode",
		describe_mode(describe, &output->mode, is_listed));
}

static void add_enabled(
	struct describe *describe, yyjson_mut_val *object, const struct desktop_output *output)
{
	yyjson_mut_doc *doc = describe->doc;
	add_hardware(describe, object, output, true);
	yyjson_mut_obj_add_bool(doc, object, "non_desktop", false);
	yyjson_mut_obj_add_bool(doc, object, "active", true);
	yyjson_mut_obj_add_bool(doc, object, "dpms", output->power);
	yyjson_mut_obj_add_bool(doc, object, "power", output->power);
	yyjson_mut_obj_add_real(doc, object, "scale", output->scale);
	describe_add_string(describe, object, "scale_filter", output->scale_filter);
	describe_add_string(describe, object, "transform", output->transform);
	yyjson_mut_obj_add_str(doc, object, "adaptive_sync_status",
		output->adaptive_sync ? "enabled" : "disabled");
	const struct workspace *ws = tree_output_active_workspace(output->output);
	describe_add_string(describe, object, "current_workspace", ws ? ws->name : nullptr);
	add_current_mode(describe, object, output);
	yyjson_mut_obj_add_int(doc, object, "max_render_time", output->max_render_time);
	yyjson_mut_obj_add_bool(doc, object, "allow_tearing", output->allow_tearing);
	yyjson_mut_obj_add_bool(doc, object, "hdr", output->hdr);
}

struct output_search {
	struct describe *describe;
	const struct tree_output *output;
	yyjson_mut_val *object;
	bool with_subpixel;
};

static void add_if_found(const struct desktop_output *output, void *data)
{
	const struct output_search *search = data;
	if (!output->output || output->output != search->output) {
		return;
	}
	add_enabled(search->describe, search->object, output);
	if (search->with_subpixel) {
		describe_add_string(
			search->describe, search->object, "subpixel_hinting", output->subpixel);
	}
}

void describe_output_fields(
	struct describe *describe, yyjson_mut_val *object, struct node *output_node)
{
	struct desktop *desktop = describe->session->desktop;
	struct output_search search = {describe, node_as_output(output_node), object};
	desktop->impl->for_each_output(desktop, add_if_found, &search);
}

struct output_list {
	struct describe *describe;
	yyjson_mut_val *array;
	bool enabled, non_desktop; /* which ones are appended */
};

static yyjson_mut_val *describe_disabled(
	struct describe *describe, const struct desktop_output *output)
{
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	add_hardware(describe, object, output, false);
	yyjson_mut_obj_add_bool(doc, object, "non_desktop", output->non_desktop);
	yyjson_mut_obj_add_str(doc, object, "type", "output");
	describe_add_string(describe, object, "name", output->name);
	if (output->non_desktop) {
		return object;
	}
	yyjson_mut_obj_add_bool(doc, object, "active", false);
	yyjson_mut_obj_add_bool(doc, object, "dpms", false);
	yyjson_mut_obj_add_bool(doc, object, "power", false);
	yyjson_mut_obj_add_null(doc, object, "current_workspace");
	yyjson_mut_val *rect = yyjson_mut_obj(doc);
	static const char *const keys[] = {"x", "y", "width", "height"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(keys); i++) {
		yyjson_mut_obj_add_int(doc, rect, keys[i], 0);
	}
	yyjson_mut_obj_add_val(doc, object, "rect", rect);
	yyjson_mut_obj_add_null(doc, object, "percent");
	return object;
}

static void append_output(const struct desktop_output *output, void *data)
{
	const struct output_list *list = data;
	if (output->enabled == list->enabled && output->non_desktop == list->non_desktop) {
		yyjson_mut_arr_append(list->array, describe_disabled(list->describe, output));
	}
}

static void add_subpixel(const struct desktop_output *output, void *data)
{
	const struct output_search *search = data;
	if (output->output && output->output == search->output) {
		describe_add_string(
			search->describe, search->object, "subpixel_hinting", output->subpixel);
	}
}

yyjson_mut_val *describe_outputs(struct describe *describe)
{
	struct desktop *desktop = describe->session->desktop;
	struct tree *tree = describe->session->tree;
	struct output_list list = {describe, yyjson_mut_arr(describe->doc), false};
	for (int i = 0; i < tree->outputs.length; i++) {
		struct tree_output *output = tree->outputs.items[i];
		struct output_search search = {
			describe, output, describe_enabled_output(describe, output), true};
		desktop->impl->for_each_output(desktop, add_subpixel, &search);
		yyjson_mut_arr_append(list.array, search.object);
	}
	desktop->impl->for_each_output(desktop, append_output, &list);
	list.non_desktop = true;
	desktop->impl->for_each_output(desktop, append_output, &list);
	return list.array;
}

/* --- Inputs --- */

static void add_if_known(
	struct describe *describe, yyjson_mut_val *object, const char *key, const char *value)
{
	if (value) {
		yyjson_mut_obj_add_strcpy(describe->doc, object, key, value);
	}
}

static yyjson_mut_val *describe_libinput(
	struct describe *describe, const struct desktop_libinput *device)
{
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	const struct {
		const char *key, *value;
	} words[] = {
		{"send_events", device->send_events},
		{"tap", device->tap},
		{"tap_button_map", device->tap_button_map},
		{"tap_drag", device->tap_drag},
		{"tap_drag_lock", device->tap_drag_lock},
		{"accel_profile", device->accel_profile},
		{"natural_scroll", device->natural_scroll},
		{"left_handed", device->left_handed},
		{"click_method", device->click_method},
		{"clickfinger_button_map", device->clickfinger_button_map},
		{"middle_emulation", device->middle_emulation},
		{"scroll_method", device->scroll_method},
		{"scroll_button_lock", device->scroll_button_lock},
		{"dwt", device->dwt},
		{"dwtp", device->dwtp},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(words); i++) {
		add_if_known(describe, object, words[i].key, words[i].value);
	}
	if (device->has_accel_speed) {
		yyjson_mut_obj_add_real(doc, object, "accel_speed", device->accel_speed);
	}
	if (device->has_scroll_button) {
		yyjson_mut_obj_add_uint(doc, object, "scroll_button", device->scroll_button);
	}
	if (device->has_calibration_matrix) {
		yyjson_mut_val *matrix = yyjson_mut_arr(doc);
		for (size_t i = 0; i < VX_ARRAY_LENGTH(device->calibration_matrix); i++) {
			yyjson_mut_arr_add_real(doc, matrix, device->calibration_matrix[i]);
		}
		yyjson_mut_obj_add_val(doc, object, "calibration_matrix", matrix);
	}
	return object;
}

static void add_layouts(
	struct describe *describe, yyjson_mut_val *object, const struct desktop_input *input)
{
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *names = yyjson_mut_arr(doc);
	for (size_t i = 0; i < input->layout_count; i++) {
		const char *name = input->layout_names[i];
		yyjson_mut_arr_append(
			names, name ? yyjson_mut_strcpy(doc, name) : yyjson_mut_null(doc));
	}
	yyjson_mut_obj_add_val(doc, object, "xkb_layout_names", names);
	if (input->active_layout < input->layout_count) {
		yyjson_mut_obj_add_uint(
			doc, object, "xkb_active_layout_index", input->active_layout);
		describe_add_string(describe, object, "xkb_active_layout_name",
			input->layout_names[input->active_layout]);
	}
}

yyjson_mut_val *describe_input(struct describe *describe, const struct desktop_input *input)
{
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	describe_add_string(describe, object, "identifier", input->identifier);
	describe_add_string(describe, object, "name", input->name);
	describe_add_string(describe, object, "type", input->type);
	if (input->is_keyboard) {
		yyjson_mut_obj_add_int(doc, object, "repeat_delay", input->repeat_delay);
		yyjson_mut_obj_add_int(doc, object, "repeat_rate", input->repeat_rate);
		add_layouts(describe, object, input);
	}
	if (input->is_pointer) {
		yyjson_mut_obj_add_real(doc, object, "scroll_factor", input->scroll_factor);
	}
	if (input->has_libinput) {
		yyjson_mut_obj_add_val(
			doc, object, "libinput", describe_libinput(describe, &input->libinput));
		yyjson_mut_obj_add_uint(doc, object, "vendor", input->vendor);
		yyjson_mut_obj_add_uint(doc, object, "product", input->product);
	}
	return object;
}

struct input_list {
	struct describe *describe;
	yyjson_mut_val *array;
	const char *identifier; /* only this one; NULL: all */
};

static void append_input(const struct desktop_input *input, void *data)
{
	const struct input_list *list = data;
	if (!list->identifier || strcmp(list->identifier, input->identifier) == 0) {
		yyjson_mut_arr_append(list->array, describe_input(list->describe, input));
	}
}

yyjson_mut_val *describe_inputs(struct describe *describe)
{
	struct desktop *desktop = describe->session->desktop;
	struct input_list list = {describe, yyjson_mut_arr(describe->doc), nullptr};
	desktop->impl->for_each_input(desktop, append_input, &list);
	return list.array;
}

/* --- Seats --- */

static void append_seat(const struct desktop_seat *seat, void *data)
{
	const struct input_list *list = data;
	struct describe *describe = list->describe;
	struct desktop *desktop = describe->session->desktop;
	yyjson_mut_val *object = yyjson_mut_obj(describe->doc);
	const struct node *focus = tree_seat_get_focus(seat->seat);
	describe_add_string(describe, object, "name", seat->seat->name);
	yyjson_mut_obj_add_uint(describe->doc, object, "capabilities", seat->capabilities);
	yyjson_mut_obj_add_uint(describe->doc, object, "focus", focus ? focus->id : 0);
	struct input_list devices = {describe, yyjson_mut_arr(describe->doc), nullptr};
	for (size_t i = 0; i < seat->input_count; i++) {
		devices.identifier = seat->inputs[i];
		desktop->impl->for_each_input(desktop, append_input, &devices);
	}
	yyjson_mut_obj_add_val(describe->doc, object, "devices", devices.array);
	yyjson_mut_arr_append(list->array, object);
}

yyjson_mut_val *describe_seats(struct describe *describe)
{
	struct desktop *desktop = describe->session->desktop;
	struct input_list list = {describe, yyjson_mut_arr(describe->doc), nullptr};
	desktop->impl->for_each_seat(desktop, append_seat, &list);
	return list.array;
}

/* --- Bars --- */

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
	add_if_known(describe, object, "separator_symbol", bar->separator_symbol);
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
	add_if_known(describe, object, "icon_theme", bar->icon_theme);
	yyjson_mut_obj_add_int(doc, object, "tray_padding", bar->tray_padding);
	return object;
}

/* --- Bindings --- */

static bool is_mouse(const struct binding *binding)
{
	return binding->type == BINDING_MOUSECODE || binding->type == BINDING_MOUSESYM;
}

/* i3's names: buttons count from BTN_LEFT. False: it has no name. */
static bool symbol_name(uint32_t key, char *name, size_t size)
{
	if (key >= BTN_LEFT && key <= BTN_LEFT + 8) {
		snprintf(name, size, "button%u", key - BTN_LEFT + 1);
		return true;
	}
	return xkb_keysym_get_name(key, name, size) >= 0;
}

static yyjson_mut_val *describe_symbols(
	struct describe *describe, const struct binding *binding, yyjson_mut_val *object)
{
	yyjson_mut_val *symbols = yyjson_mut_arr(describe->doc);
	char name[64], first[64] = "";
	for (size_t i = 0; i < binding->key_count; i++) {
		if (!symbol_name(binding->keys[i], name, sizeof(name))) {
			continue;
		}
		yyjson_mut_arr_add_strcpy(describe->doc, symbols, name);
		if (i == 0) {
			snprintf(first, sizeof(first), "%s", name);
		}
	}
	describe_add_string(describe, object, "symbol", first[0] ? first : nullptr);
	return symbols;
}

yyjson_mut_val *describe_binding(struct describe *describe, const struct binding *binding)
{
	if (binding->type == BINDING_SWITCH || binding->type == BINDING_GESTURE) {
		return nullptr;
	}
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	describe_add_string(describe, object, "command", binding->command);
	yyjson_mut_val *modifiers = yyjson_mut_arr(doc);
	for (unsigned i = 0; i < modifier_count; i++) {
		if (binding->modifiers & 1u << i) {
			yyjson_mut_arr_add_strcpy(doc, modifiers, modifier_name(i));
		}
	}
	yyjson_mut_obj_add_val(doc, object, "event_state_mask", modifiers);
	yyjson_mut_val *codes = yyjson_mut_arr(doc);
	yyjson_mut_val *symbols = nullptr;
	bool is_code = binding->type == BINDING_KEYCODE;
	if (is_code) {
		for (size_t i = 0; i < binding->key_count; i++) {
			yyjson_mut_arr_add_uint(doc, codes, binding->keys[i]);
		}
		symbols = yyjson_mut_arr(doc);
		yyjson_mut_obj_add_null(doc, object, "symbol");
	} else {
		symbols = describe_symbols(describe, binding, object);
	}
	yyjson_mut_obj_add_val(doc, object, "input_codes", codes);
	yyjson_mut_obj_add_uint(doc, object, "input_code",
		is_code && binding->key_count > 0 ? binding->keys[0] : 0);
	yyjson_mut_obj_add_val(doc, object, "symbols", symbols);
	yyjson_mut_obj_add_str(doc, object, "input_type", is_mouse(binding) ? "mouse" : "keyboard");
	return object;
}
