/* SPDX-License-Identifier: MIT */
/* An X11 window as a view: what the tree asks it for and tells it. */
#include "shell/x11_window.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/xwayland.h>

#include "common/memory.h"
#include "tree/tree.h"

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
	return x11->xsurface->modal || view_size_is_fixed(&limits);
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

bool x11_window_is_decorated(const struct x11_window *x11)
{
	return x11->xsurface != nullptr &&
	       x11->xsurface->decorations != WLR_XWAYLAND_SURFACE_DECORATIONS_ALL;
}

static bool has_client_side_decorations(struct view *view)
{
	return x11_window_is_decorated(x11_from_view(view));
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

void x11_window_init(struct x11_window *x11, struct server *server, struct wl_client *client)
{
	window_init(&x11->window, server, VIEW_SHELL_XWAYLAND, &view_impl, &window_impl, client);
}
