/* SPDX-License-Identifier: MIT */
#include "input/spot.h"

#include "input/cursor.h"
#include "input/seat.h"
#include "server.h"
#include "shell/lock.h"
#include "shell/window.h"
#include "tree/tree.h"

static uint32_t find_edge(
	const struct container *con, const struct scene_hit *hit, double x, double y)
{
	const struct container_state *state = &con->pending;
	if (con->view == nullptr || hit->surface != nullptr || state->border_thickness == 0 ||
		(state->border != BORDER_NORMAL && state->border != BORDER_PIXEL) ||
		state->fullscreen_mode != FULLSCREEN_NONE) {
		return EDGE_NONE;
	}
	uint32_t edge = EDGE_NONE;
	edge |= x < state->x + state->border_thickness ? EDGE_LEFT : 0;
	edge |= y < state->y + state->border_thickness ? EDGE_TOP : 0;
	edge |= x >= state->x + state->width - state->border_thickness ? EDGE_RIGHT : 0;
	edge |= y >= state->y + state->height - state->border_thickness ? EDGE_BOTTOM : 0;
	return edge;
}

/* Does nothing lie beyond that edge, all the way up? */
static bool edge_is_outer(const struct container *con, uint32_t edge)
{
	enum container_layout layout = edge & (EDGE_LEFT | EDGE_RIGHT) ? LAYOUT_HORIZ : LAYOUT_VERT;
	for (; con != nullptr; con = con->pending.parent) {
		const struct container_list *siblings = container_get_siblings(con);
		if (siblings == nullptr || container_parent_layout(con) != layout) {
			continue;
		}
		int index = container_sibling_index(con);
		if (index > 0 && edge & (EDGE_LEFT | EDGE_TOP)) {
			return false;
		}
		if (index < siblings->length - 1 && edge & (EDGE_RIGHT | EDGE_BOTTOM)) {
			return false;
		}
	}
	return true;
}

static struct workspace *workspace_at(struct server *server, double x, double y)
{
	struct tree_output *output = tree_output_at(server->tree, x, y);
	return output != nullptr ? tree_output_active_workspace(output) : nullptr;
}

struct spot spot_look(struct seat *seat)
{
	double x = seat->cursor->wlr_cursor->x, y = seat->cursor->wlr_cursor->y;
	struct spot spot = {.hit = scene_at(seat->server->scene, x, y)};
	const struct scene_owner *owner = spot.hit.owner;
	if (owner == nullptr) {
		spot.ws = lock_is_locked(seat->server->lock) ? nullptr
							     : workspace_at(seat->server, x, y);
		return spot;
	}
	if (owner->kind == SCENE_OWNER_LAYER_SURFACE) {
		spot.layer = owner->object;
	} else if (owner->kind == SCENE_OWNER_WINDOW) {
		struct window *window = owner->object;
		spot.con = window->view.container;
	} else if (owner->kind == SCENE_OWNER_CONTAINER) {
		spot.con = owner->object;
		spot.con = spot.con->node.destroying ? nullptr : spot.con;
	}
	if (spot.con != nullptr) {
		spot.edge = find_edge(spot.con, &spot.hit, x, y);
		bool outer = spot.edge != EDGE_NONE && !container_is_floating(spot.con) &&
			     edge_is_outer(spot.con, spot.edge);
		spot.resize_edge = outer ? EDGE_NONE : spot.edge;
		spot.on_border = spot.edge != EDGE_NONE;
		spot.on_contents = !spot.on_border && spot.hit.surface != nullptr;
		spot.on_titlebar = !spot.on_border && spot.hit.surface == nullptr;
	}
	return spot;
}
