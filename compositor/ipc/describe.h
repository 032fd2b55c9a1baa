/* SPDX-License-Identifier: MIT */
/* The tree, devices and settings as JSON with i3's and sway's field names. */
#ifndef IPC_DESCRIBE_H
#define IPC_DESCRIBE_H

#include <yyjson.h>

struct bar_config;
struct binding;
struct config;
struct container;
struct desktop;
struct desktop_input;
struct node;
struct session;
struct tree;

/* What a description is made with. Values belong to `doc`. */
struct describe {
	yyjson_mut_doc *doc;
	struct session *session;
};

/* A node with all below it. */
yyjson_mut_val *describe_node(struct describe *describe, struct node *node);
/* The root with the scratchpad's output. */
yyjson_mut_val *describe_tree(struct describe *describe);

/* Arrays for GET_WORKSPACES, GET_OUTPUTS, GET_INPUTS, GET_SEATS, GET_MARKS. */
yyjson_mut_val *describe_workspaces(struct describe *describe);
yyjson_mut_val *describe_outputs(struct describe *describe);
yyjson_mut_val *describe_inputs(struct describe *describe);
yyjson_mut_val *describe_seats(struct describe *describe);
yyjson_mut_val *describe_marks(struct describe *describe);

yyjson_mut_val *describe_input(struct describe *describe, const struct desktop_input *input);
yyjson_mut_val *describe_bar(struct describe *describe, const struct bar_config *bar);
/* NULL: not a kind of binding that is told of. */
yyjson_mut_val *describe_binding(struct describe *describe, const struct binding *binding);

/* For describe.c: app_id, sandbox, VM and so on of a container with a view. */
void describe_add_view(struct describe *describe, yyjson_mut_val *object, struct container *con);

/* For describe_output.c: an output without children. */
struct tree_output;
yyjson_mut_val *describe_enabled_output(struct describe *describe, struct tree_output *output);
/* For describe.c: what an output that is on has beyond a node; borrowed by the document's life. */
struct desktop_output;
void describe_output_fields(
	struct describe *describe, yyjson_mut_val *object, struct node *output_node);

/* For describe.c: the ids of a node's children, the one that had the focus last first. */
yyjson_mut_val *describe_focus_order(struct describe *describe, struct node *node);

/* A string that may be NULL (null), copied. */
void describe_add_string(
	struct describe *describe, yyjson_mut_val *object, const char *key, const char *value);
/* The same, left out where it is NULL. */
void describe_add_known(
	struct describe *describe, yyjson_mut_val *object, const char *key, const char *value);

#endif
