/* SPDX-License-Identifier: MIT */
#include "shell/layer.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_output_layout.h>

#include "common/memory.h"
#include "input/seat.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/popup.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "tree/tree.h"

static constexpr uint32_t layer_shell_version = 5;

static struct wlr_scene_tree *scene_layer(struct server *server, uint32_t layer)
{
	static const enum scene_layer layers[] = {
		[ZWLR_LAYER_SHELL_V1_LAYER_BACKGROUND] = SCENE_BACKGROUND,
		[ZWLR_LAYER_SHELL_V1_LAYER_BOTTOM] = SCENE_BOTTOM,
		[ZWLR_LAYER_SHELL_V1_LAYER_TOP] = SCENE_TOP,
		[ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY] = SCENE_OVERLAY,
	};
	return server->scene->layers[layers[layer]];
}

struct layer_surface *layer_from_surface(struct wlr_surface *root)
{
	struct wlr_layer_surface_v1 *surface = wlr_layer_surface_v1_try_from_wlr_surface(root);
	return surface != nullptr ? surface->data : nullptr;
}

/* ---- arranging ---- */

struct areas {
	struct wlr_box full, usable;
};

static void arrange_layer(
	struct output *output, uint32_t layer, bool exclusive, struct areas *areas)
{
	struct layer_surface *surface;
	wl_list_for_each (surface, &output->server->shell->layer_surfaces, link) {
		struct wlr_layer_surface_v1 *wlr_surface = surface->wlr_surface;
		if (surface->output == output && wlr_surface->initialized &&
			wlr_surface->current.layer == layer &&
			(wlr_surface->current.exclusive_zone > 0) == exclusive) {
			wlr_scene_layer_surface_v1_configure(
				surface->scene, &areas->full, &areas->usable);
		}
	}
}

void layer_arrange(struct output *output)
{
	struct tree_output *tree_output = output->tree_output;
	if (!tree_output->enabled) {
		return;
	}
	struct areas areas = {};
	wlr_output_layout_get_box(output->server->outputs->layout, output->wlr_output, &areas.full);
	areas.usable = areas.full;
	for (int pass = 0; pass < 2; pass++) {
		for (int layer = ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY;
			layer >= ZWLR_LAYER_SHELL_V1_LAYER_BACKGROUND; layer--) {
			arrange_layer(output, (uint32_t)layer, pass == 0, &areas);
		}
	}
	struct box usable = {
		.x = areas.usable.x - areas.full.x,
		.y = areas.usable.y - areas.full.y,
		.width = areas.usable.width,
		.height = areas.usable.height,
	};
	tree_output_set_area(tree_output, areas.full.x, areas.full.y, areas.full.width,
		areas.full.height, &usable);
}

struct layer_surface *layer_exclusive_keyboard(struct server *server)
{
	static const uint32_t above[] = {
		ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY,
		ZWLR_LAYER_SHELL_V1_LAYER_TOP,
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(above); i++) {
		struct layer_surface *surface;
		wl_list_for_each_reverse (surface, &server->shell->layer_surfaces, link) {
			const struct wlr_layer_surface_v1_state *state =
				&surface->wlr_surface->current;
			if (surface->wlr_surface->surface->mapped && state->layer == above[i] &&
				state->keyboard_interactive ==
					ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_EXCLUSIVE) {
				return surface;
			}
		}
	}
	return nullptr;
}

/* ---- events ---- */

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct layer_surface *surface = wl_container_of(listener, surface, commit);
	struct wlr_layer_surface_v1 *wlr_surface = surface->wlr_surface;
	if (surface->output == nullptr || !wlr_surface->initialized) {
		return;
	}
	uint32_t committed = wlr_surface->current.committed;
	if (committed & WLR_LAYER_SURFACE_V1_STATE_LAYER) {
		wlr_scene_node_reparent(&surface->scene->tree->node,
			scene_layer(surface->server, wlr_surface->current.layer));
	}
	if (committed != 0 || wlr_surface->initial_commit) {
		layer_arrange(surface->output);
		transactions_commit(surface->server->transactions);
		popups_follow(surface->server);
	}
	if (committed & WLR_LAYER_SURFACE_V1_STATE_KEYBOARD_INTERACTIVITY) {
		seats_update_focus(surface->server);
	}
}

