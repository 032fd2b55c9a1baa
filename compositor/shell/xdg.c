/* SPDX-License-Identifier: MIT */
#include "shell/xdg.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_content_type_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_xdg_decoration_v1.h>
#include <wlr/types/wlr_xdg_dialog_v1.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/types/wlr_xdg_toplevel_tag_v1.h>
#include <wlr/util/edges.h>

#include "common/display_string.h"
#include "common/memory.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/decoration.h"
#include "shell/popup.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "tree/tree.h"

static constexpr uint32_t xdg_shell_version = 5;
static constexpr uint32_t toplevel_tag_version = 1;

struct xdg_window {
	struct window window;
	struct wlr_xdg_toplevel *toplevel; /* NULL once the client destroyed it */
	struct wl_listener map, unmap, commit, destroy;
	struct wl_listener request_fullscreen, request_maximize, request_minimize;
	struct wl_listener request_move, request_resize, set_title, set_app_id, set_parent;
	struct wl_listener new_popup;
};

static const struct view_impl view_impl;

static struct xdg_window *xdg_window_from_view(struct view *view)
{
	struct xdg_window *xdg = wl_container_of(view, xdg, window.view);
	return xdg;
}

static struct xdg_window *xdg_window_from_window(struct window *window)
{
	struct xdg_window *xdg = wl_container_of(window, xdg, window);
	return xdg;
}

struct window *xdg_window_from_surface(struct wlr_surface *root)
{
	struct wlr_xdg_surface *surface = wlr_xdg_surface_try_from_wlr_surface(root);
	for (int i = 0; surface != nullptr && i <= popup_depth_max; i++) {
		if (surface->role == WLR_XDG_SURFACE_ROLE_TOPLEVEL) {
			struct xdg_window *xdg = surface->data;
			return xdg != nullptr ? &xdg->window : nullptr;
		}
		if (surface->role != WLR_XDG_SURFACE_ROLE_POPUP || surface->popup == nullptr ||
			surface->popup->parent == nullptr) {
			return nullptr;
		}
		surface = wlr_xdg_surface_try_from_wlr_surface(surface->popup->parent);
	}
	return nullptr;
}

/* ---- struct window_impl ---- */

static struct wlr_surface *get_surface(struct window *window)
{
	struct xdg_window *xdg = xdg_window_from_window(window);
	return xdg->toplevel != nullptr ? xdg->toplevel->base->surface : nullptr;
}

static const char *get_untrusted_title(struct window *window)
{
	struct xdg_window *xdg = xdg_window_from_window(window);
	return xdg->toplevel != nullptr ? xdg->toplevel->title : nullptr;
}

static const char *get_untrusted_app_id(struct window *window)
{
	struct xdg_window *xdg = xdg_window_from_window(window);
	return xdg->toplevel != nullptr ? xdg->toplevel->app_id : nullptr;
}

static uint32_t configure(struct window *window, double x, double y, int width, int height)
{
	struct xdg_window *xdg = xdg_window_from_window(window);
	return xdg->toplevel != nullptr && xdg->toplevel->base->initialized
		       ? wlr_xdg_toplevel_set_size(xdg->toplevel, width, height)
		       : 0;
}

static struct wlr_box get_geometry(struct window *window)
{
	struct xdg_window *xdg = xdg_window_from_window(window);
	return xdg->toplevel != nullptr ? xdg->toplevel->base->geometry : (struct wlr_box){};
}

static const struct window_impl window_impl = {
	.get_surface = get_surface,
	.get_untrusted_title = get_untrusted_title,
	.get_untrusted_app_id = get_untrusted_app_id,
	.configure = configure,
	.get_geometry = get_geometry,
};

/* ---- struct view_impl ---- */

static const char *content_type(struct xdg_window *xdg)
{
	static const char *const names[] = {"none", "photo", "video", "game"};
	if (xdg->toplevel == nullptr || xdg->window.server->content_types == nullptr) {
		return nullptr;
	}
	unsigned type = wlr_surface_get_content_type_v1(
		xdg->window.server->content_types, xdg->toplevel->base->surface);
	return type < VX_ARRAY_LENGTH(names) ? names[type] : nullptr;
}

