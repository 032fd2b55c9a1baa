/* SPDX-License-Identifier: MIT */
#include "input/drag_icon.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_scene.h>

#include "common/memory.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "listener.h"
#include "server.h"
#include "shell/scene.h"
#include "ui/text.h"
#include "vm/tag.h"

static constexpr int vm_icon_min = 16;
static constexpr int vm_icon_max = 256;
static constexpr int vm_outline = 2;

struct drag_icon {
	struct seat *seat;
	struct wlr_surface *surface;
	struct wlr_scene_tree *tree;     /* owned; at the pointer */
	struct wlr_scene_tree *content;  /* in `tree` */
	struct wlr_scene_rect *edges[4]; /* in `tree`; NULL where it is of no VM */
	struct wl_listener commit, surface_destroy, drag_destroy;
};

static int within(int value, int min, int max)
{
	return value < min ? min : value > max ? max : value;
}

/* Its size, and how far from the pointer it is, are the client's choice at each commit. */
static void fit(struct drag_icon *icon)
{
	if (icon->edges[0] == nullptr) {
		return;
	}
	int width = within(icon->surface->current.width, vm_icon_min, vm_icon_max);
	int height = within(icon->surface->current.height, vm_icon_min, vm_icon_max);
	int x = within(icon->content->node.x, -vm_icon_max, vm_icon_max);
	int y = within(icon->content->node.y, -vm_icon_max, vm_icon_max);
	wlr_scene_node_set_position(&icon->content->node, x, y);
	wlr_scene_subsurface_tree_set_clip(
		&icon->content->node, &(struct wlr_box){0, 0, width, height});
	const struct wlr_box boxes[] = {
		{-vm_outline, -vm_outline, width + 2 * vm_outline, vm_outline},
		{-vm_outline, height, width + 2 * vm_outline, vm_outline},
		{-vm_outline, 0, vm_outline, height},
		{width, 0, vm_outline, height},
	};
	static_assert(VX_ARRAY_LENGTH(boxes) == VX_ARRAY_LENGTH(icon->edges));
	for (size_t i = 0; i < VX_ARRAY_LENGTH(boxes); i++) {
		wlr_scene_node_set_position(&icon->edges[i]->node, x + boxes[i].x, y + boxes[i].y);
		wlr_scene_rect_set_size(icon->edges[i], boxes[i].width, boxes[i].height);
	}
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct drag_icon *icon = wl_container_of(listener, icon, commit);
	const struct wlr_surface_state *state = &icon->surface->current;
	wlr_scene_node_set_position(&icon->content->node, icon->content->node.x + state->dx,
		icon->content->node.y + state->dy);
	fit(icon);
}

static void icon_destroy(struct drag_icon *icon)
{
	listener_remove(&icon->commit);
	listener_remove(&icon->surface_destroy);
	listener_remove(&icon->drag_destroy);
	wlr_scene_node_destroy(&icon->tree->node);
	if (icon->seat->drag_icon == icon) {
		icon->seat->drag_icon = nullptr;
	}
	free(icon);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct drag_icon *icon = wl_container_of(listener, icon, surface_destroy);
	icon_destroy(icon);
}

static void handle_drag_destroy(struct wl_listener *listener, void *data)
{
	struct drag_icon *icon = wl_container_of(listener, icon, drag_destroy);
	icon_destroy(icon);
}

static void outline(struct drag_icon *icon)
{
	struct tag tag;
	tag_init(&tag, icon->seat->server, wl_resource_get_client(icon->surface->resource));
	if (tag_is_set(&tag)) {
		float color[4];
		color_to_floats(tag_color(&tag), color);
		for (size_t i = 0; i < VX_ARRAY_LENGTH(icon->edges); i++) {
			icon->edges[i] = wlr_scene_rect_create(icon->tree, 0, 0, color);
		}
	}
	tag_finish(&tag);
	fit(icon);
}

void drag_icon_create(struct seat *seat, struct wlr_drag *drag, struct wlr_surface *surface)
{
	struct drag_icon *icon = vx_new(icon);
	icon->seat = seat;
	icon->surface = surface;
	icon->tree = wlr_scene_tree_create(seat->server->scene->layers[SCENE_DRAG]);
	icon->content = wlr_scene_subsurface_tree_create(icon->tree, surface);
	listener_add(&icon->commit, &surface->events.commit, handle_commit);
	listener_add(&icon->surface_destroy, &surface->events.destroy, handle_surface_destroy);
	listener_add(&icon->drag_destroy, &drag->events.destroy, handle_drag_destroy);
	outline(icon);
	seat->drag_icon = icon;
	drag_icon_move(seat);
}

void drag_icon_move(struct seat *seat)
{
	if (seat->drag_icon != nullptr) {
		const struct wlr_cursor *cursor = seat->cursor->wlr_cursor;
		wlr_scene_node_set_position(
			&seat->drag_icon->tree->node, (int)cursor->x, (int)cursor->y);
	}
}
