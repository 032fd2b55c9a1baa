/* SPDX-License-Identifier: MIT */
/* output: several subcommands in a line, each leaves the rest for the next one. Switches are here.
 */
#include "commands/output.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"

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

static void look_if_meant(const struct desktop_output *output, void *data)
{
	struct output_look *info = data;
	if (output->output == info->output) {
		info->was_found = true;
		info->adaptive_sync = output->adaptive_sync;
		info->hdr = output->hdr;
		snprintf(info->transform, sizeof(info->transform), "%s",
			output->transform ? output->transform : "normal");
	}
}

struct output_look output_look_at(struct command_context *context, const struct tree_output *output)
{
	struct output_look info = {.output = output};
	context->desktop->impl->for_each_output(context->desktop, look_if_meant, &info);
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

/* What a switch is now: asked for only where the word is "toggle". */
typedef bool switch_state(struct command_context *context, struct tree_output *output);

static bool is_powered(struct command_context *context, struct tree_output *output)
{
	return context->desktop->impl->output_is_powered(context->desktop, output);
}

static bool has_adaptive_sync(struct command_context *context, struct tree_output *output)
{
	return output_look_at(context, output).adaptive_sync;
}

static bool has_hdr(struct command_context *context, struct tree_output *output)
{
	return output_look_at(context, output).hdr;
}

static struct command_result set_switch(struct command_context *context, struct args args,
	const char *name, switch_state *state, int *field)
{
	if (args.count == 0) {
		return command_invalid("Missing %s argument", name);
	}
	bool current = true;
	if (args_is(args, 0, "toggle")) {
		struct tree_output *output = nullptr;
		struct command_result result = find_toggled(context, &output);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
		current = state(context, output);
	}
	*field = word_as_boolean(args.items[0], current);
	return output_done(context, args, 1);
}

static struct command_result output_power(struct command_context *context, struct args args)
{
	return set_switch(context, args, "power", is_powered, &context->output->power);
}

static struct command_result output_adaptive_sync(struct command_context *context, struct args args)
{
	return set_switch(
		context, args, "adaptive_sync", has_adaptive_sync, &context->output->adaptive_sync);
}

static struct command_result output_hdr(struct command_context *context, struct args args)
{
	return set_switch(context, args, "hdr", has_hdr, &context->output->hdr);
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
