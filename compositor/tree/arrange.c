/* SPDX-License-Identifier: MIT */
/*
 * Sizes come from fractions of the parent, one per axis: each arrange normalises them to a sum of
 * 1, gives newcomers (fraction 0) the mean of the others, rounds, and leaves what rounding lost to
 * the last child.
 */
#include "tree/arrange.h"

#include <math.h>

#include "tree/tree.h"

/* Gaps give way where less than this would be left for windows. */
static constexpr int min_sane_width = 100;
static constexpr int min_sane_height = 60;
/* Below this a window is not shown at all. */
static constexpr double min_shown_size = 10;

static double *child_fraction(struct container *con, bool horizontal)
{
	return horizontal ? &con->width_fraction : &con->height_fraction;
}

static void normalise_fractions(const struct container_list *children, bool horizontal)
{
	int newcomers = 0;
	double taken = 0;
	for (int i = 0; i < children->length; i++) {
		double fraction = *child_fraction(children->items[i], horizontal);
		taken += fraction;
		newcomers += fraction <= 0;
	}
	int settled = children->length - newcomers;
	double mean = taken <= 0 ? 1.0 : settled > 0 ? taken / settled : taken;

	double total = 0;
	for (int i = 0; i < children->length; i++) {
		double *fraction = child_fraction(children->items[i], horizontal);
		if (*fraction <= 0) {
			*fraction = mean;
		}
		total += *fraction;
	}
	for (int i = 0; i < children->length; i++) {
		*child_fraction(children->items[i], horizontal) /= total;
	}
}

/* There are no gaps anywhere inside tabbed and stacked containers. */
static double inner_gap_around(const struct container *child)
{
	const struct workspace *ws = child->pending.workspace;
	for (const struct container *con = child; con; con = con->pending.parent) {
		enum container_layout layout = container_parent_layout(con);
		if (layout == LAYOUT_TABBED || layout == LAYOUT_STACKED) {
			return 0;
		}
	}
	return ws ? ws->gaps_inner : 0;
}

static void place_split_child(
	struct container *child, bool horizontal, double start, double size, const struct box *box)
{
	struct container_state *state = &child->pending;
	state->x = horizontal ? start : box->x;
	state->y = horizontal ? box->y : start;
	state->width = horizontal ? size : box->width;
	state->height = horizontal ? box->height : size;
	if (state->width < min_shown_size || state->height < min_shown_size) {
		state->width = state->height = 0;
	}
}

static void arrange_split(
	const struct container_list *children, bool horizontal, const struct box *box)
{
	int count = children->length;
	if (count == 0) {
		return;
	}
	normalise_fractions(children, horizontal);

	double extent = horizontal ? box->width : box->height;
	double start = horizontal ? box->x : box->y;
	double end = start + extent;
	int min_sane = horizontal ? min_sane_width : min_sane_height;
	double total_gap = fmin(inner_gap_around(children->items[0]) * (count - 1),
		fmax(0, extent - (double)min_sane * count));
	double gap = count > 1 ? floor(total_gap / (count - 1)) : 0;
	double share = extent - total_gap;

	for (int i = 0; i < count; i++) {
		struct container *child = children->items[i];
		*(horizontal ? &child->child_total_width : &child->child_total_height) = share;
		double size = i == count - 1 ? end - start
					     : round(*child_fraction(child, horizontal) * share);
		place_split_child(child, horizontal, start, size, box);
		start += (horizontal ? child->pending.width : child->pending.height) + gap;
	}
}

/* Views draw below the titles themselves; what is inside splits has to be moved. */
static void arrange_behind_titles(
	const struct container_list *children, double titles, const struct box *box)
{
	for (int i = 0; i < children->length; i++) {
		struct container *child = children->items[i];
		double offset = child->view ? 0 : titles;
		child->pending.x = box->x;
		child->pending.y = box->y + offset;
		child->pending.width = box->width;
		child->pending.height = box->height - offset;
	}
}

