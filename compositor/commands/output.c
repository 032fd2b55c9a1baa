/* SPDX-License-Identifier: MIT */
/* output: several subcommands in a line, each leaves the rest for the next one. */
#include "commands/output.h"

#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <wayland-server-protocol.h>

#include "common/error.h"
#include "common/fd.h"

struct command_result output_done(struct command_context *context, struct args args, int count)
{
	context->rest = args_skip(args, count);
	return command_ok();
}

static struct tree_output *find_any_output(struct tree *tree, const char *name)
{
	for (int i = 0; i < tree->all_outputs.length; i++) {
		if (tree_output_matches(tree->all_outputs.items[i], name)) {
			return tree->all_outputs.items[i];
		}
	}
	return nullptr;
}

/* For toggles: they need one output that exists. */
static struct command_result find_toggled(
	struct command_context *context, struct tree_output **ret_output)
{
	const char *name = context->output->name;
	if (strcmp(name, "*") == 0) {
		return command_invalid("Cannot apply toggle to all outputs");
	}
	*ret_output = find_any_output(context->tree, name);
	return *ret_output ? command_ok()
			   : command_fail("Cannot apply toggle to unknown output %s", name);
}

struct find_info {
	const struct tree_output *output;
	bool adaptive_sync, hdr, was_found;
	char transform[16];
};

static void look_at_output(const struct desktop_output *output, void *data)
{
	struct find_info *info = data;
	if (output->output == info->output) {
		info->was_found = true;
		info->adaptive_sync = output->adaptive_sync;
		info->hdr = output->hdr;
		snprintf(info->transform, sizeof(info->transform), "%s",
			output->transform ? output->transform : "normal");
	}
}

static struct find_info info_of(struct command_context *context, const struct tree_output *output)
{
	struct find_info info = {.output = output};
	context->desktop->impl->for_each_output(context->desktop, look_at_output, &info);
	return info;
}

/* --- Switches --- */

static struct command_result output_enable(struct command_context *context, struct args args)
{
	context->output->enabled = 1;
	return output_done(context, args, 0);
}

static struct command_result output_disable(struct command_context *context, struct args args)
{
	context->output->enabled = 0;
	return output_done(context, args, 0);
}

static struct command_result output_toggle(struct command_context *context, struct args args)
{
	struct tree_output *output = nullptr;
	struct command_result result = find_toggled(context, &output);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	context->output->enabled = !output->enabled;
	return output_done(context, args, 0);
}

static struct command_result output_power(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid("Missing power argument");
	}
	bool current = true;
	if (args_is(args, 0, "toggle")) {
		struct tree_output *output = nullptr;
		struct command_result result = find_toggled(context, &output);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
		current = context->desktop->impl->output_is_powered(context->desktop, output);
	}
	context->output->power = word_as_boolean(args.items[0], current);
	return output_done(context, args, 1);
}

static struct command_result output_adaptive_sync(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid("Missing adaptive_sync argument");
	}
	bool current = true;
	if (args_is(args, 0, "toggle")) {
		struct tree_output *output = nullptr;
		struct command_result result = find_toggled(context, &output);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
		current = info_of(context, output).adaptive_sync;
	}
	context->output->adaptive_sync = word_as_boolean(args.items[0], current);
	return output_done(context, args, 1);
}

static struct command_result output_hdr(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid("Missing hdr argument");
	}
	bool current = false;
	if (args_is(args, 0, "toggle")) {
		struct tree_output *output = nullptr;
		struct command_result result = find_toggled(context, &output);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
		current = info_of(context, output).hdr;
	}
	context->output->hdr = word_as_boolean(args.items[0], current);
	return output_done(context, args, 1);
}

static struct command_result output_allow_tearing(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid("Missing allow_tearing argument");
	}
	context->output->allow_tearing = word_as_boolean(
		args.items[0], context->output->allow_tearing == 1);
	return output_done(context, args, 1);
}

/* --- Geometry --- */

static bool parse_refresh(const char *text, float *ret_refresh)
{
	char *end;
	*ret_refresh = strtof(text, &end);
	return strcasecmp(end, "Hz") == 0;
}

