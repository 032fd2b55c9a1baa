/* SPDX-License-Identifier: MIT */
#include "shell/window.h"

#include <math.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_ext_foreign_toplevel_list_v1.h>
#include <wlr/types/wlr_subcompositor.h>

#include "common/display_string.h"
#include "common/memory.h"
#include "config/config.h"
#include "input/seat.h"
#include "server.h"
#include "shell/activation.h"
#include "shell/foreign.h"
#include "shell/frame.h"
#include "shell/launch_place.h"
#include "shell/popup.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/xdg.h"
#include "shell/xwayland.h"
#include "tree/tree.h"

void window_init(struct window *window, struct server *server, enum view_shell shell,
	const struct view_impl *view_impl, const struct window_impl *impl, struct wl_client *client)
{
	view_init(&window->view, server->tree, shell, view_impl);
	window->server = server;
	window->impl = impl;
	window->tree = wlr_scene_tree_create(server->scene->staging);
	window->owner = (struct scene_owner){.kind = SCENE_OWNER_WINDOW, .object = window};
	tag_init(&window->tag, server, client);
	wl_client_get_credentials(client, &window->view.pid, nullptr, nullptr);
	wl_list_insert(server->shell->windows.prev, &window->link);
	window_update_title(window);
	window_update_app_id(window);
}

void window_finish(struct window *window)
{
	wl_list_remove(&window->link);
	if (window->urgent_timer != nullptr) {
		wl_event_source_remove(window->urgent_timer);
	}
	wlr_scene_node_destroy(&window->tree->node);
	tag_finish(&window->tag);
	launch_place_destroy(window->launch_place);
	free(window->title);
	free(window->app_id);
	free(window->protocol_tag);
}

struct window *window_from_view(struct view *view)
{
	struct window *window = wl_container_of(view, window, view);
	return window;
}

struct window *window_of_container(const struct container *con)
{
	return con->view != nullptr ? window_from_view(con->view) : nullptr;
}

struct window *window_from_surface(struct wlr_surface *surface)
{
	struct wlr_surface *root = surface != nullptr ? wlr_surface_get_root_surface(surface)
						      : nullptr;
	if (root == nullptr) {
		return nullptr;
	}
	struct window *window = xdg_window_from_surface(root);
	return window != nullptr ? window : xwayland_window_from_surface(root);
}

/* ---- coming and going ---- */

static bool is_vm(const struct window *window)
{
	return window->tag.kind == TAG_VM || window->tag.kind == TAG_UNKNOWN;
}

void window_map(struct window *window, const struct view_map_options *options)
{
	window->surface_tree = wlr_scene_subsurface_tree_create(
		window->tree, window->impl->get_surface(window));
	window->geometry = (struct wlr_box){};
	tearing_window_mapped(window);
	foreign_map(window);
	activation_find_launch(window);
	/* Fullscreen has the focus: a VM's window gets it once it is known whether it may. */
	struct view_map_options given = *options;
	given.fullscreen = given.fullscreen && !is_vm(window);
	view_map(&window->view, &given);
	if (options->fullscreen && !given.fullscreen) {
		window_request_fullscreen(window, true, options->fullscreen_output);
	}
	launch_place_destroy(vx_take_ptr(window->launch_place));
	foreign_update_state(window);
	struct tree_seat *seat = tree_default_seat(window->server->tree);
	if (is_vm(window) && seat != nullptr && window->view.container != nullptr &&
		tree_seat_focused_container(seat) != window->view.container &&
		!view_is_visible(&window->view)) {
		view_request_urgent(&window->view);
	}
	transactions_commit(window->server->transactions);
}

void window_unmap(struct window *window)
{
	popups_dismiss(window);
	transactions_view_gone(window->server->transactions, &window->view);
	if (window->view.container != nullptr) {
		view_unmap(&window->view);
		transactions_commit(window->server->transactions);
	}
	foreign_unmap(window);
	if (window->surface_tree != nullptr) {
		wlr_scene_node_destroy(&window->surface_tree->node);
		window->surface_tree = nullptr;
	}
	wlr_scene_node_reparent(&window->tree->node, window->server->scene->staging);
	idle_update(window->server->shell);
}

/* ---- what the client says of itself ---- */

void window_update_title(struct window *window)
{
	const char *untrusted_title = window->impl->get_untrusted_title(window);
	free(window->title);
	window->title = untrusted_title == nullptr || !tag_is_set(&window->tag)
				? vx_strdup(untrusted_title)
				: vx_display_string(untrusted_title, vx_title_max_code_points);
	view_title_changed(&window->view);
	foreign_update_title(window);
}

