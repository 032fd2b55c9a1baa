/* SPDX-License-Identifier: MIT */
/* Outputs as JSON. */
#include "commands/commands.h"
#include "commands/desktop.h"
#include "ipc/describe.h"
#include "tree/tree.h"

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
