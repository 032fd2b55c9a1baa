/* SPDX-License-Identifier: MIT */
#include "ipc/describe.h"

#include <ctype.h>
#include <stdint.h>

#include "commands/commands.h"
#include "tree/tree.h"

/* What i3 has and we show for its clients: an output for the scratchpad. */
static constexpr int scratch_output_id = INT32_MAX;
static constexpr int scratch_workspace_id = INT32_MAX - 1;

void describe_add_string(
	struct describe *describe, yyjson_mut_val *object, const char *key, const char *value)
{
	if (value) {
		yyjson_mut_obj_add_strcpy(describe->doc, object, key, value);
	} else {
		yyjson_mut_obj_add_null(describe->doc, object, key);
	}
}

void describe_add_known(
	struct describe *describe, yyjson_mut_val *object, const char *key, const char *value)
{
	if (value) {
		yyjson_mut_obj_add_strcpy(describe->doc, object, key, value);
	}
}

static const char *const layout_names[] = {
	[LAYOUT_NONE] = "none",
	[LAYOUT_HORIZ] = "splith",
	[LAYOUT_VERT] = "splitv",
	[LAYOUT_STACKED] = "stacked",
	[LAYOUT_TABBED] = "tabbed",
};

static const char *orientation_name(enum container_layout layout)
{
	return layout == LAYOUT_HORIZ ? "horizontal" : layout == LAYOUT_VERT ? "vertical" : "none";
}

static const char *const border_names[] = {
	[BORDER_NONE] = "none",
	[BORDER_PIXEL] = "pixel",
	[BORDER_NORMAL] = "normal",
	[BORDER_CSD] = "csd",
};

static const char *const type_names[] = {
	[NODE_ROOT] = "root",
	[NODE_OUTPUT] = "output",
	[NODE_WORKSPACE] = "workspace",
	[NODE_CONTAINER] = "con",
};

static yyjson_mut_val *describe_rect(struct describe *describe, struct box box)
{
	yyjson_mut_val *rect = yyjson_mut_obj(describe->doc);
	yyjson_mut_obj_add_int(describe->doc, rect, "x", pixels_from(box.x));
	yyjson_mut_obj_add_int(describe->doc, rect, "y", pixels_from(box.y));
	yyjson_mut_obj_add_int(describe->doc, rect, "width", pixels_from(box.width));
	yyjson_mut_obj_add_int(describe->doc, rect, "height", pixels_from(box.height));
	return rect;
}

static void add_rect(
	struct describe *describe, yyjson_mut_val *object, const char *key, struct box box)
{
	yyjson_mut_obj_add_val(describe->doc, object, key, describe_rect(describe, box));
}

/* Everything that a kind of node may say differently from the rest. */
struct common {
	int64_t id;
	const char *type;
	const char *name; /* may be NULL */
	enum container_layout layout;
	const char *layout_name; /* where not the layout's own */
	double percent;          /* < 0: null */
	bool urgent, focused, sticky;
	const char *border;
	int border_width;
	struct box rect, deco_rect, window_rect, geometry;
	yyjson_mut_val *marks, *nodes, *floating_nodes, *focus; /* NULL: empty arrays */
	int fullscreen_mode;
	const char *floating, *scratchpad_state; /* NULL: null */
};

static void add_array(
	struct describe *describe, yyjson_mut_val *object, const char *key, yyjson_mut_val *array)
{
	yyjson_mut_obj_add_val(
		describe->doc, object, key, array ? array : yyjson_mut_arr(describe->doc));
}

static yyjson_mut_val *describe_common(struct describe *describe, const struct common *common)
{
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	yyjson_mut_obj_add_int(doc, object, "id", common->id);
	yyjson_mut_obj_add_str(doc, object, "type", common->type);
	yyjson_mut_obj_add_str(doc, object, "orientation", orientation_name(common->layout));
	if (common->percent >= 0) {
		yyjson_mut_obj_add_real(doc, object, "percent", common->percent);
	} else {
		yyjson_mut_obj_add_null(doc, object, "percent");
	}
	yyjson_mut_obj_add_bool(doc, object, "urgent", common->urgent);
	add_array(describe, object, "marks", common->marks);
	yyjson_mut_obj_add_bool(doc, object, "focused", common->focused);
	yyjson_mut_obj_add_str(doc, object, "layout",
		common->layout_name ? common->layout_name : layout_names[common->layout]);
	yyjson_mut_obj_add_str(doc, object, "border", common->border ? common->border : "none");
	yyjson_mut_obj_add_int(doc, object, "current_border_width", common->border_width);
	add_rect(describe, object, "rect", common->rect);
	add_rect(describe, object, "deco_rect", common->deco_rect);
	add_rect(describe, object, "window_rect", common->window_rect);
	add_rect(describe, object, "geometry", common->geometry);
	describe_add_string(describe, object, "name", common->name);
	yyjson_mut_obj_add_null(doc, object, "window");
	add_array(describe, object, "nodes", common->nodes);
	add_array(describe, object, "floating_nodes", common->floating_nodes);
	add_array(describe, object, "focus", common->focus);
	yyjson_mut_obj_add_int(doc, object, "fullscreen_mode", common->fullscreen_mode);
	yyjson_mut_obj_add_bool(doc, object, "sticky", common->sticky);
	describe_add_string(describe, object, "floating", common->floating);
	describe_add_string(describe, object, "scratchpad_state", common->scratchpad_state);
	return object;
}

