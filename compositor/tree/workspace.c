/* SPDX-License-Identifier: MIT */
#include "tree/workspace.h"

#include <math.h>
#include <string.h>

#include "common/log.h"
#include "tree/arrange.h"
#include "tree/tree.h"

enum container_layout workspace_default_layout(const struct workspace *ws)
{
	enum container_layout configured = ws->node.tree->options->default_orientation;
	if (configured != LAYOUT_NONE) {
		return configured;
	}
	return ws->output && ws->output->height > ws->output->width ? LAYOUT_VERT : LAYOUT_HORIZ;
}

static struct tree_output *initial_output(const struct workspace *ws)
{
	struct tree *tree = ws->node.tree;
	struct tree_output *configured = workspace_priority_output(ws);
	if (configured) {
		return configured;
	}
	struct tree_seat *seat = tree_current_seat(tree);
	struct workspace *focused = seat ? tree_seat_focused_workspace(seat) : nullptr;
	if (focused && focused->output) {
		return focused->output;
	}
	return tree->outputs.length > 0 ? tree->outputs.items[0] : tree->fallback_output;
}

static void free_output_priority(struct workspace *ws)
{
	for (int i = 0; i < ws->output_priority.length; i++) {
		free(ws->output_priority.items[i]);
	}
	list_finish(&ws->output_priority);
}

struct tree_output *workspace_initial_output(struct tree *tree, const char *name)
{
	/* Never becomes part of the tree. */
	struct workspace probe = {.node.tree = tree, .name = (char *)name};
	if (tree->policy.configure_workspace) {
		tree->policy.configure_workspace(tree->policy.data, &probe);
	}
	struct tree_output *output = initial_output(&probe);
	free_output_priority(&probe);
	return output;
}

struct workspace *workspace_create(struct tree *tree, struct tree_output *output, const char *name)
{
	struct workspace *ws = vx_new(ws);
	node_init(&ws->node, tree, NODE_WORKSPACE);
	ws->name = vx_strdup(name);
	ws->gaps_outer = tree->options->gaps_outer;
	ws->gaps_inner = tree->options->gaps_inner;
	if (tree->policy.configure_workspace) {
		tree->policy.configure_workspace(tree->policy.data, ws);
	}
	if (!output) {
		output = initial_output(ws);
	}
	workspace_add_output_priority(ws, output);
	tree_output_add_workspace(output, ws);
	ws->layout = workspace_default_layout(ws);
	tree_output_sort_workspaces(output);
	tree_emit_workspace(tree, nullptr, ws, WORKSPACE_INIT);
	wl_signal_emit_mutable(&tree->events.node_created, &ws->node);
	return ws;
}

void workspace_begin_destroy(struct workspace *ws)
{
	tree_emit_workspace(ws->node.tree, nullptr, ws, WORKSPACE_EMPTY);
	wl_signal_emit_mutable(&ws->node.events.destroy, &ws->node);
	if (ws->output) {
		workspace_detach(ws);
	}
	node_set_dirty(&ws->node);
	ws->node.destroying = true;
}

void workspace_destroy(struct workspace *ws)
{
	vx_assert(ws->node.destroying && ws->node.transaction_refs == 0);
	free_output_priority(ws);
	list_finish(&ws->floating);
	list_finish(&ws->tiling);
	workspace_state_finish(&ws->current);
	free(ws->name);
	free(ws->representation);
	free(ws);
}

void workspace_consider_destroy(struct workspace *ws)
{
	if (ws->node.destroying || ws->tiling.length > 0 || ws->floating.length > 0 ||
		(ws->output && tree_output_active_workspace(ws->output) == ws)) {
		return;
	}
	struct tree *tree = ws->node.tree;
	struct tree_seat *seat;
	wl_list_for_each (seat, &tree->seats, link) {
		if (tree_seat_focus_inactive(seat, &tree->node) == &ws->node) {
			return;
		}
	}
	workspace_begin_destroy(ws);
}

void workspace_detach(struct workspace *ws)
{
	struct tree_output *output = ws->output;
	list_remove(&output->workspaces, ws);
	ws->output = nullptr;
	node_set_dirty(&ws->node);
	node_set_dirty(&output->node);
}

bool workspace_is_visible(const struct workspace *ws)
{
	return !ws->node.destroying && tree_output_active_workspace(ws->output) == ws;
}

