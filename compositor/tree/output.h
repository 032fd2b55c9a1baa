/* SPDX-License-Identifier: MIT */
/* Outputs as the tree sees them: a name, a place in the layout, workspaces. */
#ifndef TREE_OUTPUT_H
#define TREE_OUTPUT_H

#include "tree/list.h"
#include "tree/node.h"
#include "tree/workspace.h"

struct tree_output_state {
	LIST(struct workspace) workspaces;
	struct workspace *active_workspace;
};

struct tree_output {
	struct node node;
	char *name;       /* owned, "HEADLESS-1" */
	char *identifier; /* owned, "Make Model Serial" */
	bool enabled;

	/* Set by the desktop through tree_output_set_area(); layout coordinates. */
	int x, y, width, height;
	struct box usable_area; /* without layer-shell panels; relative to the output */
	float scale;            /* for IPC and title bars */

	LIST(struct workspace) workspaces;
	struct tree_output_state current;
};

/* Disabled and without workspaces. Owned by the desktop's output object; tree_output_destroy(). */
struct tree_output *tree_output_create(struct tree *tree, const char *name, const char *identifier);
/* The output is gone: disables, and frees once no transaction needs it. */
void tree_output_begin_destroy(struct tree_output *output);
/* For node_release(). */
void tree_output_destroy(struct tree_output *output);

/* Connects: takes its workspaces back, or makes a first one, and focuses it where nothing is. */
void tree_output_enable(struct tree_output *output);
/* Moves its workspaces elsewhere. */
void tree_output_disable(struct tree_output *output);

/* New place or size; arranges. `usable_area` NULL: everything. */
void tree_output_set_area(struct tree_output *output, int x, int y, int width, int height,
	const struct box *usable_area);

struct workspace *tree_output_active_workspace(struct tree_output *output);
/* By name or identifier; also "current", left, right, up and down from `reference`. May be NULL. */
struct tree_output *tree_output_by_name(struct tree *tree, const char *name_or_identifier);
struct tree_output *tree_output_in_direction(struct tree *tree, struct tree_output *reference,
	enum direction direction, double x, double y);
/* The farthest one in that direction, where wrapping around the other way comes out. */
struct tree_output *tree_output_farthest(struct tree *tree, struct tree_output *reference,
	enum direction direction, double x, double y);
struct tree_output *tree_output_at(struct tree *tree, double x, double y);
bool tree_output_matches(const struct tree_output *output, const char *name_or_identifier);

void tree_output_add_workspace(struct tree_output *output, struct workspace *ws);
void tree_output_sort_workspaces(struct tree_output *output);
struct box tree_output_get_box(const struct tree_output *output);

/* For transactions. */
void tree_output_snapshot(struct tree_output *output, struct tree_output_state *ret_state);
void tree_output_apply(struct tree_output *output, struct tree_output_state *state);
void tree_output_state_finish(struct tree_output_state *state);

#endif