/* --- Beside the siblings --- */

static bool is_focused(const struct node *node)
{
	const struct tree_seat *seat = tree_default_seat(node->tree);
	return seat && tree_seat_get_focus(seat) == node;
}

/* The share of the parent's area. */
static double percent_of(const struct node *node, double width, double height)
{
	const struct node *parent = node_get_parent(node);
	struct box box = parent ? node_get_box(parent) : (struct box){};
	if (box.width == 0 || box.height == 0) {
		return -1;
	}
	return width / box.width * (height / box.height);
}

/* --- Containers --- */

static bool has_tabs(const struct container *con)
{
	enum container_layout layout = container_parent_layout(con);
	const struct container_list *siblings = container_get_siblings(con);
	return (layout == LAYOUT_TABBED || layout == LAYOUT_STACKED) &&
	       ((siblings && siblings->length > 1) || !con->node.tree->options->hide_lone_tab);
}

static struct box parent_box(const struct container *con)
{
	const struct container *parent = con->pending.parent;
	if (parent) {
		const struct container_state *state = &parent->pending;
		return (struct box){state->x, state->y, state->width, state->height};
	}
	const struct workspace *ws = con->pending.workspace;
	return (struct box){ws->x, ws->y, ws->width, ws->height};
}

/* The title bar, relative to the parent. Boxes are whole pixels at each step, as in sway. */
static struct box deco_rect_of(const struct container *con)
{
	bool shows_tab = has_tabs(con) && !container_is_floating(con);
	if ((!shows_tab && con->current.border != BORDER_NORMAL) ||
		con->pending.fullscreen_mode != FULLSCREEN_NONE || !con->pending.workspace) {
		return (struct box){};
	}
	struct box parent = parent_box(con);
	int height = (int)container_titlebar_height(con);
	int x = pixels_from(con->pending.x - parent.x), y = pixels_from(con->pending.y - parent.y);
	int width = pixels_from(con->pending.width);
	int index = container_sibling_index(con);
	if (!container_is_floating(con)) {
		int count = container_get_siblings(con)->length;
		enum container_layout layout = container_parent_layout(con);
		if (layout == LAYOUT_TABBED) {
			width = pixels_from(parent.width / count);
			x += width * index;
		} else if (layout == LAYOUT_STACKED) {
			y += height * (con->view ? index : index - count);
		}
	}
	return (struct box){x, y, width, height};
}

/* Without the title bar; behind a stack, without all of its titles. */
static struct box rect_of(const struct container *con, struct box deco)
{
	struct box box = container_get_box(con);
	int titles = 1;
	if (container_parent_layout(con) == LAYOUT_STACKED) {
		titles = container_get_siblings(con)->length;
	}
	box.y += deco.height * titles;
	box.height -= deco.height * titles;
	return box;
}

static yyjson_mut_val *describe_list(
	struct describe *describe, const struct container_list *containers)
{
	yyjson_mut_val *array = yyjson_mut_arr(describe->doc);
	for (int i = 0; i < containers->length; i++) {
		yyjson_mut_arr_append(array, describe_node(describe, &containers->items[i]->node));
	}
	return array;
}

static yyjson_mut_val *container_marks(struct describe *describe, const struct container *con)
{
	yyjson_mut_val *marks = yyjson_mut_arr(describe->doc);
	for (int i = 0; i < con->marks.length; i++) {
		yyjson_mut_arr_add_strcpy(describe->doc, marks, con->marks.items[i]);
	}
	return marks;
}

