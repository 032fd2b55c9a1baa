/* SPDX-License-Identifier: MIT */
#include "tree/output.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "tree/arrange.h"
#include "tree/tree.h"

struct tree_output *tree_output_create(struct tree *tree, const char *name, const char *identifier)
{
	struct tree_output *output = vx_new(output);
	node_init(&output->node, tree, NODE_OUTPUT);
	output->name = vx_strdup(name);
	output->identifier = vx_strdup(identifier);
	output->scale = 1;
	list_append(&tree->all_outputs, output);
	wl_signal_emit_mutable(&tree->events.node_created, &output->node);
	return output;
}

void tree_output_begin_destroy(struct tree_output *output)
{
	if (output->enabled) {
		tree_output_disable(output);
	}
	list_remove(&output->node.tree->all_outputs, output);
	wl_signal_emit_mutable(&output->node.events.destroy, &output->node);
	node_set_dirty(&output->node);
	output->node.destroying = true;
}

void tree_output_destroy(struct tree_output *output)
{
	vx_assert(output->node.transaction_refs == 0);
	list_finish(&output->workspaces);
	tree_output_state_finish(&output->current);
	free(output->name);
	free(output->identifier);
	free(output);
}

/* --- Coming and going --- */

static void make_workspace(struct tree_output *output, struct workspace **ret_ws)
{
	struct tree *tree = output->node.tree;
	char *name = workspace_next_name(tree, output);
	*ret_ws = workspace_create(tree, output, name);
	free(name);
}

static void take_back_workspaces(struct tree_output *output, struct tree_output *from)
{
	struct tree *tree = output->node.tree;
	for (int i = 0; i < from->workspaces.length; i++) {
		struct workspace *ws = from->workspaces.items[i];
		if (workspace_priority_output(ws) == output) {
			tree_output_add_workspace(output, ws);
			tree_emit_workspace(tree, nullptr, ws, WORKSPACE_MOVE);
			i--;
		}
	}
	if (from->workspaces.length == 0) {
		struct workspace *ws;
		make_workspace(from, &ws);
		tree_emit_workspace(tree, nullptr, ws, WORKSPACE_INIT);
	}
}

static bool needs_new_place(const struct container *con, const struct tree_output *output)
{
	const struct container_state *state = &con->pending;
	return state->width == 0 || state->height == 0 || state->width > output->width ||
	       state->height > output->height || state->x > output->x + output->width ||
	       state->y > output->y + output->height || state->x + state->width < output->x ||
	       state->y + state->height < output->y;
}

/* Workspaces from the time without any output. */
static void take_saved_workspaces(struct tree_output *output)
{
	struct tree *tree = output->node.tree;
	struct tree_output *fallback = tree->fallback_output;
	while (fallback->workspaces.length > 0) {
		struct workspace *ws = fallback->workspaces.items[0];
		tree_output_add_workspace(output, ws);
		for (int i = 0; i < ws->floating.length; i++) {
			if (needs_new_place(ws->floating.items[i], output)) {
				container_floating_resize_and_center(ws->floating.items[i]);
			}
		}
		tree_emit_workspace(tree, nullptr, ws, WORKSPACE_MOVE);
	}
}

void tree_output_enable(struct tree_output *output)
{
	vx_assert(!output->enabled);
	struct tree *tree = output->node.tree;
	output->enabled = true;
	list_append(&tree->outputs, output);
	for (int i = 0; i < tree->outputs.length; i++) {
		if (tree->outputs.items[i] != output) {
			take_back_workspaces(output, tree->outputs.items[i]);
		}
	}
	take_saved_workspaces(output);
	tree_output_sort_workspaces(output);
	if (output->workspaces.length > 0) {
		return;
	}
	struct workspace *ws;
	make_workspace(output, &ws);
	struct tree_seat *seat;
	wl_list_for_each (seat, &tree->seats, link) {
		if (!seat->has_focus) {
			tree_seat_set_focus_workspace(seat, ws);
		}
	}
	tree_emit_workspace(tree, nullptr, ws, WORKSPACE_INIT);
}

/* Sticky windows do not make a workspace worth keeping: they go to what is visible elsewhere. */
static void evacuate_sticky(struct workspace *from, struct workspace *to)
{
	while (from->floating.length > 0) {
		struct container *con = from->floating.items[0];
		workspace_add_floating(to, con);
		container_floating_move_to_center(con);
		tree_emit_window(con, WINDOW_MOVE);
	}
	workspace_detect_urgent(to);
}

static void evacuate(struct workspace *ws)
{
	struct tree *tree = ws->node.tree;
	workspace_detach(ws);
	struct tree_output *output = workspace_priority_output(ws);
	if (!output) {
		output = tree->outputs.length > 0 ? tree->outputs.items[0] : tree->fallback_output;
	}
	struct workspace *active = tree_output_active_workspace(output);
	if (workspace_is_empty(ws)) {
		if (active && ws->floating.length > 0) {
			evacuate_sticky(ws, active);
		}
		if (ws->floating.length == 0) {
			workspace_begin_destroy(ws);
			return;
		}
	}
	workspace_add_output_priority(ws, output);
	tree_output_add_workspace(output, ws);
	tree_output_sort_workspaces(output);
	tree_emit_workspace(tree, nullptr, ws, WORKSPACE_MOVE);
	if (active) {
		workspace_consider_destroy(active);
	}
}

