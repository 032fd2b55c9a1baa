/* SPDX-License-Identifier: MIT */
/* workspace, rename, gaps */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "tree/arrange.h"

static const char *const relative_words[] = {
	"next", "prev", "next_on_output", "prev_on_output", "current", nullptr};
static const char *const special_words[] = {"next", "prev", "next_on_output", "prev_on_output",
	"back_and_forth", "current", "number", nullptr};

/* --- Configured workspaces --- */

static struct workspace_config *find_or_make(struct config *config, const char *name)
{
	struct workspace_config *found = config_find_workspace(config, name);
	if (found) {
		return found;
	}
	struct workspace_config *made = vx_new(made);
	*made = (struct workspace_config){
		.name = vx_strdup(name),
		.gaps_inner = INT_MIN,
		.gaps_outer = {INT_MIN, INT_MIN, INT_MIN, INT_MIN},
	};
	list_append(&config->workspaces, made);
	return made;
}

static struct command_result assign_outputs(
	struct command_context *context, struct args args, int keyword)
{
	if (keyword == 0) {
		return command_invalid("Expected 'workspace <name> output <output>'");
	}
	if (args.count < keyword + 2) {
		return command_invalid("Invalid workspace command (expected at least %d "
				       "arguments, got %d)",
			keyword + 2, args.count);
	}
	vx_cleanup_free char *name = args_join((struct args){args.items, keyword});
	struct workspace_config *ws = find_or_make(context->config, name);
	for (int i = keyword + 1; i < args.count; i++) {
		list_append(&ws->outputs, vx_strdup(args.items[i]));
	}
	return command_ok();
}

enum gap_side : unsigned {
	GAP_INNER = 1 << 0,
	GAP_TOP = 1 << 1,
	GAP_RIGHT = 1 << 2,
	GAP_BOTTOM = 1 << 3,
	GAP_LEFT = 1 << 4,
};

/* 0: no such word. */
static unsigned parse_sides(const char *word)
{
	static const struct {
		const char *word;
		unsigned sides;
	} words[] = {
		{"inner", GAP_INNER},
		{"outer", GAP_TOP | GAP_RIGHT | GAP_BOTTOM | GAP_LEFT},
		{"horizontal", GAP_LEFT | GAP_RIGHT},
		{"vertical", GAP_TOP | GAP_BOTTOM},
		{"top", GAP_TOP},
		{"right", GAP_RIGHT},
		{"bottom", GAP_BOTTOM},
		{"left", GAP_LEFT},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(words); i++) {
		if (strcasecmp(word, words[i].word) == 0) {
			return words[i].sides;
		}
	}
	return 0;
}

static int *side_of(struct gaps *gaps, unsigned side)
{
	return side == GAP_TOP      ? &gaps->top
	       : side == GAP_RIGHT  ? &gaps->right
	       : side == GAP_BOTTOM ? &gaps->bottom
				    : &gaps->left;
}

/* Outer gaps below -inner would push windows out of the workspace. */
static void clamp_outer(struct gaps *gaps, int inner)
{
	for (unsigned side = GAP_TOP; side <= GAP_LEFT; side <<= 1) {
		int *gap = side_of(gaps, side);
		if (*gap != INT_MIN && *gap < -inner) {
			*gap = -inner;
		}
	}
}

static void set_gaps(int *inner, struct gaps *outer, unsigned sides, int amount)
{
	if (sides & GAP_INNER) {
		*inner = amount >= 0 ? amount : 0;
	}
	for (unsigned side = GAP_TOP; side <= GAP_LEFT; side <<= 1) {
		if (sides & side) {
			*side_of(outer, side) = amount;
		}
	}
}

static struct command_result configure_gaps(
	struct command_context *context, struct args args, int keyword)
{
	static const char expected[] = "Expected 'workspace <name> gaps inner|outer|horizontal|"
				       "vertical|top|right|bottom|left <px>'";
	if (keyword == 0) {
		return command_invalid("%s", expected);
	}
	if (args.count != keyword + 3) {
		return command_invalid("Invalid workspace command (expected %d arguments, got %d)",
			keyword + 3, args.count);
	}
	vx_cleanup_free char *name = args_join((struct args){args.items, keyword});
	struct workspace_config *ws = find_or_make(context->config, name);
	int amount;
	if (!word_as_int(args.items[keyword + 2], &amount)) {
		return command_fail("%s", expected);
	}
	unsigned sides = parse_sides(args.items[keyword + 1]);
	if (!sides) {
		return command_invalid("%s", expected);
	}
	set_gaps(&ws->gaps_inner, &ws->gaps_outer, sides, amount);
	if (ws->gaps_inner != INT_MIN) {
		clamp_outer(&ws->gaps_outer, ws->gaps_inner);
	}
	return command_ok();
}

