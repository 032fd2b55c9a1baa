/* SPDX-License-Identifier: MIT */
/* The scene: its layers from bottom to top, and what is under a point. */
#ifndef SHELL_SCENE_H
#define SHELL_SCENE_H

#include <wlr/types/wlr_scene.h>

struct container;
struct layer_surface;
struct server;
struct window;
struct wlr_surface;

enum scene_layer : unsigned {
	SCENE_BACKGROUND,
	SCENE_BOTTOM,
	SCENE_TILING,
	SCENE_FLOATING,
	SCENE_TOP,
	SCENE_FULLSCREEN,
	SCENE_UNMANAGED, /* override-redirect windows of X11 */
	SCENE_OVERLAY,
	SCENE_POPUP,
	SCENE_DRAG,
	SCENE_MENU,
	SCENE_LOCK,
	SCENE_LAYER_COUNT,
};

enum scene_owner_kind : unsigned {
	SCENE_OWNER_CONTAINER, /* the frame of one, or the content of a window */
	SCENE_OWNER_WINDOW,    /* a popup of a window, or an unmanaged X11 window */
	SCENE_OWNER_LAYER_SURFACE,
	SCENE_OWNER_LOCK,
	SCENE_OWNER_MENU,
};

/* What the `data` of a node points at, for the nodes that have one. */
struct scene_owner {
	enum scene_owner_kind kind;
	void *object; /* struct container, window or layer_surface */
};

struct scene {
	struct wlr_scene *root;
	struct wlr_scene_tree *layers[SCENE_LAYER_COUNT];
	struct wlr_scene_tree *staging; /* never shown */
};

struct scene *scene_create(void);
void scene_destroy(struct scene *scene);

struct scene_hit {
	struct wlr_surface *surface;     /* NULL: not on a client's surface */
	double sx, sy;                   /* in the surface */
	const struct scene_owner *owner; /* NULL: nothing there */
	struct wlr_scene_node *node;
};

struct scene_hit scene_at(struct scene *scene, double x, double y);

static inline struct container *scene_hit_container(const struct scene_hit *hit)
{
	return hit->owner != nullptr && hit->owner->kind == SCENE_OWNER_CONTAINER
		       ? hit->owner->object
		       : nullptr;
}

/* Shows everything but the lock's layer, or only that. */
void scene_set_locked(struct scene *scene, bool locked);

/* Moves `node` under `parent` just above `below` (NULL: at the bottom), where it isn't yet. */
void scene_place(
	struct wlr_scene_node *node, struct wlr_scene_tree *parent, struct wlr_scene_node *below);

#endif
