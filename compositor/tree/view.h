/* SPDX-License-Identifier: MIT */
/*
 * Windows as the tree sees them. shell/ embeds a struct view in its xdg and xwayland windows,
 * implements view_impl, and tells the tree of mapping, unmapping and changes through the functions
 * below. A view exists without a container while it is unmapped.
 */
#ifndef TREE_VIEW_H
#define TREE_VIEW_H

#include <sys/types.h>

#include "tree/container.h"

struct rule; /* config/rules.h */
struct vx_vm;
struct tree_seat;
struct view;

enum view_string : unsigned {
	VIEW_APP_ID,
	VIEW_TITLE,
	VIEW_CLASS,
	VIEW_INSTANCE,
	VIEW_WINDOW_ROLE,
	VIEW_SANDBOX_ENGINE,
	VIEW_SANDBOX_APP_ID,
	VIEW_SANDBOX_INSTANCE_ID,
	VIEW_TAG,
	VIEW_FOREIGN_TOPLEVEL_ID,
	VIEW_CONTENT_TYPE, /* "none", "photo", "video", "game", or NULL: not said */
	VIEW_STRING_COUNT,
};

enum view_shell : unsigned {
	VIEW_SHELL_XDG,
	VIEW_SHELL_XWAYLAND,
};

/* X11 window types that criteria know. */
enum view_window_type : unsigned {
	VIEW_WINDOW_TYPE_UNKNOWN,
	VIEW_WINDOW_TYPE_NORMAL,
	VIEW_WINDOW_TYPE_DIALOG,
	VIEW_WINDOW_TYPE_UTILITY,
	VIEW_WINDOW_TYPE_TOOLBAR,
	VIEW_WINDOW_TYPE_SPLASH,
	VIEW_WINDOW_TYPE_MENU,
	VIEW_WINDOW_TYPE_DROPDOWN_MENU,
	VIEW_WINDOW_TYPE_POPUP_MENU,
	VIEW_WINDOW_TYPE_TOOLTIP,
	VIEW_WINDOW_TYPE_NOTIFICATION,
	VIEW_WINDOW_TYPE_COUNT,
};

const char *view_window_type_name(enum view_window_type type); /* "dialog" and so on */

enum view_idle_inhibit : unsigned {
	IDLE_INHIBIT_APPLICATION, /* as the client says */
	IDLE_INHIBIT_FOCUS,
	IDLE_INHIBIT_FULLSCREEN,
	IDLE_INHIBIT_OPEN,
	IDLE_INHIBIT_NONE,
	IDLE_INHIBIT_VISIBLE,
};

enum tristate : unsigned {
	TRISTATE_UNSET,
	TRISTATE_NO,
	TRISTATE_YES,
};

/* The VM that a window belongs to; owned by vm/. */
struct view_vm {
	const char *name;
	const char *label;
	const char *color;     /* "#rrggbb" */
	const char *workspace; /* where its new windows open; may be NULL */
};

struct view_size_limits {
	/* 0: no minimum; INT_MAX or 0 as maximum: none */
	int min_width, min_height, max_width, max_height;
};

/* Does the client want one width or one height only, as dialogs do? */
bool view_size_is_fixed(const struct view_size_limits *limits);

struct view_impl {
	/* Borrowed until the next call or the next event of the client; NULL: not set. */
	const char *(*get_string)(struct view *view, enum view_string which);
	/* False: not the window of a VM. May be NULL. */
	bool (*get_vm)(struct view *view, struct view_vm *ret_vm);
	struct view_size_limits (*get_size_limits)(struct view *view);
	/* X11: window id, window type, parent's window id; may be NULL for others. */
	uint32_t (*get_x11_window)(struct view *view);
	uint32_t (*get_x11_parent)(struct view *view);
	enum view_window_type (*get_window_type)(struct view *view);

	/* A dialog or something of fixed size. */
	bool (*wants_floating)(struct view *view);
	/* Has `ancestor` somewhere up its parents. */
	bool (*is_transient_for)(struct view *view, struct view *ancestor);
	/* Xdg-decoration or X11: may it be told to draw its own decoration or not? */
	bool (*has_client_side_decorations)(struct view *view);

	/* Asks the client for content of this place and size; a serial to wait for, or 0. */
	uint32_t (*configure)(struct view *view, double x, double y, int width, int height);
	void (*set_activated)(struct view *view, bool activated);
	/* Edges are enum edge bits that touch other things; sends tiled states. */
	void (*set_tiled)(struct view *view, bool tiled);
	void (*set_fullscreen)(struct view *view, bool fullscreen);
	void (*set_resizing)(struct view *view, bool resizing);
	void (*close)(struct view *view);
	void (*close_popups)(struct view *view);
	/* X11 windows that do not take keyboard focus say no. May be NULL: yes. */
	bool (*wants_focus)(struct view *view);
	/* Frees the shell's object; see view_begin_destroy(). */
	void (*destroy)(struct view *view);
	/* Tells the client whether it shall draw decorations (border csd). May be NULL. */
	void (*set_csd)(struct view *view, bool csd);
};

