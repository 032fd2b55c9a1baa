/* SPDX-License-Identifier: MIT */
#include "tree/node.h"

#include <math.h>

#include "common/log.h"
#include "tree/tree.h"

void node_init(struct node *node, struct tree *tree, enum node_type type)
{
	node->type = type;
	node->tree = tree;
	node->id = ++tree->next_id;
	wl_signal_init(&node->events.destroy);
	wl_signal_init(&node->events.free);
}

void node_set_dirty(struct node *node)
{
	if (node->dirty || node->destroying) {
		return;
	}
	struct tree *tree = node->tree;
	node->dirty = true;
	list_append(&tree->dirty, node);
	if (tree->dirty.length == 1) {
		wl_signal_emit_mutable(&tree->events.dirty, nullptr);
	}
}

struct tree_output *node_as_output(struct node *node)
{
	struct tree_output *output = nullptr;
	return node && node->type == NODE_OUTPUT ? wl_container_of(node, output, node) : nullptr;
}

struct workspace *node_as_workspace(struct node *node)
{
	struct workspace *ws = nullptr;
	return node && node->type == NODE_WORKSPACE ? wl_container_of(node, ws, node) : nullptr;
}

struct container *node_as_container(struct node *node)
{
	struct container *con = nullptr;
	return node && node->type == NODE_CONTAINER ? wl_container_of(node, con, node) : nullptr;
}

void node_retain(struct node *node)
{
	node->transaction_refs++;
}

void node_release(struct node *node)
{
	vx_assert(node->transaction_refs > 0);
	node->transaction_refs--;
	if (node->destroying && node->transaction_refs == 0 && !node->dirty) {
		node_free(node);
	}
}

void node_free(struct node *node)
{
	wl_signal_emit_mutable(&node->events.free, node);
	switch (node->type) {
	case NODE_ROOT:
		break;
	case NODE_OUTPUT:
		tree_output_destroy(node_as_output(node));
		break;
	case NODE_WORKSPACE:
		workspace_destroy(node_as_workspace(node));
		break;
	case NODE_CONTAINER:
		container_destroy(node_as_container(node));
		break;
	}
}

bool node_is_view(const struct node *node)
{
	const struct container *con = node_as_container((struct node *)node);
	return con && con->view;
}

struct node *node_get_parent(const struct node *node)
{
	struct node *self = (struct node *)node;
	switch (node->type) {
	case NODE_CONTAINER: {
		struct container *con = node_as_container(self);
		if (con->pending.parent) {
			return &con->pending.parent->node;
		}
		return con->pending.workspace ? &con->pending.workspace->node : nullptr;
	}
	case NODE_WORKSPACE: {
		struct workspace *ws = node_as_workspace(self);
		return ws->output ? &ws->output->node : nullptr;
	}
	case NODE_OUTPUT:
		return &node->tree->node;
	case NODE_ROOT:
		break;
	}
	return nullptr;
}

struct workspace *node_get_workspace(const struct node *node)
{
	struct node *self = (struct node *)node;
	struct container *con = node_as_container(self);
	return con ? con->pending.workspace : node_as_workspace(self);
}

struct tree_output *node_get_output(const struct node *node)
{
	if (node->type == NODE_OUTPUT) {
		return node_as_output((struct node *)node);
	}
	struct workspace *ws = node_get_workspace(node);
	return ws ? ws->output : nullptr;
}

/* A global fullscreen container counts as a child of the root, wherever it is. */
static bool is_fullscreen_global(const struct node *node)
{
	const struct container *con = node_as_container((struct node *)node);
	return con && con->pending.fullscreen_mode == FULLSCREEN_GLOBAL;
}

bool node_has_ancestor(const struct node *node, const struct node *ancestor)
{
	bool of_root = ancestor->type == NODE_ROOT;
	while (node) {
		if (of_root && is_fullscreen_global(node)) {
			return true;
		}
		node = node_get_parent(node);
		if (node == ancestor) {
			return true;
		}
	}
	return false;
}

struct box node_get_box(const struct node *node)
{
	struct node *self = (struct node *)node;
	switch (node->type) {
	case NODE_OUTPUT:
		return tree_output_get_box(node_as_output(self));
	case NODE_WORKSPACE:
		return workspace_get_box(node_as_workspace(self));
	case NODE_CONTAINER:
		return container_get_box(node_as_container(self));
	case NODE_ROOT:
		break;
	}
	return node->tree->bounds;
}

struct box box_truncate(struct box box)
{
	return (struct box){.x = trunc(box.x),
		.y = trunc(box.y),
		.width = trunc(box.width),
		.height = trunc(box.height)};
}

int pixels_from(double value)
{
	if (!(value == value)) {
		return 0;
	}
	return (int)fmax(-max_pixels, fmin(value, max_pixels));
}

bool box_is_empty(struct box box)
{
	return box.width <= 0 || box.height <= 0;
}