/* "1920x1080[@60Hz]" or "1920 1080" */
static struct command_result output_mode(struct command_context *context, struct args args)
{
	struct output_config *output = context->output;
	if (args.count == 0) {
		return command_invalid("Missing mode argument.");
	}
	output->custom_mode = strcmp(args.items[0], "--custom") == 0;
	args = args_skip(args, output->custom_mode);
	if (args.count == 0) {
		return command_invalid("Missing mode argument.");
	}
	char *end;
	output->width = (int)strtol(args.items[0], &end, 10);
	if (*end == '\0') {
		if (args.count < 2) {
			return command_invalid("Missing mode argument (height).");
		}
		if (!word_as_int(args.items[1], &output->height)) {
			return command_invalid("Invalid mode height.");
		}
		return output_done(context, args, 2);
	}
	if (*end != 'x') {
		return command_invalid("Invalid mode width.");
	}
	output->height = (int)strtol(end + 1, &end, 10);
	if (*end && *end != '@') {
		return command_invalid("Invalid mode height.");
	}
	if (*end && !parse_refresh(end + 1, &output->refresh)) {
		return command_invalid("Invalid mode refresh rate.");
	}
	return output_done(context, args, 1);
}

static struct command_result output_modeline(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid("Missing modeline argument.");
	}
	if (args.count < 11) {
		return command_invalid("Invalid modeline");
	}
	struct output_config *output = context->output;
	typeof(output->modeline) *mode = &output->modeline;
	uint16_t *const numbers[] = {&mode->hdisplay, &mode->hsync_start, &mode->hsync_end,
		&mode->htotal, &mode->vdisplay, &mode->vsync_start, &mode->vsync_end,
		&mode->vtotal};
	float clock = word_as_float(args.items[0]);
	if (isnan(clock) || clock <= 0 || clock > 1e6f) {
		return command_invalid("Invalid modeline");
	}
	mode->clock = (uint32_t)(clock * 1000);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(numbers); i++) {
		int value;
		if (!word_as_int(args.items[i + 1], &value) || value < 0 || value > UINT16_MAX) {
			return command_invalid("Invalid modeline");
		}
		*numbers[i] = (uint16_t)value;
	}
	/* DRM_MODE_FLAG_PHSYNC, NHSYNC, PVSYNC, NVSYNC */
	mode->flags = args_is(args, 9, "+hsync") ? 1 << 0 : 1 << 1;
	mode->flags |= args_is(args, 10, "+vsync") ? 1 << 2 : 1 << 3;
	output->has_modeline = true;
	return output_done(context, args, 11);
}

static struct command_result output_position(struct command_context *context, struct args args)
{
	struct output_config *output = context->output;
	if (args.count == 0) {
		return command_invalid("Missing position argument.");
	}
	char *end;
	output->x = (int)strtol(args.items[0], &end, 10);
	if (*end && *end != ',') {
		return command_invalid("Invalid position x.");
	}
	if (*end) {
		return word_as_int(end + 1, &output->y) ? output_done(context, args, 1)
							: command_invalid("Invalid position y.");
	}
	if (args.count < 2) {
		return command_invalid("Missing position argument (y).");
	}
	return word_as_int(args.items[1], &output->y) ? output_done(context, args, 2)
						      : command_invalid("Invalid position y.");
}

static struct command_result output_scale(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid("Missing scale argument.");
	}
	float scale = word_as_float(args.items[0]);
	if (isnan(scale)) {
		return command_invalid("Invalid scale.");
	}
	context->output->scale = scale;
	return output_done(context, args, 1);
}

static struct command_result output_scale_filter(struct command_context *context, struct args args)
{
	static const char *const filters[] = {"linear", "nearest", "smart", nullptr};
	if (args.count == 0) {
		return command_invalid("Missing scale_filter argument.");
	}
	int filter = word_index(args.items[0], filters);
	if (filter < 0) {
		return command_invalid("Invalid scale_filter argument");
	}
	context->output->scale_filter = filter;
	return output_done(context, args, 1);
}

static struct command_result output_subpixel(struct command_context *context, struct args args)
{
	static const char *const names[] = {
		[WL_OUTPUT_SUBPIXEL_UNKNOWN] = "",
		[WL_OUTPUT_SUBPIXEL_NONE] = "none",
		[WL_OUTPUT_SUBPIXEL_HORIZONTAL_RGB] = "rgb",
		[WL_OUTPUT_SUBPIXEL_HORIZONTAL_BGR] = "bgr",
		[WL_OUTPUT_SUBPIXEL_VERTICAL_RGB] = "vrgb",
		[WL_OUTPUT_SUBPIXEL_VERTICAL_BGR] = "vbgr",
		nullptr,
	};
	if (args.count == 0) {
		return command_invalid("Missing subpixel argument.");
	}
	int subpixel = word_index(args.items[0], names);
	if (subpixel <= 0) {
		return command_invalid("Invalid output subpixel.");
	}
	context->output->subpixel = subpixel;
	return output_done(context, args, 1);
}

