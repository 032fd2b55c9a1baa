/* SPDX-License-Identifier: MIT */
/* How a view comes into the tree and leaves it. */
#include "common/log.h"
#include "tree/arrange.h"
#include "tree/tree.h"
#include "tree/view.h"

static struct workspace *choose_workspace(
	struct view *view, struct tree_seat *seat, const struct view_map_options *options)
{
	const struct tree_policy *policy = &view->tree->policy;
	struct workspace *ws = tree_output_active_workspace(options->fullscreen_output);
	if (!ws && policy->assigned_workspace) {
		ws = policy->assigned_workspace(policy->data, view);
	}
	return ws ? ws : tree_seat_focused_workspace(seat);
}

/* The container that the new one comes after; never a floating or hidden one. May settle `*ws`. */
static struct container *choose_sibling(struct tree_seat *seat, struct workspace **ws)
{
	struct node *root = &seat->tree->node;
	struct container *con = node_as_container(
		tree_seat_focus_inactive(seat, *ws ? &(*ws)->node : root));
	if (!con || (con->pending.workspace && !container_is_floating(con))) {
		return con;
	}
	if (!*ws) {
		*ws = tree_seat_last_workspace(seat);
		return nullptr;
	}
	struct container *tiling = tree_seat_focus_inactive_tiling(seat, *ws);
	struct container *view = tiling ? tree_seat_focus_inactive_view(seat, &tiling->node)
					: nullptr;
	return view ? view : tiling;
}

static void give_border(struct view *view)
{
	const struct tree_options *options = view->tree->options;
	struct container *con = view->container;
	bool is_floating = view->impl->wants_floating(view);
	con->pending.border = is_floating ? options->floating_border : options->border;
	con->pending.border_thickness = is_floating ? options->floating_border_thickness
						    : options->border_thickness;
	if (is_floating) {
		container_set_floating(con, true);
	} else {
		view->impl->set_tiled(view, true);
	}
}

/* popup_during_fullscreen leave_fullscreen */
static void leave_fullscreen_for(struct view *view, const struct container *con)
{
	const struct workspace *ws = con->pending.workspace;
	struct container *fullscreen = ws ? ws->fullscreen : nullptr;
	if (view->tree->options->popup_during_fullscreen == POPUP_LEAVE && fullscreen &&
		fullscreen->view && view->impl->is_transient_for(view, fullscreen->view)) {
		container_set_fullscreen(fullscreen, FULLSCREEN_NONE);
	}
}

static void arrange_around(struct container *con)
{
	if (con->pending.parent) {
		arrange_container(con->pending.parent);
	} else if (con->pending.workspace) {
		arrange_workspace(con->pending.workspace);
	}
}

static bool may_focus(struct view *view, struct tree_seat *seat)
{
	const struct tree *tree = view->tree;
	const struct container *con = view->container;
	const struct workspace *ws = con->pending.workspace;
	if (con->pending.fullscreen_mode == FULLSCREEN_GLOBAL) {
		return true;
	}
	if (tree->fullscreen_global || !ws || ws->fullscreen ||
		tree_seat_focused_workspace(seat) != ws) {
		return false;
	}
	/* The only window of a workspace gets it whatever no_focus rules say. */
	if (!con->pending.parent && !tree_seat_focused_container(seat) &&
		ws->tiling.length + ws->floating.length == 1) {
		return true;
	}
	return !tree->policy.no_focus || !tree->policy.no_focus(tree->policy.data, view);
}

static void focus_for_all_seats(struct tree *tree, struct node *node)
{
	struct tree_seat *seat;
	wl_list_for_each (seat, &tree->seats, link) {
		tree_seat_set_focus(seat, node);
		struct tree_seat_warp warp = {.seat = seat, .node = tree_seat_get_focus(seat)};
		wl_signal_emit_mutable(&tree->events.warp, &warp);
	}
}

void view_map(struct view *view, const struct view_map_options *options)
{
	vx_assert(!view->container);
	struct tree *tree = view->tree;
	struct tree_seat *seat = tree_current_seat(tree);
	view->natural_width = options->natural_width;
	view->natural_height = options->natural_height;
	view->container = container_create(tree, view);

	struct workspace *ws = choose_workspace(view, seat, options);
	struct container *sibling = choose_sibling(seat, &ws);
	struct container *con = view->container;
	if (sibling) {
		container_add_sibling(sibling, con, true);
	} else if (ws) {
		con = workspace_add_tiling(ws, con);
	}
	tree_emit_window(view->container, WINDOW_NEW);
	if (options->client_side_decorations) {
		view_update_csd_from_client(view, true);
	}
	give_border(view);
	leave_fullscreen_for(view, con);
	view_update_title(view, false);
	container_update_representation(con);
	if (options->fullscreen) {
		container_set_fullscreen(view->container, FULLSCREEN_WORKSPACE);
		if (view->container->pending.workspace) {
			arrange_workspace(view->container->pending.workspace);
		}
	} else {
		arrange_around(con);
	}
	if (tree->policy.run_rules) {
		tree->policy.run_rules(tree->policy.data, view);
	}
	bool wants_focus = !view->impl->wants_focus || view->impl->wants_focus(view);
	if (view->container && may_focus(view, seat) && wants_focus) {
		focus_for_all_seats(tree, &view->container->node);
	}
}

static void warp_after_unmap(struct tree *tree)
{
	struct tree_seat *seat;
	wl_list_for_each (seat, &tree->seats, link) {
		struct tree_seat_warp warp = {.seat = seat, .node = tree_seat_get_focus(seat)};
		wl_signal_emit_mutable(&tree->events.warp, &warp);
	}
}

void view_unmap(struct view *view)
{
	struct container *con = view->container;
	vx_assert(con);
	struct tree *tree = view->tree;
	view->executed_rules.length = 0;
	view_stop_urgent_timer(view);
	struct container *parent = con->pending.parent;
	struct workspace *ws = con->pending.workspace;
	container_begin_destroy(con);
	view->container = nullptr;
	if (parent) {
		container_reap_empty(parent);
	} else if (ws) {
		workspace_consider_destroy(ws);
	}
	if (tree->fullscreen_global) {
		arrange_tree(tree);
	} else if (ws && !ws->node.destroying) {
		arrange_workspace(ws);
		workspace_detect_urgent(ws);
	}
	warp_after_unmap(tree);
}
