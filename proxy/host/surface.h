/* SPDX-License-Identifier: MIT */
/*
 * What a guest may do with surfaces: how deep subsurfaces nest, how much damage a commit has, how
 * large a cursor or the icon of a drag is.
 */
#ifndef VX_PROXY_HOST_SURFACE_H
#define VX_PROXY_HOST_SURFACE_H

#include <stdint.h>
#include <wayland-util.h>

#include "host/surface_cost.h"

struct host_client;
struct host_object;
struct vx_error;
struct wire_interfaces;

struct host_size {
	int32_t width, height;
};

/* What limits a surface's size and place beyond those of windows. */
enum host_surface_role : unsigned {
	HOST_SURFACE_WINDOW, /* or a popup, a subsurface, nothing yet */
	HOST_SURFACE_CURSOR,
	HOST_SURFACE_ICON, /* of a drag */
};

struct host_point {
	int32_t x, y;
};

struct host_surface {
	struct host_surface *parent; /* borrowed; NULL for none: of a subsurface */
	struct wl_list children;     /* host_surface.link */
	struct wl_list link;         /* host_surface.children of the parent */
	unsigned damage_rects;       /* since the last commit */
	enum host_surface_role role;
	bool has_shell_role; /* an xdg_surface was made of it */
	bool is_sync;        /* of a subsurface: its commits wait for the parent's */
	uint32_t root_id; /* host id of the window's surface: this one, or a popup's; 0: neither */
	struct surface_cost cost;
	/* As the guest set them last, committed or not. */
	int32_t scale;
	struct host_size buffer;      /* 0 for none yet */
	struct host_size destination; /* wp_viewport's; not positive: unset */
	struct host_size committed;   /* what it measures on the screen */
	struct host_point moved;      /* by wl_surface.attach and offset since the last commit */
	struct host_point place;      /* of an icon: how far it was moved in all */
};

/* That of the connection's wl_surface of that id; NULL where there is none. */
[[nodiscard]] struct host_surface *surface_find(const struct host_client *client, uint32_t host_id);

/* May something be put there, as seen from where it belongs? */
[[nodiscard]] bool surface_position_is_sane(int32_t x, int32_t y);

/*
 * May the next buffer be attached there? Changes the place of what may not be moved so far. False
 * with `err` where the numbers make no sense.
 */
bool surface_check_attach(
	const struct host_object *surface, int32_t *x, int32_t *y, struct vx_error *err);

/* May a buffer of that size be shown by the surface? Notes it if so. Cursors have a limit of their
 * own. */
[[nodiscard]] bool surface_takes_size(
	const struct host_object *surface, uint32_t width, uint32_t height);

/*
 * Makes it what a drag shows. `ret_shown` is set to false where it can't be shown, being too large
 * say; false with `err` where it is something else for good.
 */
bool surface_make_icon(struct host_object *surface, bool *ret_shown, struct vx_error *err);

void surface_install(struct wire_interfaces *interfaces);

#endif
