/* SPDX-License-Identifier: MIT */
/* The order in which the children of a node had the focus, as JSON. */
#include "ipc/describe.h"
#include "tree/tree.h"

struct focus_list {
	struct describe *describe;
	struct node *parent;
	yyjson_mut_val *array;
};

static bool array_has(yyjson_mut_val *array, int64_t id)
{
	size_t index, max;
	yyjson_mut_val *item;
	yyjson_mut_arr_foreach(array, index, max, item)
	{
		if (yyjson_mut_get_sint(item) == id) {
			return true;
		}
	}
	return false;
}

/* The root's children are outputs, which have no place in the stack themselves. */
static void collect_focus(struct node *node, void *data)
{
	struct focus_list *list = data;
	if (list->parent->type == NODE_ROOT) {
		struct tree_output *output = node_get_output(node);
		if (!output || array_has(list->array, (int64_t)output->node.id)) {
			return;
		}
		node = &output->node;
	} else if (node_get_parent(node) != list->parent) {
		return;
	}
	yyjson_mut_arr_add_int(list->describe->doc, list->array, (int64_t)node->id);
}

yyjson_mut_val *describe_focus_order(struct describe *describe, struct node *node)
{
	struct focus_list list = {describe, node, yyjson_mut_arr(describe->doc)};
	struct tree_seat *seat = tree_default_seat(node->tree);
	if (seat && !node_is_view(node)) {
		tree_seat_for_each_node(seat, collect_focus, &list);
	}
	return list.array;
}
