/* SPDX-License-Identifier: MIT */
/* mark, unmark, swap, scratchpad: commands that name containers or put them away. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "tree/arrange.h"

struct command_result cmd_mark(struct command_context *context, struct args args)
{
	struct container *con = context->container;
	if (!con) {
		return command_invalid("Only containers can have marks");
	}
	bool add = false, toggle = false;
	for (; args.count > 0 && strncmp(args.items[0], "--", 2) == 0; args = args_skip(args, 1)) {
		if (strcmp(args.items[0], "--add") == 0) {
			add = true;
		} else if (strcmp(args.items[0], "--replace") == 0) {
			add = false;
		} else if (strcmp(args.items[0], "--toggle") == 0) {
			toggle = true;
		} else {
			return command_invalid("Unrecognized argument '%s'", args.items[0]);
		}
	}
	if (args.count == 0) {
		return command_invalid("Expected '[--add|--replace] [--toggle] <identifier>'");
	}
	vx_cleanup_free char *mark = args_join(args);
	bool had_mark = container_has_mark(con, mark);
	if (!add) {
		container_clear_marks(con);
	}
	container_find_and_unmark(context->tree, mark);
	if (!toggle || !had_mark) {
		container_add_mark(con, mark);
	}
	const struct tree_policy *policy = &context->tree->policy;
	if (con->view && policy->run_rules) {
		policy->run_rules(policy->data, con->view);
	}
	return command_ok();
}

static void clear_marks(struct container *con, void *data)
{
	container_clear_marks(con);
}

struct command_result cmd_unmark(struct command_context *context, struct args args)
{
	struct container *con = context->has_explicit_target ? context->container : nullptr;
	vx_cleanup_free char *mark = args.count > 0 ? args_join(args) : nullptr;
	if (mark) {
		if (!con || container_has_mark(con, mark)) {
			container_find_and_unmark(context->tree, mark);
		}
	} else if (con) {
		container_clear_marks(con);
	} else {
		tree_for_each_container(context->tree, clear_marks, nullptr);
	}
	return command_ok();
}

/* --- swap --- */

static bool test_x11_window(struct container *con, void *data)
{
	const struct view *view = con->view;
	return view && view->impl->get_x11_window &&
	       view->impl->get_x11_window(con->view) == *(const uint32_t *)data;
}

static struct container *find_other(
	struct tree *tree, const char *kind, const char *value, bool *ret_is_valid)
{
	*ret_is_valid = true;
	if (strcasecmp(kind, "id") == 0) {
		uint32_t id = (uint32_t)strtoul(value, nullptr, 0);
		return id ? tree_find_container(tree, test_x11_window, &id) : nullptr;
	}
	if (strcasecmp(kind, "con_id") == 0) {
		return tree_container_by_id(tree, strtoul(value, nullptr, 10));
	}
	if (strcasecmp(kind, "mark") == 0) {
		return container_find_mark(tree, value);
	}
	*ret_is_valid = false;
	return nullptr;
}

static bool is_inside_hidden_group(const struct container *con)
{
	return con->pending.parent && container_is_scratchpad_hidden_or_child(con);
}

static struct command_result check_swap(const struct container *con, const struct container *other)
{
	if (!con) {
		return command_fail("Can only swap with containers and views");
	}
	if (con == other) {
		return command_fail("Cannot swap a container with itself");
	}
	if (container_has_ancestor(con, other) || container_has_ancestor(other, con)) {
		return command_fail("Cannot swap ancestor and descendant");
	}
	if (is_inside_hidden_group(con) || is_inside_hidden_group(other)) {
		return command_fail("Cannot swap inside a hidden scratchpad container");
	}
	return command_ok();
}

struct command_result cmd_swap(struct command_context *context, struct args args)
{
	static const char expected[] = "Expected 'swap container with id|con_id|mark <arg>'";
	if (!args_is(args, 0, "container") || !args_is(args, 1, "with")) {
		return command_invalid("%s", expected);
	}
	vx_cleanup_free char *value = args_join(args_skip(args, 3));
	bool is_valid;
	struct container *con = context->container;
	struct container *other = find_other(context->tree, args.items[2], value, &is_valid);
	if (!is_valid) {
		return command_invalid("%s", expected);
	}
	if (!other) {
		return command_fail("Failed to find %s '%s'", args.items[2], value);
	}
	struct command_result result = check_swap(con, other);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	container_swap(con, other);
	struct node *parent = node_get_parent(&con->node);
	struct node *other_parent = node_get_parent(&other->node);
	if (context->tree->fullscreen_global) {
		arrange_tree(context->tree);
		return command_ok();
	}
	if (parent) {
		arrange_node(parent);
	}
	if (other_parent && other_parent != parent) {
		arrange_node(other_parent);
	}
	return command_ok();
}

/* --- scratchpad --- */

static void show_and_tell(struct container *con)
{
	tree_scratchpad_show(con);
	tree_emit_window(con, WINDOW_MOVE);
}

/* Another scratchpad container that is on this workspace already, but not focused. */
static struct container *find_shown(struct workspace *ws, const struct container *focus)
{
	for (int i = 0; i < ws->floating.length; i++) {
		struct container *con = ws->floating.items[i];
		if (con->scratchpad && con != focus) {
			return con;
		}
	}
	return nullptr;
}

static void show_next(struct command_context *context)
{
	struct tree_seat *seat = context->seat;
	struct workspace *ws = tree_seat_focused_workspace(seat);
	struct container *focus = tree_seat_focused_container(seat);
	if (!ws) {
		return;
	}
	if (focus && container_is_floating_or_child(focus)) {
		focus = container_toplevel_ancestor(focus);
	}
	if (focus && focus->scratchpad) {
		tree_scratchpad_hide(focus);
		return;
	}
	struct container *shown = find_shown(ws, focus);
	if (shown) {
		tree_scratchpad_show(shown);
	} else {
		show_and_tell(context->tree->scratchpad.items[0]);
	}
}

static struct command_result toggle_target(struct command_context *context)
{
	struct container *con = context->container;
	if (con && container_is_floating_or_child(con)) {
		con = container_toplevel_ancestor(con);
	}
	if (!con || !con->scratchpad) {
		return command_invalid("Container is not in scratchpad.");
	}
	struct workspace *ws = tree_seat_focused_workspace(context->seat);
	if (con->pending.workspace && con->pending.workspace == ws) {
		tree_scratchpad_hide(con);
	} else {
		show_and_tell(con);
	}
	return command_ok();
}

struct command_result cmd_scratchpad(struct command_context *context, struct args args)
{
	if (strcmp(args.items[0], "show") != 0) {
		return command_invalid("Expected 'scratchpad show'");
	}
	if (context->tree->outputs.length == 0) {
		return command_invalid(
			"Can't run this command while there's no outputs connected.");
	}
	if (context->tree->scratchpad.length == 0) {
		return command_invalid("Scratchpad is empty");
	}
	if (context->has_explicit_target) {
		return toggle_target(context);
	}
	show_next(context);
	return command_ok();
}
