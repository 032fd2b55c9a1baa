/* SPDX-License-Identifier: MIT */
#include "shell/frame.h"

#include <math.h>

#include "common/memory.h"
#include "config/config.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/window.h"
#include "tree/tree.h"
#include "ui/text.h"

static void handle_free(struct wl_listener *listener, void *data)
{
	struct frame *frame = wl_container_of(listener, frame, free);
	listener_remove(&frame->free);
	struct window *window = window_of_container(frame->con);
	if (window != nullptr && window->tree->node.parent == frame->content) {
		wlr_scene_node_reparent(&window->tree->node, frame->server->scene->staging);
	}
	titlebar_finish(&frame->bar);
	titlebar_finish(&frame->vm_strip);
	wlr_scene_node_destroy(&frame->tree->node);
	wlr_scene_node_destroy(&frame->bar_tree->node);
	frame->con->node.shell = nullptr;
	free(frame);
}

static struct wlr_scene_rect *create_rect(struct wlr_scene_tree *parent)
{
	return wlr_scene_rect_create(parent, 0, 0, (float[4]){});
}

struct frame *frame_create(struct server *server, struct container *con)
{
	struct frame *frame = vx_new(frame);
	frame->server = server;
	frame->con = con;
	frame->owner = (struct scene_owner){.kind = SCENE_OWNER_CONTAINER, .object = con};
	frame->tree = wlr_scene_tree_create(server->scene->staging);
	frame->tree->node.data = &frame->owner;
	frame->content = wlr_scene_tree_create(frame->tree);
	for (unsigned i = 0; i < FRAME_SIDE_COUNT; i++) {
		frame->borders[i] = create_rect(frame->tree);
		frame->vm_borders[i] = create_rect(frame->tree);
	}
	titlebar_init(&frame->vm_strip, frame->tree);
	frame->bar_tree = wlr_scene_tree_create(server->scene->staging);
	frame->bar_tree->node.data = &frame->owner;
	titlebar_init(&frame->bar, frame->bar_tree);
	con->node.shell = frame;
	listener_add(&frame->free, &con->node.events.free, handle_free);
	return frame;
}

struct frame *frame_of(const struct container *con)
{
	return con->node.shell;
}

/* ---- colours and text ---- */

static struct container *focused_child_beside(const struct container *con)
{
	if (con->current.parent != nullptr) {
		return con->current.parent->current.focused_inactive_child;
	}
	return con->current.workspace != nullptr
		       ? con->current.workspace->current.focused_inactive_child
		       : nullptr;
}

static bool parent_is_focused(const struct container *con)
{
	for (struct container *parent = con->current.parent; parent != nullptr;
		parent = parent->current.parent) {
		if (parent->current.focused) {
			return true;
		}
	}
	return con->current.workspace != nullptr && con->current.workspace->current.focused;
}

static bool has_focused_child(const struct container *con)
{
	for (int i = 0; i < con->current.children.length; i++) {
		struct container *child = con->current.children.items[i];
		if (child->current.focused || has_focused_child(child)) {
			return true;
		}
	}
	return false;
}

static const struct border_colors *choose_colors(struct frame *frame)
{
	const struct container *con = frame->con;
	const struct config *config = server_config(frame->server);
	bool active = focused_child_beside(con) == con;
	if (con->view != nullptr && view_is_urgent(con->view)) {
		return &config->colors.urgent;
	}
	if (con->current.focused || parent_is_focused(con)) {
		return &config->colors.focused;
	}
	if (config->has_focused_tab_title && active && has_focused_child(con)) {
		return &config->colors.focused_tab_title;
	}
	return active ? &config->colors.focused_inactive : &config->colors.unfocused;
}

static uint32_t with_opacity(uint32_t color, float opacity)
{
	uint32_t alpha = (uint32_t)lroundf((float)(color & 0xff) * opacity);
	return (color & 0xffffff00) | alpha;
}

