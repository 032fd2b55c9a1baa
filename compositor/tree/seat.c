/* SPDX-License-Identifier: MIT */
#include "tree/seat.h"

#include "common/log.h"
#include "tree/arrange.h"
#include "tree/tree.h"

static void handle_node_destroy(struct wl_listener *listener, void *data);

static struct seat_focus *focus_of(struct tree_seat *seat, struct node *node)
{
	struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		if (focus->node == node) {
			return focus;
		}
	}
	focus = vx_new(focus);
	focus->node = node;
	focus->seat = seat;
	focus->destroy.notify = handle_node_destroy;
	wl_signal_add(&node->events.destroy, &focus->destroy);
	wl_list_insert(seat->stack.prev, &focus->link);
	return focus;
}

static void focus_destroy(struct seat_focus *focus)
{
	wl_list_remove(&focus->destroy.link);
	wl_list_remove(&focus->link);
	free(focus);
}

static bool can_have_focus(const struct node *node)
{
	return node->type == NODE_WORKSPACE || node->type == NODE_CONTAINER;
}

static void handle_node_created(struct wl_listener *listener, void *data)
{
	struct tree_seat *seat = wl_container_of(listener, seat, node_created);
	struct node *node = data;
	if (can_have_focus(node)) {
		focus_of(seat, node);
	}
}

static void collect_container(struct container *con, void *data)
{
	focus_of(data, &con->node);
}

static void collect_workspace(struct workspace *ws, void *data)
{
	focus_of(data, &ws->node);
}

struct tree_seat *tree_seat_create(struct tree *tree, const char *name, void *shell)
{
	struct tree_seat *seat = vx_new(seat);
	seat->tree = tree;
	seat->name = vx_strdup(name);
	seat->shell = shell;
	wl_list_init(&seat->stack);
	wl_signal_init(&seat->events.focus);
	seat->node_created.notify = handle_node_created;
	wl_signal_add(&tree->events.node_created, &seat->node_created);
	wl_list_insert(tree->seats.prev, &seat->link);

	tree_for_each_workspace(tree, collect_workspace, seat);
	tree_for_each_container(tree, collect_container, seat);
	return seat;
}

void tree_seat_destroy(struct tree_seat *seat)
{
	if (!seat) {
		return;
	}
	struct seat_focus *focus, *next;
	wl_list_for_each_safe (focus, next, &seat->stack, link) {
		focus_destroy(focus);
	}
	if (seat->tree->acting_seat == seat) {
		seat->tree->acting_seat = nullptr;
	}
	wl_list_remove(&seat->node_created.link);
	wl_list_remove(&seat->link);
	vx_assert(wl_list_empty(&seat->events.focus.listener_list));
	free(seat->name);
	free(seat->previous_workspace_name);
	free(seat);
}

struct tree_seat *tree_default_seat(const struct tree *tree)
{
	struct tree_seat *seat = nullptr;
	return wl_list_empty(&tree->seats) ? nullptr
					   : wl_container_of(tree->seats.next, seat, link);
}

struct tree_seat *tree_current_seat(const struct tree *tree)
{
	return tree->acting_seat ? tree->acting_seat : tree_default_seat(tree);
}

/* --- Setting --- */

static void unfocus_container(struct container *con, void *data)
{
	if (con->view) {
		con->view->impl->close_popups(con->view);
		view_set_activated(con->view, false);
	}
}

static void send_unfocus(struct node *node)
{
	struct workspace *ws = node_as_workspace(node);
	if (ws) {
		workspace_for_each_container(ws, unfocus_container, nullptr);
		return;
	}
	struct container *con = node_as_container(node);
	unfocus_container(con, nullptr);
	container_for_each_child(con, unfocus_container, nullptr);
}

static void activate_container(struct container *con, void *data)
{
	if (con->view) {
		view_set_activated(con->view, true);
	}
}

/* A focused split or workspace activates all that is in it. */
static void send_focus(struct node *node)
{
	struct container *con = node_as_container(node);
	if (con) {
		activate_container(con, nullptr);
		container_for_each_child(con, activate_container, nullptr);
	}
}

static void emit_focus(struct tree_seat *seat, struct node *old, struct node *now)
{
	struct seat_focus_event event = {.seat = seat, .old = old, .now = now};
	wl_signal_emit_mutable(&seat->events.focus, &event);
}

