/* SPDX-License-Identifier: MIT */
/* The scratchpad: floating containers that are put away, shown and cycled through. */
#include "tree/arrange.h"
#include "tree/tree.h"

/* Where the container was, to keep its relative place when it is shown on another output. */
static void remember_output(struct container *con, const struct workspace *ws)
{
	con->scratchpad_transform = ws && ws->output ? tree_output_get_box(ws->output)
						     : (struct box){};
}

static void focus_what_is_left(struct tree *tree, struct container *parent, struct workspace *ws)
{
	struct tree_seat *seat = tree_current_seat(tree);
	struct node *next = nullptr;
	if (parent) {
		arrange_container(parent);
		next = tree_seat_focus_inactive(seat, &parent->node);
	}
	if (!next && ws) {
		arrange_workspace(ws);
		next = tree_seat_focus_inactive(seat, &ws->node);
	}
	tree_seat_set_focus(seat, next);
}

void tree_scratchpad_add(struct tree *tree, struct container *con, struct workspace *ws)
{
	struct container *parent = con->pending.parent;
	struct workspace *old = con->pending.workspace;
	remember_output(con, old);
	if (con->pending.fullscreen_mode != FULLSCREEN_NONE) {
		container_disable_fullscreen(con);
	}
	if (!container_is_floating(con)) {
		container_set_floating(con, true);
		container_floating_set_default_size(con);
		container_floating_move_to_center(con);
	}
	container_detach(con);
	con->scratchpad = true;
	list_append(&tree->scratchpad, con);
	if (ws) {
		workspace_add_floating(ws, con);
	} else {
		/* Floating it may have emptied and removed its parent. */
		bool has_parent = parent && !parent->node.destroying;
		focus_what_is_left(tree, has_parent ? parent : nullptr, old);
		if (old) {
			workspace_consider_destroy(old);
		}
	}
	tree_emit_window(con, WINDOW_MOVE);
}

void tree_scratchpad_remove(struct container *con)
{
	struct tree *tree = con->node.tree;
	con->scratchpad = false;
	if (list_index(&tree->scratchpad, con) >= 0) {
		list_remove(&tree->scratchpad, con);
		tree_emit_window(con, WINDOW_MOVE);
	}
}

static void end_fullscreen(struct tree *tree, struct workspace *ws)
{
	if (ws->fullscreen) {
		container_disable_fullscreen(ws->fullscreen);
	}
	if (tree->fullscreen_global) {
		container_disable_fullscreen(tree->fullscreen_global);
	}
}

void tree_scratchpad_show(struct container *con)
{
	struct tree *tree = con->node.tree;
	struct tree_seat *seat = tree_current_seat(tree);
	struct workspace *ws = tree_seat_focused_workspace(seat);
	if (!ws) {
		return;
	}
	struct workspace *old = con->pending.workspace;
	struct workspace *shown = old ? tree_output_active_workspace(old->output) : nullptr;
	end_fullscreen(tree, ws);
	if (old) {
		container_detach(con);
		/* The last inactive container of the old workspace comes before the workspace
		 * itself. */
		tree_seat_set_raw_focus(seat, tree_seat_focus_inactive(seat, &old->node));
	} else {
		con = container_toplevel_ancestor(con);
	}
	workspace_add_floating(ws, con);
	if (ws->output) {
		container_floating_fix_coordinates(
			con, con->scratchpad_transform, tree_output_get_box(ws->output));
	}
	remember_output(con, ws);
	arrange_workspace(ws);
	tree_seat_set_focus(seat, tree_seat_focus_inactive(seat, &con->node));
	if (old) {
		workspace_consider_destroy(old);
		/* The old workspace may have come to the front of its output. */
		workspace_consider_destroy(shown);
	}
	container_raise_floating(con);
}

static void leave_fullscreen(struct container *con, void *data)
{
	if (con->pending.fullscreen_mode != FULLSCREEN_NONE) {
		container_disable_fullscreen(con);
	}
}

void tree_scratchpad_hide(struct container *con)
{
	struct tree *tree = con->node.tree;
	struct workspace *ws = con->pending.workspace;
	if (!ws) {
		return;
	}
	struct tree_seat *seat = tree_current_seat(tree);
	struct node *focus = tree_seat_focus_inactive(seat, &tree->node);
	remember_output(con, ws);
	leave_fullscreen(con, nullptr);
	container_for_each_child(con, leave_fullscreen, nullptr);
	container_detach(con);
	arrange_workspace(ws);
	if (focus && (focus == &con->node || node_has_ancestor(focus, &con->node))) {
		tree_seat_set_focus(seat, tree_seat_focus_inactive(seat, &ws->node));
	}
	workspace_consider_destroy(ws);
	list_remove(&tree->scratchpad, con);
	list_append(&tree->scratchpad, con);
	tree_emit_window(con, WINDOW_MOVE);
}
