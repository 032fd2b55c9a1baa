/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "popup"

#include "shell/popup.h"

#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "common/log.h"
#include "common/memory.h"
#include "input/input.h"
#include "input/relay.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/frame.h"
#include "shell/layer.h"
#include "shell/shell.h"
#include "shell/window.h"
#include "ui/text.h"

struct popup {
	struct server *server;
	struct wlr_xdg_popup *wlr_popup;
	/* One of these. */
	struct window *window;
	struct layer_surface *layer_surface;
	struct popup *parent; /* NULL: directly of the window or panel */
	int depth;

	/* Its origin is that of the popup's window geometry. */
	struct wlr_scene_tree *tree;
	struct wlr_scene_tree *surface_tree;
	struct wlr_scene_rect *outline[FRAME_SIDE_COUNT];
	struct wl_listener commit, destroy, new_popup, reposition, tree_destroy;
};

static bool is_tagged(const struct popup *popup)
{
	return popup->window != nullptr && tag_is_set(&popup->window->tag);
}

/* Where the popup's root surface is in the layout, by its window geometry. */
static void root_position(const struct popup *popup, int *ret_x, int *ret_y)
{
	struct wlr_scene_tree *tree = popup->window != nullptr ? popup->window->tree
							       : popup->layer_surface->scene->tree;
	wlr_scene_node_coords(&tree->node, ret_x, ret_y);
}

static struct wlr_box output_box(const struct popup *popup)
{
	int x, y;
	root_position(popup, &x, &y);
	struct output *output = outputs_nearest(popup->server->outputs, x, y);
	struct wlr_box box = {};
	if (output != nullptr) {
		wlr_output_layout_get_box(popup->server->outputs->layout, output->wlr_output, &box);
	}
	return box;
}

static void unconstrain(struct popup *popup)
{
	int x, y;
	root_position(popup, &x, &y);
	struct wlr_box box = output_box(popup);
	struct wlr_box geometry = {};
	if (popup->window != nullptr) {
		geometry = popup->window->impl->get_geometry(popup->window);
	}
	/* In the coordinates of the root surface. */
	box.x += geometry.x - x;
	box.y += geometry.y - y;
	if (is_tagged(popup)) {
		box.x += frame_vm_thickness;
		box.y += frame_vm_thickness;
		box.width -= 2 * frame_vm_thickness;
		box.height -= 2 * frame_vm_thickness;
	}
	wlr_xdg_popup_unconstrain_from_box(popup->wlr_popup, &box);
}

static int min(int a, int b)
{
	return a < b ? a : b;
}

static int clamp(int value, int low, int high)
{
	return value > high ? (high > low ? high : low) : value < low ? low : value;
}

static void draw_outline(struct popup *popup, int width, int height)
{
	static constexpr int edge = frame_vm_thickness;
	const struct wlr_box boxes[FRAME_SIDE_COUNT] = {
		[FRAME_TOP] = {-edge, -edge, width + 2 * edge, edge},
		[FRAME_BOTTOM] = {-edge, height, width + 2 * edge, edge},
		[FRAME_LEFT] = {-edge, 0, edge, height},
		[FRAME_RIGHT] = {width, 0, edge, height},
	};
	float color[4];
	color_to_floats(tag_color(&popup->window->tag), color);
	for (unsigned i = 0; i < FRAME_SIDE_COUNT; i++) {
		wlr_scene_node_set_position(&popup->outline[i]->node, boxes[i].x, boxes[i].y);
		wlr_scene_rect_set_size(popup->outline[i], boxes[i].width, boxes[i].height);
		wlr_scene_rect_set_color(popup->outline[i], color);
	}
}

/* Keeps a VM's popup on its output and to its size, whatever the client commits. */
static void confine(struct popup *popup, int parent_x, int parent_y, int *x, int *y)
{
	struct wlr_box output = output_box(popup);
	struct wlr_box geometry = popup->wlr_popup->base->geometry;
	struct wlr_box given = popup->wlr_popup->current.geometry;
	int width = min(min(geometry.width, given.width), output.width - 2 * frame_vm_thickness);
	int height = min(
		min(geometry.height, given.height), output.height - 2 * frame_vm_thickness);
	bool shown = width > 0 && height > 0 && popup->wlr_popup->base->surface->mapped;
	wlr_scene_node_set_enabled(&popup->tree->node, shown);
	if (!shown) {
		return;
	}
	int left = output.x + frame_vm_thickness, top = output.y + frame_vm_thickness;
	*x = clamp(parent_x + *x, left, output.x + output.width - frame_vm_thickness - width) -
	     parent_x;
	*y = clamp(parent_y + *y, top, output.y + output.height - frame_vm_thickness - height) -
	     parent_y;
	draw_outline(popup, width, height);
	wlr_scene_subsurface_tree_set_clip(&popup->surface_tree->node,
		&(struct wlr_box){geometry.x, geometry.y, width, height});
}

static void update_place(struct popup *popup)
{
	struct wlr_xdg_popup *wlr_popup = popup->wlr_popup;
	struct wlr_box geometry = wlr_popup->base->geometry;
	int x = wlr_popup->current.geometry.x, y = wlr_popup->current.geometry.y;
	int parent_x = 0, parent_y = 0;
	if (popup->parent != nullptr) {
		wlr_scene_node_coords(&popup->parent->tree->node, &parent_x, &parent_y);
	} else {
		root_position(popup, &parent_x, &parent_y);
	}
	if (is_tagged(popup)) {
		confine(popup, parent_x, parent_y, &x, &y);
	}
	/* Nested popups are in their parent's tree, outer ones in the layer of popups. */
	if (popup->parent == nullptr) {
		x += parent_x;
		y += parent_y;
	}
	wlr_scene_node_set_position(&popup->tree->node, x, y);
	wlr_scene_node_set_position(&popup->surface_tree->node, -geometry.x, -geometry.y);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct popup *popup = wl_container_of(listener, popup, commit);
	if (popup->wlr_popup->base->initial_commit) {
		unconstrain(popup);
	}
	update_place(popup);
}

