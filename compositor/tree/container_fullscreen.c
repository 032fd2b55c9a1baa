/* SPDX-License-Identifier: MIT */
/* Fullscreen: at most one container a workspace, and one for everything. */
#include "common/log.h"
#include "tree/arrange.h"
#include "tree/container.h"
#include "tree/tree.h"

static void tell_view(struct container *con, bool enable)
{
	if (con->view) {
		con->view->impl->set_fullscreen(con->view, enable);
	}
}

static void save_geometry(struct container *con)
{
	con->saved_x = con->pending.x;
	con->saved_y = con->pending.y;
	con->saved_width = con->pending.width;
	con->saved_height = con->pending.height;
}

static void changed(struct container *con)
{
	container_end_mouse_operation(con);
	tree_emit_window(con, WINDOW_FULLSCREEN_MODE);
}

static void focus_fullscreen(struct tree_seat *seat, struct container *con)
{
	if (tree_seat_focused_workspace(seat) == con->pending.workspace) {
		tree_seat_set_focus_container(seat, con);
		return;
	}
	/* Elsewhere it only comes to the front of its own workspace. */
	struct node *focus = tree_seat_focus_inactive(seat, &con->node.tree->node);
	tree_seat_set_raw_focus(seat, &con->node);
	if (focus) {
		tree_seat_set_raw_focus(seat, focus);
	}
}

static void enable_workspace(struct container *con)
{
	tell_view(con, true);
	con->pending.fullscreen_mode = FULLSCREEN_WORKSPACE;
	save_geometry(con);
	if (con->pending.workspace) {
		con->pending.workspace->fullscreen = con;
		struct tree_seat *seat;
		wl_list_for_each (seat, &con->node.tree->seats, link) {
			focus_fullscreen(seat, con);
		}
	}
	changed(con);
}

static void enable_global(struct container *con)
{
	tell_view(con, true);
	con->node.tree->fullscreen_global = con;
	save_geometry(con);
	struct tree_seat *seat;
	wl_list_for_each (seat, &con->node.tree->seats, link) {
		struct container *focus = tree_seat_focused_container(seat);
		if (focus && focus != con) {
			tree_seat_set_focus_container(seat, con);
		}
	}
	con->pending.fullscreen_mode = FULLSCREEN_GLOBAL;
	changed(con);
}

static void restore_floating(struct container *con)
{
	con->pending.x = con->saved_x;
	con->pending.y = con->saved_y;
	con->pending.width = con->saved_width;
	con->pending.height = con->saved_height;
}

static void leave_workspace(struct container *con)
{
	struct workspace *ws = con->pending.workspace;
	if (!ws) {
		return;
	}
	ws->fullscreen = nullptr;
	if (container_is_floating(con) && ws->output != container_floating_find_output(con)) {
		container_floating_move_to_center(con);
	}
}

/* A scratchpad window that was fullscreen while hidden does not keep the focus. */
static void leave_focus(struct container *con)
{
	struct tree *tree = con->node.tree;
	struct tree_seat *seat;
	wl_list_for_each (seat, &tree->seats, link) {
		struct container *focus = tree_seat_focused_container(seat);
		if (focus && (focus == con || container_has_ancestor(focus, con))) {
			tree_seat_set_focus(seat, tree_seat_focus_inactive(seat, &tree->node));
		}
	}
}

void container_disable_fullscreen(struct container *con)
{
	vx_assert(con->pending.fullscreen_mode != FULLSCREEN_NONE);
	tell_view(con, false);
	bool is_floating = container_is_floating(con);
	if (is_floating) {
		restore_floating(con);
	}
	if (con->pending.fullscreen_mode == FULLSCREEN_WORKSPACE) {
		leave_workspace(con);
	} else {
		con->node.tree->fullscreen_global = nullptr;
	}
	/* Mapped fullscreen and made floating by a rule: it never had a size. */
	if (is_floating && (con->pending.width == 0 || con->pending.height == 0)) {
		container_floating_resize_and_center(con);
	}
	con->pending.fullscreen_mode = FULLSCREEN_NONE;
	changed(con);
	if (container_is_scratchpad_or_hidden(con)) {
		leave_focus(con);
	}
}

void container_set_fullscreen(struct container *con, enum fullscreen_mode mode)
{
	if (con->pending.fullscreen_mode == mode) {
		return;
	}
	if (mode == FULLSCREEN_NONE) {
		container_disable_fullscreen(con);
		return;
	}
	struct tree *tree = con->node.tree;
	if (tree->fullscreen_global) {
		container_disable_fullscreen(tree->fullscreen_global);
	}
	if (mode == FULLSCREEN_WORKSPACE) {
		if (con->pending.workspace && con->pending.workspace->fullscreen) {
			container_disable_fullscreen(con->pending.workspace->fullscreen);
		}
		enable_workspace(con);
		return;
	}
	if (con->pending.fullscreen_mode == FULLSCREEN_WORKSPACE) {
		container_disable_fullscreen(con);
	}
	enable_global(con);
}

void container_handle_fullscreen_reparent(struct container *con)
{
	struct workspace *ws = con->pending.workspace;
	struct tree *tree = con->node.tree;
	if (con->pending.fullscreen_mode == FULLSCREEN_GLOBAL && !tree->fullscreen_global) {
		tree->fullscreen_global = con;
		return;
	}
	if (con->pending.fullscreen_mode != FULLSCREEN_WORKSPACE || !ws || ws->fullscreen == con) {
		return;
	}
	if (ws->fullscreen) {
		container_disable_fullscreen(ws->fullscreen);
	}
	ws->fullscreen = con;
	arrange_workspace(ws);
}
