/* SPDX-License-Identifier: MIT */
/*
 * Containers: the inner nodes of the tree. A container holds either a view (a window) or children
 * in a layout, never both. What commands and windows ask for is in `pending`; what is on screen is
 * in `current`, which shell/transaction.c copies once the clients have answered.
 */
#ifndef TREE_CONTAINER_H
#define TREE_CONTAINER_H

#include "tree/list.h"
#include "tree/node.h"

struct seat_focus;
struct tree_options;
struct view;

enum container_layout : unsigned {
	LAYOUT_NONE,
	LAYOUT_HORIZ,
	LAYOUT_VERT,
	LAYOUT_STACKED,
	LAYOUT_TABBED,
};

enum container_border : unsigned {
	BORDER_NONE,
	BORDER_PIXEL,
	BORDER_NORMAL,
	BORDER_CSD,
};

enum fullscreen_mode : unsigned {
	FULLSCREEN_NONE,
	FULLSCREEN_WORKSPACE,
	FULLSCREEN_GLOBAL,
};

/* Bits of container_get_edges_…, tiled states and resize edges; same values as xdg and wlroots. */
enum edge : unsigned {
	EDGE_NONE = 0,
	EDGE_TOP = 1,
	EDGE_BOTTOM = 2,
	EDGE_LEFT = 4,
	EDGE_RIGHT = 8,
};

struct container_list {
	LIST_MEMBERS(struct container);
};

struct container_state {
	enum container_layout layout;
	/* With borders and title bar. */
	double x, y, width, height;
	enum fullscreen_mode fullscreen_mode;

	struct workspace *workspace; /* NULL in the hidden scratchpad */
	struct container *parent;    /* NULL: directly in the workspace (tiling or floating) */
	struct container_list children;

	/* Filled in for `current` by container_snapshot(). */
	struct container *focused_inactive_child;
	bool focused;

	enum container_border border;
	int border_thickness;
	bool border_top, border_bottom, border_left, border_right;

	/* Where the view is: the rest is borders and title bar. Zero sized when covered by
	 * fullscreen. */
	double content_x, content_y, content_width, content_height;
};

struct container {
	struct node node;
	struct view *view; /* NULL for splits; cleared when the window is gone */
	struct container_state current, pending;

	char *title_format;    /* owned; NULL: "%title" */
	char *title;           /* owned; the view's title or NULL */
	char *formatted_title; /* owned; what the title bar shows: title_format or the split's shape
				*/
	enum container_layout previous_split_layout;

	bool is_sticky;
	bool scratchpad; /* in tree.scratchpad, hidden or shown */
	/* Coordinates are relative to this box until shown again (a zero box: none). */
	struct box scratchpad_transform;

	/* Of the parent's width and height; 0: to be given the mean of the siblings. */
	double width_fraction, height_fraction;
	/* The space that the fractions were last shared out of, in pixels. */
	double child_total_width, child_total_height;

	/* The border before CSD or fullscreen. */
	enum container_border saved_border;
	/* Floating geometry before fullscreen. */
	double saved_x, saved_y, saved_width, saved_height;

	LIST(char) marks; /* owned strings */
	/* Set by the shell when it applies a transaction: its title bar is shown. For IPC. */
	bool has_titlebar;
	float opacity; /* 0 to 1 */

	struct {
		struct wl_signal destroy; /* struct container */
	} events;
};

/* A container with this view, or a split (`view` NULL). Not yet in the tree. Owned by the tree. */
struct container *container_create(struct tree *tree, struct view *view);

/* Takes the container out of the pending tree; it is freed when no transaction holds it. */
void container_begin_destroy(struct container *con);
/* For node_release(). */
void container_destroy(struct container *con);

/* Removes parents that have become empty; may destroy `con` itself. */
void container_reap_empty(struct container *con);
/* Replaces `con` by its only child; returns the parent. */
struct container *container_flatten(struct container *con);
/* Squashes pairs of splits that say the same thing; used after moves. */
int container_squash(struct container *con); /* how many more siblings there are now */

struct container *container_split(struct container *child, enum container_layout layout);
void container_add_child(struct container *parent, struct container *active);
void container_insert_child(struct container *parent, struct container *child, int index);
/* Beside `active`, which may be directly in a workspace. */
void container_add_sibling(struct container *active, struct container *added, bool after);
/* Out of its parent or workspace; stays alive. */
void container_detach(struct container *con);
void container_replace(struct container *old, struct container *replacement);
void container_swap(struct container *con1, struct container *con2);