static char *marks_text(const struct container *con)
{
	char *text = nullptr;
	for (int i = 0; i < con->marks.length; i++) {
		const char *mark = con->marks.items[i];
		if (mark[0] == '_') {
			continue;
		}
		char *longer = vx_printf("%s[%s]", text != nullptr ? text : "", mark);
		free(text);
		text = longer;
	}
	return text;
}

static void set_chip(struct titlebar_look *look, const struct window *window)
{
	if (window != nullptr && tag_is_set(&window->tag)) {
		look->chip.label = tag_label(&window->tag);
		look->chip.color = tag_color(&window->tag);
	}
}

static void draw_bar(struct frame *frame, int width, int height)
{
	const struct config *config = server_config(frame->server);
	const struct border_colors *colors = choose_colors(frame);
	float opacity = frame->con->opacity;
	char *marks = config->options.show_marks ? marks_text(frame->con) : nullptr;
	struct titlebar_look look = {
		.width = width,
		.height = height,
		.scale = outputs_text_scale(frame->server->outputs),
		.border = with_opacity(colors->border, opacity),
		.background = with_opacity(colors->background, opacity),
		.text = colors->text,
		.font = config->font,
		.title = frame->con->formatted_title,
		.markup = config->options.pango_markup,
		.marks = marks,
		.align = config->options.title_align,
		.border_thickness = config->options.titlebar_border_thickness,
		.padding = config->options.titlebar_h_padding,
	};
	set_chip(&look, window_of_container(frame->con));
	titlebar_update(&frame->bar, &look);
	free(marks);
}

void frame_show_bar(struct frame *frame, int x, int y, int width, int height)
{
	bool shown = width > 0 && height > 0;
	wlr_scene_node_set_enabled(&frame->bar_tree->node, shown);
	if (shown) {
		wlr_scene_node_set_position(&frame->bar_tree->node, x, y);
		draw_bar(frame, width, height);
	}
}

void frame_hide_bar(struct frame *frame)
{
	wlr_scene_node_set_enabled(&frame->bar_tree->node, false);
}

void frame_hide_body(struct frame *frame)
{
	wlr_scene_node_set_enabled(&frame->tree->node, false);
}

/* ---- borders ---- */

static void place_rect(struct wlr_scene_rect *rect, const float color[static 4], int x, int y,
	int width, int height)
{
	bool shown = width > 0 && height > 0;
	wlr_scene_node_set_enabled(&rect->node, shown);
	if (shown) {
		wlr_scene_node_set_position(&rect->node, x, y);
		wlr_scene_rect_set_size(rect, width, height);
		wlr_scene_rect_set_color(rect, color);
	}
}

struct edges {
	int x, y, width, height; /* the inner box, in the frame's tree */
	struct insets thickness; /* around it */
};

/* The four bars around a box; `sides` NULL-free colours by side. */
static void place_borders(struct wlr_scene_rect *const rects[static FRAME_SIDE_COUNT],
	const struct edges *edges, const float colors[static FRAME_SIDE_COUNT][4])
{
	int left = edges->x - edges->thickness.left;
	int top = edges->y - edges->thickness.top;
	int full_width = edges->width + edges->thickness.left + edges->thickness.right;
	place_rect(
		rects[FRAME_TOP], colors[FRAME_TOP], left, top, full_width, edges->thickness.top);
	place_rect(rects[FRAME_BOTTOM], colors[FRAME_BOTTOM], left, edges->y + edges->height,
		full_width, edges->thickness.bottom);
	place_rect(rects[FRAME_LEFT], colors[FRAME_LEFT], left, edges->y, edges->thickness.left,
		edges->height);
	place_rect(rects[FRAME_RIGHT], colors[FRAME_RIGHT], edges->x + edges->width, edges->y,
		edges->thickness.right, edges->height);
}