static const char *const transforms[] = {
	[WL_OUTPUT_TRANSFORM_NORMAL] = "normal",
	[WL_OUTPUT_TRANSFORM_90] = "90",
	[WL_OUTPUT_TRANSFORM_180] = "180",
	[WL_OUTPUT_TRANSFORM_270] = "270",
	[WL_OUTPUT_TRANSFORM_FLIPPED] = "flipped",
	[WL_OUTPUT_TRANSFORM_FLIPPED_90] = "flipped-90",
	[WL_OUTPUT_TRANSFORM_FLIPPED_180] = "flipped-180",
	[WL_OUTPUT_TRANSFORM_FLIPPED_270] = "flipped-270",
	nullptr,
};

/* Words are clockwise, the protocol's values are not: 90 and 270 change places. */
static int invert_rotation(int transform)
{
	return (transform & WL_OUTPUT_TRANSFORM_90) ? transform ^ WL_OUTPUT_TRANSFORM_180
						    : transform;
}

static int compose_transforms(int first, int second)
{
	int flipped = (first ^ second) & WL_OUTPUT_TRANSFORM_FLIPPED;
	int rotation = (second & WL_OUTPUT_TRANSFORM_FLIPPED) ? second - first : first + second;
	return flipped | (rotation & (WL_OUTPUT_TRANSFORM_90 | WL_OUTPUT_TRANSFORM_180));
}

static struct command_result compose_with_current(struct command_context *context, int *transform)
{
	const char *name = context->output->name;
	if (context->is_reading) {
		return command_invalid(
			"Relative transforms cannot be used in the configuration file");
	}
	if (strcmp(name, "*") == 0) {
		return command_invalid("Cannot apply relative transform to all outputs.");
	}
	struct tree_output *output = tree_output_by_name(context->tree, name);
	if (!output) {
		return command_invalid(
			"Cannot apply relative transform to unknown output %s", name);
	}
	struct find_info info = info_of(context, output);
	int current = word_index(info.transform, transforms);
	if (current > 0) {
		*transform = compose_transforms(invert_rotation(current), *transform);
	}
	return command_ok();
}

static struct command_result output_transform(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid("Missing transform argument.");
	}
	int transform = args_is(args, 0, "0") ? 0 : word_index(args.items[0], transforms);
	if (transform < 0) {
		return command_invalid("Invalid output transform.");
	}
	transform = invert_rotation(transform);
	bool is_anticlockwise = args_is(args, 1, "anticlockwise");
	bool is_relative = is_anticlockwise || args_is(args, 1, "clockwise");
	if (is_anticlockwise) {
		transform = invert_rotation(transform);
	}
	if (is_relative) {
		struct command_result result = compose_with_current(context, &transform);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
	}
	context->output->transform = transform;
	return output_done(context, args, 1 + is_relative);
}

/* --- Rendering --- */

static struct command_result output_max_render_time(
	struct command_context *context, struct args args)
{
	int milliseconds = 0;
	if (args.count == 0) {
		return command_invalid("Missing max render time argument.");
	}
	if (strcmp(args.items[0], "off") != 0 &&
		(!word_as_int(args.items[0], &milliseconds) || milliseconds <= 0)) {
		return command_invalid("Invalid max render time.");
	}
	context->output->max_render_time = milliseconds;
	return output_done(context, args, 1);
}

static struct command_result output_render_bit_depth(
	struct command_context *context, struct args args)
{
	int depth;
	if (args.count == 0) {
		return command_invalid("Missing bit depth argument.");
	}
	if (!word_as_int(args.items[0], &depth) || (depth != 6 && depth != 8 && depth != 10)) {
		return command_invalid("Invalid bit depth. Must be a value in (6|8|10).");
	}
	context->output->render_bit_depth = depth;
	return output_done(context, args, 1);
}

/* The renderer reads all of it when the output is configured. */
static struct command_result check_icc(const char *path)
{
	static constexpr size_t signature_at = 36;
	static const char signature[] = "acsp";
	char header[signature_at + 4] = "";
	vx_cleanup_close int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	ssize_t size = fd >= 0 ? read(fd, header, sizeof(header)) : -1;
	if (size <= 0) {
		return command_fail("Failed to load color profile: could not read ICC file");
	}
	return memcmp(header + signature_at, signature, strlen(signature)) == 0
		       ? command_ok()
		       : command_fail("Failed to load color profile: failed to initialize "
				      "transform from ICC");
}

