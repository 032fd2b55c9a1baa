/* SPDX-License-Identifier: MIT */
/* Private to xwayland.c and x11_view.c: each X11 window. */
#ifndef SHELL_X11_WINDOW_H
#define SHELL_X11_WINDOW_H

#include <wayland-server-core.h>

#include "shell/window.h"

struct wlr_xwayland_surface;

/* A view like any other, or placed by itself (override-redirect: menus, tooltips). */
struct x11_window {
	struct window window;
	struct wlr_xwayland_surface *xsurface; /* NULL once it is destroyed */
	struct wlr_scene_tree *unmanaged;      /* while mapped and override-redirect; else NULL */
	struct wl_listener map, unmap, commit, destroy, associate, dissociate;
	struct wl_listener request_configure, request_fullscreen, request_activate;
	struct wl_listener set_title, set_class, set_geometry, set_hints;
};

/* With `xsurface` set; `client` is the X server. */
void x11_window_init(struct x11_window *x11, struct server *server, struct wl_client *client);
/* Does it draw its own title bar? */
bool x11_window_is_decorated(const struct x11_window *x11);

#endif