void window_update_app_id(struct window *window)
{
	const char *untrusted_app_id = window->impl->get_untrusted_app_id(window);
	free(window->app_id);
	window->app_id = untrusted_app_id == nullptr || !tag_is_set(&window->tag)
				 ? vx_strdup(untrusted_app_id)
				 : vx_display_app_id(untrusted_app_id);
	view_app_id_changed(&window->view);
	foreign_update_title(window);
}

void window_title_changed(struct window *window)
{
	window_update_title(window);
	transactions_commit(window->server->transactions);
}

void window_request_fullscreen(struct window *window, bool enable, struct tree_output *output)
{
	struct view *view = &window->view;
	if (view->container == nullptr) {
		return;
	}
	bool is_refused = enable && is_vm(window) && !window_may_take_focus(window);
	if (!is_refused) {
		view_request_fullscreen(view, enable, output);
	} else if (view->container->pending.fullscreen_mode == FULLSCREEN_NONE) {
		view->impl->set_fullscreen(view, false);
		view_request_urgent(view);
	}
	transactions_commit(window->server->transactions);
}

const char *window_get_common_string(struct window *window, enum view_string which)
{
	switch (which) {
	case VIEW_TITLE:
		return window->title;
	case VIEW_APP_ID:
		return window->app_id;
	case VIEW_SANDBOX_ENGINE:
		return window->tag.engine;
	case VIEW_SANDBOX_APP_ID:
		return window->tag.app_id;
	case VIEW_SANDBOX_INSTANCE_ID:
		return window->tag.instance_id;
	case VIEW_TAG:
		return window->protocol_tag;
	case VIEW_FOREIGN_TOPLEVEL_ID:
		return window->ext_foreign != nullptr ? window->ext_foreign->identifier : nullptr;
	case VIEW_CLASS:
	case VIEW_INSTANCE:
	case VIEW_WINDOW_ROLE:
	case VIEW_CONTENT_TYPE:
	case VIEW_STRING_COUNT:
		break;
	}
	return nullptr;
}

bool window_get_vm(struct view *view, struct view_vm *ret_vm)
{
	const struct window *window = window_from_view(view);
	if (window->tag.kind != TAG_VM) {
		return false;
	}
	*ret_vm = (struct view_vm){
		.name = window->tag.vm->name,
		.label = window->tag.vm->label,
		.color = window->tag.vm->color_text,
		.workspace = window->tag.vm->workspace,
	};
	return true;
}

bool window_may_take_focus(const struct window *window)
{
	if (!tag_is_set(&window->tag)) {
		return true;
	}
	struct tree_seat *seat = tree_default_seat(window->server->tree);
	struct container *con = seat != nullptr ? tree_seat_focused_container(seat) : nullptr;
	const struct window *focused = con != nullptr ? window_of_container(con) : nullptr;
	return focused != nullptr && tag_is_same_domain(&focused->tag, &window->tag);
}

bool window_wants_focus(struct view *view)
{
	struct window *window = window_from_view(view);
	if (!is_vm(window)) {
		return true;
	}
	struct tree_seat *seat = tree_default_seat(window->server->tree);
	struct container *con = seat != nullptr ? tree_seat_focused_container(seat) : nullptr;
	return con == nullptr || window_may_take_focus(window) ||
	       (window->tag.vm != nullptr && vm_take_focus_grant(window->tag.vm));
}

/* ---- place and size ---- */

static int missing(bool has_border, int thickness)
{
	int there = has_border ? thickness : 0;
	return there < frame_vm_thickness ? frame_vm_thickness - there : 0;
}

/* Is there a title bar, which bears the label, above the content? */
static bool has_title_bar(const struct container *con, const struct container_state *state)
{
	const struct container *parent = state->parent;
	enum container_layout layout = parent != nullptr             ? parent->pending.layout
				       : state->workspace != nullptr ? state->workspace->layout
								     : LAYOUT_NONE;
	bool is_floating = parent == nullptr && state->workspace != nullptr &&
			   list_index(&state->workspace->floating, con) >= 0;
	if (!is_floating && (layout == LAYOUT_TABBED || layout == LAYOUT_STACKED)) {
		return !con->node.tree->options->hide_lone_tab;
	}
	return state->border == BORDER_NORMAL;
}

