/* SPDX-License-Identifier: MIT */
#include "tree/tile_drop.h"

#include <math.h>

#include "tree/arrange.h"

/* This near to the rim of a layout, a tile goes beside all of that layout. */
static constexpr int rim = 30;
/* How thick a line is shown between two titles; even. */
static constexpr int title_line = 10;
/* The part of a window, from each side, where a tile goes beside it. */
static constexpr double side_share = 0.3;

/* ---- among the titles ---- */

/* Titles in a row along one axis: `count` of them over `length` pixels from `start`. */
struct title_row {
	double start, length;
	int count;
	int own; /* place of the dragged one among them, or -1 */
};

/* Where the line is, and whether the place is behind the title that it is at. */
static double place_among(const struct title_row *row, double position, bool *ret_after)
{
	int half = (int)(2 * row->count * (position - row->start) / row->length);
	/* Both sides of the dragged tile's own title mean no change: go one half further. */
	if (row->own >= 0 && (half == 2 * row->own - 1 || half == 2 * row->own)) {
		half--;
	} else if (row->own >= 0 && (half == 2 * row->own + 1 || half == 2 * row->own + 2)) {
		half++;
	}
	*ret_after = half % 2 != 0;
	int place = (half + 1) / 2;
	if (place == 0) {
		return row->start;
	}
	return place == row->count ? row->start + row->length - title_line
				   : row->start + place * row->length / row->count - title_line / 2;
}

static bool find_among_titles(struct tile_drop *drop, const struct container *con,
	struct container *hovered, double x, double y)
{
	struct container *parent = hovered->pending.parent;
	enum container_layout layout = parent ? parent->pending.layout : LAYOUT_NONE;
	bool is_row = layout == LAYOUT_TABBED || layout == LAYOUT_STACKED;
	struct box box = container_get_box(is_row ? parent : hovered);
	int height = tree_options_titlebar_height(con->node.tree->options);
	struct title_row row = {.start = box.x, .length = box.width, .count = 1, .own = -1};
	if (is_row) {
		row.count = parent->pending.children.length;
		row.own = list_index(&parent->pending.children, con);
	}
	if (layout == LAYOUT_STACKED) {
		row.start = box.y;
		row.length = height * row.count;
	}
	if (y >= box.y + (layout == LAYOUT_STACKED ? row.length : height)) {
		return false;
	}
	double line = place_among(&row, layout == LAYOUT_STACKED ? y : x, &drop->after);
	drop->shown = layout == LAYOUT_STACKED ? (struct box){box.x, line, box.width, title_line}
					       : (struct box){line, box.y, title_line, height};
	drop->target = hovered == con ? nullptr : &hovered->node;
	drop->among_titles = hovered != con;
	return true;
}

/* ---- along the rim of a layout ---- */

/* Beyond these lines is the rim. They only move outwards, from layout to layout. */
struct rim_lines {
	double left, top, right, bottom;
};

/* The edge of `box`, which the layout lies in, that the point is at; cuts the box to the rim. */
static uint32_t at_rim(
	enum container_layout layout, struct rim_lines *lines, double x, double y, struct box *box)
{
	double right = box->x + box->width, bottom = box->y + box->height;
	if (layout == LAYOUT_HORIZ || layout == LAYOUT_TABBED) {
		if (y < lines->top) {
			lines->top = fmax(lines->top, box->y);
			box->height = lines->top - box->y;
			return EDGE_TOP;
		}
		if (y > lines->bottom) {
			lines->bottom = fmin(lines->bottom, bottom);
			box->height = bottom - lines->bottom;
			box->y = lines->bottom;
			return EDGE_BOTTOM;
		}
	} else if (layout == LAYOUT_VERT || layout == LAYOUT_STACKED) {
		if (x < lines->left) {
			lines->left = fmax(lines->left, box->x);
			box->width = lines->left - box->x;
			return EDGE_LEFT;
		}
		if (x > lines->right) {
			lines->right = fmin(lines->right, right);
			box->width = right - lines->right;
			box->x = lines->right;
			return EDGE_RIGHT;
		}
	}
	return EDGE_NONE;
}

static bool find_rim(struct tile_drop *drop, const struct container *con, struct container *hovered,
	double x, double y)
{
	const struct container_state *state = &hovered->pending;
	struct rim_lines lines = {
		.left = (int)(state->content_x + rim),
		.top = (int)(state->content_y + rim),
		.right = (int)(state->content_x + state->content_width - rim),
		.bottom = (int)(state->content_y + state->content_height - rim),
	};
	for (struct container *at = hovered; at; at = at->pending.parent) {
		struct node *around = node_get_parent(&at->node);
		if (!around) {
			return false;
		}
		drop->shown = node_get_box(around);
		drop->edge = at_rim(container_parent_layout(at), &lines, x, y, &drop->shown);
		if (drop->edge != EDGE_NONE) {
			bool is_inside = around == &con->node ||
					 node_has_ancestor(around, &con->node);
			drop->target = is_inside ? node_get_parent(&con->node) : around;
			return true;
		}
	}
	return false;
}

/* ---- beside or in place of a window ---- */

static struct box cut_to_edge(struct box box, uint32_t edge, int thickness)
{
	switch (edge) {
	case EDGE_TOP:
		return (struct box){box.x, box.y, box.width, thickness};
	case EDGE_LEFT:
		return (struct box){box.x, box.y, thickness, box.height};
	case EDGE_RIGHT:
		return (struct box){box.x + box.width - thickness, box.y, thickness, box.height};
	case EDGE_BOTTOM:
		return (struct box){box.x, box.y + box.height - thickness, box.width, thickness};
	default:
		return (struct box){box.x + thickness, box.y + thickness, box.width - 2 * thickness,
			box.height - 2 * thickness};
	}
}

