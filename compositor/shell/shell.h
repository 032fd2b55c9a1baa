/* SPDX-License-Identifier: MIT */
/* Windows, panels and all that Wayland's shells are about. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include <wayland-server-core.h>

struct ext_workspaces;
struct server;
struct vx_error;
struct window;
struct wlr_ext_foreign_toplevel_list_v1;
struct wlr_foreign_toplevel_manager_v1;
struct wlr_surface;
struct wlr_tearing_control_manager_v1;
struct wlr_xdg_activation_v1;

struct shell {
	struct server *server;
	unsigned generation;                          /* of shell_show() */
	struct wlr_scene_rect *fullscreen_background; /* of global fullscreen */
	struct wl_list windows;                       /* struct window.link */
	struct wl_list layer_surfaces;                /* struct layer_surface.link */
	struct wl_list decorations;                   /* struct decoration.link */
	struct wl_list launches;                      /* struct launch.link; see activation.h */

	struct wlr_foreign_toplevel_manager_v1 *foreign;
	struct wlr_ext_foreign_toplevel_list_v1 *ext_foreign;
	struct wlr_xdg_activation_v1 *activation;
	struct wlr_tearing_control_manager_v1 *tearing;
	struct ext_workspaces *ext_workspaces; /* owned */

	struct wl_listener node_created, look, urgent_timer, view_policy;
	struct wl_listener new_toplevel, new_layer_surface;
	struct wl_listener new_xdg_decoration, new_kde_decoration;
	struct wl_listener request_activate, new_token, set_tag, capture_request;
	struct wl_listener vms_changed, new_idle_inhibitor, new_tearing;
};

/* Owned by the caller. NULL on failure. */
struct shell *shell_create(struct server *server, struct vx_error *err);
/* Before the tree is destroyed and after all clients are gone. */
void shell_destroy(struct shell *shell);

/* Draws all title bars and borders again. */
void shell_update_looks(struct shell *shell);

/* Each of these belongs to the file of its name. */
bool xdg_init(struct shell *shell);
bool layer_init(struct shell *shell);
bool tearing_init(struct shell *shell);
void tearing_window_mapped(struct window *window);
bool decoration_init(struct shell *shell);
bool foreign_init(struct shell *shell);
bool idle_init(struct shell *shell);

/* Does a client that speaks KDE's protocol want to draw its decorations itself? */
bool decoration_kde_wants_csd(struct shell *shell, struct wlr_surface *surface);
/* Something changed that idle inhibitors depend on. */
void idle_update(struct shell *shell);

/*
 * wlroots recurses over subsurfaces, so that a client could exhaust the stack with a long chain.
 * Whoever nests deeper than this is disconnected.
 */
static constexpr int subsurface_depth_max = 32;
static constexpr int popup_depth_max = 32;
void nesting_watch_surface(struct server *server, struct wlr_surface *surface);

#endif