/* --- workspace --- */

static struct workspace *find_or_create(struct command_context *context, const char *name)
{
	struct workspace *ws = workspace_by_name(context->tree, context->seat, name);
	return ws ? ws : workspace_create(context->tree, nullptr, name);
}

static struct command_result find_numbered(
	struct command_context *context, struct args args, struct workspace **ret_ws)
{
	if (args.count == 0) {
		return command_invalid("Expected workspace number");
	}
	if (!isdigit((unsigned char)args.items[0][0])) {
		return command_invalid("Invalid workspace number '%s'", args.items[0]);
	}
	*ret_ws = workspace_by_number(context->tree, args.items[0]);
	if (!*ret_ws) {
		vx_cleanup_free char *name = args_join(args);
		*ret_ws = workspace_create(context->tree, nullptr, name);
	}
	return command_ok();
}

static struct command_result find_target(struct command_context *context, struct args args,
	bool auto_back_and_forth, struct workspace **ret_ws)
{
	struct tree_seat *seat = context->seat;
	if (word_index(args.items[0], relative_words) >= 0) {
		*ret_ws = workspace_by_name(context->tree, seat, args.items[0]);
		return command_ok();
	}
	if (args_is(args, 0, "back_and_forth")) {
		if (!seat->previous_workspace_name) {
			return command_invalid("There is no previous workspace");
		}
		*ret_ws = find_or_create(context, seat->previous_workspace_name);
		return command_ok();
	}
	if (args_is(args, 0, "number")) {
		struct command_result result = find_numbered(context, args_skip(args, 1), ret_ws);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
	} else {
		vx_cleanup_free char *name = args_join(args);
		*ret_ws = find_or_create(context, name);
	}
	if (*ret_ws && auto_back_and_forth) {
		*ret_ws = workspace_auto_back_and_forth(seat, *ret_ws);
	}
	return command_ok();
}

static struct command_result switch_workspace(struct command_context *context, struct args args)
{
	if (context->tree->outputs.length == 0) {
		return command_invalid(
			"Can't run this command while there's no outputs connected.");
	}
	if (context->tree->fullscreen_global) {
		return command_fail("Can't switch workspaces while fullscreen global");
	}
	bool auto_back_and_forth = true;
	while (args_is(args, 0, "--no-auto-back-and-forth")) {
		auto_back_and_forth = false;
		args = args_skip(args, 1);
	}
	if (args.count == 0) {
		return command_invalid(
			"Invalid workspace command (expected at least 1 argument, got 0)");
	}
	struct workspace *ws = nullptr;
	struct command_result result = find_target(context, args, auto_back_and_forth, &ws);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	if (!ws) {
		return command_fail("No workspace to switch to");
	}
	workspace_switch(context->seat, ws);
	command_warp(context, false);
	return command_ok();
}

static int find_keyword(struct args args, const char *word)
{
	for (int i = 0; i < args.count; i++) {
		if (args_is(args, i, word)) {
			return i;
		}
	}
	return -1;
}

struct command_result cmd_workspace(struct command_context *context, struct args args)
{
	int output = find_keyword(args, "output");
	if (output >= 0) {
		return assign_outputs(context, args, output);
	}
	int gaps = find_keyword(args, "gaps");
	if (gaps >= 0) {
		return configure_gaps(context, args, gaps);
	}
	return context->is_reading ? command_defer() : switch_workspace(context, args);
}

/* --- rename --- */

static struct workspace *find_renamed(
	struct command_context *context, struct args args, int to, struct command_result *ret_error)
{
	if (to == 0) {
		return context->workspace;
	}
	struct workspace *ws = nullptr;
	if (args_is(args, 0, "number")) {
		if (to < 2 || !isdigit((unsigned char)args.items[1][0])) {
			*ret_error = command_invalid(
				"Invalid workspace number '%s'", args.items[1]);
			return nullptr;
		}
		ws = workspace_by_number(context->tree, args.items[1]);
	} else {
		vx_cleanup_free char *name = args_join((struct args){args.items, to});
		ws = workspace_by_name(context->tree, context->seat, name);
	}
	if (!ws) {
		*ret_error = command_invalid("There is no workspace with that name");
	}
	return ws;
}

static struct command_result rename_to(
	struct command_context *context, struct workspace *ws, const char *name)
{
	struct workspace *taken = workspace_by_name(context->tree, context->seat, name);
	if (taken) {
		return taken == ws ? command_ok() : command_invalid("Workspace already exists");
	}
	vx_replace_string(&ws->name, name);
	if (ws->output) {
		tree_output_sort_workspaces(ws->output);
		node_set_dirty(&ws->output->node);
	}
	tree_emit_workspace(context->tree, nullptr, ws, WORKSPACE_RENAME);
	return command_ok();
}

