/* SPDX-License-Identifier: MIT */
/* layout, split, splith, splitv, splitt */
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "tree/arrange.h"

static enum container_layout parse_layout(const char *word)
{
	static const char *const names[] = {
		[LAYOUT_NONE] = "",
		[LAYOUT_HORIZ] = "splith",
		[LAYOUT_VERT] = "splitv",
		[LAYOUT_STACKED] = "stacking",
		[LAYOUT_TABBED] = "tabbed",
		nullptr,
	};
	int index = word_index(word, names);
	return index > 0 ? (enum container_layout)index : LAYOUT_NONE;
}

static bool is_split(enum container_layout layout)
{
	return layout == LAYOUT_HORIZ || layout == LAYOUT_VERT;
}

/* What is given another layout: a container, or a workspace where that is NULL. */
struct layout_target {
	struct container *con;
	struct workspace *ws;
	enum container_layout *layout, *previous_split;
};

static enum container_layout toggle_split(const struct layout_target *target)
{
	switch (*target->layout) {
	case LAYOUT_HORIZ:
		return LAYOUT_VERT;
	case LAYOUT_VERT:
		return LAYOUT_HORIZ;
	case LAYOUT_NONE:
	case LAYOUT_STACKED:
	case LAYOUT_TABBED:
		break;
	}
	if (*target->previous_split != LAYOUT_NONE) {
		return *target->previous_split;
	}
	return target->ws ? workspace_default_layout(target->ws) : LAYOUT_HORIZ;
}

static enum container_layout toggle_all(enum container_layout layout)
{
	static const enum container_layout next[] = {
		[LAYOUT_NONE] = LAYOUT_HORIZ,
		[LAYOUT_HORIZ] = LAYOUT_VERT,
		[LAYOUT_VERT] = LAYOUT_STACKED,
		[LAYOUT_STACKED] = LAYOUT_TABBED,
		[LAYOUT_TABBED] = LAYOUT_HORIZ,
	};
	return next[layout];
}

/* The layout in the list behind the present one; words that are no layout are skipped. */
static enum container_layout toggle_list(const struct layout_target *target, struct args args)
{
	enum container_layout layout = *target->layout;
	int current = 0;
	for (; current < args.count; current++) {
		const char *word = args.items[current];
		if (parse_layout(word) == layout ||
			(strcmp(word, "split") == 0 && is_split(layout))) {
			break;
		}
	}
	for (int step = 1; step <= args.count; step++) {
		int index = (current + step) % args.count;
		if (current == args.count) {
			index = step - 1;
		}
		if (index == current) {
			break;
		}
		if (strcmp(args.items[index], "split") == 0) {
			return toggle_split(target);
		}
		enum container_layout parsed = parse_layout(args.items[index]);
		if (parsed != LAYOUT_NONE) {
			return parsed;
		}
	}
	return LAYOUT_NONE;
}

static enum container_layout choose_layout(const struct layout_target *target, struct args args)
{
	enum container_layout parsed = parse_layout(args.items[0]);
	if (parsed != LAYOUT_NONE) {
		return parsed;
	}
	if (args_is(args, 0, "default")) {
		return *target->previous_split;
	}
	if (!args_is(args, 0, "toggle")) {
		return LAYOUT_NONE;
	}
	args = args_skip(args, 1);
	if (args.count == 0 || (args.count == 1 && args_is(args, 0, "split"))) {
		return toggle_split(target);
	}
	if (args.count == 1) {
		return args_is(args, 0, "all") ? toggle_all(*target->layout) : LAYOUT_NONE;
	}
	return toggle_list(target, args);
}

/* The parent of the target; one level of lone containers around it goes. */
static struct container *parent_to_change(struct container *con)
{
	struct container *parent = con ? con->pending.parent : nullptr;
	if (!parent || parent->pending.children.length != 1) {
		return parent;
	}
	struct container *grandparent = parent->pending.parent;
	if (!grandparent || grandparent->pending.children.length != 1) {
		return parent;
	}
	container_replace(parent, parent->pending.children.items[0]);
	container_begin_destroy(parent);
	return grandparent;
}

