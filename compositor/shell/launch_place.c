/* SPDX-License-Identifier: MIT */
#include "shell/launch_place.h"

#include "common/memory.h"
#include "listener.h"
#include "tree/output.h"
#include "tree/tree.h"
#include "tree/workspace.h"

struct launch_place {
	struct tree *tree;
	struct workspace *workspace; /* NULL: gone */
	/* Of the workspace that is gone. */
	char *name;                 /* owned */
	struct tree_output *output; /* NULL: gone, too */
	struct wl_listener destroy; /* of the workspace, else of the output */
};

static void handle_output_destroy(struct wl_listener *listener, void *data)
{
	struct launch_place *place = wl_container_of(listener, place, destroy);
	listener_remove(&place->destroy);
	place->output = nullptr;
}

static void handle_workspace_destroy(struct wl_listener *listener, void *data)
{
	struct launch_place *place = wl_container_of(listener, place, destroy);
	struct workspace *ws = vx_take_ptr(place->workspace);
	listener_remove(&place->destroy);
	place->name = vx_strdup(ws->name);
	if (ws->output != nullptr && !ws->output->node.destroying) {
		place->output = ws->output;
		listener_add(&place->destroy, &place->output->node.events.destroy,
			handle_output_destroy);
	}
}

struct launch_place *launch_place_create(struct workspace *ws)
{
	struct launch_place *place = vx_new(place);
	place->tree = ws->node.tree;
	place->workspace = ws;
	listener_add(&place->destroy, &ws->node.events.destroy, handle_workspace_destroy);
	return place;
}

void launch_place_destroy(struct launch_place *place)
{
	if (place == nullptr) {
		return;
	}
	listener_remove(&place->destroy);
	free(place->name);
	free(place);
}

struct workspace *launch_place_workspace(const struct launch_place *place)
{
	if (place->workspace != nullptr) {
		return place->workspace;
	}
	struct workspace *ws = workspace_by_name(
		place->tree, tree_default_seat(place->tree), place->name);
	bool is_usable = place->output != nullptr && place->output->enabled;
	return ws != nullptr ? ws
			     : workspace_create(place->tree, is_usable ? place->output : nullptr,
				       place->name);
}
