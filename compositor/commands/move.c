/* SPDX-License-Identifier: MIT */
/* move: in a direction. The other forms are in move_to.c and move_position.c. */
#include "commands/move.h"

#include <stdlib.h>
#include <strings.h>

static bool is_forward(enum direction direction)
{
	return direction == DIRECTION_RIGHT || direction == DIRECTION_DOWN;
}

void container_forget_size(struct container *con)
{
	con->pending.width = con->pending.height = 0;
	con->width_fraction = con->height_fraction = 0;
}

static void swap_siblings(struct container *con, struct container *other)
{
	struct container_list *siblings = container_get_siblings(con);
	int index = list_index(siblings, con), other_index = list_index(siblings, other);
	siblings->items[index] = other;
	siblings->items[other_index] = con;
	container_update_representation(con);
}

static void squash_around(struct container *destination)
{
	if (destination->pending.workspace) {
		workspace_squash(destination->pending.workspace);
	}
}

/* Beside a view that is not a sibling yet: before it when coming from the left or from above. */
static void become_sibling(struct container *con, struct container *view, enum direction direction)
{
	int index = container_sibling_index(view) + (is_forward(direction) ? 0 : 1);
	if (view->pending.parent) {
		container_insert_child(view->pending.parent, con, index);
	} else {
		workspace_insert_tiling(view->pending.workspace, con, index);
	}
	container_forget_size(con);
	squash_around(view);
}

static void move_into(struct command_context *context, struct container *con,
	struct container *destination, enum direction direction)
{
	while (!destination->view &&
		!container_layout_is_along(destination->pending.layout, direction)) {
		struct container *child = tree_seat_active_tiling_child(
			context->seat, &destination->node);
		if (!child) {
			container_add_child(destination, con);
			return;
		}
		destination = child;
	}
	if (!destination->view) {
		int index = is_forward(direction) ? 0 : destination->pending.children.length;
		container_insert_child(destination, con, index);
		container_forget_size(con);
		squash_around(destination);
	} else if (destination->pending.parent == con->pending.parent &&
		   destination->pending.workspace == con->pending.workspace) {
		swap_siblings(con, destination);
	} else {
		become_sibling(con, destination, direction);
	}
}

static void move_to_workspace_edge(struct command_context *context, struct container *con,
	struct workspace *ws, enum direction direction)
{
	container_forget_size(con);
	if (container_layout_is_along(ws->layout, direction)) {
		workspace_insert_tiling(ws, con, is_forward(direction) ? 0 : ws->tiling.length);
		return;
	}
	struct container *focus = tree_seat_focus_inactive_tiling(context->seat, ws);
	if (!focus) {
		workspace_add_tiling(ws, con);
		return;
	}
	move_into(context, con, container_toplevel_ancestor(focus), direction);
}

static bool move_to_next_output(
	struct command_context *context, struct container *con, enum direction direction)
{
	struct workspace *from = con->pending.workspace;
	struct tree_output *output = from ? from->output : nullptr;
	if (!output || con->pending.fullscreen_mode == FULLSCREEN_GLOBAL) {
		return false;
	}
	struct tree_output *next = tree_output_in_direction(context->tree, output, direction,
		output->x + output->width / 2, output->y + output->height / 2);
	struct workspace *ws = next ? tree_output_active_workspace(next) : nullptr;
	if (!ws) {
		return false;
	}
	if (con->pending.fullscreen_mode == FULLSCREEN_WORKSPACE) {
		container_move_to_workspace(con, ws);
	} else {
		move_to_workspace_edge(context, con, ws, direction);
	}
	return true;
}

/* Where a move in a direction leads. */
struct path {
	struct container *ancestor;  /* of the container, in a parallel layout */
	int index;                   /* of the ancestor among its siblings */
	struct container *neighbour; /* of the ancestor, or NULL at the edge */
	bool was_wrapped;            /* the workspace had to be turned */
};

/* No layout is parallel up to the workspace: it is turned, with what was in it inside a container.
 */
static struct container *turn_workspace(
	struct container *con, struct container *current, enum direction direction)
{
	struct workspace *ws = current->pending.workspace;
	struct container *wrap = workspace_wrap_children(ws);
	ws->layout = direction_is_horizontal(direction) ? LAYOUT_HORIZ : LAYOUT_VERT;
	container_forget_size(con);
	workspace_update_representation(ws);
	return wrap;
}

static bool is_boundary(const struct container *con)
{
	return con->pending.fullscreen_mode != FULLSCREEN_NONE || container_is_floating(con);
}

