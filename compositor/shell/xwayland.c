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
#include "tree/tree.h"

struct xwayland {
	struct server *server;
	struct wlr_xwayland *wlr_xwayland;
	struct wl_listener new_surface, ready;
};

/* Each X11 window: a view like any other, or placed by itself (override-redirect: menus, tooltips).
 */
struct x11_window {
	struct window window;
	struct wlr_xwayland_surface *xsurface; /* NULL once it is destroyed */
	struct wlr_scene_tree *unmanaged;      /* while mapped and override-redirect; else NULL */
	struct wl_listener map, unmap, commit, destroy, associate, dissociate;
	struct wl_listener request_configure, request_fullscreen, request_activate;
	struct wl_listener set_title, set_class, set_geometry, set_hints;
};

static const struct view_impl view_impl;

static struct x11_window *x11_from_view(struct view *view)
{
	struct x11_window *x11 = wl_container_of(view, x11, window.view);
	return x11;
}

static struct x11_window *x11_from_window(struct window *window)
{
	struct x11_window *x11 = wl_container_of(window, x11, window);
	return x11;
}

struct window *xwayland_window_from_surface(struct wlr_surface *root)
{
	struct wlr_xwayland_surface *xsurface = wlr_xwayland_surface_try_from_wlr_surface(root);
	struct x11_window *x11 = xsurface != nullptr ? xsurface->data : nullptr;
	return x11 != nullptr ? &x11->window : nullptr;
}

/* ---- struct window_impl ---- */

static struct wlr_surface *get_surface(struct window *window)
{
	struct x11_window *x11 = x11_from_window(window);
	return x11->xsurface != nullptr ? x11->xsurface->surface : nullptr;
}

static const char *get_untrusted_title(struct window *window)
{
	struct x11_window *x11 = x11_from_window(window);
	return x11->xsurface != nullptr ? x11->xsurface->title : nullptr;
}

/* X11 windows have a class instead. */
static const char *get_untrusted_app_id(struct window *window)
{
	return nullptr;
}

static uint32_t configure(struct window *window, double x, double y, int width, int height)
{
	struct x11_window *x11 = x11_from_window(window);
	if (x11->xsurface != nullptr) {
		wlr_xwayland_surface_configure(
			x11->xsurface, (int16_t)x, (int16_t)y, (uint16_t)width, (uint16_t)height);
	}
	return 0; /* X11 knows no acknowledgement */
}

static struct wlr_box get_geometry(struct window *window)
{
	struct x11_window *x11 = x11_from_window(window);
	struct wlr_surface *surface = get_surface(&x11->window);
	return surface != nullptr
		       ? (struct wlr_box){0, 0, surface->current.width, surface->current.height}
		       : (struct wlr_box){};
}

static const struct window_impl window_impl = {
	.get_surface = get_surface,
	.get_untrusted_title = get_untrusted_title,
	.get_untrusted_app_id = get_untrusted_app_id,
	.configure = configure,
	.get_geometry = get_geometry,
};

/* ---- struct view_impl ---- */

static const char *get_string(struct view *view, enum view_string which)
{
	struct x11_window *x11 = x11_from_view(view);
	if (x11->xsurface != nullptr && which == VIEW_CLASS) {
		return x11->xsurface->class;
	}
	if (x11->xsurface != nullptr && which == VIEW_INSTANCE) {
		return x11->xsurface->instance;
	}
	if (x11->xsurface != nullptr && which == VIEW_WINDOW_ROLE) {
		return x11->xsurface->role;
	}
	return window_get_common_string(&x11->window, which);
}

static int positive(int value)
{
	return value > 0 ? value : 0;
}

static struct view_size_limits get_size_limits(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	const xcb_size_hints_t *hints = x11->xsurface != nullptr ? x11->xsurface->size_hints
								 : nullptr;
	if (hints == nullptr) {
		return (struct view_size_limits){};
	}
	return (struct view_size_limits){
		.min_width = positive(hints->min_width),
		.min_height = positive(hints->min_height),
		.max_width = positive(hints->max_width),
		.max_height = positive(hints->max_height),
	};
}

static uint32_t get_x11_window(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	return x11->xsurface != nullptr ? x11->xsurface->window_id : 0;
}

static uint32_t get_x11_parent(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	return x11->xsurface != nullptr && x11->xsurface->parent != nullptr
		       ? x11->xsurface->parent->window_id
		       : 0;
}

static const struct {
	enum wlr_xwayland_net_wm_window_type x11;
	enum view_window_type type;
	bool floats;
} window_types[] = {
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_DIALOG, VIEW_WINDOW_TYPE_DIALOG, true},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_UTILITY, VIEW_WINDOW_TYPE_UTILITY, true},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_TOOLBAR, VIEW_WINDOW_TYPE_TOOLBAR, true},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_SPLASH, VIEW_WINDOW_TYPE_SPLASH, true},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_MENU, VIEW_WINDOW_TYPE_MENU, false},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_DROPDOWN_MENU, VIEW_WINDOW_TYPE_DROPDOWN_MENU, false},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_POPUP_MENU, VIEW_WINDOW_TYPE_POPUP_MENU, false},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_TOOLTIP, VIEW_WINDOW_TYPE_TOOLTIP, false},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_NOTIFICATION, VIEW_WINDOW_TYPE_NOTIFICATION, false},
	{WLR_XWAYLAND_NET_WM_WINDOW_TYPE_NORMAL, VIEW_WINDOW_TYPE_NORMAL, false},
};