static void set_dirty_with_parent(struct node *node)
{
	node_set_dirty(node);
	struct node *parent = node_get_parent(node);
	if (parent) {
		node_set_dirty(parent);
	}
}

void tree_seat_set_raw_focus(struct tree_seat *seat, struct node *node)
{
	struct seat_focus *focus = focus_of(seat, node);
	wl_list_remove(&focus->link);
	wl_list_insert(&seat->stack, &focus->link);
	set_dirty_with_parent(node);
}

static void set_workspace(struct tree_seat *seat, struct workspace *ws)
{
	if (seat->workspace == ws) {
		return;
	}
	if (seat->workspace) {
		vx_replace_string(&seat->previous_workspace_name, seat->workspace->name);
	}
	tree_emit_workspace(seat->tree, seat->workspace, ws, WORKSPACE_FOCUS);
	seat->workspace = ws;
}

static void raise_in_stack(struct tree_seat *seat, struct container *con, struct workspace *ws)
{
	for (struct container *parent = con ? con->pending.parent : nullptr; parent;
		parent = parent->pending.parent) {
		tree_seat_set_raw_focus(seat, &parent->node);
	}
	if (ws) {
		tree_seat_set_raw_focus(seat, &ws->node);
	}
	if (con) {
		tree_seat_set_raw_focus(seat, &con->node);
		send_focus(&con->node);
	}
}

static void move_sticky(struct workspace *from, struct workspace *to)
{
	for (int i = 0; i < from->floating.length; i++) {
		struct container *con = from->floating.items[i];
		if (container_is_sticky(con)) {
			workspace_add_floating(to, con);
			i--;
		}
	}
}

static void clear_urgency(struct view *view, bool workspace_changed)
{
	if (!view_is_urgent(view) || view->has_urgent_timer) {
		return;
	}
	if (workspace_changed && view->tree->options->urgent_timeout_ms > 0) {
		view->has_urgent_timer = true;
		wl_signal_emit_mutable(&view->tree->events.urgent_timer, view);
	} else {
		view_set_urgent(view, false);
	}
}

static void take_focus_away(struct tree_seat *seat, struct node *old)
{
	send_unfocus(old);
	seat->has_focus = false;
	emit_focus(seat, old, nullptr);
}

/* What is fullscreen keeps the focus from what it covers. */
static struct container *find_obstruction(
	const struct tree *tree, const struct container *con, const struct workspace *ws)
{
	return con ? container_obstructing_fullscreen(con) : ws ? tree->fullscreen_global : nullptr;
}

/* The focus stays, except on what has gone where nobody sees it: then the obstruction has it. */
static void focus_obstruction(
	struct tree_seat *seat, struct node *old, struct container *obstruction)
{
	const struct workspace *ws = node_get_workspace(old);
	if (!old || (ws && workspace_is_visible(ws))) {
		return;
	}
	/* Of the stack, which an obstruction that is just going has left. */
	struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		struct container *next = node_as_container(focus->node);
		bool is_obstruction = next && (next == obstruction ||
						      container_has_ancestor(next, obstruction));
		if (is_obstruction && !container_obstructing_fullscreen(next)) {
			tree_seat_set_focus(seat, focus->node);
			return;
		}
	}
}

void tree_seat_set_focus(struct tree_seat *seat, struct node *node)
{
	struct node *old = tree_seat_get_focus(seat);
	if (old == node) {
		return;
	}
	if (!node) {
		take_focus_away(seat, old);
		return;
	}
	struct container *con = node_as_container(node);
	struct workspace *ws = node_get_workspace(node);
	if (con && container_is_scratchpad_hidden_or_child(con) &&
		con->pending.fullscreen_mode != FULLSCREEN_GLOBAL) {
		return;
	}
	struct container *obstruction = find_obstruction(seat->tree, con, ws);
	if (obstruction) {
		focus_obstruction(seat, old, obstruction);
		return;
	}
	struct tree_output *output = ws ? ws->output : nullptr;
	struct workspace *last = tree_output_active_workspace(output);
	if (output && last != ws) {
		node_set_dirty(&output->node);
	}
	if (old) {
		send_unfocus(old);
		set_dirty_with_parent(old);
	}
	raise_in_stack(seat, con, ws);
	seat->has_focus = true;
	emit_focus(seat, old, node);

	set_workspace(seat, ws);
	if (con && con->view) {
		tree_emit_window(con, WINDOW_FOCUS);
	}
	bool changed = last && last != ws;
	if (changed && ws) {
		move_sticky(last, ws);
	}
	if (con && con->view) {
		clear_urgency(con->view, changed);
	}
	if (last) {
		workspace_consider_destroy(last);
	}
	if (seat->tree->options->smart_gaps != SMART_GAPS_OFF && ws) {
		arrange_workspace(ws);
	}
}

