/* SPDX-License-Identifier: MIT */
/* Floating containers: going there and back, sizes and places. */
#include <float.h>
#include <limits.h>
#include <math.h>

#include "tree/arrange.h"
#include "tree/container.h"
#include "tree/tree.h"

/* A configured limit: -1 is none, 0 the default. */
static int size_limit(int configured, int none, int automatic)
{
	return configured == -1 ? none : configured == 0 ? automatic : configured;
}

void container_floating_size_limits(
	struct container *con, int *min_width, int *max_width, int *min_height, int *max_height)
{
	const struct tree *tree = con->node.tree;
	const struct tree_options *options = tree->options;
	*min_width = size_limit(options->floating_minimum_width, 0, 75);
	*min_height = size_limit(options->floating_minimum_height, 0, 50);
	*max_width = size_limit(options->floating_maximum_width, INT_MAX, (int)tree->bounds.width);
	*max_height = size_limit(
		options->floating_maximum_height, INT_MAX, (int)tree->bounds.height);
}

static double clamp(double value, double min, double max)
{
	return fmax(min, fmin(value, max));
}

static void set_content_size(struct container *con, double width, double height)
{
	int min_width, max_width, min_height, max_height;
	container_floating_size_limits(con, &min_width, &max_width, &min_height, &max_height);
	width = clamp(width, min_width, max_width);
	height = clamp(height, min_height, max_height);
	if (!con->view) {
		con->pending.width = width;
		con->pending.height = height;
		return;
	}
	con->pending.content_width = width;
	con->pending.content_height = height;
	container_set_geometry_from_content(con);
}

static void set_natural_size(struct container *con)
{
	if (con->view) {
		set_content_size(con, con->view->natural_width, con->view->natural_height);
	} else {
		set_content_size(con, con->pending.width, con->pending.height);
	}
}

void container_floating_set_default_size(struct container *con)
{
	struct box box = workspace_get_box(con->pending.workspace);
	set_content_size(con, box.width * 0.5, box.height * 0.75);
}

/* Content that does not fit beside the panels is centred on the whole output. */
static void center_content(struct container *con, struct box output)
{
	const struct workspace *ws = con->pending.workspace;
	struct container_state *state = &con->pending;
	double width = con->view ? state->content_width : state->width;
	double height = con->view ? state->content_height : state->height;
	bool fits = width <= ws->width && height <= ws->height;
	struct box area = fits ? (struct box){ws->x, ws->y, ws->width, ws->height} : output;
	double x = area.x + (area.width - width) / 2, y = area.y + (area.height - height) / 2;
	if (!con->view) {
		state->x = x;
		state->y = y;
		return;
	}
	state->content_x = x;
	state->content_y = y;
	state->border_top = state->border_bottom = true;
	state->border_left = state->border_right = true;
	container_set_geometry_from_content(con);
}

void container_floating_resize_and_center(struct container *con)
{
	struct workspace *ws = con->pending.workspace;
	if (!ws) {
		set_natural_size(con);
		return;
	}
	struct box output = ws->output ? tree_output_get_box(ws->output) : (struct box){};
	if (box_is_empty(output)) {
		/* No output is connected; done again when the workspace comes to one. */
		con->pending.x = con->pending.y = 0;
		con->pending.width = con->pending.height = 0;
		return;
	}
	set_natural_size(con);
	center_content(con, output);
}

void container_set_geometry_from_content(struct container *con)
{
	struct container_state *state = &con->pending;
	double border = 0, top = 0;
	if (state->border != BORDER_CSD && state->fullscreen_mode == FULLSCREEN_NONE) {
		border = state->border == BORDER_NONE ? 0 : state->border_thickness;
		top = state->border == BORDER_NORMAL ? (double)container_titlebar_height(con)
						     : border;
	}
	state->x = state->content_x - border;
	state->y = state->content_y - top;
	state->width = state->content_width + border * 2;
	state->height = top + state->content_height + border;
	node_set_dirty(&con->node);
}

static void set_csd(struct container *con, bool csd)
{
	struct view *view = con->view;
	if (!view || !view->using_csd) {
		return;
	}
	if (csd) {
		con->saved_border = con->pending.border;
		con->pending.border = BORDER_CSD;
	} else {
		con->pending.border = con->saved_border;
	}
	if (view->impl->set_csd) {
		view->impl->set_csd(view, csd);
	}
}

static void enable_floating(struct container *con, struct tree_seat *seat, bool is_focused)
{
	struct workspace *ws = con->pending.workspace;
	struct container *parent = con->pending.parent;
	container_detach(con);
	workspace_add_floating(ws, con);
	if (con->view) {
		con->view->impl->set_tiled(con->view, false);
		set_csd(con, true);
	}
	container_floating_set_default_size(con);
	container_floating_resize_and_center(con);
	if (parent) {
		if (is_focused) {
			tree_seat_set_raw_focus(seat, &parent->node);
			tree_seat_set_raw_focus(seat, &con->node);
		}
		container_reap_empty(parent);
	}
}