static void set_view_boxes(const struct container *con, struct common *common)
{
	const struct container_state *state = &con->pending;
	common->window_rect = (struct box){
		.x = state->content_x - state->x,
		.y = con->has_titlebar ? 0 : state->content_y - state->y,
		.width = state->content_width,
		.height = state->content_height,
	};
	common->geometry = (struct box){
		.width = con->view->natural_width, .height = con->view->natural_height};
}

static yyjson_mut_val *describe_container(struct describe *describe, struct container *con)
{
	struct box deco = deco_rect_of(con);
	bool is_floating = container_is_floating(con);
	struct common common = {
		.id = (int64_t)con->node.id,
		.type = is_floating ? "floating_con" : "con",
		.name = con->title,
		.layout = con->pending.layout,
		.percent = percent_of(&con->node, con->pending.width, con->pending.height),
		.urgent = con->view ? view_is_urgent(con->view) : container_has_urgent_child(con),
		.focused = is_focused(&con->node),
		.sticky = con->is_sticky,
		.border = border_names[con->current.border],
		.border_width = con->current.border_thickness,
		.rect = rect_of(con, deco),
		.deco_rect = deco,
		.marks = container_marks(describe, con),
		.nodes = describe_list(describe, &con->pending.children),
		.focus = describe_focus_order(describe, &con->node),
		.fullscreen_mode = (int)con->pending.fullscreen_mode,
		.floating = is_floating ? "user_on" : "auto_off",
		.scratchpad_state = con->scratchpad ? "fresh" : "none",
	};
	if (con->view) {
		set_view_boxes(con, &common);
	}
	yyjson_mut_val *object = describe_common(describe, &common);
	if (con->view) {
		describe_add_view(describe, object, con);
	}
	return object;
}

/* --- Workspaces, outputs, the root --- */

static int workspace_number(const struct workspace *ws)
{
	return isdigit((unsigned char)ws->name[0]) ? workspace_name_number(ws->name) : -1;
}

static void add_workspace_fields(
	struct describe *describe, yyjson_mut_val *object, const struct workspace *ws)
{
	yyjson_mut_obj_add_int(describe->doc, object, "num", workspace_number(ws));
	describe_add_string(describe, object, "output", ws->output ? ws->output->name : nullptr);
	describe_add_string(describe, object, "representation", ws->representation);
}

static yyjson_mut_val *describe_workspace(
	struct describe *describe, struct workspace *ws, bool with_children)
{
	struct common common = {
		.id = (int64_t)ws->node.id,
		.type = type_names[NODE_WORKSPACE],
		.name = ws->name,
		.layout = ws->layout,
		.percent = -1,
		.urgent = ws->urgent,
		.focused = is_focused(&ws->node),
		.rect = workspace_get_box(ws),
		.floating_nodes = describe_list(describe, &ws->floating),
		.nodes = with_children ? describe_list(describe, &ws->tiling) : nullptr,
		.focus = describe_focus_order(describe, &ws->node),
		.fullscreen_mode = 1,
	};
	yyjson_mut_val *object = describe_common(describe, &common);
	add_workspace_fields(describe, object, ws);
	return object;
}

static yyjson_mut_val *describe_output(
	struct describe *describe, struct tree_output *output, bool with_children)
{
	yyjson_mut_val *nodes = yyjson_mut_arr(describe->doc);
	for (int i = 0; with_children && i < output->workspaces.length; i++) {
		yyjson_mut_arr_append(
			nodes, describe_workspace(describe, output->workspaces.items[i], true));
	}
	struct common common = {
		.id = (int64_t)output->node.id,
		.type = type_names[NODE_OUTPUT],
		.name = output->name,
		.layout_name = "output",
		.percent = percent_of(&output->node, output->width, output->height),
		.focused = is_focused(&output->node),
		.rect = tree_output_get_box(output),
		.nodes = nodes,
		.focus = describe_focus_order(describe, &output->node),
	};
	yyjson_mut_val *object = describe_common(describe, &common);
	describe_output_fields(describe, object, &output->node);
	return object;
}

yyjson_mut_val *describe_node(struct describe *describe, struct node *node)
{
	switch (node->type) {
	case NODE_ROOT:
		return describe_tree(describe);
	case NODE_OUTPUT:
		return describe_output(describe, node_as_output(node), true);
	case NODE_WORKSPACE:
		return describe_workspace(describe, node_as_workspace(node), true);
	case NODE_CONTAINER:
		break;
	}
	return describe_container(describe, node_as_container(node));
}