static const char *get_string(struct view *view, enum view_string which)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	return which == VIEW_CONTENT_TYPE ? content_type(xdg)
					  : window_get_common_string(&xdg->window, which);
}

static struct view_size_limits get_size_limits(struct view *view)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	if (xdg->toplevel == nullptr) {
		return (struct view_size_limits){};
	}
	const struct wlr_xdg_toplevel_state *state = &xdg->toplevel->current;
	struct insets insets = {};
	if (view->container != nullptr) {
		insets = window_insets(&xdg->window, &view->container->pending);
	}
	int x = insets.left + insets.right, y = insets.top + insets.bottom;
	return (struct view_size_limits){
		.min_width = state->min_width > 0 ? state->min_width + x : 0,
		.min_height = state->min_height > 0 ? state->min_height + y : 0,
		.max_width = state->max_width > 0 ? state->max_width + x : 0,
		.max_height = state->max_height > 0 ? state->max_height + y : 0,
	};
}

static bool wants_floating(struct view *view)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	if (xdg->toplevel == nullptr) {
		return false;
	}
	struct view_size_limits limits = get_size_limits(view);
	return xdg->toplevel->parent != nullptr || view_size_is_fixed(&limits);
}

static bool is_transient_for(struct view *view, struct view *ancestor)
{
	if (ancestor->impl != &view_impl) {
		return false;
	}
	struct wlr_xdg_toplevel *wanted = xdg_window_from_view(ancestor)->toplevel;
	struct wlr_xdg_toplevel *toplevel = xdg_window_from_view(view)->toplevel;
	for (; toplevel != nullptr; toplevel = toplevel->parent) {
		if (toplevel == wanted) {
			return true;
		}
	}
	return false;
}

static bool has_client_side_decorations(struct view *view)
{
	return xdg_window_from_view(view)->toplevel != nullptr &&
	       decoration_of_toplevel(xdg_window_from_view(view)->toplevel) != nullptr;
}

static void set_activated(struct view *view, bool activated)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	if (xdg->toplevel != nullptr && xdg->toplevel->base->initialized) {
		wlr_xdg_toplevel_set_activated(xdg->toplevel, activated);
	}
}

static void set_tiled(struct view *view, bool tiled)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	if (xdg->toplevel == nullptr || !xdg->toplevel->base->initialized) {
		return;
	}
	if (wl_resource_get_version(xdg->toplevel->resource) >=
		XDG_TOPLEVEL_STATE_TILED_LEFT_SINCE_VERSION) {
		wlr_xdg_toplevel_set_tiled(xdg->toplevel,
			tiled ? WLR_EDGE_LEFT | WLR_EDGE_RIGHT | WLR_EDGE_TOP | WLR_EDGE_BOTTOM
			      : WLR_EDGE_NONE);
	} else {
		wlr_xdg_toplevel_set_maximized(xdg->toplevel, tiled);
	}
}

static void set_fullscreen(struct view *view, bool fullscreen)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	if (xdg->toplevel != nullptr && xdg->toplevel->base->initialized) {
		wlr_xdg_toplevel_set_fullscreen(xdg->toplevel, fullscreen);
	}
}

static void set_resizing(struct view *view, bool resizing)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	if (xdg->toplevel != nullptr && xdg->toplevel->base->initialized) {
		wlr_xdg_toplevel_set_resizing(xdg->toplevel, resizing);
	}
}

static void close_view(struct view *view)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	if (xdg->toplevel != nullptr) {
		wlr_xdg_toplevel_send_close(xdg->toplevel);
	}
}

static void close_popups(struct view *view)
{
	popups_dismiss(window_from_view(view));
}

static void destroy_view(struct view *view)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	window_finish(&xdg->window);
	free(xdg);
}