static void handle_map(struct wl_listener *listener, void *data)
{
	struct layer_surface *surface = wl_container_of(listener, surface, map);
	if (surface->output == nullptr) {
		return;
	}
	layer_arrange(surface->output);
	transactions_commit(surface->server->transactions);
	seats_layer_mapped(surface->server, surface);
}

static void handle_unmap(struct wl_listener *listener, void *data)
{
	struct layer_surface *surface = wl_container_of(listener, surface, unmap);
	seats_layer_unmapped(surface->server, surface);
	if (surface->output != nullptr) {
		layer_arrange(surface->output);
		transactions_commit(surface->server->transactions);
	}
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct layer_surface *surface = wl_container_of(listener, surface, destroy);
	wl_list_remove(&surface->link);
	seats_layer_unmapped(surface->server, surface);
	listener_remove(&surface->map);
	listener_remove(&surface->unmap);
	listener_remove(&surface->commit);
	listener_remove(&surface->destroy);
	listener_remove(&surface->new_popup);
	if (surface->output != nullptr) {
		layer_arrange(surface->output);
		transactions_commit(surface->server->transactions);
	}
	free(surface);
}

static void handle_new_popup(struct wl_listener *listener, void *data)
{
	struct layer_surface *surface = wl_container_of(listener, surface, new_popup);
	popup_create_for_layer_surface(data, surface);
}

static void handle_new_layer_surface(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, new_layer_surface);
	struct wlr_layer_surface_v1 *wlr_surface = data;
	struct server *server = shell->server;
	if (wlr_surface->output == nullptr) {
		struct output *output = outputs_focused(server->outputs);
		if (output == nullptr) {
			wlr_layer_surface_v1_destroy(wlr_surface);
			return;
		}
		wlr_surface->output = output->wlr_output;
	}
	struct layer_surface *surface = vx_new(surface);
	surface->server = server;
	surface->wlr_surface = wlr_surface;
	surface->output = wlr_surface->output->data;
	surface->scene = wlr_scene_layer_surface_v1_create(
		scene_layer(server, wlr_surface->pending.layer), wlr_surface);
	surface->owner = (struct scene_owner){.kind = SCENE_OWNER_LAYER_SURFACE, .object = surface};
	surface->scene->tree->node.data = &surface->owner;
	wlr_surface->data = surface;
	wl_list_insert(shell->layer_surfaces.prev, &surface->link);
	listener_add(&surface->map, &wlr_surface->surface->events.map, handle_map);
	listener_add(&surface->unmap, &wlr_surface->surface->events.unmap, handle_unmap);
	listener_add(&surface->commit, &wlr_surface->surface->events.commit, handle_commit);
	listener_add(&surface->destroy, &wlr_surface->events.destroy, handle_destroy);
	listener_add(&surface->new_popup, &wlr_surface->events.new_popup, handle_new_popup);
}

void layer_output_gone(struct output *output)
{
	struct layer_surface *surface, *next;
	wl_list_for_each_safe (surface, next, &output->server->shell->layer_surfaces, link) {
		if (surface->output == output) {
			surface->output = nullptr;
			wlr_layer_surface_v1_destroy(surface->wlr_surface);
		}
	}
}

bool layer_init(struct shell *shell)
{
	struct wlr_layer_shell_v1 *layer_shell = wlr_layer_shell_v1_create(
		shell->server->display, layer_shell_version);
	if (layer_shell == nullptr) {
		return false;
	}
	listener_add(&shell->new_layer_surface, &layer_shell->events.new_surface,
		handle_new_layer_surface);
	return true;
}