static enum view_window_type get_window_type(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	for (size_t i = 0; x11->xsurface != nullptr && i < VX_ARRAY_LENGTH(window_types); i++) {
		if (wlr_xwayland_surface_has_window_type(x11->xsurface, window_types[i].x11)) {
			return window_types[i].type;
		}
	}
	return VIEW_WINDOW_TYPE_UNKNOWN;
}

static bool wants_floating(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	if (x11->xsurface == nullptr) {
		return false;
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(window_types); i++) {
		if (window_types[i].floats &&
			wlr_xwayland_surface_has_window_type(x11->xsurface, window_types[i].x11)) {
			return true;
		}
	}
	struct view_size_limits limits = get_size_limits(view);
	bool fixed = limits.min_width > 0 && limits.min_height > 0 &&
		     (limits.min_width == limits.max_width ||
			     limits.min_height == limits.max_height);
	return x11->xsurface->modal || fixed;
}

static bool is_transient_for(struct view *view, struct view *ancestor)
{
	if (ancestor->impl != &view_impl) {
		return false;
	}
	static constexpr int depth_max = 64;
	struct wlr_xwayland_surface *wanted = x11_from_view(ancestor)->xsurface;
	struct wlr_xwayland_surface *xsurface = x11_from_view(view)->xsurface;
	for (int i = 0; xsurface != nullptr && i < depth_max; i++, xsurface = xsurface->parent) {
		if (xsurface == wanted) {
			return true;
		}
	}
	return false;
}

static bool has_client_side_decorations(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	return x11->xsurface != nullptr &&
	       x11->xsurface->decorations != WLR_XWAYLAND_SURFACE_DECORATIONS_ALL;
}

static void set_activated(struct view *view, bool activated)
{
	struct x11_window *x11 = x11_from_view(view);
	if (x11->xsurface == nullptr) {
		return;
	}
	if (activated && x11->xsurface->minimized) {
		wlr_xwayland_surface_set_minimized(x11->xsurface, false);
	}
	wlr_xwayland_surface_activate(x11->xsurface, activated);
	if (activated) {
		wlr_xwayland_surface_restack(x11->xsurface, nullptr, XCB_STACK_MODE_ABOVE);
	}
}

static void set_tiled(struct view *view, bool tiled)
{
	struct x11_window *x11 = x11_from_view(view);
	if (x11->xsurface != nullptr) {
		wlr_xwayland_surface_set_maximized(x11->xsurface, tiled, tiled);
	}
}

static void set_fullscreen(struct view *view, bool fullscreen)
{
	struct x11_window *x11 = x11_from_view(view);
	if (x11->xsurface != nullptr) {
		wlr_xwayland_surface_set_fullscreen(x11->xsurface, fullscreen);
	}
}

static void set_resizing(struct view *view, bool resizing)
{
}

static void close_view(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	if (x11->xsurface != nullptr) {
		wlr_xwayland_surface_close(x11->xsurface);
	}
}

static void close_popups(struct view *view)
{
}

static bool wants_focus(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	return x11->xsurface != nullptr &&
	       wlr_xwayland_surface_icccm_input_model(x11->xsurface) != WLR_ICCCM_INPUT_MODEL_NONE;
}

static void destroy_view(struct view *view)
{
	struct x11_window *x11 = x11_from_view(view);
	window_finish(&x11->window);
	free(x11);
}

static const struct view_impl view_impl = {
	.get_string = get_string,
	.get_vm = window_get_vm,
	.get_size_limits = get_size_limits,
	.get_x11_window = get_x11_window,
	.get_x11_parent = get_x11_parent,
	.get_window_type = get_window_type,
	.wants_floating = wants_floating,
	.is_transient_for = is_transient_for,
	.has_client_side_decorations = has_client_side_decorations,
	.configure = window_configure,
	.set_activated = set_activated,
	.set_tiled = set_tiled,
	.set_fullscreen = set_fullscreen,
	.set_resizing = set_resizing,
	.close = close_view,
	.close_popups = close_popups,
	.wants_focus = wants_focus,
	.destroy = destroy_view,
};

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
	window_map(&x11->window,
		&(struct view_map_options){
			.natural_width = x11->xsurface->width,
			.natural_height = x11->xsurface->height,
			.fullscreen = x11->xsurface->fullscreen,
			.client_side_decorations = has_client_side_decorations(&x11->window.view),
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
	for (size_t i = 0; i < VX_ARRAY_LENGTH(listeners); i++) {
		listener_remove(listeners[i]);
	}
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
	if (x11->window.view.container != nullptr) {
		view_request_fullscreen(&x11->window.view, x11->xsurface->fullscreen, nullptr);
		transactions_commit(x11->window.server->transactions);
	}
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
	window_update_title(&x11->window);
	transactions_commit(x11->window.server->transactions);
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
	window_init(&x11->window, xwayland->server, VIEW_SHELL_XWAYLAND, &view_impl, &window_impl,
		xwayland->wlr_xwayland->server->client);
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
