/* SPDX-License-Identifier: MIT */
#include "shell/show.h"

#include <math.h>

#include "config/config.h"
#include "output/output.h"
#include "server.h"
#include "shell/frame.h"
#include "shell/popup.h"
#include "shell/shell.h"
#include "tree/tree.h"

/* One walk over the tree: `below` is the last node that was placed in each layer. */
struct walk {
	struct server *server;
	unsigned generation;
	struct wlr_scene_node *below[SCENE_LAYER_COUNT];
};

static void place(struct walk *walk, struct wlr_scene_node *node, enum scene_layer layer)
{
	scene_place(node, walk->server->scene->layers[layer], walk->below[layer]);
	walk->below[layer] = node;
}

static struct frame *visit(struct walk *walk, struct container *con, enum scene_layer layer)
{
	struct frame *frame = frame_of(con);
	if (frame->generation != walk->generation) {
		frame->generation = walk->generation;
		frame_hide_bar(frame);
		frame_hide_body(frame);
	}
	place(walk, &frame->tree->node, layer);
	place(walk, &frame->bar_tree->node, layer);
	return frame;
}

static void show_container(
	struct walk *walk, struct container *con, enum scene_layer layer, bool own_bar);

struct group {
	const struct container_list *children;
	enum container_layout layout;
	struct container *active;
	struct box box;
};

static int title_height(struct walk *walk, const struct group *group)
{
	const struct tree_options *options = &server_config(walk->server)->options;
	const struct container *first = group->children->items[0];
	if (options->hide_lone_tab && group->children->length == 1 && first->view != nullptr &&
		first->current.border != BORDER_NORMAL) {
		return 0;
	}
	return tree_options_titlebar_height(options);
}

static void show_tabs(struct walk *walk, const struct group *group, enum scene_layer layer)
{
	int height = title_height(walk, group);
	int count = group->children->length;
	for (int i = 0; i < count; i++) {
		struct frame *frame = visit(walk, group->children->items[i], layer);
		group->children->items[i]->has_titlebar = height > 0;
		int begin = (int)round(group->box.width * i / count);
		int end = (int)round(group->box.width * (i + 1) / count);
		frame_show_bar(
			frame, (int)group->box.x + begin, (int)group->box.y, end - begin, height);
	}
}

static void show_stack(struct walk *walk, const struct group *group, enum scene_layer layer)
{
	int height = title_height(walk, group);
	for (int i = 0; i < group->children->length; i++) {
		struct frame *frame = visit(walk, group->children->items[i], layer);
		group->children->items[i]->has_titlebar = height > 0;
		frame_show_bar(frame, (int)group->box.x, (int)group->box.y + i * height,
			(int)group->box.width, height);
	}
}

static void show_group(struct walk *walk, const struct group *group, enum scene_layer layer)
{
	if (group->children->length == 0) {
		return;
	}
	bool titles = group->layout == LAYOUT_TABBED || group->layout == LAYOUT_STACKED;
	if (!titles) {
		for (int i = 0; i < group->children->length; i++) {
			show_container(walk, group->children->items[i], layer, true);
		}
		return;
	}
	if (group->layout == LAYOUT_TABBED) {
		show_tabs(walk, group, layer);
	} else {
		show_stack(walk, group, layer);
	}
	if (group->children->length == 0) {
		return;
	}
	bool own_bar = title_height(walk, group) == 0;
	bool has_active = list_index(group->children, group->active) >= 0;
	show_container(
		walk, has_active ? group->active : group->children->items[0], layer, own_bar);
}

/* `own_bar`: the title bar, if any, is above the container rather than among tabs. */
static void show_container(
	struct walk *walk, struct container *con, enum scene_layer layer, bool own_bar)
{
	const struct container_state *state = &con->current;
	struct frame *frame = visit(walk, con, layer);
	if (con->view == nullptr && state->children.length > 0) {
		show_group(walk,
			&(struct group){
				.children = &state->children,
				.layout = state->layout,
				.active = state->focused_inactive_child,
				.box = {state->x, state->y, state->width, state->height},
			},
			layer);
		return;
	}
	if (own_bar && state->width > 0 && state->height > 0) {
		con->has_titlebar = state->border == BORDER_NORMAL;
	}
	if (own_bar && state->border == BORDER_NORMAL &&
		state->fullscreen_mode == FULLSCREEN_NONE) {
		frame_show_bar(frame, (int)state->x, (int)state->y, (int)state->width,
			tree_options_titlebar_height(&server_config(walk->server)->options));
	}
	frame_show_view(frame);
}