bool workspace_is_empty(const struct workspace *ws)
{
	if (ws->tiling.length > 0) {
		return false;
	}
	for (int i = 0; i < ws->floating.length; i++) {
		if (!container_is_sticky(ws->floating.items[i])) {
			return false;
		}
	}
	return true;
}

bool workspace_switch(struct tree_seat *seat, struct workspace *ws)
{
	struct node *next = tree_seat_focus_inactive(seat, &ws->node);
	tree_seat_set_focus(seat, next ? next : &ws->node);
	arrange_workspace(ws);
	return true;
}

/* --- Containers in the workspace --- */

static void settle(struct workspace *ws, struct container *con)
{
	container_set_workspace(con, ws);
	if (container_get_siblings(con) == &ws->tiling) {
		workspace_update_representation(ws);
	}
	node_set_dirty(&ws->node);
	node_set_dirty(&con->node);
}

static struct container *wrap_in_default_layout(struct workspace *ws, struct container *con)
{
	enum container_layout layout = ws->node.tree->options->default_layout;
	return layout == LAYOUT_NONE ? con : container_split(con, layout);
}

struct container *workspace_add_tiling(struct workspace *ws, struct container *con)
{
	if (con->pending.workspace) {
		struct container *parent = con->pending.parent;
		container_detach(con);
		if (parent) {
			container_reap_empty(parent);
		}
	}
	con = wrap_in_default_layout(ws, con);
	list_append(&ws->tiling, con);
	settle(ws, con);
	return con;
}

void workspace_insert_tiling_direct(struct workspace *ws, struct container *con, int index)
{
	list_insert(&ws->tiling, index, con);
	settle(ws, con);
}

struct container *workspace_insert_tiling(struct workspace *ws, struct container *con, int index)
{
	if (con->pending.workspace) {
		container_detach(con);
	}
	con = wrap_in_default_layout(ws, con);
	workspace_insert_tiling_direct(ws, con, index);
	return con;
}

void workspace_add_floating(struct workspace *ws, struct container *con)
{
	if (con->pending.workspace || con->pending.parent) {
		container_detach(con);
	}
	list_append(&ws->floating, con);
	settle(ws, con);
}

struct container *workspace_wrap_children(struct workspace *ws)
{
	struct container *fullscreen = ws->fullscreen;
	struct container *wrap = container_create(ws->node.tree, nullptr);
	wrap->pending.layout = ws->layout;
	while (ws->tiling.length > 0) {
		struct container *child = ws->tiling.items[0];
		container_detach(child);
		container_add_child(wrap, child);
	}
	list_append(&ws->tiling, wrap);
	settle(ws, wrap);
	ws->fullscreen = fullscreen;
	return wrap;
}

void workspace_unwrap_children(struct workspace *ws, struct container *wrap)
{
	ws->layout = wrap->pending.layout;
	while (wrap->pending.children.length > 0) {
		struct container *child = wrap->pending.children.items[0];
		container_detach(child);
		workspace_insert_tiling_direct(ws, child, ws->tiling.length);
	}
}

struct container *workspace_split(struct workspace *ws, enum container_layout layout)
{
	if (ws->tiling.length == 0) {
		ws->previous_split_layout = ws->layout;
		ws->layout = layout;
		return nullptr;
	}
	enum container_layout old = ws->layout;
	struct container *wrap = workspace_wrap_children(ws);
	ws->layout = layout;
	wrap->pending.layout =
		old; /* the representation is made anew with the next change, as in sway */

	struct tree_seat *seat;
	wl_list_for_each (seat, &ws->node.tree->seats, link) {
		if (tree_seat_get_focus(seat) == &ws->node) {
			tree_seat_set_focus(seat, &wrap->node);
		}
	}
	return wrap;
}

void workspace_squash(struct workspace *ws)
{
	for (int i = 0; i < ws->tiling.length; i++) {
		i += container_squash(ws->tiling.items[i]);
	}
}

void workspace_update_representation(struct workspace *ws)
{
	free(ws->representation);
	ws->representation = container_build_representation(ws->layout, &ws->tiling);
}

/* --- Gaps --- */

bool workspace_has_single_visible_container(struct workspace *ws)
{
	struct tree_seat *seat = tree_default_seat(ws->node.tree);
	struct container *focus = seat ? tree_seat_focus_inactive_tiling(seat, ws) : nullptr;
	if (focus && !focus->view) {
		focus = tree_seat_focus_inactive_view(seat, &focus->node);
	}
	return focus && focus->view && view_has_no_visible_siblings(focus->view);
}

