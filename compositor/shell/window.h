/* SPDX-License-Identifier: MIT */
/* What the windows of xdg-shell and of Xwayland have in common. */
#ifndef SHELL_WINDOW_H
#define SHELL_WINDOW_H

#include <wlr/types/wlr_scene.h>

#include "shell/scene.h"
#include "tree/view.h"
#include "vm/tag.h"

struct launch_place;
struct server;
struct wlr_ext_foreign_toplevel_handle_v1;
struct wlr_foreign_toplevel_handle_v1;
struct wlr_surface;

/* Room on each side of a client's rectangle for the frame and label of its VM. */
struct insets {
	int top, right, bottom, left;
};

struct window_impl {
	/* The surface, or NULL. */
	struct wlr_surface *(*get_surface)(struct window *window);
	/* The client's own title and app id, unchecked; may be NULL. */
	const char *(*get_untrusted_title)(struct window *window);
	const char *(*get_untrusted_app_id)(struct window *window);
	/* Sends a size for the client's rectangle; returns a serial or 0. */
	uint32_t (*configure)(struct window *window, double x, double y, int width, int height);
	/* The client's rectangle in its surface. */
	struct wlr_box (*get_geometry)(struct window *window);
};

struct window {
	struct view view; /* its `data` is the server */
	const struct window_impl *impl;
	struct server *server;
	struct wl_list link; /* shell.windows */
	struct tag tag;

	/* Holds the surface tree. In the container's frame while mapped, else in staging. */
	struct wlr_scene_tree *tree;         /* owned */
	struct wlr_scene_tree *surface_tree; /* in `tree`; NULL while unmapped */
	struct scene_owner owner; /* SCENE_OWNER_WINDOW: of popups and unmanaged windows */

	struct wlr_box geometry; /* the client's own, without insets, at its last commit */
	char *title, *app_id;    /* owned; what others may see: cleaned up where a tag is set */
	struct launch_place *launch_place; /* owned; where it is to open; may be NULL */
	char *protocol_tag;                /* owned; xdg-toplevel-tag; may be NULL */
	int idle_inhibitors;
	struct wl_event_source *urgent_timer; /* see urgency.h; may be NULL */

	struct wlr_foreign_toplevel_handle_v1 *foreign;         /* may be NULL */
	struct wlr_ext_foreign_toplevel_handle_v1 *ext_foreign; /* may be NULL */
	struct wlr_scene *capture; /* owned: for image capture of this window alone; may be NULL */
	struct wl_listener foreign_activate, foreign_fullscreen, foreign_close, foreign_destroy;
};

/* For the types that embed a window. */
void window_init(struct window *window, struct server *server, enum view_shell shell,
	const struct view_impl *view_impl, const struct window_impl *impl,
	struct wl_client *client);
void window_finish(struct window *window);

struct window *window_from_view(struct view *view);
/* The window that a surface, its subsurfaces and popups belong to, or NULL. */
struct window *window_from_surface(struct wlr_surface *surface);
/* Of a container that has a view, else NULL. */
struct window *window_of_container(const struct container *con);

/* Between view_map() and view_unmap() and their transaction. */
void window_map(struct window *window, const struct view_map_options *options);
void window_unmap(struct window *window);

/* Title or app id have changed. */
void window_update_title(struct window *window);
void window_update_app_id(struct window *window);

/* The client's requests; they are shown at once. */
void window_title_changed(struct window *window);
/* `output` may be NULL. Nothing happens while the window is unmapped. */
void window_request_fullscreen(struct window *window, bool enable, struct tree_output *output);

/* A commit without or with an acknowledged configure; `serial` 0: none. */
void window_committed(struct window *window, uint32_t serial);

/*
 * What the trusted frame takes from the content rectangle that the tree gives, with the borders and
 * title bar of `state`. All zero for untagged windows.
 */
struct insets window_insets(const struct window *window, const struct container_state *state);

/* Shows what the client drew at its place, cut to `width` x `height` (the client's rectangle). */
void window_place_content(struct window *window, int x, int y, int width, int height);

/* The parts of view_impl that don't depend on the shell. */
bool window_get_vm(struct view *view, struct view_vm *ret_vm);
const char *window_get_common_string(struct window *window, enum view_string which);
uint32_t window_configure(struct view *view, double x, double y, int width, int height);

/*
 * Of view_impl: may a new window have the focus? One of a VM only where the user works in that VM,
 * or nowhere, or has just asked for something in it.
 */
bool window_wants_focus(struct view *view);
/* Did this window's client and whoever has the focus come from the same VM? True for untagged. */
bool window_may_take_focus(const struct window *window);

#endif
