/* SPDX-License-Identifier: MIT */
/* move: to workspaces, outputs, marks and the scratchpad; and of workspaces. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "commands/move.h"
#include "tree/arrange.h"

static const char expected_to[] =
	"Expected 'move <left|right|up|down> <[px] px>' or "
	"'move [--no-auto-back-and-forth] <container|window> [to] workspace <name>' or "
	"'move <container|window|workspace> [to] output <name|direction>' or "
	"'move <container|window> [to] mark <mark>'";

static const char expected_any[] =
	"Expected 'move left|right|up|down [<amount> [px]]' or 'move [--no-auto-back-and-forth] "
	"[window|container] [to] workspace  <name>|next|prev|next_on_output|prev_on_output|"
	"current|(number <num>)' or 'move [window|container] [to] output <name/id>|left|right|up|"
	"down' or 'move [window|container] [to] mark <mark>' or 'move [window|container] [to] "
	"scratchpad' or 'move workspace to [output] <name/id>|left|right|up|down' or 'move "
	"[window|container] [to] [absolute] position <x> [px] <y> [px]' or 'move "
	"[window|container] [to] [absolute] position center' or 'move [window|container] [to] "
	"position mouse|cursor|pointer'";

/* --- To a workspace or container --- */

static void focus_fullscreen(struct workspace *ws)
{
	struct tree_seat *seat;
	wl_list_for_each (seat, &ws->node.tree->seats, link) {
		if (!ws->fullscreen || tree_seat_focused_workspace(seat) != ws) {
			continue;
		}
		/* None where what has moved was the last in a fullscreen split. */
		struct node *focus = tree_seat_focus_inactive(seat, &ws->fullscreen->node);
		if (focus) {
			tree_seat_set_raw_focus(seat, focus);
		}
	}
}

static void move_floating(struct container *con, struct workspace *ws)
{
	struct workspace *old = con->pending.workspace;
	struct tree_output *old_output = old->output;
	workspace_add_floating(ws, con);
	if (old_output == ws->output || con->pending.fullscreen_mode != FULLSCREEN_NONE) {
		return;
	}
	container_floating_fix_coordinates(con, workspace_get_box(old), workspace_get_box(ws));
	if (con->scratchpad && ws->output) {
		con->scratchpad_transform = workspace_get_box(ws);
	}
}

void container_move_to_workspace(struct container *con, struct workspace *ws)
{
	struct workspace *old = con->pending.workspace;
	if (old == ws) {
		return;
	}
	if (container_is_floating(con)) {
		move_floating(con, ws);
	} else {
		container_detach(con);
		if (workspace_is_empty(ws) && con->pending.children.length > 0) {
			workspace_unwrap_children(ws, con);
			container_reap_empty(con);
		} else {
			container_forget_size(con);
			workspace_add_tiling(ws, con);
		}
		if (!con->node.destroying) {
			container_update_representation(con);
		}
	}
	if (con->view) {
		tree_emit_window(con, WINDOW_MOVE);
	}
	if (old) {
		workspace_detect_urgent(old);
	}
	workspace_detect_urgent(ws);
	focus_fullscreen(ws);
}

static void move_to_container(struct container *con, struct container *destination)
{
	if (con == destination || container_has_ancestor(destination, con)) {
		return;
	}
	struct workspace *to = destination->pending.workspace, *from = con->pending.workspace;
	if (container_is_floating(con)) {
		if (to) {
			container_move_to_workspace(con, to);
		}
		return;
	}
	container_detach(con);
	container_forget_size(con);
	if (destination->view) {
		container_add_sibling(destination, con, true);
	} else {
		container_add_child(destination, con);
	}
	if (con->view) {
		tree_emit_window(con, WINDOW_MOVE);
	}
	if (to) {
		focus_fullscreen(to);
		workspace_detect_urgent(to);
	}
	if (from && from != to) {
		workspace_detect_urgent(from);
	}
}

/* --- Destinations --- */

struct destination {
	struct node *node;
	struct command_result result; /* where `node` is NULL */
};