void tree_output_disable(struct tree_output *output)
{
	vx_assert(output->enabled);
	list_remove(&output->node.tree->outputs, output);
	output->enabled = false;
	while (output->workspaces.length > 0) {
		evacuate(output->workspaces.items[0]);
	}
}

void tree_output_set_area(struct tree_output *output, int x, int y, int width, int height,
	const struct box *usable_area)
{
	output->x = x;
	output->y = y;
	output->width = width;
	output->height = height;
	output->usable_area = usable_area ? *usable_area : (struct box){0, 0, width, height};
	arrange_output(output);
}

/* --- Finding --- */

struct workspace *tree_output_active_workspace(struct tree_output *output)
{
	if (!output) {
		return nullptr;
	}
	struct tree_seat *seat = tree_current_seat(output->node.tree);
	struct node *focus = seat ? tree_seat_active_child(seat, &output->node) : nullptr;
	if (focus) {
		return node_as_workspace(focus);
	}
	return output->workspaces.length > 0 ? output->workspaces.items[0] : nullptr;
}

bool tree_output_matches(const struct tree_output *output, const char *name_or_identifier)
{
	return strcasecmp(output->name, name_or_identifier) == 0 ||
	       strcasecmp(output->identifier, name_or_identifier) == 0;
}

struct tree_output *tree_output_by_name(struct tree *tree, const char *name_or_identifier)
{
	for (int i = 0; i < tree->outputs.length; i++) {
		if (tree_output_matches(tree->outputs.items[i], name_or_identifier)) {
			return tree->outputs.items[i];
		}
	}
	return nullptr;
}

struct tree_output *tree_output_at(struct tree *tree, double x, double y)
{
	for (int i = 0; i < tree->outputs.length; i++) {
		struct tree_output *output = tree->outputs.items[i];
		if (x >= output->x && x < output->x + output->width && y >= output->y &&
			y < output->y + output->height) {
			return output;
		}
	}
	return nullptr;
}

/* Does `other` begin where `reference` ends, seen in this direction, and share some of its edge? */
static bool lies_in_direction(const struct tree_output *reference, const struct tree_output *other,
	enum direction direction)
{
	switch (direction) {
	case DIRECTION_LEFT:
		return other->x + other->width <= reference->x;
	case DIRECTION_RIGHT:
		return other->x >= reference->x + reference->width;
	case DIRECTION_UP:
		return other->y + other->height <= reference->y;
	case DIRECTION_DOWN:
		return other->y >= reference->y + reference->height;
	}
	return false;
}

static double square_distance(const struct tree_output *output, double x, double y)
{
	double left = output->x, right = output->x + output->width - 1;
	double top = output->y, bottom = output->y + output->height - 1;
	double dx = x < left ? left - x : x > right ? x - right : 0;
	double dy = y < top ? top - y : y > bottom ? y - bottom : 0;
	return dx * dx + dy * dy;
}

static struct tree_output *find_in_direction(struct tree *tree, struct tree_output *reference,
	enum direction direction, double x, double y, bool farthest)
{
	struct tree_output *best = nullptr;
	double best_distance = 0;
	for (int i = 0; i < tree->outputs.length; i++) {
		struct tree_output *other = tree->outputs.items[i];
		if (other == reference || !lies_in_direction(reference, other, direction)) {
			continue;
		}
		double distance = square_distance(other, x, y);
		/* As in sway, an output that holds the point itself is never the farthest. */
		if (farthest ? distance > best_distance : !best || distance < best_distance) {
			best = other;
			best_distance = distance;
		}
	}
	return best;
}

struct tree_output *tree_output_in_direction(struct tree *tree, struct tree_output *reference,
	enum direction direction, double x, double y)
{
	return find_in_direction(tree, reference, direction, x, y, false);
}

struct tree_output *tree_output_farthest(struct tree *tree, struct tree_output *reference,
	enum direction direction, double x, double y)
{
	return find_in_direction(tree, reference, direction, x, y, true);
}

/* --- Workspaces --- */

void tree_output_add_workspace(struct tree_output *output, struct workspace *ws)
{
	if (ws->output) {
		workspace_detach(ws);
	}
	list_append(&output->workspaces, ws);
	ws->output = output;
	node_set_dirty(&output->node);
	node_set_dirty(&ws->node);
}

/* Numbered before named; numbered ones by number. */
static bool sorts_after(const struct workspace *ws, const struct workspace *other)
{
	bool is_number = isdigit((unsigned char)ws->name[0]);
	bool other_is_number = isdigit((unsigned char)other->name[0]);
	if (is_number && other_is_number) {
		return strtol(ws->name, nullptr, 10) > strtol(other->name, nullptr, 10);
	}
	return !is_number && other_is_number;
}

void tree_output_sort_workspaces(struct tree_output *output)
{
	struct workspace **items = output->workspaces.items;
	for (int i = 1; i < output->workspaces.length; i++) {
		struct workspace *ws = items[i];
		int at = i;
		for (; at > 0 && sorts_after(items[at - 1], ws); at--) {
			items[at] = items[at - 1];
		}
		items[at] = ws;
	}
}

struct box tree_output_get_box(const struct tree_output *output)
{
	return (struct box){output->x, output->y, output->width, output->height};
}