static int not_negative(int value)
{
	return value > 0 ? value : 0;
}

/* Gaps on two opposite sides that would leave less than `min` of `size` shrink in proportion. */
static void clamp_gaps(double size, int min, int *one, int *other)
{
	int total = *one + *other;
	if (size - total >= min || total <= 0) {
		return;
	}
	int room = (int)fmax(0, size - min);
	*one = (int)((double)*one / total * room);
	*other = room - *one;
}

void workspace_add_gaps(struct workspace *ws)
{
	enum smart_gaps smart = ws->node.tree->options->smart_gaps;
	struct gaps *gaps = &ws->current_gaps;
	bool is_single = smart != SMART_GAPS_OFF && workspace_has_single_visible_container(ws);
	*gaps = ws->gaps_outer;
	if (smart == SMART_GAPS_ON && is_single) {
		*gaps = (struct gaps){};
		return;
	}
	if (smart == SMART_GAPS_INVERSE_OUTER && !is_single) {
		*gaps = (struct gaps){};
	}
	gaps->top = not_negative(gaps->top + ws->gaps_inner);
	gaps->right = not_negative(gaps->right + ws->gaps_inner);
	gaps->bottom = not_negative(gaps->bottom + ws->gaps_inner);
	gaps->left = not_negative(gaps->left + ws->gaps_inner);
	clamp_gaps(ws->width, container_min_width, &gaps->left, &gaps->right);
	clamp_gaps(ws->height, container_min_height, &gaps->top, &gaps->bottom);

	ws->x += gaps->left;
	ws->y += gaps->top;
	ws->width -= gaps->left + gaps->right;
	ws->height -= gaps->top + gaps->bottom;
}

struct box workspace_get_box(const struct workspace *ws)
{
	return box_truncate((struct box){ws->x, ws->y, ws->width, ws->height});
}

/* --- Outputs --- */

static int name_index(const struct workspace *ws, const char *name)
{
	for (int i = 0; i < ws->output_priority.length; i++) {
		if (strcmp(ws->output_priority.items[i], name) == 0) {
			return i;
		}
	}
	return -1;
}

/*
 * An output counts as listed once its identifier is: names alone do not survive a replug. Where
 * both are, the earlier one counts.
 */
static int priority_index(const struct workspace *ws, const struct tree_output *output)
{
	int by_identifier = name_index(ws, output->identifier);
	int by_name = name_index(ws, output->name);
	return by_name < 0 || by_identifier < by_name ? by_identifier : by_name;
}

void workspace_add_output_priority(struct workspace *ws, const struct tree_output *output)
{
	if (priority_index(ws, output) < 0) {
		list_append(&ws->output_priority, vx_strdup(output->identifier));
	}
}

void workspace_raise_output_priority(
	struct workspace *ws, const struct tree_output *old, const struct tree_output *output)
{
	int old_index = priority_index(ws, old), index = priority_index(ws, output);
	if (old_index < 0) {
		return;
	}
	if (index < 0) {
		list_insert(&ws->output_priority, old_index, vx_strdup(output->identifier));
	} else if (index > old_index) {
		char *name = ws->output_priority.items[index];
		list_remove_at(&ws->output_priority, index);
		list_insert(&ws->output_priority, old_index, name);
	}
}

struct tree_output *workspace_priority_output(const struct workspace *ws)
{
	for (int i = 0; i < ws->output_priority.length; i++) {
		struct tree_output *output = tree_output_by_name(
			ws->node.tree, ws->output_priority.items[i]);
		if (output) {
			return output;
		}
	}
	return nullptr;
}

void workspace_move_to_output(struct workspace *ws, struct tree_output *output)
{
	struct tree_output *old = ws->output;
	if (old == output) {
		return;
	}
	struct tree *tree = ws->node.tree;
	workspace_detach(ws);
	struct workspace *was_active = tree_output_active_workspace(output);
	tree_output_add_workspace(output, ws);

	if (old->workspaces.length == 0) {
		char *name = workspace_next_name(tree, old);
		struct workspace *replacement = workspace_create(tree, old, name);
		tree_seat_set_raw_focus(tree_current_seat(tree), &replacement->node);
		free(name);
	}
	if (was_active) {
		workspace_consider_destroy(was_active);
	}
	tree_output_sort_workspaces(output);
	workspace_raise_output_priority(ws, old, output);
	tree_emit_workspace(tree, nullptr, ws, WORKSPACE_MOVE);
}
