/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "xwayland"

#include "shell/xwayland.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/xwayland.h>

#include "common/log.h"
#include "common/memory.h"
#include "config/config.h"
#include "input/input.h"
#include "input/seat.h"
#include "listener.h"
#include "server.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "shell/x11_window.h"
#include "tree/tree.h"

struct xwayland {
	struct server *server;
	struct wlr_xwayland *wlr_xwayland;
	struct wl_listener new_surface, ready;
};

struct window *xwayland_window_from_surface(struct wlr_surface *root)
{
	struct wlr_xwayland_surface *xsurface = wlr_xwayland_surface_try_from_wlr_surface(root);
	struct x11_window *x11 = xsurface != nullptr ? xsurface->data : nullptr;
	return x11 != nullptr ? &x11->window : nullptr;
}

/* ---- windows that place themselves ---- */

static void map_unmanaged(struct x11_window *x11)
{
	struct server *server = x11->window.server;
	x11->unmanaged = wlr_scene_subsurface_tree_create(
		server->scene->layers[SCENE_UNMANAGED], x11->xsurface->surface);
	x11->unmanaged->node.data = &x11->window.owner;
	wlr_scene_node_set_position(&x11->unmanaged->node, x11->xsurface->x, x11->xsurface->y);
}

static void unmap_unmanaged(struct x11_window *x11)
{
	if (x11->unmanaged != nullptr) {
		wlr_scene_node_destroy(&x11->unmanaged->node);
		x11->unmanaged = nullptr;
		seats_update_focus(x11->window.server);
	}
}

static void handle_set_geometry(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, set_geometry);
	if (x11->unmanaged != nullptr) {
		wlr_scene_node_set_position(
			&x11->unmanaged->node, x11->xsurface->x, x11->xsurface->y);
	}
}

/* ---- events ---- */

static void handle_map(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, map);
	x11->window.view.pid = x11->xsurface->pid;
	if (x11->xsurface->override_redirect) {
		map_unmanaged(x11);
		return;
	}
	window_update_title(&x11->window);
	window_map(&x11->window, &(struct view_map_options){
					 .natural_width = x11->xsurface->width,
					 .natural_height = x11->xsurface->height,
					 .fullscreen = x11->xsurface->fullscreen,
					 .client_side_decorations = x11_window_is_decorated(x11),
				 });
}

static void take_down(struct x11_window *x11)
{
	unmap_unmanaged(x11);
	if (x11->window.view.container != nullptr) {
		window_unmap(&x11->window);
	}
}

static void handle_unmap(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, unmap);
	take_down(x11);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, commit);
	window_committed(&x11->window, 0);
}

static void handle_associate(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, associate);
	struct wlr_surface *surface = x11->xsurface->surface;
	listener_add(&x11->map, &surface->events.map, handle_map);
	listener_add(&x11->unmap, &surface->events.unmap, handle_unmap);
	listener_add(&x11->commit, &surface->events.commit, handle_commit);
}

static void handle_dissociate(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, dissociate);
	listener_remove(&x11->map);
	listener_remove(&x11->unmap);
	listener_remove(&x11->commit);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, destroy);
	struct wl_listener *const listeners[] = {
		&x11->map,
		&x11->unmap,
		&x11->commit,
		&x11->destroy,
		&x11->associate,
		&x11->dissociate,
		&x11->request_configure,
		&x11->request_fullscreen,
		&x11->request_activate,
		&x11->set_title,
		&x11->set_class,
		&x11->set_geometry,
		&x11->set_hints,
	};
	listeners_remove(listeners, VX_ARRAY_LENGTH(listeners));
	take_down(x11);
	x11->xsurface->data = nullptr;
	x11->xsurface = nullptr;
	view_begin_destroy(&x11->window.view);
}

static void handle_request_configure(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, request_configure);
	const struct wlr_xwayland_surface_configure_event *event = data;
	struct view *view = &x11->window.view;
	struct container *con = view->container;
	if (con == nullptr) {
		wlr_xwayland_surface_configure(
			x11->xsurface, event->x, event->y, event->width, event->height);
		return;
	}
	if (container_is_floating(con) && con->pending.fullscreen_mode == FULLSCREEN_NONE) {
		view->natural_width = event->width;
		view->natural_height = event->height;
		con->pending.content_width = event->width;
		con->pending.content_height = event->height;
		container_floating_resize_and_center(con);
		transactions_commit(x11->window.server->transactions);
	}
	window_configure(view, con->pending.content_x, con->pending.content_y,
		(int)con->pending.content_width, (int)con->pending.content_height);
}