static void show_fullscreen(
	struct walk *walk, struct container *con, struct wlr_scene_rect *background, struct box box)
{
	wlr_scene_node_set_enabled(&background->node, true);
	wlr_scene_node_set_position(&background->node, (int)box.x, (int)box.y);
	wlr_scene_rect_set_size(background, (int)box.width, (int)box.height);
	place(walk, &background->node, SCENE_FULLSCREEN);
	show_container(walk, con, SCENE_FULLSCREEN, false);
}

/* What IPC says of title bars, for floating containers that something fullscreen covers. */
static void note_titlebars(struct container *con)
{
	const struct container_state *state = &con->current;
	bool tabs = state->layout == LAYOUT_TABBED || state->layout == LAYOUT_STACKED;
	con->has_titlebar = con->view != nullptr && state->border == BORDER_NORMAL;
	for (int i = 0; i < state->children.length; i++) {
		struct container *child = state->children.items[i];
		note_titlebars(child);
		child->has_titlebar |= tabs;
	}
}

static void show_floating(struct walk *walk, struct workspace *ws)
{
	struct container *global = walk->server->tree->fullscreen_global;
	struct container *cover = global != nullptr ? global : ws->current.fullscreen;
	for (int i = 0; i < ws->current.floating.length; i++) {
		struct container *con = ws->current.floating.items[i];
		if (con->current.fullscreen_mode != FULLSCREEN_NONE) {
			continue;
		}
		bool above = cover != nullptr && container_is_transient_for(con, cover);
		if (cover != nullptr && !above) {
			note_titlebars(con);
			continue;
		}
		show_container(walk, con, above ? SCENE_FULLSCREEN : SCENE_FLOATING, true);
	}
}

static void show_workspace(struct walk *walk, struct output *output, struct workspace *ws)
{
	if (ws->current.fullscreen != nullptr) {
		show_fullscreen(walk, ws->current.fullscreen, output->fullscreen_background,
			tree_output_get_box(output->tree_output));
	} else {
		show_group(walk,
			&(struct group){
				.children = &ws->current.tiling,
				.layout = ws->current.layout,
				.active = ws->current.focused_inactive_child,
				.box = {ws->current.x, ws->current.y, ws->current.width,
					ws->current.height},
			},
			SCENE_TILING);
	}
	show_floating(walk, ws);
}

static void hide_unvisited(struct container *con, void *data)
{
	struct walk *walk = data;
	struct frame *frame = frame_of(con);
	if (frame != nullptr && frame->generation != walk->generation) {
		frame_hide_bar(frame);
		frame_hide_body(frame);
	}
}

void shell_show(struct server *server)
{
	struct shell *shell = server->shell;
	struct walk walk = {.server = server, .generation = ++shell->generation};
	struct tree *tree = server->tree;
	wlr_scene_node_set_enabled(&shell->fullscreen_background->node, false);
	if (tree->fullscreen_global != nullptr) {
		show_fullscreen(
			&walk, tree->fullscreen_global, shell->fullscreen_background, tree->bounds);
	}
	struct output *output;
	wl_list_for_each (output, &server->outputs->list, link) {
		wlr_scene_node_set_enabled(&output->fullscreen_background->node, false);
		struct workspace *ws = output->tree_output->current.active_workspace;
		if (!output->tree_output->enabled || ws == nullptr) {
			continue;
		}
		if (tree->fullscreen_global == nullptr) {
			show_workspace(&walk, output, ws);
		} else {
			show_floating(&walk, ws);
		}
	}
	tree_for_each_container(tree, hide_unvisited, &walk);
	popups_follow(server);
}
