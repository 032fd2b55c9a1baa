/* SPDX-License-Identifier: MIT */
/* focus */
#include <float.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "tree/arrange.h"

static bool is_backward(enum direction direction)
{
	return direction == DIRECTION_LEFT || direction == DIRECTION_UP;
}

static void set_focus(struct command_context *context, struct node *node)
{
	tree_seat_set_focus(context->seat, node);
	command_warp(context, false);
}

static struct node *view_in(struct tree_seat *seat, struct container *con)
{
	struct container *view = tree_seat_focus_inactive_view(seat, &con->node);
	return view ? &view->node : &con->node;
}

/* What is focused when coming to an output from the other side. */
static struct node *node_on_output(
	struct tree_seat *seat, struct tree_output *output, enum direction direction)
{
	struct workspace *ws = tree_output_active_workspace(output);
	if (!ws) {
		return nullptr;
	}
	if (ws->fullscreen) {
		return tree_seat_focus_inactive(seat, &ws->fullscreen->node);
	}
	struct container *con = nullptr;
	if (ws->tiling.length > 0 && container_layout_is_along(ws->layout, direction)) {
		con = ws->tiling.items[is_backward(direction) ? ws->tiling.length - 1 : 0];
	} else {
		con = tree_seat_focus_inactive_tiling(seat, ws);
	}
	return con ? view_in(seat, con) : &ws->node;
}

static struct node *node_on_next_output(
	struct command_context *context, struct tree_output *output, enum direction direction)
{
	struct tree_output *next = tree_output_in_direction(context->tree, output, direction,
		output->x + output->width / 2, output->y + output->height / 2);
	return next ? node_on_output(context->seat, next, direction) : nullptr;
}

struct tiling_search {
	struct container *wrap; /* the innermost place to wrap around to; may be NULL */
	struct node *found;
	bool is_over; /* nothing more to look at, whatever `found` is */
};

/* The sibling of `current` in this direction, or a note of where wrapping would lead. */
static void look_beside(struct command_context *context, struct container *current,
	enum direction direction, bool descend, struct tiling_search *search)
{
	const struct container_list *siblings = container_get_siblings(current);
	if (!siblings || !container_layout_is_along(container_parent_layout(current), direction)) {
		return;
	}
	int index = list_index(siblings, current) + (is_backward(direction) ? -1 : 1);
	if (index >= 0 && index < siblings->length) {
		struct container *sibling = siblings->items[index];
		search->found = descend ? view_in(context->seat, sibling) : &sibling->node;
		search->is_over = true;
		return;
	}
	enum focus_wrapping wrapping = context->config->options.focus_wrapping;
	if (wrapping == FOCUS_WRAPPING_NO || search->wrap || siblings->length <= 1) {
		return;
	}
	search->wrap = siblings->items[index < 0 ? siblings->length - 1 : 0];
	if (wrapping == FOCUS_WRAPPING_FORCE) {
		search->found = view_in(context->seat, search->wrap);
		search->is_over = true;
	}
}

static struct node *find_tiling(struct command_context *context, struct container *con,
	enum direction direction, bool descend)
{
	struct tiling_search search = {};
	for (struct container *current = con; current; current = current->pending.parent) {
		if (current->pending.fullscreen_mode == FULLSCREEN_WORKSPACE) {
			return node_on_next_output(
				context, current->pending.workspace->output, direction);
		}
		if (current->pending.fullscreen_mode == FULLSCREEN_GLOBAL) {
			return nullptr;
		}
		look_beside(context, current, direction, descend, &search);
		if (search.is_over) {
			return search.found;
		}
	}
	if (context->config->options.focus_wrapping != FOCUS_WRAPPING_WORKSPACE &&
		con->pending.workspace && con->pending.workspace->output) {
		struct node *node = node_on_next_output(
			context, con->pending.workspace->output, direction);
		if (node) {
			return node;
		}
	}
	return search.wrap ? view_in(context->seat, search.wrap) : nullptr;
}

/* The floating container whose centre comes next in this direction. */
static struct node *find_floating(struct container *con, enum direction direction)
{
	const struct workspace *ws = con->pending.workspace;
	double closest = DBL_MAX;
	struct container *found = nullptr;
	for (int i = 0; ws && i < ws->floating.length; i++) {
		struct container *other = ws->floating.items[i];
		const struct container_state *to = &other->pending, *from = &con->pending;
		double distance = direction_is_horizontal(direction)
					  ? to->x + to->width / 2 - from->x - from->width / 2
					  : to->y + to->height / 2 - from->y - from->height / 2;
		if (is_backward(direction)) {
			distance = -distance;
		}
		if (other != con && distance >= 0 && distance < closest) {
			closest = distance;
			found = other;
		}
	}
	return found ? &found->node : nullptr;
}

static struct command_result focus_direction(
	struct command_context *context, enum direction direction, bool descend)
{
	struct container *con = context->container;
	struct node *next;
	if (!con) {
		struct tree_output *output = context->workspace->output;
		next = output ? node_on_next_output(context, output, direction) : nullptr;
	} else if (container_is_floating(con) && con->pending.fullscreen_mode == FULLSCREEN_NONE) {
		next = find_floating(con, direction);
	} else {
		next = find_tiling(context, con, direction, descend);
	}
	if (next) {
		set_focus(context, next);
		if (con && node_as_container(next)) {
			container_raise_floating(node_as_container(next));
		}
	}
	return command_ok();
}