static struct destination no_destination(struct command_result result)
{
	return (struct destination){.result = result};
}

static bool is_relative(const char *word)
{
	static const char *const words[] = {
		"next", "prev", "next_on_output", "prev_on_output", "current", nullptr};
	return word_index(word, words) >= 0;
}

/* The name (owned, may be NULL) and the workspace (may be NULL) that the words mean. */
struct workspace_choice {
	char *name;
	struct workspace *ws;
	struct command_result error;
};

static struct workspace_choice choose_named(
	struct command_context *context, struct args args, bool auto_back_and_forth)
{
	struct workspace_choice choice = {};
	struct tree_seat *seat = context->seat;
	if (args_is(args, 0, "number")) {
		if (args.count < 2) {
			choice.error = command_invalid("%s", expected_to);
			return choice;
		}
		if (!isdigit((unsigned char)args.items[1][0])) {
			choice.error = command_invalid(
				"Invalid workspace number '%s'", args.items[1]);
			return choice;
		}
		choice.name = args_join(args_skip(args, 1));
		choice.ws = workspace_by_number(context->tree, choice.name);
	} else {
		choice.name = args_join(args);
		choice.ws = workspace_by_name(context->tree, seat, choice.name);
	}
	const struct container *con = context->container;
	const struct workspace *old = con ? con->pending.workspace : context->workspace;
	if (auto_back_and_forth && context->config->options.auto_back_and_forth &&
		seat->previous_workspace_name && old && strcmp(old->name, choice.name) == 0) {
		vx_replace_string(&choice.name, seat->previous_workspace_name);
		choice.ws = workspace_by_name(context->tree, seat, choice.name);
	}
	return choice;
}

static struct workspace_choice choose_workspace(
	struct command_context *context, struct args args, bool auto_back_and_forth)
{
	struct tree_seat *seat = context->seat;
	const char *word = args.items[0];
	if (is_relative(word)) {
		return (struct workspace_choice){
			.ws = workspace_by_name(context->tree, seat, word)};
	}
	if (strcasecmp(word, "back_and_forth") != 0) {
		return choose_named(context, args, auto_back_and_forth);
	}
	struct workspace_choice choice = {
		.ws = workspace_by_name(context->tree, seat, word),
		.name = vx_strdup(seat->previous_workspace_name),
	};
	if (!choice.ws && !choice.name) {
		choice.error = command_fail("No workspace was previously active.");
	}
	return choice;
}

static struct command_result create_workspace(struct command_context *context,
	struct container *con, const char *name, struct workspace **ret_ws)
{
	const struct workspace *old = con->pending.workspace;
	if (container_is_sticky_or_child(con) && old &&
		old->output == workspace_initial_output(context->tree, name)) {
		return command_fail(
			"Can't move sticky container to another workspace on the same output");
	}
	*ret_ws = workspace_create(context->tree, nullptr, name);
	arrange_workspace(*ret_ws);
	return command_ok();
}

static struct destination workspace_destination(struct command_context *context,
	struct container *con, struct args args, bool auto_back_and_forth)
{
	struct workspace_choice choice = choose_workspace(context, args, auto_back_and_forth);
	vx_cleanup_free char *name = choice.name;
	if (choice.error.status != COMMAND_SUCCESS) {
		return no_destination(choice.error);
	}
	struct workspace *ws = choice.ws;
	if (!ws && !name) {
		return no_destination(command_fail("No workspace to move to"));
	}
	if (!ws) {
		struct command_result result = create_workspace(context, con, name, &ws);
		if (result.status != COMMAND_SUCCESS) {
			return no_destination(result);
		}
	}
	struct container *tiling = tree_seat_focus_inactive_tiling(context->seat, ws);
	return (struct destination){.node = tiling ? &tiling->node : &ws->node};
}

