/* SPDX-License-Identifier: MIT */
/* output: mode, place and scale. */
#include "commands/output.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wayland-server-protocol.h>

static bool parse_refresh(const char *text, float *ret_refresh)
{
	char *end;
	*ret_refresh = strtof(text, &end);
	return strcasecmp(end, "Hz") == 0;
}

/* "1920x1080[@60Hz]" or "1920 1080" */
struct command_result output_mode(struct command_context *context, struct args args)
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

struct command_result output_modeline(struct command_context *context, struct args args)
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
	bool is_known = (args_is(args, 9, "+hsync") || args_is(args, 9, "-hsync")) &&
			(args_is(args, 10, "+vsync") || args_is(args, 10, "-vsync"));
	if (!is_known) {
		return command_invalid("Invalid modeline");
	}
	/* DRM_MODE_FLAG_PHSYNC, NHSYNC, PVSYNC, NVSYNC */
	mode->flags = args_is(args, 9, "+hsync") ? 1 << 0 : 1 << 1;
	mode->flags |= args_is(args, 10, "+vsync") ? 1 << 2 : 1 << 3;
	output->has_modeline = true;
	return output_done(context, args, 11);
}

struct command_result output_position(struct command_context *context, struct args args)
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

struct command_result output_scale(struct command_context *context, struct args args)
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

struct command_result output_scale_filter(struct command_context *context, struct args args)
{
	static const char *const filters[] = {"linear", "nearest", "smart", nullptr};
	if (args.count == 0) {
		return command_invalid("Missing scale_filter argument.");
	}
	int filter = word_index(args.items[0], filters);
	if (filter < 0) {
		return command_invalid("Invalid output scale_filter.");
	}
	context->output->scale_filter = filter;
	return output_done(context, args, 1);
}

struct command_result output_subpixel(struct command_context *context, struct args args)
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