static struct command_result focus_mode(struct command_context *context, bool floating)
{
	struct tree_seat *seat = context->seat;
	struct workspace *ws = context->workspace;
	struct container *con = !ws        ? nullptr
				: floating ? tree_seat_focus_inactive_floating(seat, ws)
					   : tree_seat_focus_inactive_tiling(seat, ws);
	if (!con) {
		return command_fail("Failed to find a %s container in workspace.",
			floating ? "floating" : "tiling");
	}
	tree_seat_set_focus(seat, view_in(seat, con));
	command_warp(context, context->config->mouse_warping == MOUSE_WARPING_CONTAINER);
	return command_ok();
}

static struct command_result focus_output(struct command_context *context, struct args args)
{
	if (args.count == 0) {
		return command_invalid("Expected 'focus output <direction|name>'.");
	}
	vx_cleanup_free char *name = args_join(args);
	struct tree_output *output = tree_output_by_name(context->tree, name);
	enum direction direction;
	if (!output && !direction_parse(name, &direction)) {
		return command_invalid("There is no output with that name.");
	}
	if (!output) {
		struct workspace *ws = tree_seat_focused_workspace(context->seat);
		struct tree_output *from = ws ? ws->output : nullptr;
		if (!from) {
			return command_fail("No focused workspace to base directions off of.");
		}
		output = command_output_in_direction(
			context, name, from, from->x + from->width / 2, from->y + from->height / 2);
	}
	if (output) {
		set_focus(context, tree_seat_focus_inactive(context->seat, &output->node));
	}
	return command_ok();
}

static struct command_result focus_parent(struct command_context *context)
{
	struct container *con = context->container;
	if (con && con->pending.fullscreen_mode == FULLSCREEN_NONE) {
		struct node *parent = node_get_parent(&con->node);
		if (parent) {
			set_focus(context, parent);
		}
	}
	return command_ok();
}

static struct command_result focus_child(struct command_context *context)
{
	struct node *child = tree_seat_active_child(context->seat, context->node);
	if (child) {
		set_focus(context, child);
	}
	return command_ok();
}

static struct command_result focus_target(struct command_context *context)
{
	struct container *con = context->container;
	if (!con) {
		return command_fail("No container to focus was specified.");
	}
	if (container_is_scratchpad_hidden_or_child(con)) {
		tree_scratchpad_show(con);
	}
	struct container *fullscreen = container_obstructing_fullscreen(con);
	if (fullscreen) {
		container_disable_fullscreen(fullscreen);
		arrange_tree(context->tree);
	}
	set_focus(context, &con->node);
	container_raise_floating(con);
	return command_ok();
}

/* next and prev go along the layout that the container is in; false: not such a word. */
static bool parse_step(const struct container *con, const char *word, enum direction *ret_direction,
	bool *ret_has_direction)
{
	bool is_next = strcasecmp(word, "next") == 0;
	if (!is_next && strcasecmp(word, "prev") != 0) {
		return false;
	}
	enum container_layout layout = con ? container_parent_layout(con) : LAYOUT_NONE;
	*ret_has_direction = layout != LAYOUT_NONE;
	if (layout == LAYOUT_HORIZ || layout == LAYOUT_TABBED) {
		*ret_direction = is_next ? DIRECTION_RIGHT : DIRECTION_LEFT;
	} else {
		*ret_direction = is_next ? DIRECTION_DOWN : DIRECTION_UP;
	}
	return true;
}

static struct command_result focus_word(struct command_context *context, struct args args)
{
	const char *word = args.items[0];
	if (strcmp(word, "floating") == 0 || strcmp(word, "tiling") == 0) {
		return focus_mode(context, word[0] == 'f');
	}
	if (strcmp(word, "mode_toggle") == 0) {
		bool is_floating = context->container &&
				   container_is_floating_or_child(context->container);
		return focus_mode(context, !is_floating);
	}
	if (strcmp(word, "output") == 0) {
		return focus_output(context, args_skip(args, 1));
	}
	if (strcasecmp(word, "parent") == 0) {
		return focus_parent(context);
	}
	if (strcasecmp(word, "child") == 0) {
		return focus_child(context);
	}
	enum direction direction = DIRECTION_LEFT;
	bool has_direction = true;
	if (direction_parse(word, &direction)) {
		return focus_direction(context, direction, true);
	}
	if (!parse_step(context->container, word, &direction, &has_direction)) {
		return command_invalid("Expected 'focus <direction|next|prev|parent|child|"
				       "mode_toggle|floating|tiling>' or 'focus output "
				       "<direction|name>'");
	}
	bool to_sibling = args.count == 2 && args_is(args, 1, "sibling");
	return has_direction ? focus_direction(context, direction, !to_sibling) : command_ok();
}

struct command_result cmd_focus(struct command_context *context, struct args args)
{
	if (context->is_reading) {
		return command_defer();
	}
	return args.count == 0 ? focus_target(context) : focus_word(context, args);
}
