/* SPDX-License-Identifier: MIT */
#include "input/method_popup.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_input_method_v2.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_text_input_v3.h>

#include "common/memory.h"
#include "input/relay.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/layer.h"
#include "shell/scene.h"
#include "shell/window.h"

/* Far beyond any screen: a client's numbers are cut to this, so that sums of them don't overflow.
 */
static constexpr int coordinate_max = 1 << 20;

struct method_popup {
	struct wl_list link;
	struct relay *relay;
	struct server *server;
	struct wlr_input_popup_surface_v2 *wlr_popup;
	struct wlr_scene_tree *tree; /* owned */
	struct wl_listener map, unmap, commit, destroy;
};

/* Where a field is on the screen. */
struct field_place {
	struct wlr_box cursor; /* what the popup must not cover, in the layout */
	bool has_cursor;       /* or it is the whole field's surface */
	struct wlr_box output;
	struct scene_owner *owner; /* of the field's surface; borrowed */
};

static int clamp(int value, int low)
{
	return value < low ? low : value > coordinate_max ? coordinate_max : value;
}

/* The place of a surface's origin and its window geometry; false where it isn't shown. */
static bool find_surface(struct server *server, struct wlr_surface *surface,
	struct field_place *place, struct wlr_box *ret_geometry)
{
	struct wlr_scene_tree *tree;
	struct output *output = nullptr;
	struct window *window = window_from_surface(surface);
	struct layer_surface *layer = window == nullptr ? layer_from_surface(surface) : nullptr;
	*ret_geometry = (struct wlr_box){};
	if (window != nullptr) {
		tree = window->tree;
		place->owner = &window->owner;
		*ret_geometry = window->impl->get_geometry(window);
	} else if (layer != nullptr && layer->output != nullptr) {
		tree = layer->scene->tree;
		place->owner = &layer->owner;
		output = layer->output;
	} else {
		return false;
	}
	int x, y;
	bool shown = wlr_scene_node_coords(&tree->node, &x, &y);
	output = output != nullptr ? output : outputs_nearest(server->outputs, x, y);
	ret_geometry->x = x - ret_geometry->x;
	ret_geometry->y = y - ret_geometry->y;
	if (!shown || output == nullptr) {
		return false;
	}
	wlr_output_layout_get_box(server->outputs->layout, output->wlr_output, &place->output);
	return true;
}

static bool find_field(struct server *server, const struct wlr_text_input_v3 *text_input,
	struct field_place *ret_place)
{
	struct wlr_box surface;
	if (text_input == nullptr || text_input->focused_surface == nullptr ||
		!find_surface(server, text_input->focused_surface, ret_place, &surface)) {
		return false;
	}
	struct wlr_box *cursor = &ret_place->cursor;
	*cursor = (struct wlr_box){.width = surface.width, .height = surface.height};
	ret_place->has_cursor = text_input->current.features &
				WLR_TEXT_INPUT_V3_FEATURE_CURSOR_RECTANGLE;
	if (ret_place->has_cursor) {
		*cursor = text_input->current.cursor_rectangle;
	}
	cursor->x = surface.x + clamp(cursor->x, -coordinate_max);
	cursor->y = surface.y + clamp(cursor->y, -coordinate_max);
	cursor->width = clamp(cursor->width, 0);
	cursor->height = clamp(cursor->height, 0);
	return true;
}

/* Along one axis: from `start`, or up to `end` where that side has more room and this too little.
 */
static int fit(int start, int end, int length, int room_after, int room_before)
{
	return room_after < length && room_before > room_after ? end - length : start;
}

static void show(struct method_popup *popup, const struct field_place *place)
{
	const struct wlr_box *cursor = &place->cursor, *output = &place->output;
	int width = popup->wlr_popup->surface->current.width;
	int height = popup->wlr_popup->surface->current.height;
	int right = cursor->x + cursor->width, bottom = cursor->y + cursor->height;
	int x = fit(
		cursor->x, right, width, output->x + output->width - cursor->x, right - output->x);
	int y = fit(bottom, cursor->y, height, output->y + output->height - bottom,
		cursor->y - output->y);
	popup->tree->node.data = place->owner;
	wlr_scene_node_set_position(&popup->tree->node, x, y);
	wlr_scene_node_set_enabled(&popup->tree->node, true);
	wlr_scene_node_raise_to_top(&popup->tree->node);
	if (place->has_cursor) {
		wlr_input_popup_surface_v2_send_text_input_rectangle(
			popup->wlr_popup, &(struct wlr_box){cursor->x - x, cursor->y - y,
						  cursor->width, cursor->height});
	}
}

void method_popups_place(struct wl_list *popups, const struct wlr_text_input_v3 *text_input)
{
	struct method_popup *popup;
	wl_list_for_each (popup, popups, link) {
		struct field_place place = {};
		if (popup->wlr_popup->surface->mapped &&
			find_field(popup->server, text_input, &place)) {
			show(popup, &place);
		} else {
			wlr_scene_node_set_enabled(&popup->tree->node, false);
			popup->tree->node.data = nullptr;
		}
	}
}

/* ---- life ---- */

static void handle_map(struct wl_listener *listener, void *data)
{
	struct method_popup *popup = wl_container_of(listener, popup, map);
	relay_place_popups(popup->relay);
}

static void handle_unmap(struct wl_listener *listener, void *data)
{
	struct method_popup *popup = wl_container_of(listener, popup, unmap);
	relay_place_popups(popup->relay);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct method_popup *popup = wl_container_of(listener, popup, commit);
	relay_place_popups(popup->relay);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct method_popup *popup = wl_container_of(listener, popup, destroy);
	listener_remove(&popup->map);
	listener_remove(&popup->unmap);
	listener_remove(&popup->commit);
	listener_remove(&popup->destroy);
	wlr_scene_node_destroy(&popup->tree->node);
	wl_list_remove(&popup->link);
	free(popup);
}

void method_popup_create(struct wl_list *popups, struct relay *relay, struct server *server,
	struct wlr_input_popup_surface_v2 *wlr_popup)
{
	struct method_popup *popup = vx_new(popup);
	popup->relay = relay;
	popup->server = server;
	popup->wlr_popup = wlr_popup;
	popup->tree = wlr_scene_tree_create(server->scene->layers[SCENE_POPUP]);
	wlr_scene_subsurface_tree_create(popup->tree, wlr_popup->surface);
	wl_list_insert(popups, &popup->link);
	struct wlr_surface *surface = wlr_popup->surface;
	listener_add(&popup->map, &surface->events.map, handle_map);
	listener_add(&popup->unmap, &surface->events.unmap, handle_unmap);
	listener_add(&popup->commit, &surface->events.commit, handle_commit);
	listener_add(&popup->destroy, &wlr_popup->events.destroy, handle_destroy);
	relay_place_popups(relay);
}