struct view {
	enum view_shell shell;
	const struct view_impl *impl;
	struct tree *tree;

	struct container *container; /* NULL while unmapped */
	int container_count; /* also those that are on their way out; they keep `view` alive */
	pid_t pid;
	bool using_csd;
	bool destroying;

	/* What the client has: the size of its window geometry when it was last mapped or resized
	 * itself. */
	double natural_width, natural_height;
	/* Geometry of the current buffer (window geometry), kept up to date by the shell. */
	struct box geometry;

	bool allow_request_urgent;
	/* CLOCK_MONOTONIC in nanoseconds; 0: not urgent. */
	int64_t urgent_since;
	bool has_urgent_timer; /* the desktop runs one: tree.events.urgent_timer */
	bool activated;

	enum view_idle_inhibit idle_inhibit;
	bool application_inhibits_idle; /* kept by the shell */
	enum tristate shortcuts_inhibit;
	enum tristate allow_tearing;
	bool hints_tearing;  /* the client's wish, kept by the shell */
	int max_render_time; /* ms; 0: off */

	/* for_window rules that ran since the view was mapped: */
	LIST(struct rule) executed_rules;

	/* Free for the shell. */
	void *data;
};

/* Unmapped. `view` is embedded in the shell's object. */
void view_init(
	struct view *view, struct tree *tree, enum view_shell shell, const struct view_impl *impl);
/*
 * The window is gone for good; it must be unmapped. Calls impl->destroy now, or once no transaction
 * shows a container of it any more.
 */
void view_begin_destroy(struct view *view);

struct view_map_options {
	double natural_width, natural_height;
	bool fullscreen;
	struct tree_output *fullscreen_output; /* may be NULL */
	bool client_side_decorations;
};

/*
 * The window shows up: makes its container, finds its place by assign rules, focus and parents,
 * gives it a border, runs for_window rules and focuses it if allowed. Emits window::new, title,
 * focus.
 */
void view_map(struct view *view, const struct view_map_options *options);
/* The window is gone: its container leaves the tree, focus goes on. Emits window::close. */
void view_unmap(struct view *view);

/*
 * The client has set another title, app id or class, tag: new title bar (and window::title), rules
 * again. Nothing happens while the view is unmapped.
 */
void view_title_changed(struct view *view);
void view_app_id_changed(struct view *view);
void view_tag_changed(struct view *view);
/* The title bar's text anew, without rules; `force`: even where the title is the same. */
void view_update_title(struct view *view, bool force);
/* The client has committed a geometry of another size on its own while floating. */
void view_update_size(struct view *view);
/* Client asked by protocol for decorations on its own side, or no longer. */
void view_update_csd_from_client(struct view *view, bool enabled);
/* `border csd` and others: tells the client. */
void view_set_csd_from_server(struct view *view, bool enabled);
/* The client asks for or ends fullscreen on `output` (may be NULL). */
void view_request_fullscreen(struct view *view, bool enable, struct tree_output *output);
/* xdg-activation with a token of a focused surface: options.focus_on_activation. `seat` may be
 * NULL. */
void view_request_activate(struct view *view, struct tree_seat *seat);
/* An activation without such a token, or an X11 urgency hint. */
void view_request_urgent(struct view *view);

void view_set_activated(struct view *view, bool activated);
void view_set_urgent(struct view *view, bool urgent);
bool view_is_urgent(const struct view *view);
/* Not urgent any more: without an event. For view_map.c. */
void view_stop_urgent_timer(struct view *view);
/* Nothing beside it or beside the containers around it, up to the next tabs or stack. */
bool view_has_no_visible_siblings(const struct view *view);
bool view_is_visible(const struct view *view);
/* For container_destroy(): one container less keeps the view alive. */
void view_drop_container(struct view *view);
/* The content's place (pending) from the container's: borders and title bar taken off. */
void view_autoconfigure(struct view *view);
bool view_inhibits_idle(const struct view *view);
/* The command `allow_tearing` before the client's wish. */
bool view_may_tear(const struct view *view);

const char *view_get_string(const struct view *view, enum view_string which);
bool view_get_vm(const struct view *view, struct view_vm *ret_vm);
const char *view_shell_name(const struct view *view);

#endif
