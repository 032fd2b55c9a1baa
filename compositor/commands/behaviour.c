/* SPDX-License-Identifier: MIT */
/* Settings of how things behave: focus, floating windows, layouts of new workspaces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"

/* Stores the index of the word in `names` through `set`; an error of this text where it is not
 * there. */
static struct command_result choose(struct args args, const char *const *names,
	unsigned *ret_choice, enum command_status failure, const char *expected)
{
	int index = word_index(args.items[0], names);
	if (index >= 0) {
		*ret_choice = (unsigned)index;
		return command_ok();
	}
	return failure == COMMAND_FAILURE ? command_fail("%s", expected)
					  : command_invalid("%s", expected);
}

struct command_result cmd_focus_follows_mouse(struct command_context *context, struct args args)
{
	static const char *const names[] = {
		[FOCUS_FOLLOWS_MOUSE_NO] = "no",
		[FOCUS_FOLLOWS_MOUSE_YES] = "yes",
		[FOCUS_FOLLOWS_MOUSE_ALWAYS] = "always",
		nullptr,
	};
	unsigned choice = context->config->options.focus_follows_mouse;
	struct command_result result = choose(args, names, &choice, COMMAND_FAILURE,
		"Expected 'focus_follows_mouse no|yes|always'");
	context->config->options.focus_follows_mouse = (enum focus_follows_mouse)choice;
	return result;
}

struct command_result cmd_focus_on_window_activation(
	struct command_context *context, struct args args)
{
	static const char *const names[] = {
		[FOCUS_ON_ACTIVATION_SMART] = "smart",
		[FOCUS_ON_ACTIVATION_URGENT] = "urgent",
		[FOCUS_ON_ACTIVATION_FOCUS] = "focus",
		[FOCUS_ON_ACTIVATION_NONE] = "none",
		nullptr,
	};
	unsigned choice = context->config->options.focus_on_activation;
	struct command_result result = choose(args, names, &choice, COMMAND_INVALID,
		"Expected 'focus_on_window_activation smart|urgent|focus|none'");
	context->config->options.focus_on_activation = (enum focus_on_activation)choice;
	return result;
}

struct command_result cmd_focus_wrapping(struct command_context *context, struct args args)
{
	enum focus_wrapping *wrapping = &context->config->options.focus_wrapping;
	if (args_is(args, 0, "force")) {
		*wrapping = FOCUS_WRAPPING_FORCE;
	} else if (args_is(args, 0, "workspace")) {
		*wrapping = FOCUS_WRAPPING_WORKSPACE;
	} else {
		*wrapping = word_as_boolean(args.items[0], *wrapping == FOCUS_WRAPPING_YES)
				    ? FOCUS_WRAPPING_YES
				    : FOCUS_WRAPPING_NO;
	}
	return command_ok();
}

struct command_result cmd_force_focus_wrapping(struct command_context *context, struct args args)
{
	enum focus_wrapping *wrapping = &context->config->options.focus_wrapping;
	*wrapping = word_as_boolean(args.items[0], *wrapping == FOCUS_WRAPPING_FORCE)
			    ? FOCUS_WRAPPING_FORCE
			    : FOCUS_WRAPPING_YES;
	return command_ok();
}

struct command_result cmd_mouse_warping(struct command_context *context, struct args args)
{
	static const char *const names[] = {
		[MOUSE_WARPING_NO] = "none",
		[MOUSE_WARPING_OUTPUT] = "output",
		[MOUSE_WARPING_CONTAINER] = "container",
		nullptr,
	};
	unsigned choice = context->config->mouse_warping;
	struct command_result result = choose(args, names, &choice, COMMAND_FAILURE,
		"Expected 'mouse_warping output|container|none'");
	context->config->mouse_warping = (enum mouse_warping)choice;
	return result;
}

struct command_result cmd_popup_during_fullscreen(struct command_context *context, struct args args)
{
	static const char *const names[] = {
		[POPUP_SMART] = "smart",
		[POPUP_IGNORE] = "ignore",
		[POPUP_LEAVE] = "leave_fullscreen",
		nullptr,
	};
	unsigned choice = context->config->options.popup_during_fullscreen;
	struct command_result result = choose(args, names, &choice, COMMAND_INVALID,
		"Expected 'popup_during_fullscreen smart|ignore|leave_fullscreen'");
	context->config->options.popup_during_fullscreen = (enum popup_during_fullscreen)choice;
	return result;
}

struct command_result cmd_force_display_urgency_hint(
	struct command_context *context, struct args args)
{
	char *end;
	errno = 0;
	long timeout = strtol(args.items[0], &end, 10);
	if (errno || end == args.items[0] || timeout != (int)timeout ||
		(*end && strcmp(end, "ms") != 0)) {
		return command_invalid("timeout integer invalid");
	}
	if (args.count > 1 && strcmp(args.items[1], "ms") != 0) {
		return command_invalid("Expected 'force_display_urgency_hint <timeout> [ms]'");
	}
	context->config->options.urgent_timeout_ms = timeout > 0 ? (int)timeout : 0;
	return command_ok();
}

