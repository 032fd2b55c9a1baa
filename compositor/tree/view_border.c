/* SPDX-License-Identifier: MIT */
/* Where in its container a view's content is: what borders and title bars leave of it. */
#include <math.h>

#include "tree/tree.h"

static bool shows_one_child(enum container_layout layout)
{
	return layout == LAYOUT_TABBED || layout == LAYOUT_STACKED;
}

static bool has_siblings(const struct container *con)
{
	const struct container_list *siblings = container_get_siblings(con);
	return siblings && siblings->length > 1;
}

bool view_has_no_visible_siblings(const struct view *view)
{
	bool is_alone = true;
	for (const struct container *con = view->container; con; con = con->pending.parent) {
		if (shows_one_child(container_parent_layout(con))) {
			is_alone = true;
		} else if (has_siblings(con)) {
			is_alone = false;
		}
	}
	return is_alone;
}

/* Stricter than the above: siblings anywhere between it and the workspace count. */
static bool is_only_visible(const struct container *con)
{
	for (; con; con = con->pending.parent) {
		if (!shows_one_child(container_parent_layout(con)) && has_siblings(con)) {
			return false;
		}
	}
	return true;
}

static bool has_gaps(const struct gaps *gaps)
{
	return gaps->top > 0 || gaps->right > 0 || gaps->bottom > 0 || gaps->left > 0;
}

static void hide_edges(struct container *con, const struct workspace *ws)
{
	const struct tree_options *options = con->node.tree->options;
	struct container_state *state = &con->pending;
	enum hide_edge_borders hide = options->hide_edge_borders;
	if (hide == HIDE_EDGE_BOTH || hide == HIDE_EDGE_VERTICAL) {
		state->border_left = state->x != ws->x;
		state->border_right = trunc(state->x + state->width) != ws->x + ws->width;
	}
	if (hide == HIDE_EDGE_BOTH || hide == HIDE_EDGE_HORIZONTAL) {
		state->border_top = state->y != ws->y;
		state->border_bottom = trunc(state->y + state->height) != ws->y + ws->height;
	}
	bool is_smart = options->smart_borders == SMART_BORDERS_ON ||
			(options->smart_borders == SMART_BORDERS_NO_GAPS &&
				!has_gaps(&ws->current_gaps));
	if (is_smart && is_only_visible(con)) {
		state->border_left = state->border_right = false;
		state->border_top = state->border_bottom = false;
	}
}

/* The height of the tabs' or the stack's titles above the content; 0 outside of such. */
static double titles_above(const struct container *con)
{
	if (container_is_floating(con)) {
		return 0;
	}
	const struct container_list *siblings = container_get_siblings(con);
	int count = siblings ? siblings->length : 0;
	if (count <= 1 && con->node.tree->options->hide_lone_tab) {
		return 0;
	}
	double title = (double)container_titlebar_height(con);
	switch (container_parent_layout(con)) {
	case LAYOUT_TABBED:
		return title;
	case LAYOUT_STACKED:
		return title * count;
	case LAYOUT_NONE:
	case LAYOUT_HORIZ:
	case LAYOUT_VERT:
		break;
	}
	return 0;
}

static void set_content(struct container *con, struct box box)
{
	con->pending.content_x = box.x;
	con->pending.content_y = box.y;
	con->pending.content_width = box.width;
	con->pending.content_height = box.height;
}

static void fit_between_borders(struct container *con, double titles)
{
	const struct container_state *state = &con->pending;
	enum container_border border = state->border;
	bool has_edges = border == BORDER_PIXEL || border == BORDER_NORMAL;
	double thickness = has_edges ? state->border_thickness : 0;
	double left = state->border_left ? thickness : 0;
	double right = state->border_right ? thickness : 0;
	double bottom = state->border_bottom ? thickness : 0;
	double top = titles;
	if (border == BORDER_NORMAL && titles == 0) {
		top = (double)container_titlebar_height(con);
	} else if (border == BORDER_PIXEL && state->border_top) {
		top += thickness;
	}
	set_content(con, (struct box){
				 .x = state->x + left,
				 .y = state->y + top,
				 .width = fmax(state->width - left - right, 1),
				 .height = fmax(state->height - top - bottom, 1),
			 });
}

void view_autoconfigure(struct view *view)
{
	struct container *con = view->container;
	const struct workspace *ws = con->pending.workspace;
	enum fullscreen_mode fullscreen = con->pending.fullscreen_mode;
	if (container_is_scratchpad_hidden(con) && fullscreen != FULLSCREEN_GLOBAL) {
		return;
	}
	if (fullscreen == FULLSCREEN_WORKSPACE && ws && ws->output) {
		set_content(con, tree_output_get_box(ws->output));
		return;
	}
	if (fullscreen == FULLSCREEN_GLOBAL) {
		set_content(con, con->node.tree->bounds);
		return;
	}
	struct container_state *state = &con->pending;
	state->border_top = state->border_bottom = true;
	state->border_left = state->border_right = true;
	if (!container_is_floating_or_child(con) && ws) {
		hide_edges(con, ws);
	}
	double titles = titles_above(con);
	if (titles > 0) {
		state->border_top = false;
	}
	fit_between_borders(con, titles);
}