void tree_seat_set_focus_container(struct tree_seat *seat, struct container *con)
{
	tree_seat_set_focus(seat, con ? &con->node : nullptr);
}

void tree_seat_set_focus_workspace(struct tree_seat *seat, struct workspace *ws)
{
	tree_seat_set_focus(seat, ws ? &ws->node : nullptr);
}

/* --- When focusable things go --- */

static void workspace_gone(struct tree_seat *seat, const struct node *node)
{
	if (!seat->workspace || &seat->workspace->node != node) {
		return;
	}
	struct node *next = tree_seat_focus_inactive(seat, &seat->tree->node);
	tree_seat_set_focus(seat, nullptr);
	if (next) {
		tree_seat_set_focus(seat, next);
	}
	/* There was none, or what is fullscreen for all keeps the focus. */
	if (seat->workspace && &seat->workspace->node == node) {
		seat->workspace = nullptr;
	}
}

/* A view near the one that went: in its parent, further up, or the workspace itself. */
static struct node *find_next_focus(struct tree_seat *seat, struct node *parent)
{
	for (; parent; parent = node_get_parent(parent)) {
		struct container *con = tree_seat_focus_inactive_view(seat, parent);
		if (con) {
			return &con->node;
		}
		if (parent->type == NODE_WORKSPACE) {
			return parent;
		}
	}
	struct workspace *ws = tree_seat_last_workspace(seat);
	struct container *con = ws ? tree_seat_focus_inactive_view(seat, &ws->node) : nullptr;
	return con ? &con->node : ws ? &ws->node : nullptr;
}

static void focus_next(struct tree_seat *seat, struct node *gone, struct node *next)
{
	struct container *con = node_as_container(gone);
	if (con && con->scratchpad) {
		/* So that the workspace event is sent. */
		tree_seat_set_focus(seat, nullptr);
	}
	if (tree_seat_get_focus(seat) == next) {
		/* It moved up in the stack by itself, and nobody was told. */
		send_focus(next);
		emit_focus(seat, nullptr, next);
	} else {
		tree_seat_set_focus(seat, next);
	}
}

/* Elsewhere in the tree: what is focused stays, but the sibling comes next there. */
static void raise_sibling(struct tree_seat *seat, struct node *next)
{
	struct node *focus = tree_seat_focus_inactive(seat, &seat->tree->node);
	tree_seat_set_raw_focus(seat, next);
	if (!focus) {
		return;
	}
	struct container *con = node_as_container(focus);
	if (con && con->pending.workspace) {
		tree_seat_set_raw_focus(seat, &con->pending.workspace->node);
	}
	tree_seat_set_raw_focus(seat, focus);
}

static void handle_node_destroy(struct wl_listener *listener, void *data)
{
	struct seat_focus *entry = wl_container_of(listener, entry, destroy);
	struct tree_seat *seat = entry->seat;
	struct node *node = entry->node;
	struct node *parent = node_get_parent(node);
	struct node *focus = tree_seat_get_focus(seat);
	if (node->type == NODE_WORKSPACE) {
		focus_destroy(entry);
		workspace_gone(seat, node);
		return;
	}
	bool needs_focus = focus && (focus == node || node_has_ancestor(focus, node));
	focus_destroy(entry);
	if (!parent && !needs_focus) {
		return;
	}
	struct node *next = find_next_focus(seat, parent);
	struct workspace *ws = node_as_workspace(next);
	if (!next || (ws && !workspace_is_visible(ws))) {
		return;
	}
	if (needs_focus) {
		focus_next(seat, node, next);
	} else {
		raise_sibling(seat, next);
	}
}