static bool is_only_child(const struct container *con, enum container_layout *ret_layout)
{
	const struct container *parent = con->current.parent;
	const struct workspace *ws = con->current.workspace;
	if (parent != nullptr) {
		*ret_layout = parent->current.layout;
		return parent->current.children.length == 1;
	}
	if (ws == nullptr || list_index(&ws->current.tiling, con) < 0) {
		return false;
	}
	*ret_layout = ws->current.layout;
	return ws->current.tiling.length == 1;
}

static void border_side_colors(struct frame *frame, float ret_colors[static FRAME_SIDE_COUNT][4])
{
	const struct border_colors *colors = choose_colors(frame);
	const struct window *window = window_of_container(frame->con);
	uint32_t sides[FRAME_SIDE_COUNT];
	for (unsigned i = 0; i < FRAME_SIDE_COUNT; i++) {
		sides[i] = colors->child_border;
	}
	enum container_layout layout = LAYOUT_NONE;
	if (window != nullptr && tag_is_set(&window->tag)) {
		/* A VM's colour is the colour of all of its border: nothing else may look alike. */
		for (unsigned i = 0; i < FRAME_SIDE_COUNT; i++) {
			color_to_floats(tag_color(&window->tag), ret_colors[i]);
		}
		return;
	}
	if (is_only_child(frame->con, &layout)) {
		if (layout == LAYOUT_HORIZ) {
			sides[FRAME_RIGHT] = colors->indicator;
		} else if (layout == LAYOUT_VERT) {
			sides[FRAME_BOTTOM] = colors->indicator;
		}
	}
	for (unsigned i = 0; i < FRAME_SIDE_COUNT; i++) {
		color_to_floats(with_opacity(sides[i], frame->con->opacity), ret_colors[i]);
	}
}

/* What the tree left between the container's box and its content for borders. */
static struct insets border_thickness(const struct container_state *state)
{
	if (state->fullscreen_mode != FULLSCREEN_NONE ||
		(state->border != BORDER_NORMAL && state->border != BORDER_PIXEL)) {
		return (struct insets){};
	}
	int thickness = state->border_thickness;
	return (struct insets){
		.top = state->border == BORDER_PIXEL && state->border_top &&
				       state->content_y - state->y <= thickness
			       ? (int)(state->content_y - state->y)
			       : 0,
		.right = state->border_right ? thickness : 0,
		.bottom = state->border_bottom ? thickness : 0,
		.left = state->border_left ? thickness : 0,
	};
}

int frame_strip_height(struct server *server)
{
	return server_config(server)->options.font_height + 2;
}

static void draw_strip(struct frame *frame, const struct window *window, struct insets insets,
	int x, int y, int width)
{
	/* Everything above the frame's own line is the label's. */
	int height = insets.top - frame_vm_thickness;
	bool shown = tag_is_set(&window->tag) && height > 0 && width > 0;
	wlr_scene_node_set_enabled(&frame->vm_strip.node->node, shown);
	if (!shown) {
		return;
	}
	const struct border_colors *colors = choose_colors(frame);
	wlr_scene_node_set_position(&frame->vm_strip.node->node, x, y);
	titlebar_update(
		&frame->vm_strip, &(struct titlebar_look){
					  .width = width,
					  .height = height,
					  .scale = outputs_text_scale(frame->server->outputs),
					  .border = tag_color(&window->tag),
					  .background = colors->background | 0xff,
					  .text = colors->text,
					  .font = server_config(frame->server)->font,
					  .border_thickness = 1,
					  .padding = 6,
					  .chip = {.label = tag_label(&window->tag),
						  .color = tag_color(&window->tag)},
				  });
}