static struct command_result output_color_profile(struct command_context *context, struct args args)
{
	static const char *const profiles[] = {"gamma22", "srgb", "icc", nullptr};
	struct output_config *output = context->output;
	bool primaries = args.count > 1 && strcmp(args.items[0], "--device-primaries") == 0;
	args = args_skip(args, primaries);
	if (args.count == 0) {
		return command_invalid("Missing color_profile first argument.");
	}
	int profile = word_index(args.items[0], profiles);
	if (profile < 0) {
		return command_invalid("Invalid color profile specification: first argument "
				       "should be gamma22|icc|srgb");
	}
	bool is_icc = profile == 2;
	if (is_icc && args.count < 2) {
		return command_invalid(
			"Invalid color profile specification: icc type requires a file");
	}
	if (is_icc && primaries) {
		return command_invalid("Invalid color profile specification: --device-primaries "
				       "cannot be used with icc");
	}
	vx_cleanup_free char *path = is_icc ? output_expand_path(args.items[1]) : nullptr;
	if (is_icc && !path) {
		return command_invalid("Invalid color profile specification: invalid file path");
	}
	if (path) {
		struct command_result result = check_icc(path);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
	}
	output->color_profile = profile;
	output->color_profile_device_primaries = primaries;
	vx_replace_string(&output->color_profile_file, path);
	return output_done(context, args, is_icc ? 2 : 1);
}

static struct command_result output_unplug(struct command_context *context, struct args args)
{
	const char *name = context->output->name;
	if (strcmp(name, "*") == 0) {
		return command_invalid("Won't unplug all outputs");
	}
	struct tree_output *output = find_any_output(context->tree, name);
	if (!output) {
		return command_invalid("Cannot unplug unknown output %s", name);
	}
	struct vx_error err = {};
	bool success = context->desktop->impl->unplug_output(context->desktop, output, &err);
	vx_error_finish(&err);
	context->rest = args_skip(args, args.count);
	return success ? command_ok()
		       : command_invalid("Can only unplug outputs with headless, "
					 "wayland or x11 backend");
}

static const struct command output_commands[] = {
	{"adaptive_sync", output_adaptive_sync, -1, -1},
	{"allow_tearing", output_allow_tearing, -1, -1},
	{"background", output_background, -1, -1},
	{"bg", output_background, -1, -1},
	{"color_profile", output_color_profile, -1, -1},
	{"disable", output_disable, -1, -1},
	{"dpms", output_power, -1, -1},
	{"enable", output_enable, -1, -1},
	{"hdr", output_hdr, -1, -1},
	{"max_render_time", output_max_render_time, -1, -1},
	{"mode", output_mode, -1, -1},
	{"modeline", output_modeline, -1, -1},
	{"pos", output_position, -1, -1},
	{"position", output_position, -1, -1},
	{"power", output_power, -1, -1},
	{"render_bit_depth", output_render_bit_depth, -1, -1},
	{"res", output_mode, -1, -1},
	{"resolution", output_mode, -1, -1},
	{"scale", output_scale, -1, -1},
	{"scale_filter", output_scale_filter, -1, -1},
	{"subpixel", output_subpixel, -1, -1},
	{"toggle", output_toggle, -1, -1},
	{"transform", output_transform, -1, -1},
	{"unplug", output_unplug, -1, -1},
};

/* "-" and "--" are the focused output by name and by identifier. */
static struct command_result find_name(
	struct command_context *context, const char *word, const char **ret_name)
{
	*ret_name = word;
	bool by_name = strcmp(word, "-") == 0;
	if (!by_name && strcmp(word, "--") != 0) {
		return command_ok();
	}
	if (context->is_reading) {
		return command_fail("Current output alias (%s) cannot be used in the config", word);
	}
	struct tree_output *output = context->node ? node_get_output(context->node) : nullptr;
	if (!output || output == context->tree->fallback_output) {
		return command_fail("Unknown output");
	}
	*ret_name = by_name ? output->name : output->identifier;
	return command_ok();
}

static bool is_subcommand(const char *word)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(output_commands); i++) {
		if (strcasecmp(word, output_commands[i].name) == 0) {
			return true;
		}
	}
	return false;
}

static struct command_result run_subcommands(struct command_context *context, struct args args)
{
	while (args.count > 0) {
		if (!is_subcommand(args.items[0])) {
			return command_invalid("Invalid output subcommand: %s.", args.items[0]);
		}
		context->rest = (struct args){};
		struct command_result result = command_call_sub(
			output_commands, VX_ARRAY_LENGTH(output_commands), context, args);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
		args = context->rest;
	}
	return command_ok();
}

struct command_result cmd_output(struct command_context *context, struct args args)
{
	const char *name;
	struct command_result result = find_name(context, args.items[0], &name);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	struct output_config *output = output_config_create(name);
	context->output = output;
	result = run_subcommands(context, args_skip(args, 1));
	context->output = nullptr;
	if (result.status != COMMAND_SUCCESS) {
		output_config_destroy(output);
		return result;
	}
	struct output_config *copy = output_config_create(output->name);
	output_config_merge(copy, output);
	config_store_output(context->config, output);
	if (!context->is_reading) {
		context->desktop->impl->output_changed(context->desktop, copy);
	}
	output_config_destroy(copy);
	return command_ok();
}