static struct destination find_destination(struct command_context *context, struct container *con,
	struct args args, bool auto_back_and_forth)
{
	if (args_is(args, 0, "workspace")) {
		return workspace_destination(context, con, args_skip(args, 1), auto_back_and_forth);
	}
	if (args_is(args, 0, "output")) {
		struct workspace *ws = con->pending.workspace;
		struct tree_output *output = command_output_in_direction(context, args.items[1],
			ws ? ws->output : nullptr, pixels_from(con->pending.x),
			pixels_from(con->pending.y));
		if (!output) {
			return no_destination(command_fail(
				"Can't find output with name/direction '%s'", args.items[1]));
		}
		return (struct destination){
			.node = tree_seat_focus_inactive(context->seat, &output->node)};
	}
	if (args_is(args, 0, "mark")) {
		struct container *marked = container_find_mark(context->tree, args.items[1]);
		return marked ? (struct destination){.node = &marked->node}
			      : no_destination(command_fail("Mark '%s' not found", args.items[1]));
	}
	return no_destination(command_invalid("%s", expected_to));
}

/* --- The move itself --- */

static struct command_result move_to_scratchpad(struct command_context *context)
{
	struct container *con = context->container;
	struct workspace *ws = context->workspace;
	if (!con) {
		if (ws->tiling.length == 0) {
			return command_invalid("Can't move an empty workspace to the scratchpad");
		}
		con = workspace_wrap_children(ws);
		ws->layout = LAYOUT_HORIZ;
	}
	if (container_is_floating_or_child(con)) {
		con = container_toplevel_ancestor(con);
	}
	if (!con->scratchpad) {
		tree_scratchpad_add(context->tree, con, nullptr);
	} else if (con->pending.workspace) {
		tree_scratchpad_hide(con);
	}
	return command_ok();
}

static void move_to_node(struct container *con, struct node *destination)
{
	struct workspace *ws = node_as_workspace(destination);
	struct tree_output *output = node_as_output(destination);
	if (output) {
		ws = tree_output_active_workspace(output);
	}
	if (ws) {
		container_move_to_workspace(con, ws);
	} else if (node_as_container(destination)) {
		move_to_container(con, node_as_container(destination));
	}
}

/* Nothing is left in what is fullscreen for all, so that it no longer keeps the focus. */
static void end_empty_fullscreen(struct tree *tree)
{
	const struct container *rest = tree->fullscreen_global;
	while (rest && rest->pending.children.length == 1) {
		rest = rest->pending.children.items[0];
	}
	if (rest && !rest->view && rest->pending.children.length == 0) {
		container_disable_fullscreen(tree->fullscreen_global);
	}
}

/* The focus stays where it was: beside the container when that had it. */
static void restore_focus(struct tree_seat *seat, struct node *focus, struct container *con,
	struct container *parent, struct workspace *ws)
{
	if (focus == &con->node) {
		focus = parent ? tree_seat_focus_inactive(seat, &parent->node) : nullptr;
		if (!focus && ws) {
			focus = tree_seat_focus_inactive(seat, &ws->node);
		}
	}
	tree_seat_set_focus(seat, focus);
}

static void move_and_keep_focus(
	struct command_context *context, struct container *con, struct node *destination)
{
	struct tree_seat *seat = context->seat;
	struct container *parent = con->pending.parent;
	struct workspace *ws = con->pending.workspace;
	struct tree_output *output = node_get_output(destination);
	struct workspace *shown = output && (!ws || ws->output != output)
					  ? tree_output_active_workspace(output)
					  : nullptr;
	struct node *focus = tree_seat_get_focus(seat);
	if (container_is_scratchpad_hidden_or_child(con)) {
		container_detach(con);
		tree_scratchpad_show(con);
	}
	move_to_node(con, destination);
	/* The other output goes on showing what it did, unless that was empty and has gone. */
	if (shown && !shown->node.destroying && shown != tree_output_active_workspace(output)) {
		tree_seat_set_raw_focus(seat, tree_seat_focus_inactive(seat, &shown->node));
	}
	end_empty_fullscreen(context->tree);
	restore_focus(seat, focus, con, parent, ws);
	if (parent) {
		container_reap_empty(parent);
	} else if (ws) {
		workspace_consider_destroy(ws);
	}
	command_arrange(context, ws);
	struct node *place = node_get_parent(destination);
	if (!context->tree->fullscreen_global && place && !place->destroying) {
		arrange_node(place);
	}
}