static void set_csd(struct view *view, bool csd)
{
	struct xdg_window *xdg = xdg_window_from_view(view);
	struct wlr_xdg_toplevel_decoration_v1 *decoration =
		xdg->toplevel != nullptr ? decoration_of_toplevel(xdg->toplevel) : nullptr;
	if (decoration != nullptr && xdg->toplevel->base->initialized) {
		wlr_xdg_toplevel_decoration_v1_set_mode(
			decoration, csd ? WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_CLIENT_SIDE
					: WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	}
}

static const struct view_impl view_impl = {
	.get_string = get_string,
	.get_vm = window_get_vm,
	.get_size_limits = get_size_limits,
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
	.wants_focus = window_wants_focus,
	.destroy = destroy_view,
	.set_csd = set_csd,
};

/* ---- events ---- */

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, commit);
	struct wlr_xdg_surface *surface = xdg->toplevel->base;
	if (surface->initial_commit) {
		struct wlr_xdg_toplevel_decoration_v1 *decoration = decoration_of_toplevel(
			xdg->toplevel);
		if (decoration != nullptr) {
			decoration_apply_mode(xdg->window.server->shell, decoration);
		}
		wlr_xdg_toplevel_set_wm_capabilities(
			xdg->toplevel, WLR_XDG_TOPLEVEL_WM_CAPABILITIES_FULLSCREEN);
		wlr_xdg_surface_schedule_configure(surface);
		return;
	}
	if (surface->surface->mapped) {
		window_committed(&xdg->window, surface->current.configure_serial);
	}
}

static bool wants_csd(struct xdg_window *xdg)
{
	struct wlr_xdg_toplevel_decoration_v1 *decoration = decoration_of_toplevel(xdg->toplevel);
	if (decoration != nullptr) {
		return decoration->requested_mode ==
		       WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_CLIENT_SIDE;
	}
	return decoration_kde_wants_csd(xdg->window.server->shell, xdg->toplevel->base->surface);
}

static struct tree_output *requested_output(struct xdg_window *xdg)
{
	struct wlr_output *wlr_output = xdg->toplevel->requested.fullscreen_output;
	struct output *output = wlr_output != nullptr ? wlr_output->data : nullptr;
	return output != nullptr ? output->tree_output : nullptr;
}

static void handle_map(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, map);
	struct wlr_box geometry = xdg->toplevel->base->geometry;
	window_map(&xdg->window, &(struct view_map_options){
					 .natural_width = geometry.width,
					 .natural_height = geometry.height,
					 .fullscreen = xdg->toplevel->requested.fullscreen,
					 .fullscreen_output = requested_output(xdg),
					 .client_side_decorations = wants_csd(xdg),
				 });
}

static void handle_unmap(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, unmap);
	window_unmap(&xdg->window);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, destroy);
	struct wl_listener *const listeners[] = {
		&xdg->map,
		&xdg->unmap,
		&xdg->commit,
		&xdg->destroy,
		&xdg->request_fullscreen,
		&xdg->request_maximize,
		&xdg->request_minimize,
		&xdg->request_move,
		&xdg->request_resize,
		&xdg->set_title,
		&xdg->set_app_id,
		&xdg->set_parent,
		&xdg->new_popup,
	};
	listeners_remove(listeners, VX_ARRAY_LENGTH(listeners));
	if (xdg->window.view.container != nullptr) {
		window_unmap(&xdg->window);
	}
	xdg->toplevel->base->data = nullptr;
	xdg->toplevel = nullptr;
	view_begin_destroy(&xdg->window.view);
}

static void handle_request_fullscreen(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, request_fullscreen);
	window_request_fullscreen(
		&xdg->window, xdg->toplevel->requested.fullscreen, requested_output(xdg));
}

/* The protocol wants an answer, also where the answer is no. */
static void handle_request_maximize(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, request_maximize);
	if (xdg->toplevel->base->initialized) {
		wlr_xdg_surface_schedule_configure(xdg->toplevel->base);
	}
}

static void handle_request_minimize(struct wl_listener *listener, void *data)
{
}

/* What the client may have moved or resized for the button press `serial`; NULL: nothing. */
static struct container *draggable_container(
	const struct xdg_window *xdg, const struct seat *seat, uint32_t serial)
{
	struct container *con = xdg->window.view.container;
	bool may_drag = con != nullptr && container_is_floating(con) &&
			con->pending.fullscreen_mode == FULLSCREEN_NONE &&
			wlr_seat_validate_pointer_grab_serial(
				seat->wlr_seat, xdg->toplevel->base->surface, serial);
	return may_drag ? con : nullptr;
}

