/* SPDX-License-Identifier: MIT */
#include "tree/container.h"

#include "common/log.h"
#include "tree/tree.h"

struct container *container_create(struct tree *tree, struct view *view)
{
	struct container *con = vx_new(con);
	node_init(&con->node, tree, NODE_CONTAINER);
	wl_signal_init(&con->events.destroy);
	con->view = view;
	con->opacity = 1;
	con->has_titlebar = true;
	if (view) {
		view->container_count++;
	}
	wl_signal_emit_mutable(&tree->events.node_created, &con->node);
	return con;
}

void container_begin_destroy(struct container *con)
{
	struct tree *tree = con->node.tree;
	if (con->view) {
		tree_emit_window(con, WINDOW_CLOSE);
	}
	/* What gets the focus now must not look hidden. */
	if (con->pending.fullscreen_mode == FULLSCREEN_WORKSPACE && con->pending.workspace) {
		con->pending.workspace->fullscreen = nullptr;
	}
	if (con->pending.fullscreen_mode == FULLSCREEN_GLOBAL &&
		container_is_scratchpad_or_hidden(con)) {
		container_disable_fullscreen(con);
	}
	wl_signal_emit_mutable(&con->node.events.destroy, &con->node);
	container_end_mouse_operation(con);
	node_set_dirty(&con->node);
	con->node.destroying = true;

	if (con->scratchpad) {
		tree_scratchpad_remove(con);
	}
	if (con->pending.fullscreen_mode == FULLSCREEN_GLOBAL) {
		container_disable_fullscreen(con);
	}
	vx_assert(tree->fullscreen_global != con);
	if (con->pending.parent || con->pending.workspace) {
		container_detach(con);
	}
	wl_signal_emit_mutable(&con->events.destroy, con);
}

void container_destroy(struct container *con)
{
	vx_assert(con->node.destroying && con->node.transaction_refs == 0);
	container_drop_marks(con);
	list_finish(&con->marks);
	free(con->title);
	free(con->title_format);
	free(con->formatted_title);
	list_finish(&con->pending.children);
	container_state_finish(&con->current);
	struct view *view = con->view;
	free(con);
	if (view) {
		view_drop_container(view);
	}
}

void container_reap_empty(struct container *con)
{
	if (con->view) {
		return;
	}
	struct workspace *ws = con->pending.workspace;
	while (con) {
		if (con->pending.children.length > 0) {
			return;
		}
		struct container *parent = con->pending.parent;
		container_begin_destroy(con);
		con = parent;
	}
	if (ws) {
		workspace_consider_destroy(ws);
	}
}

/* --- What is where --- */

struct container_list *container_get_siblings(const struct container *con)
{
	if (con->pending.parent) {
		return &con->pending.parent->pending.children;
	}
	struct workspace *ws = con->pending.workspace;
	if (!ws) {
		return nullptr;
	}
	return list_index(&ws->tiling, con) >= 0 ? &ws->tiling : &ws->floating;
}

int container_sibling_index(const struct container *con)
{
	const struct container_list *siblings = container_get_siblings(con);
	return siblings ? list_index(siblings, con) : -1;
}

bool container_layout_is_along(enum container_layout layout, enum direction direction)
{
	switch (layout) {
	case LAYOUT_HORIZ:
	case LAYOUT_TABBED:
		return direction_is_horizontal(direction);
	case LAYOUT_VERT:
	case LAYOUT_STACKED:
		return !direction_is_horizontal(direction);
	case LAYOUT_NONE:
		break;
	}
	return false;
}

enum container_layout container_parent_layout(const struct container *con)
{
	if (con->pending.parent) {
		return con->pending.parent->pending.layout;
	}
	return con->pending.workspace ? con->pending.workspace->layout : LAYOUT_NONE;
}

struct container *container_toplevel_ancestor(struct container *con)
{
	while (con->pending.parent) {
		con = con->pending.parent;
	}
	return con;
}

