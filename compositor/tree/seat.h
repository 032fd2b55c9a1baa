/* SPDX-License-Identifier: MIT */
/*
 * A seat's focus: one stack of all nodes it has seen, most recent first. What would get the focus
 * inside a node ("inactive focus") is the first entry of the stack below it.
 */
#ifndef TREE_SEAT_H
#define TREE_SEAT_H

#include "tree/node.h"

struct tree;

struct seat_focus {
	struct wl_list link; /* tree_seat.stack */
	struct node *node;
	struct tree_seat *seat;
	struct wl_listener destroy;
};

struct tree_seat {
	struct wl_list link; /* tree.seats */
	struct tree *tree;
	char *name;  /* owned */
	void *shell; /* the desktop's seat object; borrowed */

	struct wl_list stack; /* struct seat_focus.link */
	/* False while a layer surface or an unmanaged X11 window has the keyboard. */
	bool has_focus;
	struct workspace *workspace;   /* the focused one; may be NULL */
	char *previous_workspace_name; /* owned; for back_and_forth; may be NULL */

	struct wl_listener node_created;

	struct {
		/* struct seat_focus_event: the focus has changed (also to NULL). */
		struct wl_signal focus;
	} events;
};

struct seat_focus_event {
	struct tree_seat *seat;
	struct node *old, *now; /* may be NULL */
};

struct tree_seat *tree_seat_create(struct tree *tree, const char *name, void *shell);
void tree_seat_destroy(struct tree_seat *seat);

/* The focused node, or NULL. */
struct node *tree_seat_get_focus(const struct tree_seat *seat);
struct workspace *tree_seat_focused_workspace(const struct tree_seat *seat);
struct container *tree_seat_focused_container(const struct tree_seat *seat);
struct workspace *tree_seat_last_workspace(const struct tree_seat *seat);

/*
 * Focuses a workspace or container: order of the stack, visible workspace, activation of views,
 * urgency, workspace events. NULL takes the focus away. Nothing where global fullscreen forbids it.
 */
void tree_seat_set_focus(struct tree_seat *seat, struct node *node);
void tree_seat_set_focus_container(struct tree_seat *seat, struct container *con);
void tree_seat_set_focus_workspace(struct tree_seat *seat, struct workspace *ws);
/* Only the order of the stack. */
void tree_seat_set_raw_focus(struct tree_seat *seat, struct node *node);

/* First of the stack at or below `node`; with `node` the root: anywhere. May be NULL. */
struct node *tree_seat_focus_inactive(const struct tree_seat *seat, struct node *node);
/* The same below workspaces: views only / tiling only / floating only. May be NULL. */
struct container *tree_seat_focus_inactive_view(const struct tree_seat *seat, struct node *node);
struct container *tree_seat_focus_inactive_tiling(
	const struct tree_seat *seat, struct workspace *ws);
struct container *tree_seat_focus_inactive_floating(
	const struct tree_seat *seat, struct workspace *ws);
/* The direct child of `parent` that was focused last (tiling ones only for a workspace). */
struct node *tree_seat_active_child(const struct tree_seat *seat, struct node *parent);
struct container *tree_seat_active_tiling_child(const struct tree_seat *seat, struct node *parent);
void tree_seat_for_each_node(
	struct tree_seat *seat, void (*visit)(struct node *node, void *data), void *data);

/* The first seat; NULL only before any exists. */
struct tree_seat *tree_default_seat(const struct tree *tree);
/* tree.acting_seat, else the first. */
struct tree_seat *tree_current_seat(const struct tree *tree);

#endif
