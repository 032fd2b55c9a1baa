/* SPDX-License-Identifier: MIT */
/* Putting containers into the tree, taking them out, splitting, swapping and squashing. */
#include "tree/container.h"
#include "tree/tree.h"

static void move_to_workspace(struct container *con, struct workspace *ws)
{
	struct workspace *old = con->pending.workspace;
	if (old && old != ws && old->fullscreen == con) {
		old->fullscreen = nullptr;
	}
	con->pending.workspace = ws;
}

static void inherit_workspace(struct container *con, void *data)
{
	move_to_workspace(con, con->pending.parent->pending.workspace);
}

static void bring_fullscreen(struct container *con, void *data)
{
	container_handle_fullscreen_reparent(con);
}

void container_set_workspace(struct container *con, struct workspace *ws)
{
	move_to_workspace(con, ws);
	container_for_each_child(con, inherit_workspace, nullptr);
	container_handle_fullscreen_reparent(con);
	container_for_each_child(con, bring_fullscreen, nullptr);
}

/* `con` is in its new list already. */
static void settle(struct container *con, struct container *parent, struct workspace *ws)
{
	con->pending.parent = parent;
	container_set_workspace(con, ws);
}

void container_detach(struct container *con)
{
	struct container *parent = con->pending.parent;
	struct workspace *ws = con->pending.workspace;
	if (con->pending.fullscreen_mode == FULLSCREEN_GLOBAL) {
		con->node.tree->fullscreen_global = nullptr;
	}
	struct container_list *siblings = container_get_siblings(con);
	if (siblings) {
		list_remove(siblings, con);
	}
	con->pending.parent = nullptr;
	move_to_workspace(con, nullptr);
	container_for_each_child(con, inherit_workspace, nullptr);

	if (parent) {
		container_update_representation(parent);
		node_set_dirty(&parent->node);
	} else if (ws) {
		workspace_update_representation(ws);
		node_set_dirty(&ws->node);
	}
	node_set_dirty(&con->node);
}

static void detach_if_placed(struct container *con)
{
	if (con->pending.workspace || con->pending.parent) {
		container_detach(con);
	}
}

void container_insert_child(struct container *parent, struct container *child, int index)
{
	detach_if_placed(child);
	list_insert(&parent->pending.children, index, child);
	settle(child, parent, parent->pending.workspace);
	container_update_representation(parent);
}

void container_add_child(struct container *parent, struct container *child)
{
	detach_if_placed(child);
	list_append(&parent->pending.children, child);
	settle(child, parent, parent->pending.workspace);
	container_update_representation(parent);
	node_set_dirty(&child->node);
	node_set_dirty(&parent->node);
}

void container_add_sibling(struct container *fixed, struct container *added, bool after)
{
	detach_if_placed(added);
	struct container_list *siblings = container_get_siblings(fixed);
	list_insert(siblings, list_index(siblings, fixed) + after, added);
	settle(added, fixed->pending.parent, fixed->pending.workspace);
	container_update_representation(added);
}

void container_replace(struct container *old, struct container *replacement)
{
	enum fullscreen_mode fullscreen = old->pending.fullscreen_mode;
	bool is_scratchpad = old->scratchpad;
	struct workspace *ws = old->pending.workspace;
	if (fullscreen != FULLSCREEN_NONE) {
		container_disable_fullscreen(old);
	}
	if (is_scratchpad) {
		/* sway shows it wherever it is, and leaves the focus on it where nobody sees it. */
		if (!ws || workspace_is_visible(ws)) {
			tree_scratchpad_show(old);
		}
		tree_scratchpad_remove(old);
	}
	if (old->pending.parent || old->pending.workspace) {
		/* Single precision as in sway: half pixels then round to the same side. */
		float width = (float)old->width_fraction, height = (float)old->height_fraction;
		container_add_sibling(old, replacement, true);
		container_detach(old);
		replacement->width_fraction = width;
		replacement->height_fraction = height;
	}
	if (is_scratchpad) {
		tree_scratchpad_add(old->node.tree, replacement, ws);
	}
	if (fullscreen != FULLSCREEN_NONE) {
		container_set_fullscreen(replacement, fullscreen);
	}
}

