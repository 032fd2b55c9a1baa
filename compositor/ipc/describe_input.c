/* SPDX-License-Identifier: MIT */
/* Inputs and seats as JSON. */
#include <string.h>

#include "commands/commands.h"
#include "commands/desktop.h"
#include "ipc/describe.h"
#include "tree/tree.h"

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
		describe_add_known(describe, object, words[i].key, words[i].value);
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
