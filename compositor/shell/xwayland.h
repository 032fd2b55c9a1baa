/* SPDX-License-Identifier: MIT */
/* Xwayland: X11 apps of the host's own. VMs never get at it. */
#ifndef SHELL_XWAYLAND_H
#define SHELL_XWAYLAND_H

struct server;
struct window;
struct wl_client;
struct wlr_surface;
struct xwayland;

/* Owned by the caller; NULL where it is switched off or not there. Exports DISPLAY. */
struct xwayland *xwayland_create(struct server *server);
void xwayland_destroy(struct xwayland *xwayland);

/* Is this the X server itself? `xwayland` may be NULL. */
bool xwayland_owns_client(const struct xwayland *xwayland, const struct wl_client *client);

/* The window of an X11 window's surface, or NULL for other surfaces. */
struct window *xwayland_window_from_surface(struct wlr_surface *root);

#endif