/* NULL when detached; else the children of the parent or the workspace's tiling or floating list
 * that `con` is in. */
struct container_list *container_get_siblings(const struct container *con);
int container_sibling_index(const struct container *con);
/* Does a container of that layout put its children one behind the other in that direction? */
bool container_layout_is_along(enum container_layout layout, enum direction direction);
enum container_layout container_parent_layout(const struct container *con);
/* The outermost container around `con` in its workspace (or itself). */
struct container *container_toplevel_ancestor(struct container *con);
bool container_has_ancestor(const struct container *con, const struct container *ancestor);

bool container_is_floating(const struct container *con);
bool container_is_floating_or_child(const struct container *con);
bool container_is_fullscreen_or_child(const struct container *con);
bool container_is_sticky(const struct container *con);
bool container_is_sticky_or_child(const struct container *con);
bool container_is_scratchpad_hidden(const struct container *con);
bool container_is_scratchpad_hidden_or_child(const struct container *con);
/* Of the scratchpad itself, shown or not, or in a hidden part of it. */
bool container_is_scratchpad_or_hidden(const struct container *con);
bool container_is_transient_for(const struct container *child, const struct container *ancestor);
/* The fullscreen container that covers `con`, or NULL. */
struct container *container_obstructing_fullscreen(const struct container *con);
bool container_has_urgent_child(const struct container *con);

void container_set_floating(struct container *con, bool enable);
void container_set_fullscreen(struct container *con, enum fullscreen_mode mode);
void container_disable_fullscreen(struct container *con);
/* After `con` has come to another workspace: its fullscreen state comes along. */
void container_handle_fullscreen_reparent(struct container *con);
/* `con`, which is in a list of `ws` or below, is on it from now on, with all that is in it. What
 * is fullscreen among that takes its place there, and leaves none behind. */
void container_set_workspace(struct container *con, struct workspace *ws);
void container_end_mouse_operation(struct container *con);
void container_floating_set_default_size(struct container *con);
void container_floating_resize_and_center(struct container *con);
void container_floating_move_to(struct container *con, double x, double y);
void container_floating_move_to_center(struct container *con);
void container_floating_translate(struct container *con, double x, double y);
/* Keeps the centre's relative place when what `con` floats on changes from one box to another. */
void container_floating_fix_coordinates(struct container *con, struct box from, struct box to);
struct tree_output *container_floating_find_output(const struct container *con);
void container_floating_size_limits(
	struct container *con, int *min_width, int *max_width, int *min_height, int *max_height);
/* The box of a floating container's content from its outer box, and back. */
void container_set_geometry_from_content(struct container *con);
void container_set_resizing(struct container *con, bool resizing);
/* Above its floating siblings. */
void container_raise_floating(struct container *con);

/* Floating containers' size limits hold for tiling resizes too; 100 x 60 pixels. */
static constexpr int container_min_width = 100;
static constexpr int container_min_height = 60;

size_t container_titlebar_height(const struct container *con);
/* Titles in a stack above the children of `con` (0 unless stacked). */
struct box container_get_box(const struct container *con);

/* Marks are unique in the tree. container_add_mark() takes the mark from whoever has it. */
void container_add_mark(struct container *con, const char *mark);
bool container_has_mark(const struct container *con, const char *mark);
void container_clear_marks(struct container *con);
/* Without an event; for destruction. */
void container_drop_marks(struct container *con);
struct container *container_find_mark(struct tree *tree, const char *mark);
bool container_find_and_unmark(struct tree *tree, const char *mark);

/* Sets `formatted_title` of the container and its parents anew and emits tree.events.title. */
void container_update_title(struct container *con);
/* "H[foot V[firefox]]" for a layout and its children; owned by the caller. */
char *container_build_representation(
	enum container_layout layout, const struct container_list *children);
void container_update_representation(struct container *con);

void container_for_each_child(
	struct container *con, void (*visit)(struct container *con, void *data), void *data);
struct container *container_find_child(
	struct container *con, bool (*test)(struct container *con, void *data), void *data);

/* For transactions: what `current` shall become (with focus filled in), and making it so. */
void container_snapshot(struct container *con, struct container_state *ret_state);
void container_apply(struct container *con, struct container_state *state);
void container_state_finish(struct container_state *state);

#endif
