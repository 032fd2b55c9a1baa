/* SPDX-License-Identifier: MIT */
#include "tree/tree.h"

#include "common/log.h"

struct tree *tree_create(const struct tree_options *options)
{
	struct tree *tree = vx_new(tree);
	tree->options = options;
	wl_list_init(&tree->seats);
	wl_signal_init(&tree->events.dirty);
	wl_signal_init(&tree->events.node_created);
	wl_signal_init(&tree->events.window);
	wl_signal_init(&tree->events.workspace);
	wl_signal_init(&tree->events.output);
	wl_signal_init(&tree->events.look);
	wl_signal_init(&tree->events.urgent_timer);
	wl_signal_init(&tree->events.view_policy);
	wl_signal_init(&tree->events.warp);
	wl_signal_init(&tree->events.end_mouse_operation);
	node_init(&tree->node, tree, NODE_ROOT);
	tree->fallback_output = tree_output_create(tree, "FALLBACK", "fallback");
	list_remove(&tree->all_outputs, tree->fallback_output);
	return tree;
}

static void finish_dirty(struct tree *tree)
{
	for (int i = 0; i < tree->dirty.length; i++) {
		struct node *node = tree->dirty.items[i];
		node->dirty = false;
		if (node->destroying && node->transaction_refs == 0) {
			node_free(node);
		}
	}
	list_finish(&tree->dirty);
}

void tree_destroy(struct tree *tree)
{
	if (!tree) {
		return;
	}
	vx_assert(wl_list_empty(&tree->seats));
	struct tree_output *fallback = tree->fallback_output;
	while (fallback->workspaces.length > 0) {
		workspace_begin_destroy(fallback->workspaces.items[0]);
	}
	tree_output_begin_destroy(fallback);
	finish_dirty(tree);
	list_finish(&tree->outputs);
	list_finish(&tree->all_outputs);
	list_finish(&tree->scratchpad);
	free(tree);
}

void tree_set_bounds(struct tree *tree, struct box bounds)
{
	tree->bounds = bounds;
}

void tree_emit_window(struct container *con, enum tree_window_change change)
{
	struct tree_window_event event = {.change = change, .container = con};
	wl_signal_emit_mutable(&con->node.tree->events.window, &event);
}

void tree_emit_workspace(struct tree *tree, struct workspace *old, struct workspace *current,
	enum tree_workspace_change change)
{
	struct tree_workspace_event event = {.change = change, .old = old, .current = current};
	wl_signal_emit_mutable(&tree->events.workspace, &event);
}

/* --- Visiting and finding --- */

void tree_for_each_workspace(
	struct tree *tree, void (*visit)(struct workspace *ws, void *data), void *data)
{
	for (int i = 0; i < tree->outputs.length; i++) {
		struct tree_output *output = tree->outputs.items[i];
		for (int j = 0; j < output->workspaces.length; j++) {
			visit(output->workspaces.items[j], data);
		}
	}
}

struct workspace *tree_find_workspace(
	struct tree *tree, bool (*test)(struct workspace *ws, void *data), void *data)
{
	for (int i = 0; i < tree->outputs.length; i++) {
		struct tree_output *output = tree->outputs.items[i];
		for (int j = 0; j < output->workspaces.length; j++) {
			if (test(output->workspaces.items[j], data)) {
				return output->workspaces.items[j];
			}
		}
	}
	return nullptr;
}

static struct container *find_on_output(const struct tree_output *output,
	bool (*test)(struct container *con, void *data), void *data)
{
	for (int i = 0; i < output->workspaces.length; i++) {
		struct container *found = workspace_find_container(
			output->workspaces.items[i], test, data);
		if (found) {
			return found;
		}
	}
	return nullptr;
}

static struct container *find_in_scratchpad(
	struct tree *tree, bool (*test)(struct container *con, void *data), void *data)
{
	for (int i = 0; i < tree->scratchpad.length; i++) {
		struct container *con = tree->scratchpad.items[i];
		if (!container_is_scratchpad_hidden(con)) {
			continue;
		}
		struct container *found = test(con, data) ? con
							  : container_find_child(con, test, data);
		if (found) {
			return found;
		}
	}
	return nullptr;
}

/* Outputs in order, then the hidden scratchpad, then workspaces without an output. */
struct container *tree_find_container(
	struct tree *tree, bool (*test)(struct container *con, void *data), void *data)
{
	struct container *found = nullptr;
	for (int i = 0; !found && i < tree->outputs.length; i++) {
		found = find_on_output(tree->outputs.items[i], test, data);
	}
	if (!found) {
		found = find_in_scratchpad(tree, test, data);
	}
	return found ? found : find_on_output(tree->fallback_output, test, data);
}

struct visitor {
	void (*visit)(struct container *con, void *data);
	void *data;
};

static bool visit_and_go_on(struct container *con, void *data)
{
	const struct visitor *visitor = data;
	visitor->visit(con, visitor->data);
	return false;
}

void tree_for_each_container(
	struct tree *tree, void (*visit)(struct container *con, void *data), void *data)
{
	struct visitor visitor = {visit, data};
	tree_find_container(tree, visit_and_go_on, &visitor);
}

static bool test_id(struct container *con, void *data)
{
	return con->node.id == *(const size_t *)data;
}

struct container *tree_container_by_id(struct tree *tree, size_t id)
{
	return tree_find_container(tree, test_id, &id);
}
