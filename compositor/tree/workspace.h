/* SPDX-License-Identifier: MIT */
/* Workspaces: a tiling layout and floating containers, on an output. */
#ifndef TREE_WORKSPACE_H
#define TREE_WORKSPACE_H

#include "tree/container.h"
#include "tree/list.h"
#include "tree/node.h"
#include "tree/options.h"

struct tree_seat;
struct view;

struct workspace_state {
	struct container *fullscreen; /* may be NULL */
	double x, y, width, height;
	enum container_layout layout;
	struct tree_output *output; /* may be NULL */
	struct container_list floating;
	struct container_list tiling;
	struct container *focused_inactive_child; /* `current` only */
	bool focused;                             /* `current` only */
};

struct workspace {
	struct node node;
	char *name;           /* owned */
	char *representation; /* owned; may be NULL */

	/* The area that tiles share: the output's usable area without gaps. */
	double x, y, width, height;
	enum container_layout layout;
	enum container_layout previous_split_layout;
	struct container *fullscreen; /* pending; may be NULL */
	struct tree_output *output;   /* NULL while no output is connected */

	struct container_list floating; /* bottom to top */
	struct container_list tiling;
	LIST(char) output_priority; /* owned names or identifiers of outputs, best first */

	bool urgent;
	struct gaps current_gaps; /* inner and outer together, as applied */
	int gaps_inner;
	struct gaps gaps_outer;

	struct workspace_state current;
};

/* `output` may be NULL: the one that assignment or the configuration gives. Emits workspace::init.
 */
struct workspace *workspace_create(struct tree *tree, struct tree_output *output, const char *name);
/* Where workspace_create() would put a workspace of that name. */
struct tree_output *workspace_initial_output(struct tree *tree, const char *name);
void workspace_destroy(struct workspace *ws);
void workspace_begin_destroy(struct workspace *ws);
/* Destroys the workspace where it is empty and invisible. */
void workspace_consider_destroy(struct workspace *ws);

/* By name without regard to case, number, or words like next, prev_on_output, back_and_forth,
 * current. */
struct workspace *workspace_by_name(struct tree *tree, struct tree_seat *seat, const char *name);
struct workspace *workspace_by_number(struct tree *tree, const char *name);
/* A name that no workspace has, from assignments, bindings or numbers; owned by the caller. */
char *workspace_next_name(struct tree *tree, const struct tree_output *output);
/* Focuses the workspace (pending), with auto-back-and-forth where asked for. */
bool workspace_switch(struct tree_seat *seat, struct workspace *ws);
struct workspace *workspace_auto_back_and_forth(struct tree_seat *seat, struct workspace *ws);
struct workspace *workspace_output_next(struct workspace *current);
struct workspace *workspace_output_prev(struct workspace *current);
struct workspace *workspace_next(struct workspace *current);
struct workspace *workspace_prev(struct workspace *current);
/* The leading number of a name, or -1. */
int workspace_name_number(const char *name);

bool workspace_is_visible(const struct workspace *ws);
bool workspace_is_empty(const struct workspace *ws);
void workspace_detach(struct workspace *ws);
void workspace_detect_urgent(struct workspace *ws);
void workspace_update_representation(struct workspace *ws);

struct container *workspace_add_tiling(struct workspace *ws, struct container *con);
struct container *workspace_insert_tiling(struct workspace *ws, struct container *con, int index);
/* The same without workspace_layout. */
void workspace_insert_tiling_direct(struct workspace *ws, struct container *con, int index);
void workspace_add_floating(struct workspace *ws, struct container *con);
struct container *workspace_wrap_children(struct workspace *ws);
void workspace_unwrap_children(struct workspace *ws, struct container *wrap);
/* All tiling children into a new split of the workspace's old layout; see `split`. */
struct container *workspace_split(struct workspace *ws, enum container_layout layout);
enum container_layout workspace_default_layout(const struct workspace *ws);
void workspace_add_gaps(struct workspace *ws);
/* Best output of output_priority that is connected, or NULL. */
struct tree_output *workspace_priority_output(const struct workspace *ws);

/* Makes `output` come before `old` in the priorities, where `old` is one. */
void workspace_raise_output_priority(
	struct workspace *ws, const struct tree_output *old, const struct tree_output *output);
void workspace_add_output_priority(struct workspace *ws, const struct tree_output *output);
void workspace_move_to_output(struct workspace *ws, struct tree_output *output);
void workspace_squash(struct workspace *ws);
bool workspace_has_single_visible_container(struct workspace *ws);

size_t workspace_count_tiling_views(const struct workspace *ws);
void workspace_for_each_container(
	struct workspace *ws, void (*visit)(struct container *con, void *data), void *data);
struct container *workspace_find_container(
	struct workspace *ws, bool (*test)(struct container *con, void *data), void *data);

struct box workspace_get_box(const struct workspace *ws);

/* For transactions. */
void workspace_snapshot(struct workspace *ws, struct workspace_state *ret_state);
void workspace_apply(struct workspace *ws, struct workspace_state *state);
void workspace_state_finish(struct workspace_state *state);

#endif
