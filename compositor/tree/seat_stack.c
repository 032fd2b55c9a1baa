/* SPDX-License-Identifier: MIT */
/* Asking a seat's stack of nodes: what has the focus, and what had it last where. */
#include "tree/seat.h"
#include "tree/tree.h"

struct node *tree_seat_get_focus(const struct tree_seat *seat)
{
	if (!seat->has_focus || wl_list_empty(&seat->stack)) {
		return nullptr;
	}
	struct seat_focus *first = wl_container_of(seat->stack.next, first, link);
	return first->node;
}

struct workspace *tree_seat_focused_workspace(const struct tree_seat *seat)
{
	struct node *focus = tree_seat_focus_inactive(seat, &seat->tree->node);
	struct workspace *ws = node_get_workspace(focus);
	/* What is fullscreen for all can keep the focus on a window that was put away meanwhile. */
	return ws ? ws : tree_seat_last_workspace(seat);
}

struct container *tree_seat_focused_container(const struct tree_seat *seat)
{
	return node_as_container(tree_seat_get_focus(seat));
}

struct workspace *tree_seat_last_workspace(const struct tree_seat *seat)
{
	struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		struct workspace *ws = node_get_workspace(focus->node);
		if (ws) {
			return ws;
		}
	}
	return nullptr;
}

struct node *tree_seat_focus_inactive(const struct tree_seat *seat, struct node *node)
{
	if (node_is_view(node)) {
		return node;
	}
	struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		if (node_has_ancestor(focus->node, node)) {
			return focus->node;
		}
	}
	return node->type == NODE_WORKSPACE ? node : nullptr;
}

struct container *tree_seat_focus_inactive_view(const struct tree_seat *seat, struct node *node)
{
	if (node_is_view(node)) {
		return node_as_container(node);
	}
	struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		if (node_is_view(focus->node) && node_has_ancestor(focus->node, node)) {
			return node_as_container(focus->node);
		}
	}
	return nullptr;
}

static struct container *first_of_kind(
	const struct tree_seat *seat, const struct workspace *ws, bool floating)
{
	struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		struct container *con = node_as_container(focus->node);
		if (con && con->pending.workspace == ws &&
			container_is_floating_or_child(con) == floating) {
			return con;
		}
	}
	return nullptr;
}

struct container *tree_seat_focus_inactive_tiling(
	const struct tree_seat *seat, struct workspace *ws)
{
	return ws->tiling.length > 0 ? first_of_kind(seat, ws, false) : nullptr;
}

struct container *tree_seat_focus_inactive_floating(
	const struct tree_seat *seat, struct workspace *ws)
{
	return ws->floating.length > 0 ? first_of_kind(seat, ws, true) : nullptr;
}

struct node *tree_seat_active_child(const struct tree_seat *seat, struct node *parent)
{
	if (node_is_view(parent)) {
		return parent;
	}
	const struct workspace *ws = node_as_workspace(parent);
	struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		struct node *node = focus->node;
		if (node_get_parent(node) == parent &&
			(!ws || list_index(&ws->tiling, node_as_container(node)) >= 0)) {
			return node;
		}
	}
	return nullptr;
}

struct container *tree_seat_active_tiling_child(const struct tree_seat *seat, struct node *parent)
{
	return node_as_container(tree_seat_active_child(seat, parent));
}

void tree_seat_for_each_node(
	struct tree_seat *seat, void (*visit)(struct node *node, void *data), void *data)
{
	struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		visit(focus->node, data);
	}
}
