/* SPDX-License-Identifier: MIT */
/* Copies of the pending state for transactions, and making them the current one. */
#include "tree/tree.h"

void container_snapshot(struct container *con, struct container_state *ret_state)
{
	struct tree_seat *seat = tree_current_seat(con->node.tree);
	*ret_state = con->pending;
	ret_state->children = (struct container_list){};
	list_copy(&ret_state->children, &con->pending.children);
	ret_state->focused = seat && tree_seat_get_focus(seat) == &con->node;
	ret_state->focused_inactive_child = nullptr;
	if (seat && !con->view) {
		ret_state->focused_inactive_child = tree_seat_active_tiling_child(seat, &con->node);
	}
}

void container_apply(struct container *con, struct container_state *state)
{
	container_state_finish(&con->current);
	con->current = *state;
	state->children = (struct container_list){};
}

void container_state_finish(struct container_state *state)
{
	list_finish(&state->children);
}

void workspace_snapshot(struct workspace *ws, struct workspace_state *ret_state)
{
	struct tree_seat *seat = tree_current_seat(ws->node.tree);
	*ret_state = (struct workspace_state){
		.fullscreen = ws->fullscreen,
		.x = ws->x,
		.y = ws->y,
		.width = ws->width,
		.height = ws->height,
		.layout = ws->layout,
		.output = ws->output,
	};
	list_copy(&ret_state->floating, &ws->floating);
	list_copy(&ret_state->tiling, &ws->tiling);
	if (!seat) {
		return;
	}
	ret_state->focused = tree_seat_get_focus(seat) == &ws->node;
	struct container *child = tree_seat_focus_inactive_tiling(seat, ws);
	ret_state->focused_inactive_child = child ? container_toplevel_ancestor(child) : nullptr;
}

void workspace_apply(struct workspace *ws, struct workspace_state *state)
{
	workspace_state_finish(&ws->current);
	ws->current = *state;
	state->floating = state->tiling = (struct container_list){};
}

void workspace_state_finish(struct workspace_state *state)
{
	list_finish(&state->floating);
	list_finish(&state->tiling);
}

void tree_output_snapshot(struct tree_output *output, struct tree_output_state *ret_state)
{
	*ret_state = (struct tree_output_state){
		.active_workspace = tree_output_active_workspace(output),
	};
	list_copy(&ret_state->workspaces, &output->workspaces);
}

void tree_output_apply(struct tree_output *output, struct tree_output_state *state)
{
	tree_output_state_finish(&output->current);
	output->current = *state;
	state->workspaces = (typeof(state->workspaces)){};
}

void tree_output_state_finish(struct tree_output_state *state)
{
	list_finish(&state->workspaces);
}