/* --- Floating --- */

static struct command_result set_size(struct args args, const char *name, int *width, int *height)
{
	int values[2];
	if (!word_as_int(args.items[0], &values[0]) || strcasecmp(args.items[1], "x") != 0 ||
		!word_as_int(args.items[2], &values[1])) {
		return command_invalid("Expected '%s <width> x <height>'", name);
	}
	*width = values[0];
	*height = values[1];
	return command_ok();
}

struct command_result cmd_floating_minimum_size(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	return set_size(args, "floating_minimum_size", &options->floating_minimum_width,
		&options->floating_minimum_height);
}

struct command_result cmd_floating_maximum_size(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	return set_size(args, "floating_maximum_size", &options->floating_maximum_width,
		&options->floating_maximum_height);
}

struct command_result cmd_floating_modifier(struct command_context *context, struct args args)
{
	struct config *config = context->config;
	if (args_is(args, 0, "none")) {
		config->floating_modifier = 0;
		return command_ok();
	}
	uint32_t modifier = modifier_by_name(args.items[0], strlen(args.items[0]));
	if (!modifier) {
		return command_invalid("Invalid modifier");
	}
	bool is_inverse = args_is(args, 1, "inverse");
	if (args.count > 1 && !is_inverse && !args_is(args, 1, "normal")) {
		return command_invalid("Usage: floating_modifier <mod> [inverse|normal]");
	}
	config->floating_modifier = modifier;
	config->floating_modifier_inverse = is_inverse;
	return command_ok();
}

struct command_result cmd_tiling_drag(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	options->tiling_drag = word_as_boolean(args.items[0], options->tiling_drag);
	return command_ok();
}

struct command_result cmd_tiling_drag_threshold(struct command_context *context, struct args args)
{
	int value;
	if (!word_as_int(args.items[0], &value) || value < 0) {
		return command_invalid("Invalid threshold specified");
	}
	context->config->options.tiling_drag_threshold = value;
	return command_ok();
}

/* --- Workspaces --- */

struct command_result cmd_workspace_auto_back_and_forth(
	struct command_context *context, struct args args)
{
	bool *setting = &context->config->options.auto_back_and_forth;
	*setting = word_as_boolean(args.items[0], *setting);
	return command_ok();
}

struct command_result cmd_workspace_layout(struct command_context *context, struct args args)
{
	enum container_layout *layout = &context->config->options.default_layout;
	if (args_is(args, 0, "default")) {
		*layout = LAYOUT_NONE;
	} else if (args_is(args, 0, "stacking")) {
		*layout = LAYOUT_STACKED;
	} else if (args_is(args, 0, "tabbed")) {
		*layout = LAYOUT_TABBED;
	} else {
		return command_invalid("Expected 'workspace_layout <default|stacking|tabbed>'");
	}
	return command_ok();
}

struct command_result cmd_default_orientation(struct command_context *context, struct args args)
{
	enum container_layout *layout = &context->config->options.default_orientation;
	if (args_is(args, 0, "horizontal")) {
		*layout = LAYOUT_HORIZ;
	} else if (args_is(args, 0, "vertical")) {
		*layout = LAYOUT_VERT;
	} else if (!args_is(args, 0, "auto")) {
		return command_invalid("Expected 'orientation <horizontal|vertical|auto>'");
	}
	return command_ok();
}

/* --- Only at start --- */

struct command_result cmd_xwayland(struct command_context *context, struct args args)
{
	enum xwayland_mode mode = args_is(args, 0, "force")              ? XWAYLAND_FORCE
				  : word_as_boolean(args.items[0], true) ? XWAYLAND_LAZY
									 : XWAYLAND_DISABLED;
	struct config *config = context->config;
	if (context->session->reloading && config->xwayland != mode) {
		return command_fail("xwayland can only be enabled/disabled at launch");
	}
	config->xwayland = mode;
	return command_ok();
}

struct command_result cmd_primary_selection(struct command_context *context, struct args args)
{
	bool enabled = word_as_boolean(args.items[0], true);
	struct config *config = context->config;
	if (context->session->reloading && config->primary_selection != enabled) {
		return command_fail("primary_selection can only be enabled/disabled at launch");
	}
	config->primary_selection = enabled;
	return command_ok();
}

static struct command_result set_program(struct args args, char **program)
{
	free(*program);
	*program = args_join(args);
	if (strcmp(*program, "-") == 0) {
		vx_replace_string(program, nullptr);
	}
	return command_ok();
}

struct command_result cmd_swaybg_command(struct command_context *context, struct args args)
{
	return set_program(args, &context->config->swaybg_command);
}

struct command_result cmd_swaynag_command(struct command_context *context, struct args args)
{
	return set_program(args, &context->config->swaynag_command);
}
