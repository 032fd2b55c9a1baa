/* SPDX-License-Identifier: MIT */
/* Computes pending geometry, top down, and marks what it touched as dirty. */
#ifndef TREE_ARRANGE_H
#define TREE_ARRANGE_H

struct container;
struct node;
struct tree;
struct tree_output;
struct workspace;

void arrange_container(struct container *con);
void arrange_workspace(struct workspace *ws);
void arrange_output(struct tree_output *output);
void arrange_tree(struct tree *tree);
void arrange_node(struct node *node);

#endif