/* An only child of a plain split: the split is turned instead of nested. */
static bool turn_parent(struct container *child, enum container_layout layout)
{
	const struct container_list *siblings = container_get_siblings(child);
	enum container_layout current = container_parent_layout(child);
	if (!siblings || siblings->length != 1 || container_is_floating(child) ||
		(current != LAYOUT_HORIZ && current != LAYOUT_VERT)) {
		return false;
	}
	if (child->pending.parent) {
		child->pending.parent->pending.layout = layout;
		container_update_representation(child->pending.parent);
	} else {
		child->pending.workspace->layout = layout;
		workspace_update_representation(child->pending.workspace);
	}
	return true;
}

struct container *container_split(struct container *child, enum container_layout layout)
{
	if (turn_parent(child, layout)) {
		return child;
	}
	struct tree *tree = child->node.tree;
	struct tree_seat *seat = tree_default_seat(tree);
	bool is_focused = tree_seat_get_focus(seat) == &child->node;
	if (container_is_floating(child) && child->view) {
		child->view->impl->set_tiled(child->view, true);
		if (child->view->using_csd) {
			child->pending.border = child->saved_border;
		}
	}

	struct container *split = container_create(tree, nullptr);
	split->pending.x = child->pending.x;
	split->pending.y = child->pending.y;
	split->pending.width = child->pending.width;
	split->pending.height = child->pending.height;
	split->width_fraction = child->width_fraction;
	split->height_fraction = child->height_fraction;
	split->pending.layout = layout;
	container_replace(child, split);
	container_add_child(split, child);

	if (is_focused) {
		tree_seat_set_raw_focus(seat, &split->node);
		if (split->pending.fullscreen_mode == FULLSCREEN_GLOBAL) {
			tree_seat_set_focus(seat, &child->node);
		} else {
			tree_seat_set_raw_focus(seat, &child->node);
		}
	}
	return split;
}

struct container *container_flatten(struct container *con)
{
	if (con->view) {
		return nullptr;
	}
	while (con && con->pending.children.length == 1) {
		struct container *child = con->pending.children.items[0];
		struct container *parent = con->pending.parent;
		container_replace(con, child);
		container_begin_destroy(con);
		con = parent;
	}
	return con;
}

/* --- Squashing --- */

static bool is_split(enum container_layout layout)
{
	return layout == LAYOUT_HORIZ || layout == LAYOUT_VERT;
}

static bool is_horizontal(enum container_layout layout)
{
	return layout == LAYOUT_HORIZ || layout == LAYOUT_TABBED;
}

static bool is_parallel(enum container_layout one, enum container_layout other)
{
	return one != LAYOUT_NONE && other != LAYOUT_NONE &&
	       is_horizontal(one) == is_horizontal(other);
}

/*
 * V[ H[ … ] ] in an H says nothing: the inner children may as well be in the outer H. They come out
 * in reverse order, as in sway.
 */
static bool is_redundant_pair(const struct container *con, const struct container *child)
{
	enum container_layout inner = child->pending.layout, outer = con->pending.layout;
	return is_split(outer) && is_split(inner) && !is_parallel(outer, inner) &&
	       is_parallel(container_parent_layout(con), inner);
}

static void squash_children(struct container *con)
{
	for (int i = 0; i < con->pending.children.length; i++) {
		i += container_squash(con->pending.children.items[i]);
	}
}

int container_squash(struct container *con)
{
	struct container_list *children = &con->pending.children;
	if (children->length != 1 || !is_redundant_pair(con, children->items[0])) {
		squash_children(con);
		return 0;
	}
	struct container *child = children->items[0];
	int index = container_sibling_index(con), moved = 0;
	while (child->pending.children.length > 0) {
		struct container *grandchild = child->pending.children.items[0];
		container_detach(grandchild);
		if (con->pending.parent) {
			container_insert_child(con->pending.parent, grandchild, index);
		} else {
			workspace_insert_tiling_direct(con->pending.workspace, grandchild, index);
		}
		moved++;
	}
	container_reap_empty(child); /* and with it `con` */
	return moved - 1;
}

/* --- Swapping --- */

struct place {
	struct box box;
	double width_fraction, height_fraction;
	struct container *parent;
	struct workspace *workspace;
	bool is_floating;
	int index;
};

static struct place place_of(const struct container *con)
{
	const struct container_state *state = &con->pending;
	return (struct place){
		.box = {state->x, state->y, state->width, state->height},
		.width_fraction = con->width_fraction,
		.height_fraction = con->height_fraction,
		.parent = state->parent,
		.workspace = state->workspace,
		.is_floating = container_is_floating(con),
		.index = container_sibling_index(con),
	};
}