static const struct container *toplevel(const struct container *con)
{
	return container_toplevel_ancestor((struct container *)con);
}

bool container_has_ancestor(const struct container *con, const struct container *ancestor)
{
	while (con) {
		con = con->pending.parent;
		if (con && con == ancestor) {
			return true;
		}
	}
	return false;
}

bool container_is_floating(const struct container *con)
{
	if (con->scratchpad) {
		return true;
	}
	const struct workspace *ws = con->pending.workspace;
	return !con->pending.parent && ws && list_index(&ws->floating, con) >= 0;
}

bool container_is_floating_or_child(const struct container *con)
{
	return container_is_floating(toplevel(con));
}

bool container_is_fullscreen_or_child(const struct container *con)
{
	for (; con; con = con->pending.parent) {
		if (con->pending.fullscreen_mode != FULLSCREEN_NONE) {
			return true;
		}
	}
	return false;
}

bool container_is_sticky(const struct container *con)
{
	return con->is_sticky && container_is_floating(con);
}

bool container_is_sticky_or_child(const struct container *con)
{
	return container_is_sticky(toplevel(con));
}

bool container_is_scratchpad_hidden(const struct container *con)
{
	return con->scratchpad && !con->pending.workspace;
}

bool container_is_scratchpad_hidden_or_child(const struct container *con)
{
	return container_is_scratchpad_hidden(toplevel(con));
}

bool container_is_scratchpad_or_hidden(const struct container *con)
{
	return con->scratchpad || container_is_scratchpad_hidden_or_child(con);
}

bool container_is_transient_for(const struct container *child, const struct container *ancestor)
{
	return child->node.tree->options->popup_during_fullscreen == POPUP_SMART && child->view &&
	       ancestor->view && child->view->impl->is_transient_for(child->view, ancestor->view);
}

struct container *container_obstructing_fullscreen(const struct container *con)
{
	const struct workspace *ws = con->pending.workspace;
	if (ws && ws->fullscreen && !container_is_fullscreen_or_child(con)) {
		return container_is_transient_for(con, ws->fullscreen) ? nullptr : ws->fullscreen;
	}
	struct container *global = con->node.tree->fullscreen_global;
	if (global && con != global && !container_has_ancestor(con, global)) {
		return container_is_transient_for(con, global) ? nullptr : global;
	}
	return nullptr;
}

static bool is_urgent(struct container *con, void *data)
{
	return con->view && view_is_urgent(con->view);
}

bool container_has_urgent_child(const struct container *con)
{
	return container_find_child((struct container *)con, is_urgent, nullptr);
}

size_t container_titlebar_height(const struct container *con)
{
	return (size_t)tree_options_titlebar_height(con->node.tree->options);
}

struct box container_get_box(const struct container *con)
{
	const struct container_state *state = &con->pending;
	return box_truncate((struct box){state->x, state->y, state->width, state->height});
}

void container_for_each_child(
	struct container *con, void (*visit)(struct container *con, void *data), void *data)
{
	for (int i = 0; i < con->pending.children.length; i++) {
		struct container *child = con->pending.children.items[i];
		visit(child, data);
		container_for_each_child(child, visit, data);
	}
}

struct container *container_find_child(
	struct container *con, bool (*test)(struct container *con, void *data), void *data)
{
	for (int i = 0; i < con->pending.children.length; i++) {
		struct container *child = con->pending.children.items[i];
		struct container *found = test(child, data)
						  ? child
						  : container_find_child(child, test, data);
		if (found) {
			return found;
		}
	}
	return nullptr;
}

void container_end_mouse_operation(struct container *con)
{
	wl_signal_emit_mutable(&con->node.tree->events.end_mouse_operation, con);
}

void container_set_resizing(struct container *con, bool resizing)
{
	if (con->view) {
		con->view->impl->set_resizing(con->view, resizing);
		return;
	}
	for (int i = 0; i < con->pending.children.length; i++) {
		container_set_resizing(con->pending.children.items[i], resizing);
	}
}