static void handle_request_move(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, request_move);
	struct wlr_xdg_toplevel_move_event *event = data;
	struct seat *seat = event->seat->seat->data;
	struct container *con = draggable_container(xdg, seat, event->serial);
	if (con != nullptr) {
		seatop_begin_move(seat, con);
	}
}

static void handle_request_resize(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, request_resize);
	struct wlr_xdg_toplevel_resize_event *event = data;
	struct seat *seat = event->seat->seat->data;
	struct container *con = draggable_container(xdg, seat, event->serial);
	if (con != nullptr) {
		seatop_begin_resize(seat, con, event->edges);
	}
}

static void handle_set_title(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, set_title);
	window_title_changed(&xdg->window);
}

static void handle_set_app_id(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, set_app_id);
	window_update_app_id(&xdg->window);
	transactions_commit(xdg->window.server->transactions);
}

static void handle_set_parent(struct wl_listener *listener, void *data)
{
}

static void handle_new_popup(struct wl_listener *listener, void *data)
{
	struct xdg_window *xdg = wl_container_of(listener, xdg, new_popup);
	popup_create_for_window(data, &xdg->window);
}

static void listen(struct xdg_window *xdg)
{
	struct wlr_xdg_toplevel *toplevel = xdg->toplevel;
	struct wlr_xdg_surface *base = toplevel->base;
	listener_add(&xdg->map, &base->surface->events.map, handle_map);
	listener_add(&xdg->unmap, &base->surface->events.unmap, handle_unmap);
	listener_add(&xdg->commit, &base->surface->events.commit, handle_commit);
	listener_add(&xdg->destroy, &toplevel->events.destroy, handle_destroy);
	listener_add(&xdg->new_popup, &base->events.new_popup, handle_new_popup);
	listener_add(&xdg->request_fullscreen, &toplevel->events.request_fullscreen,
		handle_request_fullscreen);
	listener_add(&xdg->request_maximize, &toplevel->events.request_maximize,
		handle_request_maximize);
	listener_add(&xdg->request_minimize, &toplevel->events.request_minimize,
		handle_request_minimize);
	listener_add(&xdg->request_move, &toplevel->events.request_move, handle_request_move);
	listener_add(&xdg->request_resize, &toplevel->events.request_resize, handle_request_resize);
	listener_add(&xdg->set_title, &toplevel->events.set_title, handle_set_title);
	listener_add(&xdg->set_app_id, &toplevel->events.set_app_id, handle_set_app_id);
	listener_add(&xdg->set_parent, &toplevel->events.set_parent, handle_set_parent);
}

static void handle_new_toplevel(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, new_toplevel);
	struct wlr_xdg_toplevel *toplevel = data;
	struct xdg_window *xdg = vx_new(xdg);
	xdg->toplevel = toplevel;
	window_init(&xdg->window, shell->server, VIEW_SHELL_XDG, &view_impl, &window_impl,
		wl_resource_get_client(toplevel->resource));
	toplevel->base->data = xdg;
	listen(xdg);
}

static void handle_set_tag(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, set_tag);
	const struct wlr_xdg_toplevel_tag_manager_v1_set_tag_event *event = data;
	struct xdg_window *xdg = event->toplevel->base->data;
	if (xdg == nullptr) {
		return;
	}
	free(xdg->window.protocol_tag);
	xdg->window.protocol_tag = tag_is_set(&xdg->window.tag)
					   ? vx_display_string(event->tag, vx_title_max_code_points)
					   : vx_strdup(event->tag);
	view_tag_changed(&xdg->window.view);
	transactions_commit(shell->server->transactions);
}

bool xdg_init(struct shell *shell)
{
	struct wl_display *display = shell->server->display;
	struct wlr_xdg_shell *xdg_shell = wlr_xdg_shell_create(display, xdg_shell_version);
	struct wlr_xdg_toplevel_tag_manager_v1 *tags = wlr_xdg_toplevel_tag_manager_v1_create(
		display, toplevel_tag_version);
	if (xdg_shell == nullptr || tags == nullptr) {
		return false;
	}
	listener_add(&shell->new_toplevel, &xdg_shell->events.new_toplevel, handle_new_toplevel);
	listener_add(&shell->set_tag, &tags->events.set_tag, handle_set_tag);
	return true;
}