static void handle_reposition(struct wl_listener *listener, void *data)
{
	struct popup *popup = wl_container_of(listener, popup, reposition);
	unconstrain(popup);
}

static void popup_destroy(struct popup *popup)
{
	listener_remove(&popup->commit);
	listener_remove(&popup->destroy);
	listener_remove(&popup->new_popup);
	listener_remove(&popup->reposition);
	listener_remove(&popup->tree_destroy);
	free(popup);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct popup *popup = wl_container_of(listener, popup, destroy);
	struct wlr_scene_tree *tree = popup->tree;
	popup_destroy(popup);
	wlr_scene_node_destroy(&tree->node);
}

/* The parent's tree went away with everything in it. */
static void handle_tree_destroy(struct wl_listener *listener, void *data)
{
	struct popup *popup = wl_container_of(listener, popup, tree_destroy);
	popup_destroy(popup);
}

static void popup_create(struct wlr_xdg_popup *wlr_popup, const struct popup *from);

static void handle_new_popup(struct wl_listener *listener, void *data)
{
	struct popup *popup = wl_container_of(listener, popup, new_popup);
	popup_create(data, &(struct popup){
				   .server = popup->server,
				   .window = popup->window,
				   .layer_surface = popup->layer_surface,
				   .parent = popup,
				   .depth = popup->depth + 1,
			   });
}

static void popup_create(struct wlr_xdg_popup *wlr_popup, const struct popup *from)
{
	if (from->depth > popup_depth_max) {
		vx_log_warn(
			"a client nests popups deeper than %d, disconnecting it", popup_depth_max);
		wl_client_post_implementation_error(wl_resource_get_client(wlr_popup->resource),
			"popups are nested deeper than %d", popup_depth_max);
		return;
	}
	struct popup *popup = vx_memdup(from, sizeof(*from));
	popup->wlr_popup = wlr_popup;
	popup->tree = wlr_scene_tree_create(popup->parent != nullptr
						    ? popup->parent->tree
						    : popup->server->scene->layers[SCENE_POPUP]);
	popup->tree->node.data = popup->window != nullptr ? &popup->window->owner
							  : &popup->layer_surface->owner;
	popup->surface_tree = wlr_scene_subsurface_tree_create(
		popup->tree, wlr_popup->base->surface);
	for (unsigned i = 0; is_tagged(popup) && i < FRAME_SIDE_COUNT; i++) {
		popup->outline[i] = wlr_scene_rect_create(popup->tree, 0, 0, (float[4]){});
	}
	listener_add(&popup->commit, &wlr_popup->base->surface->events.commit, handle_commit);
	listener_add(&popup->destroy, &wlr_popup->events.destroy, handle_destroy);
	listener_add(&popup->reposition, &wlr_popup->events.reposition, handle_reposition);
	listener_add(&popup->new_popup, &wlr_popup->base->events.new_popup, handle_new_popup);
	listener_add(&popup->tree_destroy, &popup->tree->node.events.destroy, handle_tree_destroy);
	wlr_popup->base->data = popup;
}

void popup_create_for_window(struct wlr_xdg_popup *wlr_popup, struct window *window)
{
	popup_create(wlr_popup, &(struct popup){.server = window->server, .window = window});
}

void popup_create_for_layer_surface(
	struct wlr_xdg_popup *wlr_popup, struct layer_surface *layer_surface)
{
	popup_create(wlr_popup,
		&(struct popup){.server = layer_surface->server, .layer_surface = layer_surface});
}

void popups_dismiss(struct window *window)
{
	struct wlr_surface *surface = window->impl->get_surface(window);
	struct wlr_xdg_surface *xdg = surface != nullptr
					      ? wlr_xdg_surface_try_from_wlr_surface(surface)
					      : nullptr;
	if (xdg == nullptr) {
		return;
	}
	struct wlr_xdg_popup *popup, *next;
	wl_list_for_each_safe (popup, next, &xdg->popups, link) {
		wlr_xdg_popup_destroy(popup);
	}
}

static void follow_window(struct window *window)
{
	struct wlr_surface *surface = window->impl->get_surface(window);
	struct wlr_xdg_surface *xdg = surface != nullptr
					      ? wlr_xdg_surface_try_from_wlr_surface(surface)
					      : nullptr;
	if (xdg == nullptr) {
		return;
	}
	int x, y;
	bool shown = wlr_scene_node_coords(&window->tree->node, &x, &y);
	struct wlr_xdg_popup *wlr_popup;
	wl_list_for_each (wlr_popup, &xdg->popups, link) {
		struct popup *popup = wlr_popup->base->data;
		if (popup != nullptr) {
			wlr_scene_node_set_enabled(&popup->tree->node, shown);
			if (shown) {
				update_place(popup);
			}
		}
	}
}

void popups_follow(struct server *server)
{
	struct window *window;
	wl_list_for_each (window, &server->shell->windows, link) {
		follow_window(window);
	}
	relay_place_popups(server->input->relay);
}
