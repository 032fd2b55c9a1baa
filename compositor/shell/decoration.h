/* SPDX-License-Identifier: MIT */
/* Who draws a window's decoration: xdg-decoration and KDE's server-decoration. */
#ifndef SHELL_DECORATION_H
#define SHELL_DECORATION_H

struct shell;
struct wlr_xdg_toplevel;
struct wlr_xdg_toplevel_decoration_v1;

/* NULL where the client made none. */
struct wlr_xdg_toplevel_decoration_v1 *decoration_of_toplevel(struct wlr_xdg_toplevel *toplevel);
/* Answers what the client asked for. */
void decoration_apply_mode(struct shell *shell, struct wlr_xdg_toplevel_decoration_v1 *decoration);

#endif
