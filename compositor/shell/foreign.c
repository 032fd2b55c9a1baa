/* SPDX-License-Identifier: MIT */
#include "shell/foreign.h"

#include <wlr/types/wlr_ext_foreign_toplevel_list_v1.h>
#include <wlr/types/wlr_ext_image_capture_source_v1.h>
#include <wlr/types/wlr_foreign_toplevel_management_v1.h>

#include "common/memory.h"
#include "input/seat.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "tree/tree.h"

static struct wlr_ext_foreign_toplevel_handle_v1_state ext_state(const struct window *window)
{
	return (struct wlr_ext_foreign_toplevel_handle_v1_state){
		.title = window->title,
		.app_id = window->app_id,
	};
}

static void handle_activate(struct wl_listener *listener, void *data)
{
	struct window *window = wl_container_of(listener, window, foreign_activate);
	const struct wlr_foreign_toplevel_handle_v1_activated_event *event = data;
	struct seat *seat = event->seat->data;
	if (window->view.container != nullptr) {
		tree_seat_set_focus_container(seat->tree_seat, window->view.container);
		container_raise_floating(window->view.container);
		transactions_commit(window->server->transactions);
	}
}

static void handle_fullscreen(struct wl_listener *listener, void *data)
{
	struct window *window = wl_container_of(listener, window, foreign_fullscreen);
	const struct wlr_foreign_toplevel_handle_v1_fullscreen_event *event = data;
	struct output *output = event->output != nullptr ? event->output->data : nullptr;
	if (window->view.container != nullptr) {
		view_request_fullscreen(&window->view, event->fullscreen,
			output != nullptr ? output->tree_output : nullptr);
		transactions_commit(window->server->transactions);
	}
}

static void handle_close(struct wl_listener *listener, void *data)
{
	struct window *window = wl_container_of(listener, window, foreign_close);
	window->view.impl->close(&window->view);
}

static void create_handle(struct window *window)
{
	window->foreign = wlr_foreign_toplevel_handle_v1_create(window->server->shell->foreign);
	if (window->foreign == nullptr) {
		return;
	}
	listener_add(&window->foreign_activate, &window->foreign->events.request_activate,
		handle_activate);
	listener_add(&window->foreign_fullscreen, &window->foreign->events.request_fullscreen,
		handle_fullscreen);
	listener_add(&window->foreign_close, &window->foreign->events.request_close, handle_close);
}

void foreign_map(struct window *window)
{
	struct wlr_ext_foreign_toplevel_handle_v1_state state = ext_state(window);
	window->ext_foreign = wlr_ext_foreign_toplevel_handle_v1_create(
		window->server->shell->ext_foreign, &state);
	if (window->ext_foreign != nullptr) {
		window->ext_foreign->data = window;
	}
	create_handle(window);
	foreign_update_title(window);
}

void foreign_unmap(struct window *window)
{
	if (window->foreign != nullptr) {
		listener_remove(&window->foreign_activate);
		listener_remove(&window->foreign_fullscreen);
		listener_remove(&window->foreign_close);
		wlr_foreign_toplevel_handle_v1_destroy(window->foreign);
		window->foreign = nullptr;
	}
	if (window->ext_foreign != nullptr) {
		wlr_ext_foreign_toplevel_handle_v1_destroy(window->ext_foreign);
		window->ext_foreign = nullptr;
	}
	if (window->capture != nullptr) {
		wlr_scene_node_destroy(&window->capture->tree.node);
		window->capture = nullptr;
	}
}

void foreign_update_title(struct window *window)
{
	if (window->foreign != nullptr) {
		wlr_foreign_toplevel_handle_v1_set_title(
			window->foreign, window->title != nullptr ? window->title : "");
		wlr_foreign_toplevel_handle_v1_set_app_id(
			window->foreign, window->app_id != nullptr ? window->app_id : "");
	}
	if (window->ext_foreign != nullptr) {
		struct wlr_ext_foreign_toplevel_handle_v1_state state = ext_state(window);
		wlr_ext_foreign_toplevel_handle_v1_update_state(window->ext_foreign, &state);
	}
}

void foreign_update_state(struct window *window)
{
	struct container *con = window->view.container;
	if (window->foreign == nullptr || con == nullptr) {
		return;
	}
	wlr_foreign_toplevel_handle_v1_set_activated(window->foreign, window->view.activated);
	wlr_foreign_toplevel_handle_v1_set_fullscreen(
		window->foreign, con->pending.fullscreen_mode != FULLSCREEN_NONE);
	struct output *output;
	wl_list_for_each (output, &window->server->outputs->list, link) {
		if (con->pending.workspace != nullptr &&
			con->pending.workspace->output == output->tree_output) {
			wlr_foreign_toplevel_handle_v1_output_enter(
				window->foreign, output->wlr_output);
		} else {
			wlr_foreign_toplevel_handle_v1_output_leave(
				window->foreign, output->wlr_output);
		}
	}
}

static void handle_capture_request(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, capture_request);
	struct wlr_ext_foreign_toplevel_image_capture_source_manager_v1_request *request = data;
	struct window *window = request->toplevel_handle->data;
	struct server *server = shell->server;
	if (window == nullptr || window->impl->get_surface(window) == nullptr) {
		return;
	}
	if (window->capture == nullptr) {
		window->capture = wlr_scene_create();
		wlr_scene_subsurface_tree_create(
			&window->capture->tree, window->impl->get_surface(window));
	}
	struct wlr_ext_image_capture_source_v1 *source =
		wlr_ext_image_capture_source_v1_create_with_scene_node(&window->capture->tree.node,
			server->loop, server->allocator, server->renderer);
	if (source != nullptr) {
		wlr_ext_foreign_toplevel_image_capture_source_manager_v1_request_accept(
			request, source);
	}
}

bool foreign_init(struct shell *shell)
{
	struct wl_display *display = shell->server->display;
	shell->foreign = wlr_foreign_toplevel_manager_v1_create(display);
	shell->ext_foreign = wlr_ext_foreign_toplevel_list_v1_create(display, 1);
	struct wlr_ext_foreign_toplevel_image_capture_source_manager_v1 *capture =
		wlr_ext_foreign_toplevel_image_capture_source_manager_v1_create(display, 1);
	if (shell->foreign == nullptr || shell->ext_foreign == nullptr || capture == nullptr) {
		return false;
	}
	listener_add(&shell->capture_request, &capture->events.new_request, handle_capture_request);
	return true;
}
