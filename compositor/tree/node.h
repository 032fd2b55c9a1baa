/* SPDX-License-Identifier: MIT */
/*
 * What the root, outputs, workspaces and containers have in common: an id for IPC, a place in the
 * list of nodes that changed, and a life that lasts until no transaction refers to them any more.
 */
#ifndef TREE_NODE_H
#define TREE_NODE_H

#include <stdint.h>
#include <wayland-server-core.h>

struct container;
struct node_instruction; /* shell/transaction.c: what a node's pending transaction will do to it */
struct tree;
struct tree_output;
struct workspace;

enum node_type : unsigned {
	NODE_ROOT,
	NODE_OUTPUT,
	NODE_WORKSPACE,
	NODE_CONTAINER,
};

/* Where a change of focus or a move goes; also neighbours of outputs. */
enum direction : unsigned {
	DIRECTION_LEFT,
	DIRECTION_RIGHT,
	DIRECTION_UP,
	DIRECTION_DOWN,
};

static inline bool direction_is_horizontal(enum direction direction)
{
	return direction == DIRECTION_LEFT || direction == DIRECTION_RIGHT;
}

/* Pixels of the layout; x and y are layout coordinates unless said otherwise. */
struct box {
	double x, y, width, height;
};

struct node {
	enum node_type type;
	size_t id; /* unique while the compositor runs; never 0 */
	struct tree *tree;

	/* Changed since the last transaction; in tree.dirty. */
	bool dirty;
	/* Out of the pending tree. Freed once transaction_refs is 0; see node_release(). */
	bool destroying;
	/* Held by transactions (struct node_instruction) that are not applied yet. */
	int transaction_refs;
	struct node_instruction *instruction; /* shell's; may be NULL */

	/* Scene objects and the like of this node, made and freed by shell/. May be NULL. */
	void *shell;

	struct {
		struct wl_signal destroy; /* struct node: leaves the pending tree */
		struct wl_signal free;    /* struct node: about to be freed; shell frees `shell` */
	} events;
};

/* For the types that embed a node. */
void node_init(struct node *node, struct tree *tree, enum node_type type);

/* Adds the node to tree.dirty (once) and emits tree.events.dirty if the list was empty. */
void node_set_dirty(struct node *node);

/* The thing that embeds this node, or NULL where it is of another type. `node` may be NULL. */
struct tree_output *node_as_output(struct node *node);
struct workspace *node_as_workspace(struct node *node);
struct container *node_as_container(struct node *node);

/* Transactions: hold a node (transaction_refs), and let go: frees it if it is destroying. */
void node_retain(struct node *node);
void node_release(struct node *node);
/* Transactions: frees a node that is destroying, not dirty any more and held by none. */
void node_free(struct node *node);

bool node_is_view(const struct node *node);
/* The node that this one is in (pending), or NULL: workspaces of outputs, outputs of the root. */
struct node *node_get_parent(const struct node *node);
/* The workspace that a container is on, or a workspace itself; else NULL. `node` may be NULL. */
struct workspace *node_get_workspace(const struct node *node);
struct tree_output *node_get_output(const struct node *node);
bool node_has_ancestor(const struct node *node, const struct node *ancestor);
/* The box of a node of any type (pending). */
struct box node_get_box(const struct node *node);

/* Whole pixels, towards zero. */
struct box box_truncate(struct box box);
bool box_is_empty(struct box box);

/* No place, size or amount is farther from 0 than this, whatever scripts ask for: sums stay in an
 * int. */
static constexpr int max_pixels = 10'000'000;
/* Towards zero and within max_pixels; NAN is 0. */
int pixels_from(double value);

#endif