static void arrange_children(const struct tree *tree, const struct container_list *children,
	enum container_layout layout, struct box box)
{
	int title = tree_options_titlebar_height(tree->options);
	switch (layout) {
	case LAYOUT_NONE:
	case LAYOUT_HORIZ:
		arrange_split(children, true, &box);
		break;
	case LAYOUT_VERT:
		arrange_split(children, false, &box);
		break;
	case LAYOUT_TABBED:
		arrange_behind_titles(children, title, &box);
		break;
	case LAYOUT_STACKED:
		arrange_behind_titles(children, title * children->length, &box);
		break;
	}
	for (int i = 0; i < children->length; i++) {
		arrange_container(children->items[i]);
	}
}

void arrange_container(struct container *con)
{
	if (con->node.tree->is_reloading) {
		return;
	}
	if (con->view) {
		view_autoconfigure(con->view);
	} else {
		arrange_children(con->node.tree, &con->pending.children, con->pending.layout,
			container_get_box(con));
	}
	node_set_dirty(&con->node);
}

static void arrange_fullscreen(struct container *con, struct box box)
{
	con->pending.x = box.x;
	con->pending.y = box.y;
	con->pending.width = box.width;
	con->pending.height = box.height;
	arrange_container(con);
}

/* The workspace has moved with its output or a panel: floating containers keep their relative
 * place. */
static void move_floating(struct workspace *ws, struct box before)
{
	struct box now = workspace_get_box(ws);
	for (int i = 0; i < ws->floating.length; i++) {
		struct container *con = ws->floating.items[i];
		container_floating_fix_coordinates(con, before, now);
		if (con->scratchpad) {
			con->scratchpad_transform = tree_output_get_box(ws->output);
		}
	}
}

void arrange_workspace(struct workspace *ws)
{
	struct tree_output *output = ws->output;
	if (ws->node.tree->is_reloading || !output) {
		return;
	}
	bool is_first = ws->width == 0 && ws->height == 0;
	struct box before = workspace_get_box(ws);
	double before_x = ws->x - ws->current_gaps.left, before_y = ws->y - ws->current_gaps.top;

	ws->x = output->x + output->usable_area.x;
	ws->y = output->y + output->usable_area.y;
	ws->width = output->usable_area.width;
	ws->height = output->usable_area.height;
	if (!is_first && (ws->x != before_x || ws->y != before_y)) {
		move_floating(ws, before);
	}

	workspace_add_gaps(ws);
	node_set_dirty(&ws->node);
	if (ws->fullscreen) {
		arrange_fullscreen(ws->fullscreen, tree_output_get_box(output));
		return;
	}
	arrange_children(ws->node.tree, &ws->tiling, ws->layout, workspace_get_box(ws));
	for (int i = 0; i < ws->floating.length; i++) {
		arrange_container(ws->floating.items[i]);
	}
}

void arrange_output(struct tree_output *output)
{
	if (output->node.tree->is_reloading || !output->enabled) {
		return;
	}
	for (int i = 0; i < output->workspaces.length; i++) {
		arrange_workspace(output->workspaces.items[i]);
	}
}

void arrange_tree(struct tree *tree)
{
	if (tree->is_reloading) {
		return;
	}
	if (tree->fullscreen_global) {
		arrange_fullscreen(tree->fullscreen_global, tree->bounds);
		return;
	}
	for (int i = 0; i < tree->outputs.length; i++) {
		arrange_output(tree->outputs.items[i]);
	}
}

void arrange_node(struct node *node)
{
	switch (node->type) {
	case NODE_ROOT:
		arrange_tree(node->tree);
		break;
	case NODE_OUTPUT:
		arrange_output(node_as_output(node));
		break;
	case NODE_WORKSPACE:
		arrange_workspace(node_as_workspace(node));
		break;
	case NODE_CONTAINER:
		arrange_container(node_as_container(node));
		break;
	}
}