static void take_place(struct container *con, const struct place *place, int index)
{
	con->pending.x = place->box.x;
	con->pending.y = place->box.y;
	con->pending.width = place->box.width;
	con->pending.height = place->box.height;
	con->width_fraction = place->width_fraction;
	con->height_fraction = place->height_fraction;
	if (place->parent) {
		container_insert_child(place->parent, con, index);
	} else if (place->is_floating) {
		workspace_add_floating(place->workspace, con);
	} else {
		workspace_insert_tiling(place->workspace, con, index);
	}
}

static void swap_places(struct container *con1, struct container *con2)
{
	struct place first = place_of(con1);
	struct place second = place_of(con2);
	take_place(con1, &second, container_sibling_index(con2));
	take_place(con2, &first, first.index);
}

static bool shows_one_child(enum container_layout layout)
{
	return layout == LAYOUT_TABBED || layout == LAYOUT_STACKED;
}

/* The focus stays with the position across workspaces, and with the window inside of one. */
static void swap_focus(struct container *con1, struct container *con2, struct tree_seat *seat,
	struct container *focus)
{
	if (focus != con1 && focus != con2) {
		tree_seat_set_focus_container(seat, focus);
		return;
	}
	struct container *other = focus == con1 ? con2 : con1;
	struct workspace *ws = focus->pending.workspace, *other_ws = other->pending.workspace;
	if (shows_one_child(container_parent_layout(other)) && workspace_is_visible(other_ws)) {
		tree_seat_set_focus(seat, &other->node);
	}
	tree_seat_set_focus_container(seat, ws != other_ws ? other : focus);
}

struct swap_state {
	bool is_scratchpad, is_hidden;
	enum fullscreen_mode fullscreen;
};

static struct swap_state begin_swap_scratchpad(struct container *con)
{
	struct swap_state state = {
		.is_scratchpad = con->scratchpad,
		.is_hidden = container_is_scratchpad_hidden(con),
	};
	if (state.is_scratchpad) {
		if (state.is_hidden) {
			tree_scratchpad_show(con);
		}
		tree_scratchpad_remove(con);
	}
	return state;
}

static void begin_swap_fullscreen(struct container *con, struct swap_state *state)
{
	state->fullscreen = con->pending.fullscreen_mode;
	if (state->fullscreen != FULLSCREEN_NONE) {
		container_disable_fullscreen(con);
	}
}

static void finish_swap_scratchpad(struct container *con, const struct swap_state *state)
{
	if (state->is_scratchpad) {
		tree_scratchpad_add(con->node.tree, con, nullptr);
		if (!state->is_hidden) {
			tree_scratchpad_show(con);
		}
	}
}

static void refocus_if_hidden(struct tree_seat *seat, struct workspace *ws)
{
	if (!workspace_is_visible(ws)) {
		tree_seat_set_focus(seat, tree_seat_focus_inactive(seat, &ws->node));
	}
}

void container_swap(struct container *con1, struct container *con2)
{
	struct tree *tree = con1->node.tree;
	struct swap_state state1 = begin_swap_scratchpad(con1);
	struct swap_state state2 = begin_swap_scratchpad(con2);
	begin_swap_fullscreen(con1, &state1);
	begin_swap_fullscreen(con2, &state2);

	struct tree_seat *seat = tree_current_seat(tree);
	struct container *focus = tree_seat_focused_container(seat);
	struct workspace *visible1 = tree_output_active_workspace(con1->pending.workspace->output);
	struct workspace *visible2 = tree_output_active_workspace(con2->pending.workspace->output);
	char *previous = vx_strdup(seat->previous_workspace_name);

	swap_places(con1, con2);
	refocus_if_hidden(seat, visible1);
	refocus_if_hidden(seat, visible2);
	swap_focus(con1, con2, seat, focus);
	if (tree->fullscreen_global) {
		tree_seat_set_focus(
			seat, tree_seat_focus_inactive(seat, &tree->fullscreen_global->node));
	}
	if (previous) {
		free(seat->previous_workspace_name);
		seat->previous_workspace_name = previous;
	}

	finish_swap_scratchpad(con2, &state1);
	finish_swap_scratchpad(con1, &state2);
	if (state1.fullscreen != FULLSCREEN_NONE) {
		container_set_fullscreen(con2, state1.fullscreen);
	}
	if (state2.fullscreen != FULLSCREEN_NONE) {
		container_set_fullscreen(con1, state2.fullscreen);
	}
}
