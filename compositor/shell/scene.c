/* SPDX-License-Identifier: MIT */
#include "shell/scene.h"

#include "common/memory.h"

struct scene *scene_create(void)
{
	struct scene *scene = vx_new(scene);
	scene->root = wlr_scene_create();
	if (scene->root == nullptr) {
		free(scene);
		return nullptr;
	}
	scene->staging = wlr_scene_tree_create(&scene->root->tree);
	wlr_scene_node_set_enabled(&scene->staging->node, false);
	for (unsigned i = 0; i < SCENE_LAYER_COUNT; i++) {
		scene->layers[i] = wlr_scene_tree_create(&scene->root->tree);
	}
	wlr_scene_node_set_enabled(&scene->layers[SCENE_LOCK]->node, false);
	return scene;
}

void scene_destroy(struct scene *scene)
{
	if (scene == nullptr) {
		return;
	}
	wlr_scene_node_destroy(&scene->root->tree.node);
	free(scene);
}

struct scene_hit scene_at(struct scene *scene, double x, double y)
{
	struct scene_hit hit = {};
	for (unsigned i = SCENE_LAYER_COUNT; i-- > 0 && hit.node == nullptr;) {
		/* What is dragged is always under the pointer, and never what it points at. */
		if (i != SCENE_DRAG) {
			hit.node = wlr_scene_node_at(
				&scene->layers[i]->node, x, y, &hit.sx, &hit.sy);
		}
	}
	if (hit.node == nullptr) {
		return hit;
	}
	if (hit.node->type == WLR_SCENE_NODE_BUFFER) {
		struct wlr_scene_surface *surface = wlr_scene_surface_try_from_buffer(
			wlr_scene_buffer_from_node(hit.node));
		hit.surface = surface != nullptr ? surface->surface : nullptr;
	}
	for (struct wlr_scene_node *node = hit.node; node != nullptr;
		node = node->parent != nullptr ? &node->parent->node : nullptr) {
		if (node->data != nullptr) {
			hit.owner = node->data;
			break;
		}
	}
	return hit;
}

void scene_set_locked(struct scene *scene, bool locked)
{
	for (unsigned i = 0; i < SCENE_LAYER_COUNT; i++) {
		wlr_scene_node_set_enabled(&scene->layers[i]->node, locked == (i == SCENE_LOCK));
	}
}

void scene_place(
	struct wlr_scene_node *node, struct wlr_scene_tree *parent, struct wlr_scene_node *below)
{
	if (node->parent != parent) {
		wlr_scene_node_reparent(node, parent);
	}
	if (below == nullptr) {
		if (parent->children.next != &node->link) {
			wlr_scene_node_lower_to_bottom(node);
		}
	} else if (below->link.next != &node->link) {
		wlr_scene_node_place_above(node, below);
	}
}
