/* SPDX-License-Identifier: MIT */
#include "host/surface_cost.h"

#include "common/error.h"
#include "host/limits.h"
#include "host/surface.h"

static constexpr uint64_t bytes_per_pixel = 4;

/* Does its commit wait for that of a surface above it? */
static bool is_synchronized(const struct host_surface *surface)
{
	for (; surface->parent != nullptr; surface = surface->parent) {
		if (surface->is_sync) {
			return true;
		}
	}
	return false;
}

/* Its commits take effect now, and so do those that waited for them. No tree is deep. */
static void release_commits(struct host_surface *surface)
{
	surface->cost.all->kept_commits -= surface->cost.kept_commits;
	surface->cost.kept_commits = 0;
	struct host_surface *child;
	wl_list_for_each (child, &surface->children, link) {
		release_commits(child);
	}
}

static bool keep_commit(struct host_surface *surface, struct vx_error *err)
{
	if (surface->cost.all->kept_commits >= limit_kept_commits) {
		return vx_error_set(err, "over %u commits wait for a parent's", limit_kept_commits);
	}
	surface->cost.kept_commits++;
	surface->cost.all->kept_commits++;
	return true;
}

/* A subsurface counts with the most that it had: smaller pixels may still wait for the parent. */
static bool count_pixels(struct host_surface *surface, struct vx_error *err)
{
	uint64_t bytes = (uint64_t)surface->buffer.width * (uint64_t)surface->buffer.height *
			 bytes_per_pixel;
	if (surface->parent != nullptr && bytes < surface->cost.pixel_bytes) {
		return true;
	}
	uint64_t others = surface->cost.all->pixel_bytes - surface->cost.pixel_bytes;
	if (bytes > 0 && others + bytes > limit_pixel_bytes) {
		return vx_error_set(err, "over the limit of %u MiB of pixels in the VM's surfaces",
			(unsigned)(limit_pixel_bytes >> 20));
	}
	surface->cost.all->pixel_bytes = others + bytes;
	surface->cost.pixel_bytes = bytes;
	return true;
}

bool surface_cost_commit(struct host_surface *surface, struct vx_error *err)
{
	if (!count_pixels(surface, err)) {
		return false;
	}
	if (is_synchronized(surface)) {
		return keep_commit(surface, err);
	}
	release_commits(surface);
	return true;
}

void surface_cost_end(struct host_surface *surface)
{
	surface->cost.all->kept_commits -= surface->cost.kept_commits;
	surface->cost.all->pixel_bytes -= surface->cost.pixel_bytes;
	surface->cost.kept_commits = 0;
	surface->cost.pixel_bytes = 0;
}
