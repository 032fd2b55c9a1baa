/* SPDX-License-Identifier: MIT */
/*
 * What a guest may do with surfaces: how deep subsurfaces nest, how much damage a commit has, how
 * large a cursor is.
 */
#ifndef VX_PROXY_HOST_SURFACE_H
#define VX_PROXY_HOST_SURFACE_H

#include <stdint.h>
#include <wayland-util.h>

struct host_object;
struct wire_interfaces;

struct host_size {
	int32_t width, height;
};

struct host_surface {
	struct host_surface *parent; /* borrowed; NULL for none: of a subsurface */
	struct wl_list children;     /* host_surface.link */
	struct wl_list link;         /* host_surface.children of the parent */
	unsigned damage_rects;       /* since the last commit */
	bool is_cursor;
	/* As the guest set them last, committed or not. */
	int32_t scale;
	struct host_size buffer;      /* 0 for none yet */
	struct host_size destination; /* wp_viewport's; not positive: unset */
	struct host_size committed;   /* what it measures on the screen */
};

/* May something be put there, as seen from where it belongs? */
[[nodiscard]] bool surface_position_is_sane(int32_t x, int32_t y);

/* May a buffer of that size be shown by the surface? Notes it if so. Cursors have a limit of their
 * own. */
[[nodiscard]] bool surface_takes_size(
	const struct host_object *surface, uint32_t width, uint32_t height);

void surface_install(struct wire_interfaces *interfaces);

#endif
