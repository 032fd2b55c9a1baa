/* SPDX-License-Identifier: MIT */
/* What the pointer looks like: an image of the theme, a client's, or none; and what it drags. */
#include <limits.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_xcursor_manager.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "listener.h"
#include "server.h"
#include "shell/scene.h"
#include "ui/text.h"
#include "vm/tag.h"

static constexpr int default_size = 24;
static constexpr int vm_image_max = 64; /* logical pixels of a VM's cursor image */
static constexpr int vm_icon_max = 256; /* of what a VM drags */
static constexpr int vm_outline = 2;

void cursor_forget_image_surface(struct cursor *cursor)
{
	listener_remove(&cursor->image_surface_destroy);
	listener_remove(&cursor->image_surface_commit);
	cursor->image_surface = nullptr;
}

static struct wlr_xcursor_manager *load_theme(const struct seat *seat)
{
	struct seat_config *config = config_seat_for(
		server_config(seat->server), seat->wlr_seat->name);
	const char *name = config != nullptr ? config->xcursor_theme : nullptr;
	const char *env_size = getenv("XCURSOR_SIZE");
	long wanted = env_size != nullptr ? strtol(env_size, nullptr, 10) : 0;
	int size = wanted > 0 && wanted < INT_MAX ? (int)wanted : default_size;
	if (config != nullptr && config->xcursor_size > 0) {
		size = config->xcursor_size;
	}
	if (name == nullptr) {
		name = getenv("XCURSOR_THEME");
	}
	struct wlr_xcursor_manager *theme = wlr_xcursor_manager_create(name, (uint32_t)size);
	wlr_xcursor_manager_load(theme, 1);
	seat_config_destroy(config);
	return theme;
}

void cursor_set_image(struct cursor *cursor, const char *name)
{
	if (!(cursor->seat->wlr_seat->capabilities & WL_SEAT_CAPABILITY_POINTER) ||
		cursor->hidden) {
		return;
	}
	cursor_forget_image_surface(cursor);
	if (cursor->theme == nullptr) {
		/* All of a theme's hundred files are read at once: not before there is a pointer.
		 */
		cursor->theme = load_theme(cursor->seat);
	}
	if (cursor->image == nullptr || strcmp(cursor->image, name) != 0) {
		wlr_cursor_set_xcursor(cursor->wlr_cursor, cursor->theme, name);
		cursor->image = name;
	}
}

void cursor_show_default(struct cursor *cursor)
{
	cursor->image = nullptr;
	cursor_set_image(cursor, "default");
}

static bool image_is_modest(const struct wlr_surface *surface)
{
	return surface->current.width <= vm_image_max && surface->current.height <= vm_image_max;
}

static void handle_image_surface_destroy(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, image_surface_destroy);
	cursor_forget_image_surface(cursor);
}

static void handle_image_surface_commit(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, image_surface_commit);
	if (!image_is_modest(cursor->image_surface)) {
		cursor_show_default(cursor);
	}
}

void cursor_set_client_image(struct cursor *cursor, struct wlr_surface *surface, int hotspot_x,
	int hotspot_y, bool is_vm)
{
	if (is_vm && (surface == nullptr || !image_is_modest(surface))) {
		cursor_set_image(cursor, "default");
		return;
	}
	cursor_forget_image_surface(cursor);
	cursor->image = nullptr;
	wlr_cursor_set_surface(cursor->wlr_cursor, surface, hotspot_x, hotspot_y);
	if (surface == nullptr) {
		return;
	}
	cursor->image_surface = surface;
	listener_add(&cursor->image_surface_destroy, &surface->events.destroy,
		handle_image_surface_destroy);
	if (is_vm) {
		listener_add(&cursor->image_surface_commit, &surface->events.commit,
			handle_image_surface_commit);
	}
}

void cursor_reload_theme(struct cursor *cursor)
{
	wlr_cursor_unset_image(cursor->wlr_cursor); /* it points into the theme */
	wlr_xcursor_manager_destroy(cursor->theme);
	cursor->theme = nullptr;
	cursor_show_default(cursor);
}

void cursor_unhide(struct cursor *cursor)
{
	if (cursor->hidden) {
		cursor->hidden = false;
		cursor_show_default(cursor);
	}
	struct seat_config *config = config_seat_for(
		server_config(cursor->seat->server), cursor->seat->wlr_seat->name);
	int timeout = config != nullptr && config->hide_cursor_timeout != unset
			      ? config->hide_cursor_timeout
			      : 0;
	seat_config_destroy(config);
	wl_event_source_timer_update(cursor->hide_timer, timeout);
}

int cursor_handle_hide_timer(void *data)
{
	struct cursor *cursor = data;
	cursor_forget_image_surface(cursor);
	wlr_cursor_unset_image(cursor->wlr_cursor);
	cursor->image = nullptr;
	cursor->hidden = true;
	return 0;
}

/* ---- drag icons ---- */

static void outline_icon(struct wlr_scene_tree *tree, const struct tag *tag, int width, int height)
{
	float color[4];
	color_to_floats(tag_color(tag), color);
	const struct wlr_box boxes[] = {
		{-vm_outline, -vm_outline, width + 2 * vm_outline, vm_outline},
		{-vm_outline, height, width + 2 * vm_outline, vm_outline},
		{-vm_outline, 0, vm_outline, height},
		{width, 0, vm_outline, height},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(boxes); i++) {
		struct wlr_scene_rect *rect = wlr_scene_rect_create(
			tree, boxes[i].width, boxes[i].height, color);
		wlr_scene_node_set_position(&rect->node, boxes[i].x, boxes[i].y);
	}
}

struct wlr_scene_tree *cursor_create_drag_icon(
	struct cursor *cursor, struct wlr_scene_tree *layer, struct wlr_drag_icon *icon)
{
	struct wl_client *client = wl_resource_get_client(icon->surface->resource);
	struct wlr_scene_tree *tree = wlr_scene_tree_create(layer);
	struct wlr_scene_tree *content = wlr_scene_drag_icon_create(tree, icon);
	if (content == nullptr) {
		wlr_scene_node_destroy(&tree->node);
		return nullptr;
	}
	struct tag tag;
	tag_init(&tag, cursor->seat->server, client);
	if (tag_is_set(&tag)) {
		int width = icon->surface->current.width, height = icon->surface->current.height;
		width = width < 16 ? 16 : width > vm_icon_max ? vm_icon_max : width;
		height = height < 16 ? 16 : height > vm_icon_max ? vm_icon_max : height;
		wlr_scene_subsurface_tree_set_clip(
			&content->node, &(struct wlr_box){0, 0, width, height});
		outline_icon(tree, &tag, width, height);
	}
	tag_finish(&tag);
	wlr_scene_node_set_position(
		&tree->node, (int)cursor->wlr_cursor->x, (int)cursor->wlr_cursor->y);
	return tree;
}