static void handle_request_fullscreen(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, request_fullscreen);
	window_request_fullscreen(&x11->window, x11->xsurface->fullscreen, nullptr);
}

static void handle_request_activate(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, request_activate);
	if (x11->window.view.container != nullptr) {
		view_request_activate(&x11->window.view, nullptr);
		transactions_commit(x11->window.server->transactions);
	}
}

static void handle_set_title(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, set_title);
	window_title_changed(&x11->window);
}

static void handle_set_class(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, set_class);
	view_app_id_changed(&x11->window.view);
	transactions_commit(x11->window.server->transactions);
}

static void handle_set_hints(struct wl_listener *listener, void *data)
{
	struct x11_window *x11 = wl_container_of(listener, x11, set_hints);
	bool urgent = x11->xsurface->hints != nullptr &&
		      xcb_icccm_wm_hints_get_urgency(x11->xsurface->hints);
	if (urgent && x11->window.view.container != nullptr &&
		x11->window.view.allow_request_urgent) {
		view_request_urgent(&x11->window.view);
		transactions_commit(x11->window.server->transactions);
	}
}

static void handle_new_surface(struct wl_listener *listener, void *data)
{
	struct xwayland *xwayland = wl_container_of(listener, xwayland, new_surface);
	struct wlr_xwayland_surface *xsurface = data;
	struct x11_window *x11 = vx_new(x11);
	x11->xsurface = xsurface;
	x11_window_init(x11, xwayland->server, xwayland->wlr_xwayland->server->client);
	xsurface->data = x11;
	listener_add(&x11->destroy, &xsurface->events.destroy, handle_destroy);
	listener_add(&x11->associate, &xsurface->events.associate, handle_associate);
	listener_add(&x11->dissociate, &xsurface->events.dissociate, handle_dissociate);
	listener_add(&x11->request_configure, &xsurface->events.request_configure,
		handle_request_configure);
	listener_add(&x11->request_fullscreen, &xsurface->events.request_fullscreen,
		handle_request_fullscreen);
	listener_add(&x11->request_activate, &xsurface->events.request_activate,
		handle_request_activate);
	listener_add(&x11->set_title, &xsurface->events.set_title, handle_set_title);
	listener_add(&x11->set_class, &xsurface->events.set_class, handle_set_class);
	listener_add(&x11->set_geometry, &xsurface->events.set_geometry, handle_set_geometry);
	listener_add(&x11->set_hints, &xsurface->events.set_hints, handle_set_hints);
}

static void handle_ready(struct wl_listener *listener, void *data)
{
	struct xwayland *xwayland = wl_container_of(listener, xwayland, ready);
	struct seat *seat = input_default_seat(xwayland->server->input);
	if (seat != nullptr) {
		wlr_xwayland_set_seat(xwayland->wlr_xwayland, seat->wlr_seat);
	}
}

/* ---- life ---- */

struct xwayland *xwayland_create(struct server *server)
{
	enum xwayland_mode mode = server_config(server)->xwayland;
	if (mode == XWAYLAND_DISABLED) {
		return nullptr;
	}
	struct wlr_xwayland *wlr_xwayland = wlr_xwayland_create(
		server->display, server->compositor, mode == XWAYLAND_LAZY);
	if (wlr_xwayland == nullptr) {
		vx_log_warn("Xwayland can't be started, going on without X11 apps");
		unsetenv("DISPLAY");
		return nullptr;
	}
	struct xwayland *xwayland = vx_new(xwayland);
	xwayland->server = server;
	xwayland->wlr_xwayland = wlr_xwayland;
	listener_add(&xwayland->new_surface, &wlr_xwayland->events.new_surface, handle_new_surface);
	listener_add(&xwayland->ready, &wlr_xwayland->events.ready, handle_ready);
	setenv("DISPLAY", wlr_xwayland->display_name, true);
	return xwayland;
}

void xwayland_destroy(struct xwayland *xwayland)
{
	if (xwayland == nullptr) {
		return;
	}
	listener_remove(&xwayland->new_surface);
	listener_remove(&xwayland->ready);
	wlr_xwayland_destroy(xwayland->wlr_xwayland);
	free(xwayland);
}

bool xwayland_owns_client(const struct xwayland *xwayland, const struct wl_client *client)
{
	return xwayland != nullptr && xwayland->wlr_xwayland->server != nullptr &&
	       xwayland->wlr_xwayland->server->client == client;
}