static void apply_layout(
	struct command_context *context, struct layout_target *target, enum container_layout layout)
{
	if (!target->con && context->container) {
		/* A workspace is not changed by a window in it: its children are wrapped. */
		target->con = workspace_wrap_children(target->ws);
		target->layout = &target->con->pending.layout;
	} else if (is_split(*target->layout)) {
		*target->previous_split = *target->layout;
	}
	*target->layout = layout;
	if (target->con) {
		container_update_representation(target->con);
	} else {
		workspace_update_representation(target->ws);
	}
	command_arrange(context, target->ws);
}

struct command_result cmd_layout(struct command_context *context, struct args args)
{
	if (context->container && container_is_floating(context->container)) {
		return command_fail("Unable to change layout of floating windows");
	}
	struct workspace *ws = context->workspace;
	struct container *con = parent_to_change(context->container);
	if (!con && !ws) {
		return command_fail("There is no workspace to change the layout of");
	}
	struct layout_target target = {
		.con = con,
		.ws = ws,
		.layout = con ? &con->pending.layout : &ws->layout,
		.previous_split = con ? &con->previous_split_layout : &ws->previous_split_layout,
	};
	enum container_layout layout = choose_layout(&target, args);
	if (layout == LAYOUT_NONE) {
		return command_invalid("Expected 'layout default|tabbed|stacking|splitv|splith' or "
				       "'layout toggle [split|all]' or 'layout toggle "
				       "[split|tabbed|stacking|splitv|splith] "
				       "[split|tabbed|stacking|splitv|splith]...'");
	}
	if (layout != *target.layout) {
		apply_layout(context, &target, layout);
	}
	return command_ok();
}

/* Everything that walks the tree recurses, so that scripts must not nest without end. */
static constexpr int max_depth = 100;

static int depth_below(const struct container_list *containers)
{
	int deepest = 0;
	for (int i = 0; i < containers->length; i++) {
		int depth = 1 + depth_below(&containers->items[i]->pending.children);
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

static bool may_nest(const struct command_context *context)
{
	int depth = 0;
	const struct container *con = context->container;
	for (const struct container *at = con; at; at = at->pending.parent) {
		depth++;
	}
	depth += con ? depth_below(&con->pending.children)
		     : depth_below(&context->workspace->tiling);
	return depth < max_depth;
}

static struct command_result split(struct command_context *context, enum container_layout layout)
{
	struct container *con = context->container;
	if (!may_nest(context)) {
		return command_fail("Containers cannot be nested more deeply");
	}
	if (!con) {
		workspace_split(context->workspace, layout);
	} else if (container_is_scratchpad_hidden_or_child(con) &&
		   con->pending.fullscreen_mode != FULLSCREEN_GLOBAL) {
		return command_fail("Cannot split a hidden scratchpad container");
	} else {
		container_split(con, layout);
	}
	command_arrange(context, context->workspace);
	return command_ok();
}

static struct command_result unsplit(struct command_context *context)
{
	struct container *con = context->container;
	if (!con || !con->pending.parent || con->pending.parent->pending.children.length != 1) {
		return command_fail("Can only flatten a child container with no siblings");
	}
	container_flatten(con->pending.parent);
	command_arrange(context, context->workspace);
	return command_ok();
}

static struct command_result split_toggle(struct command_context *context)
{
	const struct container *con = context->container;
	bool is_vertical = con && container_parent_layout(con) == LAYOUT_VERT;
	return split(context, is_vertical ? LAYOUT_HORIZ : LAYOUT_VERT);
}

struct command_result cmd_split(struct command_context *context, struct args args)
{
	static const char *const words[] = {
		"v", "vertical", "h", "horizontal", "t", "toggle", "n", "none", nullptr};
	switch (word_index(args.items[0], words)) {
	case 0:
	case 1:
		return split(context, LAYOUT_VERT);
	case 2:
	case 3:
		return split(context, LAYOUT_HORIZ);
	case 4:
	case 5:
		return split_toggle(context);
	case 6:
	case 7:
		return unsplit(context);
	default:
		return command_fail(
			"Invalid split command (expected either horizontal or vertical).");
	}
}

struct command_result cmd_splith(struct command_context *context, struct args args)
{
	return split(context, LAYOUT_HORIZ);
}

struct command_result cmd_splitv(struct command_context *context, struct args args)
{
	return split(context, LAYOUT_VERT);
}

struct command_result cmd_splitt(struct command_context *context, struct args args)
{
	return split_toggle(context);
}