static yyjson_mut_val *describe_scratchpad(struct describe *describe, struct tree *tree)
{
	yyjson_mut_val *focus = yyjson_mut_arr(describe->doc);
	yyjson_mut_val *hidden = yyjson_mut_arr(describe->doc);
	for (int i = tree->scratchpad.length - 1; i >= 0; i--) {
		yyjson_mut_arr_add_int(
			describe->doc, focus, (int64_t)tree->scratchpad.items[i]->node.id);
	}
	for (int i = 0; i < tree->scratchpad.length; i++) {
		struct container *con = tree->scratchpad.items[i];
		if (container_is_scratchpad_hidden(con)) {
			yyjson_mut_arr_append(hidden, describe_node(describe, &con->node));
		}
	}
	struct common workspace = {
		.id = scratch_workspace_id,
		.type = type_names[NODE_WORKSPACE],
		.name = "__i3_scratch",
		.layout = LAYOUT_HORIZ,
		.percent = -1,
		.rect = tree->bounds,
		.floating_nodes = hidden,
		.focus = focus,
		.fullscreen_mode = 1,
	};
	struct common output = {
		.id = scratch_output_id,
		.type = type_names[NODE_OUTPUT],
		.name = "__i3",
		.layout = LAYOUT_HORIZ,
		.layout_name = "output",
		.percent = -1,
		.rect = tree->bounds,
		.nodes = yyjson_mut_arr(describe->doc),
		.focus = yyjson_mut_arr(describe->doc),
	};
	yyjson_mut_arr_append(output.nodes, describe_common(describe, &workspace));
	yyjson_mut_arr_add_int(describe->doc, output.focus, scratch_workspace_id);
	return describe_common(describe, &output);
}

yyjson_mut_val *describe_tree(struct describe *describe)
{
	struct tree *tree = describe->session->tree;
	yyjson_mut_val *nodes = yyjson_mut_arr(describe->doc);
	yyjson_mut_arr_append(nodes, describe_scratchpad(describe, tree));
	for (int i = 0; i < tree->outputs.length; i++) {
		yyjson_mut_arr_append(
			nodes, describe_output(describe, tree->outputs.items[i], true));
	}
	struct common common = {
		.id = (int64_t)tree->node.id,
		.type = type_names[NODE_ROOT],
		.name = "root",
		.layout = LAYOUT_HORIZ,
		.percent = -1,
		.rect = tree->bounds,
		.nodes = nodes,
		.focus = describe_focus_order(describe, &tree->node),
	};
	return describe_common(describe, &common);
}

/* --- Lists for queries --- */

static void replace_focused(struct describe *describe, yyjson_mut_val *object, bool focused)
{
	yyjson_mut_obj_remove_key(object, "focused");
	yyjson_mut_obj_add_bool(describe->doc, object, "focused", focused);
}

struct list_visit {
	struct describe *describe;
	yyjson_mut_val *array;
};

static struct workspace *focused_workspace(const struct tree *tree)
{
	const struct tree_seat *seat = tree_default_seat(tree);
	return seat ? tree_seat_focused_workspace(seat) : nullptr;
}

static void append_workspace(struct workspace *ws, void *data)
{
	const struct list_visit *visit = data;
	struct describe *describe = visit->describe;
	yyjson_mut_val *object = describe_workspace(describe, ws, false);
	replace_focused(describe, object, ws == focused_workspace(ws->node.tree));
	yyjson_mut_obj_add_bool(
		describe->doc, object, "visible", ws == tree_output_active_workspace(ws->output));
	yyjson_mut_arr_append(visit->array, object);
}

yyjson_mut_val *describe_workspaces(struct describe *describe)
{
	struct list_visit visit = {describe, yyjson_mut_arr(describe->doc)};
	tree_for_each_workspace(describe->session->tree, append_workspace, &visit);
	return visit.array;
}

yyjson_mut_val *describe_enabled_output(struct describe *describe, struct tree_output *output)
{
	yyjson_mut_val *object = describe_output(describe, output, false);
	const struct workspace *ws = focused_workspace(output->node.tree);
	replace_focused(describe, object, ws && ws->output == output);
	return object;
}

static void append_marks(struct container *con, void *data)
{
	const struct list_visit *visit = data;
	for (int i = 0; i < con->marks.length; i++) {
		yyjson_mut_arr_add_strcpy(visit->describe->doc, visit->array, con->marks.items[i]);
	}
}

yyjson_mut_val *describe_marks(struct describe *describe)
{
	struct list_visit visit = {describe, yyjson_mut_arr(describe->doc)};
	tree_for_each_container(describe->session->tree, append_marks, &visit);
	return visit.array;
}