struct insets window_insets(const struct window *window, const struct container_state *state)
{
	const struct container *con = window->view.container;
	if (!tag_is_set(&window->tag) || con == nullptr || state->content_width <= 0 ||
		state->content_height <= 0) {
		return (struct insets){};
	}
	bool covers = state->fullscreen_mode != FULLSCREEN_NONE;
	bool drawn = !covers && (state->border == BORDER_NORMAL || state->border == BORDER_PIXEL);
	bool has_bar = !covers && has_title_bar(con, state);
	int thickness = state->border_thickness;
	struct insets insets = {
		.right = missing(drawn && state->border_right, thickness),
		.bottom = missing(drawn && state->border_bottom, thickness),
		.left = missing(drawn && state->border_left, thickness),
		/* The line between label and client is there in any case. */
		.top = frame_vm_thickness,
	};
	if (!has_bar) {
		insets.top += frame_strip_height(window->server);
	}
	return insets;
}

uint32_t window_configure(struct view *view, double x, double y, int width, int height)
{
	struct window *window = window_from_view(view);
	struct insets insets = {};
	if (view->container != nullptr) {
		insets = window_insets(window, &view->container->pending);
	}
	width = (int)fmax(width == 0 ? 0 : 1, width - insets.left - insets.right);
	height = (int)fmax(height == 0 ? 0 : 1, height - insets.top - insets.bottom);
	return window->impl->configure(window, x + insets.left, y + insets.top, width, height);
}

void window_place_content(struct window *window, int x, int y, int width, int height)
{
	struct container *con = window->view.container;
	struct wlr_box geometry = window->impl->get_geometry(window);
	bool cut = tag_is_set(&window->tag) || !window->view.using_csd;
	if (con != nullptr && container_is_floating(con)) {
		/* A floating client that is slow to follow stays in the middle. */
		x += (int)fmax(0, (width - geometry.width) / 2);
		y += (int)fmax(0, (height - geometry.height) / 2);
	} else {
		cut = true;
	}
	wlr_scene_node_set_position(&window->tree->node, x, y);
	if (window->surface_tree == nullptr) {
		return;
	}
	wlr_scene_node_set_position(&window->surface_tree->node, -geometry.x, -geometry.y);
	struct wlr_box clip = {geometry.x, geometry.y, width, height};
	if (tag_is_set(&window->tag)) {
		/* A client that says its window is smaller than what it draws gets no more. */
		clip.width = (int)fmin(width, geometry.width);
		clip.height = (int)fmin(height, geometry.height);
	}
	bool empty = cut && (clip.width <= 0 || clip.height <= 0);
	wlr_scene_node_set_enabled(&window->surface_tree->node, !empty);
	if (!empty) {
		wlr_scene_subsurface_tree_set_clip(
			&window->surface_tree->node, cut ? &clip : nullptr);
	}
}

static void take_geometry(struct window *window, struct wlr_box geometry)
{
	window->geometry = geometry;
	struct container *con = window->view.container;
	struct insets insets = window_insets(window, &con->pending);
	window->view.geometry = (struct box){
		.x = geometry.x,
		.y = geometry.y,
		.width = geometry.width + insets.left + insets.right,
		.height = geometry.height + insets.top + insets.bottom,
	};
}

static void send_frame_done(struct wlr_surface *surface, int x, int y, void *data)
{
	wlr_surface_send_frame_done(surface, data);
}

void window_committed(struct window *window, uint32_t serial)
{
	struct view *view = &window->view;
	struct container *con = view->container;
	if (con == nullptr) {
		return;
	}
	struct wlr_box old = window->geometry;
	take_geometry(window, window->impl->get_geometry(window));
	bool resized = old.width != window->geometry.width || old.height != window->geometry.height;
	/* A size from before our last configure is not the client's wish, but its first one is. */
	bool is_late = old.width > 0 &&
		       transactions_awaits_view(window->server->transactions, view, serial);
	if (resized && !is_late && container_is_floating(con) && view->shell == VIEW_SHELL_XDG &&
		con->pending.fullscreen_mode == FULLSCREEN_NONE) {
		view_update_size(view);
		if (con->current.width > 0) {
			window_configure(view, con->pending.content_x, con->pending.content_y,
				(int)con->pending.content_width, (int)con->pending.content_height);
		}
		transactions_commit_client(window->server->transactions);
	}
	if (serial != 0) {
		transactions_view_ready(window->server->transactions, view, serial);
	}
	struct frame *frame = view->container != nullptr ? frame_of(view->container) : nullptr;
	if (frame == nullptr) {
		return;
	}
	if (frame->saved != nullptr) {
		struct timespec now;
		clock_gettime(CLOCK_MONOTONIC, &now);
		wlr_surface_for_each_surface(
			window->impl->get_surface(window), send_frame_done, &now);
	} else if (resized || old.x != window->geometry.x || old.y != window->geometry.y) {
		if (frame->tree->node.enabled) {
			frame_show_view(frame);
		}
	}
}
