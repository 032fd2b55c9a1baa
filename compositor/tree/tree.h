/* SPDX-License-Identifier: MIT */
/*
 * The root of the tree, and what it tells the rest: IPC, shell and input subscribe to its signals.
 * Nothing in tree/ draws, talks to clients (except through view_impl) or knows of wlroots.
 */
#ifndef TREE_TREE_H
#define TREE_TREE_H

#include <wayland-server-core.h>

#include "tree/container.h"
#include "tree/list.h"
#include "tree/node.h"
#include "tree/options.h"
#include "tree/output.h"
#include "tree/seat.h"
#include "tree/view.h"
#include "tree/workspace.h"

/* What configuration and rules decide for the tree; implemented by config/ and commands/. */
struct tree_policy {
	void *data;
	/* Runs for_window rules that match and did not run yet. */
	void (*run_rules)(void *data, struct view *view);
	/* True: some no_focus rule matches. */
	bool (*no_focus)(void *data, struct view *view);
	/*
	 * The workspace of an assign rule, made if need be; or of the exec that started `pid`; or
	 * the active one of an assigned output. NULL: none.
	 */
	struct workspace *(*assigned_workspace)(void *data, struct view *view);
	/* The configuration's `workspace NAME output …` and gaps. Outputs are appended to
	 * output_priority. */
	void (*configure_workspace)(void *data, struct workspace *ws);
	/* A configured name for an output's next workspace, or NULL; owned by the caller. */
	char *(*next_workspace_name)(void *data, const struct tree_output *output);
};

struct tree {
	struct node node;                   /* the root */
	const struct tree_options *options; /* borrowed from the config; replaced on reload */
	struct tree_policy policy;          /* all zero: no rules */

	/* Bounds of all outputs; set by the desktop with tree_set_bounds(). */
	struct box bounds;

	LIST(struct tree_output) outputs;     /* connected, in order of activation */
	LIST(struct tree_output) all_outputs; /* also disabled ones */
	/* Workspaces live here while no output is connected. */
	struct tree_output *fallback_output; /* owned; never in `outputs` */
	struct container_list scratchpad;    /* all scratchpad containers, next to show first */
	struct container *fullscreen_global; /* may be NULL */
	struct wl_list seats;                /* struct tree_seat.link */
	struct tree_seat
		*acting_seat; /* while a command or an input event of it runs; may be NULL */
	bool is_reloading;    /* arranging waits until the configuration is complete */

	LIST(struct node) dirty;
	size_t next_id;

	struct {
		/* NULL. The first node became dirty since the last transaction. */
		struct wl_signal dirty;
		/* struct node: a workspace or container exists from now on (not yet in the tree).
		 */
		struct wl_signal node_created;
		struct wl_signal window;    /* struct tree_window_event */
		struct wl_signal workspace; /* struct tree_workspace_event */
		struct wl_signal output;    /* NULL: outputs changed (IPC's output event) */
		/* struct container: something that is drawn but does not change geometry: title
		 * text, marks, focus colours, urgency, opacity. */
		struct wl_signal look;
		/* struct view: start (urgent_since set, focused) or stop the desktop's urgency
		 * timer, which calls view_set_urgent(view, false) after options.urgent_timeout_ms.
		 */
		struct wl_signal urgent_timer;
		/* struct view: inhibit_idle, shortcuts_inhibit, tearing, max_render_time,
		 * visibility. */
		struct wl_signal view_policy;
		/* struct tree_seat_warp: focus moved in a way that mouse_warping may follow. */
		struct wl_signal warp;
		/* struct container: interactive move or resize of it must end. */
		struct wl_signal end_mouse_operation;
	} events;
};

enum tree_window_change : unsigned {
	WINDOW_NEW,
	WINDOW_CLOSE,
	WINDOW_FOCUS,
	WINDOW_TITLE,
	WINDOW_FULLSCREEN_MODE,
	WINDOW_MOVE,
	WINDOW_FLOATING,
	WINDOW_URGENT,
	WINDOW_MARK,
	WINDOW_CHANGE_COUNT,
};

struct tree_window_event {
	enum tree_window_change change;
	struct container *container;
};

enum tree_workspace_change : unsigned {
	WORKSPACE_INIT,
	WORKSPACE_EMPTY,
	WORKSPACE_FOCUS,
	WORKSPACE_MOVE,
	WORKSPACE_RENAME,
	WORKSPACE_URGENT,
	WORKSPACE_RELOAD,
	WORKSPACE_CHANGE_COUNT,
};

struct tree_workspace_event {
	enum tree_workspace_change change;
	struct workspace *old, *current; /* may be NULL */
};

struct tree_seat_warp {
	struct tree_seat *seat;
	struct node *node;
	bool force;
};

/* `options` is borrowed and must outlive the tree (or be replaced). Owned by the caller. */
struct tree *tree_create(const struct tree_options *options);
/* All outputs, seats and views must be gone. */
void tree_destroy(struct tree *tree);

void tree_set_bounds(struct tree *tree, struct box bounds);

void tree_for_each_workspace(
	struct tree *tree, void (*visit)(struct workspace *ws, void *data), void *data);
/* Every container: of the workspaces, and hidden ones of the scratchpad. */
void tree_for_each_container(
	struct tree *tree, void (*visit)(struct container *con, void *data), void *data);
struct workspace *tree_find_workspace(
	struct tree *tree, bool (*test)(struct workspace *ws, void *data), void *data);
struct container *tree_find_container(
	struct tree *tree, bool (*test)(struct container *con, void *data), void *data);
struct container *tree_container_by_id(struct tree *tree, size_t id);

/* `ws`: make it the shown container's place; NULL: the seat's. */
void tree_scratchpad_add(struct tree *tree, struct container *con, struct workspace *ws);
void tree_scratchpad_remove(struct container *con);
void tree_scratchpad_show(struct container *con);
void tree_scratchpad_hide(struct container *con);

void tree_emit_window(struct container *con, enum tree_window_change change);
void tree_emit_workspace(struct tree *tree, struct workspace *old, struct workspace *current,
	enum tree_workspace_change change);

/* Checks every invariant of the pending tree; false with a sentence in `err`. For tests. */
struct vx_error;
bool tree_verify(const struct tree *tree, struct vx_error *err);

#endif
