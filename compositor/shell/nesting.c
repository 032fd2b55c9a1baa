/* SPDX-License-Identifier: MIT */
/* A limit on how deep subsurfaces may be nested. */
#define VX_LOG_MODULE "nesting"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_subcompositor.h>

#include "common/log.h"
#include "common/memory.h"
#include "listener.h"
#include "shell/shell.h"

struct watch {
	struct wlr_surface *surface;
	struct wl_listener new_subsurface, destroy;
};

static int depth_above(struct wlr_surface *surface)
{
	int depth = 0;
	struct wlr_subsurface *subsurface;
	while (surface != nullptr && depth <= subsurface_depth_max &&
		(subsurface = wlr_subsurface_try_from_wlr_surface(surface)) != nullptr) {
		surface = subsurface->parent;
		depth++;
	}
	return depth;
}

static int height_of(struct wlr_surface *surface, int limit);

static int height_of_list(struct wl_list *list, int limit)
{
	int height = 0;
	struct wlr_subsurface *child;
	wl_list_for_each (child, list, current.link) {
		int here = 1 + height_of(child->surface, limit - 1);
		height = here > height ? here : height;
	}
	return height;
}

/* Levels of subsurfaces below, counted up to `limit`. */
static int height_of(struct wlr_surface *surface, int limit)
{
	if (limit <= 0) {
		return 0;
	}
	int below = height_of_list(&surface->current.subsurfaces_below, limit);
	int above = height_of_list(&surface->current.subsurfaces_above, limit);
	return above > below ? above : below;
}

static void handle_new_subsurface(struct wl_listener *listener, void *data)
{
	struct wlr_subsurface *subsurface = data;
	int depth = depth_above(subsurface->surface) +
		    height_of(subsurface->surface, subsurface_depth_max + 1);
	if (depth > subsurface_depth_max) {
		vx_log_warn("a client nests subsurfaces deeper than %d, disconnecting it",
			subsurface_depth_max);
		wl_client_post_implementation_error(wl_resource_get_client(subsurface->resource),
			"subsurfaces are nested deeper than %d", subsurface_depth_max);
	}
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct watch *watch = wl_container_of(listener, watch, destroy);
	listener_remove(&watch->new_subsurface);
	listener_remove(&watch->destroy);
	free(watch);
}

void nesting_watch_surface(struct server *server, struct wlr_surface *surface)
{
	struct watch *watch = vx_new(watch);
	watch->surface = surface;
	listener_add(
		&watch->new_subsurface, &surface->events.new_subsurface, handle_new_subsurface);
	listener_add(&watch->destroy, &surface->events.destroy, handle_destroy);
}