static void look_beside(struct container *current, enum direction direction, struct path *path)
{
	const struct container_list *siblings = container_get_siblings(current);
	path->ancestor = current;
	path->index = list_index(siblings, current);
	int wanted = path->index + (is_forward(direction) ? 1 : -1);
	path->neighbour = wanted >= 0 && wanted < siblings->length ? siblings->items[wanted]
								   : nullptr;
}

/*
 * The innermost ancestor (or `con` itself) that can move in this direction. False: there is none,
 * floating and fullscreen containers are not left. Stops at `con` itself where it is at the
 * workspace's edge.
 */
static bool find_path(struct container *con, enum direction direction, struct path *path)
{
	*path = (struct path){};
	struct container *current = con;
	while (true) {
		if (is_boundary(current)) {
			return false;
		}
		if (!container_layout_is_along(container_parent_layout(current), direction)) {
			if (current->pending.parent) {
				current = current->pending.parent;
				continue;
			}
			if (!current->pending.workspace) {
				return false;
			}
			current = turn_workspace(con, current, direction);
			path->was_wrapped = true;
			continue;
		}
		look_beside(current, direction, path);
		if (current != con || path->neighbour || !con->pending.parent) {
			return true;
		}
		/* At the edge of its parallel parent: goes on outside. */
		current = con->pending.parent;
	}
}

/* Out of its parent, to a place beside the ancestor. */
static void promote(struct container *con, const struct path *path, enum direction direction)
{
	struct container *parent = con->pending.parent;
	int index = path->index + (is_forward(direction) ? 1 : 0);
	struct container *ancestor = path->ancestor;
	if (ancestor->pending.parent) {
		container_insert_child(ancestor->pending.parent, con, index);
	} else {
		workspace_insert_tiling(ancestor->pending.workspace, con, index);
	}
	container_forget_size(ancestor);
	if (parent) {
		container_reap_empty(parent);
	}
	squash_around(con);
}

/* True where it moved. */
static bool move_tiling(
	struct command_context *context, struct container *con, enum direction direction)
{
	if (con->pending.fullscreen_mode != FULLSCREEN_NONE) {
		return move_to_next_output(context, con, direction);
	}
	struct path path;
	if (!find_path(con, direction, &path)) {
		return false;
	}
	if (path.neighbour) {
		move_into(context, con, path.neighbour, direction);
		return true;
	}
	if (path.ancestor == con) {
		return move_to_next_output(context, con, direction);
	}
	const struct container *parent = con->pending.parent;
	if (!path.was_wrapped && !parent->pending.parent && parent->pending.children.length == 1) {
		/* A lone child of a toplevel container counts as at workspace level. */
		return move_to_next_output(context, con, direction);
	}
	promote(con, &path, direction);
	return true;
}

static struct command_result move_floating(
	struct container *con, enum direction direction, int amount)
{
	if (con->pending.fullscreen_mode != FULLSCREEN_NONE) {
		return command_fail("Cannot move fullscreen floating container");
	}
	int step = is_forward(direction) ? amount : -amount;
	bool horizontal = direction_is_horizontal(direction);
	container_floating_move_to(con, con->pending.x + (horizontal ? step : 0),
		con->pending.y + (horizontal ? 0 : step));
	return command_ok();
}

struct command_result move_in_direction(
	struct command_context *context, enum direction direction, struct args args)
{
	int amount = 10;
	if (args.count > 0) {
		char *end;
		amount = pixels_from((double)strtol(args.items[0], &end, 10));
		if (*end && strcasecmp(end, "px") != 0) {
			return command_fail("Invalid distance specified");
		}
	}
	struct container *con = context->container;
	if (!con) {
		return command_fail("Cannot move workspaces in a direction");
	}
	if (container_is_floating(con)) {
		return move_floating(con, direction, amount);
	}
	struct workspace *ws = con->pending.workspace;
	struct container *parent = con->pending.parent;
	/* Squashing may destroy what moves: a group that dissolves. */
	node_retain(&con->node);
	if (parent) {
		node_retain(&parent->node);
	}
	if (move_tiling(context, con, direction)) {
		move_finish(context, con, parent, ws);
	}
	if (parent) {
		node_release(&parent->node);
	}
	node_release(&con->node);
	return command_ok();
}

void move_finish(struct command_context *context, struct container *con, struct container *parent,
	struct workspace *ws)
{
	if (parent && !parent->node.destroying) {
		container_reap_empty(parent);
	} else if (ws) {
		workspace_consider_destroy(ws);
	}
	command_arrange(context, ws);
	struct workspace *now = con->pending.workspace;
	if (now && now != ws) {
		command_arrange(context, now);
	}
	if (con->node.destroying) {
		return;
	}
	if (con->view) {
		tree_emit_window(con, WINDOW_MOVE);
	}
	container_end_mouse_operation(con);
}