static void show_content(struct frame *frame, const struct container_state *state)
{
	struct window *window = window_of_container(frame->con);
	if (window == nullptr || window->view.container != frame->con) {
		return; /* gone, or shown by another container already */
	}
	struct insets insets = window_insets(window, state);
	int x = (int)(state->content_x - state->x), y = (int)(state->content_y - state->y);
	int width = (int)state->content_width, height = (int)state->content_height;
	struct edges edges = {
		.x = x + insets.left,
		.y = y + insets.top,
		.width = (int)fmax(0, width - insets.left - insets.right),
		.height = (int)fmax(0, height - insets.top - insets.bottom),
		.thickness = insets,
	};
	float colors[FRAME_SIDE_COUNT][4];
	for (unsigned i = 0; i < FRAME_SIDE_COUNT; i++) {
		color_to_floats(tag_color(&window->tag), colors[i]);
	}
	place_borders(frame->vm_borders, &edges, colors);
	draw_strip(frame, window, insets, x, y, width);
	scene_place(&window->tree->node, frame->content, nullptr);
	window_place_content(window, edges.x, edges.y, edges.width, edges.height);
}

void frame_show_view(struct frame *frame)
{
	const struct container_state *state = &frame->con->current;
	wlr_scene_node_set_enabled(&frame->tree->node, true);
	wlr_scene_node_set_position(&frame->tree->node, (int)state->x, (int)state->y);
	float colors[FRAME_SIDE_COUNT][4];
	border_side_colors(frame, colors);
	place_borders(frame->borders,
		&(struct edges){
			.x = (int)(state->content_x - state->x),
			.y = (int)(state->content_y - state->y),
			.width = (int)state->content_width,
			.height = (int)state->content_height,
			.thickness = border_thickness(state),
		},
		colors);
	show_content(frame, state);
}

void frame_update_look(struct frame *frame)
{
	if (frame->bar_tree->node.enabled && frame->bar.node->buffer != nullptr) {
		draw_bar(frame, frame->bar.node->dst_width, frame->bar.node->dst_height);
	}
	if (frame->con->view != nullptr && frame->tree->node.enabled && frame->saved == nullptr) {
		frame_show_view(frame);
	}
}

/* ---- saved content ---- */

struct save_context {
	struct wlr_scene_tree *into;
	int x, y; /* of the content tree in the layout */
};

static void save_buffer(struct wlr_scene_buffer *buffer, int x, int y, void *data)
{
	struct save_context *context = data;
	struct wlr_scene_buffer *copy = wlr_scene_buffer_create(context->into, nullptr);
	if (copy == nullptr) {
		return;
	}
	wlr_scene_buffer_set_dest_size(copy, buffer->dst_width, buffer->dst_height);
	wlr_scene_buffer_set_opaque_region(copy, &buffer->opaque_region);
	wlr_scene_buffer_set_source_box(copy, &buffer->src_box);
	wlr_scene_buffer_set_opacity(copy, buffer->opacity);
	wlr_scene_buffer_set_filter_mode(copy, buffer->filter_mode);
	wlr_scene_buffer_set_transform(copy, buffer->transform);
	wlr_scene_buffer_set_buffer(copy, buffer->buffer);
	wlr_scene_node_set_position(&copy->node, x - context->x, y - context->y);
}

void frame_save_content(struct frame *frame)
{
	if (frame->saved != nullptr || !frame->tree->node.enabled) {
		return;
	}
	struct save_context context = {.into = wlr_scene_tree_create(frame->tree)};
	frame->saved = context.into;
	wlr_scene_node_coords(&frame->content->node, &context.x, &context.y);
	wlr_scene_node_for_each_buffer(&frame->content->node, save_buffer, &context);
	wlr_scene_node_place_above(&frame->saved->node, &frame->content->node);
	wlr_scene_node_set_enabled(&frame->content->node, false);
}

void frame_drop_saved(struct frame *frame)
{
	if (frame->saved == nullptr) {
		return;
	}
	wlr_scene_node_destroy(&frame->saved->node);
	frame->saved = nullptr;
	wlr_scene_node_set_enabled(&frame->content->node, true);
}