static void find_window(struct tile_drop *drop, struct container *hovered, double x, double y)
{
	const struct container_state *state = &hovered->pending;
	int thickness = (int)(fmin(state->content_width, state->content_height) * side_share);
	const struct {
		uint32_t edge;
		double distance;
	} sides[] = {
		{EDGE_TOP, y - state->y},
		{EDGE_LEFT, x - state->x},
		{EDGE_RIGHT, state->x + state->width - x},
		{EDGE_BOTTOM, state->y + state->height - y},
	};
	int nearest = max_pixels;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(sides); i++) {
		if (sides[i].distance >= 0 && (int)sides[i].distance < nearest) {
			nearest = (int)sides[i].distance;
			drop->edge = sides[i].edge;
		}
	}
	if (nearest > thickness) {
		drop->edge = EDGE_NONE;
	}
	drop->target = &hovered->node;
	struct box content = {
		state->content_x, state->content_y, state->content_width, state->content_height};
	drop->shown = cut_to_edge(content, drop->edge, thickness);
}

struct tile_drop tile_drop_find(
	struct container *con, struct node *hovered, bool on_content, double x, double y)
{
	struct tile_drop drop = {.edge = EDGE_NONE};
	struct workspace *ws = node_as_workspace(hovered);
	struct container *over = node_as_container(hovered);
	if (ws) {
		drop.target = hovered;
		drop.shown = workspace_get_box(ws);
		return drop;
	}
	struct workspace *own_ws = con->pending.workspace;
	bool is_alone = own_ws && over && over->pending.workspace == own_ws &&
			workspace_count_tiling_views(own_ws) == 1;
	if (!over || is_alone) {
		return drop;
	}
	if (!on_content && !container_has_ancestor(over, con) &&
		find_among_titles(&drop, con, over, x, y)) {
		return drop;
	}
	if (find_rim(&drop, con, over, x, y)) {
		return drop;
	}
	drop.edge = EDGE_NONE;
	if (over->view && over != con && !container_has_ancestor(over, con)) {
		find_window(&drop, over, x, y);
	}
	return drop;
}

/* ---- putting it there ---- */

static bool is_along(enum container_layout layout, uint32_t edge)
{
	bool is_horizontal = layout == LAYOUT_HORIZ || layout == LAYOUT_TABBED;
	return is_horizontal == (edge == EDGE_LEFT || edge == EDGE_RIGHT);
}

static enum container_layout layout_for(uint32_t edge)
{
	return edge == EDGE_TOP || edge == EDGE_BOTTOM ? LAYOUT_VERT : LAYOUT_HORIZ;
}

static void put_beside(struct container *con, const struct tile_drop *drop)
{
	struct container *target = node_as_container(drop->target);
	enum container_layout layout = container_parent_layout(target);
	bool after = drop->edge != EDGE_TOP && drop->edge != EDGE_LEFT;
	if (drop->among_titles) {
		after = drop->after;
		if (layout != LAYOUT_TABBED && layout != LAYOUT_STACKED) {
			container_split(target, LAYOUT_TABBED);
		}
	} else if (!is_along(layout, drop->edge)) {
		container_split(target, layout_for(drop->edge));
	}
	container_add_sibling(target, con, after);
	tree_emit_window(con, WINDOW_MOVE);
}

/* The container that is in the workspace then: `con`, or what its default layout puts around it. */
static struct container *put_in_workspace(struct container *con, const struct tile_drop *drop)
{
	struct workspace *ws = node_as_workspace(drop->target);
	if (drop->edge == EDGE_NONE) {
		return workspace_add_tiling(ws, con);
	}
	workspace_split(ws, layout_for(drop->edge));
	bool at_end = drop->edge != EDGE_TOP && drop->edge != EDGE_LEFT;
	workspace_insert_tiling(ws, con, at_end ? ws->tiling.length : 0);
	return con;
}

/* As large as a neighbour, for want of anything better. */
static void take_size_of_sibling(struct container *con)
{
	struct container_list *siblings = container_get_siblings(con);
	if (!siblings || siblings->length < 2) {
		return;
	}
	int index = list_index(siblings, con);
	const struct container *sibling = siblings->items[index == 0 ? 1 : index - 1];
	con->pending.width = sibling->pending.width;
	con->pending.height = sibling->pending.height;
	con->width_fraction = sibling->width_fraction;
	con->height_fraction = sibling->height_fraction;
}

void tile_drop_apply(struct container *con, const struct tile_drop *drop)
{
	struct container *old_parent = con->pending.parent;
	struct workspace *old_ws = con->pending.workspace;
	struct container *target = node_as_container(drop->target);
	struct workspace *new_ws = node_get_workspace(drop->target);
	if (target && drop->edge == EDGE_NONE && !drop->among_titles) {
		container_swap(target, con);
	} else {
		container_detach(con);
		if (target) {
			put_beside(con, drop);
		} else {
			con = put_in_workspace(con, drop);
		}
	}
	if (old_parent) {
		container_reap_empty(old_parent);
	}
	take_size_of_sibling(con);
	if (old_ws) {
		arrange_workspace(old_ws);
	}
	if (new_ws && new_ws != old_ws) {
		arrange_workspace(new_ws);
	}
}