static struct command_result move_container(
	struct command_context *context, struct args args, bool auto_back_and_forth)
{
	if (args.count < 2) {
		return command_invalid("Invalid move container/window command (expected at least "
				       "2 arguments, got %d)",
			args.count);
	}
	struct container *con = context->container;
	if (!con) {
		if (context->workspace->tiling.length == 0) {
			return command_fail("Can't move an empty workspace");
		}
		con = workspace_wrap_children(context->workspace);
	}
	if (con->pending.fullscreen_mode == FULLSCREEN_GLOBAL) {
		return command_fail("Can't move fullscreen global container");
	}
	struct destination to = find_destination(context, con, args, auto_back_and_forth);
	if (!to.node) {
		return to.result;
	}
	struct container *to_con = node_as_container(to.node);
	if (to_con && container_is_scratchpad_hidden(to_con)) {
		return move_to_scratchpad(context);
	}
	struct workspace *ws = con->pending.workspace;
	if (container_is_sticky_or_child(con) && ws && ws->output &&
		node_has_ancestor(to.node, &ws->output->node)) {
		return command_fail(
			"Can't move sticky container to another workspace on the same output");
	}
	node_retain(&con->node);
	move_and_keep_focus(context, con, to.node);
	node_release(&con->node);
	return command_ok();
}

static struct command_result move_workspace(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid(
			"Invalid move workspace command (expected at least 1 argument, got 0)");
	}
	if (args_is(args, 0, "output")) {
		args = args_skip(args, 1);
	}
	if (args.count == 0) {
		return command_invalid("Expected 'move workspace to [output] <output>'");
	}
	struct workspace *ws = context->workspace;
	if (!ws) {
		return command_fail("No workspace to move");
	}
	struct tree_output *from = ws->output;
	struct tree_output *to = command_output_in_direction(context, args.items[0], from,
		(int)(ws->width / 2 + ws->x), (int)(ws->height / 2 + ws->y));
	if (!to) {
		return command_fail("Can't find output with name/direction '%s'", args.items[0]);
	}
	workspace_move_to_output(ws, to);
	arrange_output(from);
	arrange_output(to);
	tree_seat_set_focus(context->seat, tree_seat_focus_inactive(context->seat, &ws->node));
	command_warp(context, false);
	return command_ok();
}

struct command_result cmd_move(struct command_context *context, struct args args)
{
	enum direction direction;
	if (direction_parse(args.items[0], &direction)) {
		return move_in_direction(context, direction, args_skip(args, 1));
	}
	if (args_is(args, 0, "workspace") &&
		(args_is(args, 1, "to") || args_is(args, 1, "output"))) {
		return move_workspace(context, args_skip(args, 2));
	}
	bool auto_back_and_forth = !args_is(args, 0, "--no-auto-back-and-forth");
	args = args_skip(args, !auto_back_and_forth);
	if (args_is(args, 0, "window") || args_is(args, 0, "container")) {
		args = args_skip(args, 1);
	}
	if (args_is(args, 0, "to")) {
		args = args_skip(args, 1);
	}
	bool to_workspace = args_is(args, 0, "workspace");
	if (args.count == 0 || (!auto_back_and_forth && !to_workspace)) {
		return command_invalid("%s", expected_any);
	}
	if (to_workspace || args_is(args, 0, "output") || args_is(args, 0, "mark")) {
		return move_container(context, args, auto_back_and_forth);
	}
	if (args_is(args, 0, "scratchpad")) {
		return move_to_scratchpad(context);
	}
	if (args_is(args, 0, "position") ||
		(args_is(args, 0, "absolute") && args_is(args, 1, "position"))) {
		return move_to_position(context, args);
	}
	return command_invalid("%s", expected_any);
}
