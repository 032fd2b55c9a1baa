/* SPDX-License-Identifier: MIT */
/*
 * What surfaces make the compositor hold: pixels, which it may copy into textures, so that memory
 * shown twice counts twice; and commits of synchronized subsurfaces, which it keeps one by one
 * until the parent's comes.
 */
#ifndef VX_PROXY_HOST_SURFACE_COST_H
#define VX_PROXY_HOST_SURFACE_COST_H

#include <stdint.h>

struct host_surface;
struct vx_error;

/* Of all surfaces of a VM. */
struct surface_costs {
	uint64_t pixel_bytes;
	uint32_t kept_commits;
};

/* The part of one surface in that. */
struct surface_cost {
	struct surface_costs *all; /* borrowed; outlives the surface */
	uint64_t pixel_bytes;
	uint32_t kept_commits;
};

/* The surface is committed. False with `err` over a limit. */
bool surface_cost_commit(struct host_surface *surface, struct vx_error *err);

/* The surface is gone. */
void surface_cost_end(struct host_surface *surface);

#endif