struct command_result cmd_rename(struct command_context *context, struct args args)
{
	static const char expected[] = "Expected 'rename workspace <old_name> to <new_name>' or "
				       "'rename workspace to <new_name>'";
	if (!args_is(args, 0, "workspace")) {
		return command_invalid("%s", expected);
	}
	args = args_skip(args, 1);
	int to = find_keyword(args, "to");
	if (to < 0) {
		to = args.count;
	}
	struct command_result error = command_ok();
	struct workspace *ws = find_renamed(context, args, to, &error);
	if (!ws) {
		return error.status != COMMAND_SUCCESS
			       ? error
			       : command_invalid("There is no workspace with that name");
	}
	if (to + 1 >= args.count) {
		return command_invalid("%s", expected);
	}
	struct args rest = args_skip(args, to + 1);
	vx_cleanup_free char *name = args_join(rest);
	if (word_index(name, special_words) >= 0) {
		return command_invalid("Cannot use special workspace name '%s'", rest.items[0]);
	}
	return rename_to(context, ws, name);
}

/* --- gaps --- */

static const char expected_defaults[] =
	"'gaps inner|outer|horizontal|vertical|top|right|bottom|left <px>'";
static const char expected_runtime[] =
	"'gaps inner|outer|horizontal|vertical|top|right|bottom|left current|all "
	"set|plus|minus|toggle <px>'";

static bool parse_pixels(const char *word, int *ret_amount)
{
	char *end;
	*ret_amount = pixels_from((double)strtol(word, &end, 10));
	return *end == '\0' || strcasecmp(end, "px") == 0;
}

static struct command_result set_default_gaps(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	unsigned sides = parse_sides(args.items[0]);
	int amount;
	if (!parse_pixels(args.items[1], &amount) || !sides) {
		return command_invalid("Expected %s", expected_defaults);
	}
	set_gaps(&options->gaps_inner, &options->gaps_outer, sides, amount);
	clamp_outer(&options->gaps_outer, options->gaps_inner);
	return command_ok();
}

enum gaps_operation : int {
	GAPS_SET,
	GAPS_PLUS,
	GAPS_MINUS,
	GAPS_TOGGLE,
};

struct gaps_change {
	unsigned sides;
	enum gaps_operation operation;
	int amount;
	struct tree_options *options;
};

static void change_gap(int *gap, const struct gaps_change *change)
{
	switch (change->operation) {
	case GAPS_SET:
		*gap = change->amount;
		break;
	case GAPS_PLUS:
		*gap += change->amount;
		break;
	case GAPS_MINUS:
		*gap -= change->amount;
		break;
	case GAPS_TOGGLE:
		*gap = *gap ? 0 : change->amount;
		break;
	}
	*gap = pixels_from(*gap);
}

static void change_gaps(struct workspace *ws, void *data)
{
	const struct gaps_change *change = data;
	if (change->sides & GAP_INNER) {
		change_gap(&ws->gaps_inner, change);
	}
	for (unsigned side = GAP_TOP; side <= GAP_LEFT; side <<= 1) {
		if (change->sides & side) {
			change_gap(side_of(&ws->gaps_outer, side), change);
		}
	}
	if (ws->gaps_inner < 0) {
		ws->gaps_inner = 0;
	}
	clamp_outer(&change->options->gaps_outer, change->options->gaps_inner);
	arrange_workspace(ws);
}

static struct command_result change_gaps_now(struct command_context *context, struct args args)
{
	static const char *const scopes[] = {"current", "all", nullptr};
	static const char *const operations[] = {"set", "plus", "minus", "toggle", nullptr};
	if (context->tree->outputs.length == 0) {
		return command_invalid(
			"Can't run this command while there's no outputs connected.");
	}
	int scope = word_index(args.items[1], scopes);
	int operation = word_index(args.items[2], operations);
	struct gaps_change change = {
		.sides = parse_sides(args.items[0]),
		.operation = (enum gaps_operation)operation,
		.options = &context->config->options,
	};
	if (!change.sides || scope < 0 || operation < 0 ||
		!parse_pixels(args.items[3], &change.amount)) {
		return command_invalid("Expected %s", expected_runtime);
	}
	if (scope == 1) {
		tree_for_each_workspace(context->tree, change_gaps, &change);
	} else if (context->workspace) {
		change_gaps(context->workspace, &change);
	}
	return command_ok();
}

struct command_result cmd_gaps(struct command_context *context, struct args args)
{
	if (args.count == 2) {
		return set_default_gaps(context, args);
	}
	if (args.count == 4 && !context->is_reading) {
		return change_gaps_now(context, args);
	}
	if (context->is_reading) {
		return command_invalid("Expected %s", expected_defaults);
	}
	return command_invalid("Expected %s or %s", expected_runtime, expected_defaults);
}
