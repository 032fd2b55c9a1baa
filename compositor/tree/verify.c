/* SPDX-License-Identifier: MIT */
/* The invariants of the pending tree, for tests: what every operation must leave true. */
#include "common/error.h"
#include "tree/tree.h"

static bool verify_container(const struct container *con, const struct container *parent,
	const struct workspace *ws, struct vx_error *err)
{
	size_t id = con->node.id;
	if (con->node.destroying) {
		return vx_error_set(err, "container %zu is in the tree and destroyed", id);
	}
	if (con->pending.parent != parent) {
		return vx_error_set(err, "container %zu has another parent than it is in", id);
	}
	if (con->pending.workspace != ws) {
		return vx_error_set(err, "container %zu has another workspace than it is in", id);
	}
	if (con->view && con->view->container != con) {
		return vx_error_set(err, "container %zu has a view that is elsewhere", id);
	}
	if (con->view && con->pending.children.length > 0) {
		return vx_error_set(err, "container %zu has a view and children", id);
	}
	if (!con->view && con->pending.children.length == 0) {
		return vx_error_set(err, "container %zu is empty", id);
	}
	if (!(con->width_fraction >= 0) || !(con->height_fraction >= 0)) {
		return vx_error_set(err, "container %zu has a negative share", id);
	}
	if (con->pending.fullscreen_mode == FULLSCREEN_WORKSPACE && ws && ws->fullscreen != con) {
		return vx_error_set(err, "container %zu is not its workspace's fullscreen", id);
	}
	if (con->pending.fullscreen_mode == FULLSCREEN_GLOBAL &&
		con->node.tree->fullscreen_global != con) {
		return vx_error_set(err, "container %zu is not the tree's fullscreen", id);
	}
	for (int i = 0; i < con->pending.children.length; i++) {
		if (!verify_container(con->pending.children.items[i], con, ws, err)) {
			return false;
		}
	}
	return true;
}

static bool verify_list(
	const struct container_list *list, const struct workspace *ws, struct vx_error *err)
{
	for (int i = 0; i < list->length; i++) {
		if (!verify_container(list->items[i], nullptr, ws, err)) {
			return false;
		}
	}
	return true;
}

static bool verify_workspace(
	const struct workspace *ws, const struct tree_output *output, struct vx_error *err)
{
	if (ws->node.destroying) {
		return vx_error_set(err, "workspace '%s' is in the tree and destroyed", ws->name);
	}
	if (ws->output != output) {
		return vx_error_set(
			err, "workspace '%s' has another output than it is on", ws->name);
	}
	const struct container *fullscreen = ws->fullscreen;
	if (fullscreen && (fullscreen->pending.workspace != ws ||
				  fullscreen->pending.fullscreen_mode != FULLSCREEN_WORKSPACE)) {
		return vx_error_set(err, "workspace '%s' has a wrong fullscreen", ws->name);
	}
	return verify_list(&ws->tiling, ws, err) && verify_list(&ws->floating, ws, err);
}

static bool verify_output(const struct tree_output *output, struct vx_error *err)
{
	for (int i = 0; i < output->workspaces.length; i++) {
		const struct workspace *ws = output->workspaces.items[i];
		if (!verify_workspace(ws, output, err)) {
			return false;
		}
		struct workspace *active = tree_output_active_workspace(
			(struct tree_output *)output);
		if (output->enabled && active != ws && ws->tiling.length == 0 &&
			ws->floating.length == 0) {
			return vx_error_set(err, "workspace '%s' is empty and invisible", ws->name);
		}
	}
	if (output->enabled && output->workspaces.length == 0) {
		return vx_error_set(err, "output '%s' has no workspace", output->name);
	}
	return true;
}

static bool verify_seat(const struct tree_seat *seat, struct vx_error *err)
{
	const struct seat_focus *focus;
	wl_list_for_each (focus, &seat->stack, link) {
		if (focus->node->destroying) {
			return vx_error_set(
				err, "destroyed node %zu has a focus entry", focus->node->id);
		}
	}
	if (seat->workspace && seat->workspace->node.destroying) {
		return vx_error_set(err, "seat '%s' is on a destroyed workspace", seat->name);
	}
	return true;
}

static bool verify_scratchpad(const struct tree *tree, struct vx_error *err)
{
	for (int i = 0; i < tree->scratchpad.length; i++) {
		const struct container *con = tree->scratchpad.items[i];
		if (!con->scratchpad) {
			return vx_error_set(err,
				"container %zu is in the scratchpad but not marked as such",
				con->node.id);
		}
		const struct workspace *ws = con->pending.workspace;
		if (ws && list_index(&ws->floating, con) < 0) {
			return vx_error_set(err,
				"container %zu is shown on a workspace that doesn't have it",
				con->node.id);
		}
		if (!verify_container(con, nullptr, ws, err)) {
			return false;
		}
	}
	return true;
}

bool tree_verify(const struct tree *tree, struct vx_error *err)
{
	for (int i = 0; i < tree->outputs.length; i++) {
		if (!verify_output(tree->outputs.items[i], err)) {
			return false;
		}
	}
	const struct tree_seat *seat;
	wl_list_for_each (seat, &tree->seats, link) {
		if (!verify_seat(seat, err)) {
			return false;
		}
	}
	if (tree->fullscreen_global && tree->fullscreen_global->node.destroying) {
		return vx_error_set(err, "the global fullscreen container is destroyed");
	}
	return verify_output(tree->fallback_output, err) && verify_scratchpad(tree, err);
}
