/* SPDX-License-Identifier: MIT */
/* Panels, wallpapers, notifications: wlr-layer-shell. Not offered behind a security context. */
#ifndef SHELL_LAYER_H
#define SHELL_LAYER_H

#include <wayland-server-core.h>

#include "shell/scene.h"

struct output;
struct server;
struct wlr_layer_surface_v1;
struct wlr_scene_layer_surface_v1;
struct wlr_surface;

struct layer_surface {
	struct server *server;
	struct wl_list link; /* shell.layer_surfaces */
	struct wlr_layer_surface_v1 *wlr_surface;
	struct wlr_scene_layer_surface_v1 *scene; /* freed with its tree */
	struct scene_owner owner;
	struct output *output; /* NULL once it is gone */
	struct wl_listener map, unmap, commit, destroy, new_popup;
};

/* Places an output's layer surfaces and tells the tree what area is left. */
void layer_arrange(struct output *output);
/* An output goes away: its layer surfaces are closed. */
void layer_output_gone(struct output *output);

struct layer_surface *layer_from_surface(struct wlr_surface *root);
/* The one that takes all key presses, or NULL. */
struct layer_surface *layer_exclusive_keyboard(struct server *server);

#endif
