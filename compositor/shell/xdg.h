/* SPDX-License-Identifier: MIT */
/* Windows of xdg-shell. */
#ifndef SHELL_XDG_H
#define SHELL_XDG_H

struct window;
struct wlr_surface;
struct wlr_xdg_popup;

/* The window of a root surface, or of the toplevel that its popup belongs to; NULL for others. */
struct window *xdg_window_from_surface(struct wlr_surface *root);

#endif
