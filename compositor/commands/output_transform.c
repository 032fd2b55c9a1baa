/* SPDX-License-Identifier: MIT */
/* output: transform, also relative to the one in force. */
#include "commands/output.h"

#include <string.h>
#include <wayland-server-protocol.h>

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
	struct output_look info = output_look_at(context, output);
	int current = word_index(info.transform, transforms);
	if (current > 0) {
		*transform = compose_transforms(invert_rotation(current), *transform);
	}
	return command_ok();
}

struct command_result output_transform(struct command_context *context, struct args args)
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