static void disable_floating(struct container *con, struct tree_seat *seat)
{
	struct workspace *ws = con->pending.workspace;
	if (con->scratchpad) {
		tree_scratchpad_remove(con);
	}
	container_detach(con);
	struct container *reference = tree_seat_focus_inactive_tiling(seat, ws);
	if (reference) {
		if (reference->view) {
			container_add_sibling(reference, con, true);
		} else {
			container_add_child(reference, con);
		}
		con->pending.width = reference->pending.width;
		con->pending.height = reference->pending.height;
	} else {
		struct container *placed = workspace_add_tiling(ws, con);
		placed->pending.width = ws->width;
		placed->pending.height = ws->height;
	}
	if (con->view) {
		con->view->impl->set_tiled(con->view, true);
		set_csd(con, false);
	}
	con->width_fraction = con->height_fraction = 0;
}

void container_set_floating(struct container *con, bool enable)
{
	if (container_is_floating(con) == enable) {
		return;
	}
	struct tree_seat *seat = tree_current_seat(con->node.tree);
	if (enable) {
		enable_floating(con, seat, tree_seat_focused_container(seat) == con);
	} else {
		disable_floating(con, seat);
	}
	container_end_mouse_operation(con);
	tree_emit_window(con, WINDOW_FLOATING);
}

void container_floating_translate(struct container *con, double x, double y)
{
	con->pending.x += x;
	con->pending.y += y;
	con->pending.content_x += x;
	con->pending.content_y += y;
	for (int i = 0; i < con->pending.children.length; i++) {
		container_floating_translate(con->pending.children.items[i], x, y);
	}
	node_set_dirty(&con->node);
}

/* Of `value` to the pixels of an interval. */
static double distance_to(double value, double start, double size)
{
	double end = start + size;
	return value < start ? start - value : value >= end ? value - (end - 1) : 0;
}

struct tree_output *container_floating_find_output(const struct container *con)
{
	const struct tree *tree = con->node.tree;
	double x = con->pending.x + con->pending.width / 2;
	double y = con->pending.y + con->pending.height / 2;
	struct tree_output *closest = nullptr;
	double closest_distance = DBL_MAX;
	for (int i = 0; i < tree->outputs.length; i++) {
		struct tree_output *output = tree->outputs.items[i];
		double dx = distance_to(x, output->x, output->width);
		double dy = distance_to(y, output->y, output->height);
		double distance = dx * dx + dy * dy;
		if (distance < closest_distance) {
			closest = output;
			closest_distance = distance;
		}
	}
	return closest;
}

void container_floating_move_to(struct container *con, double x, double y)
{
	x = fmax(-max_pixels, fmin(x, max_pixels));
	y = fmax(-max_pixels, fmin(y, max_pixels));
	container_floating_translate(con, x - con->pending.x, y - con->pending.y);
	if (container_is_scratchpad_hidden(con)) {
		return;
	}
	struct workspace *old = con->pending.workspace;
	struct tree_output *output = container_floating_find_output(con);
	struct workspace *ws = output ? tree_output_active_workspace(output) : nullptr;
	if (!ws || ws == old) {
		return;
	}
	container_detach(con);
	workspace_add_floating(ws, con);
	arrange_workspace(old);
	arrange_workspace(ws);
	if (con->scratchpad) {
		con->scratchpad_transform = tree_output_get_box(output);
	}
	workspace_detect_urgent(old);
	workspace_detect_urgent(ws);
}

void container_floating_move_to_center(struct container *con)
{
	const struct workspace *ws = con->pending.workspace;
	double x = ws->x + (ws->width - con->pending.width) / 2;
	double y = ws->y + (ws->height - con->pending.height) / 2;
	container_floating_translate(con, x - con->pending.x, y - con->pending.y);
}

void container_floating_fix_coordinates(struct container *con, struct box from, struct box to)
{
	if (from.width == 0 || from.height == 0) {
		container_floating_move_to_center(con);
		return;
	}
	struct container_state *state = &con->pending;
	double center_x = state->x - from.x + state->width / 2;
	double center_y = state->y - from.y + state->height / 2;
	state->x = to.x + center_x * to.width / from.width - state->width / 2;
	state->y = to.y + center_y * to.height / from.height - state->height / 2;
}

void container_raise_floating(struct container *con)
{
	struct container *floater = container_toplevel_ancestor(con);
	struct workspace *ws = floater->pending.workspace;
	if (ws && container_is_floating(floater)) {
		list_remove(&ws->floating, floater);
		list_append(&ws->floating, floater);
		node_set_dirty(&ws->node);
	}
}
