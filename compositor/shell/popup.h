/* SPDX-License-Identifier: MIT */
/*
 * Popups of windows and panels. A popup of a VM's window wears an outline in the VM's colour, is
 * cut to the size that it was given, and stays on its output.
 */
#ifndef SHELL_POPUP_H
#define SHELL_POPUP_H

struct layer_surface;
struct server;
struct window;
struct wlr_xdg_popup;

void popup_create_for_window(struct wlr_xdg_popup *wlr_popup, struct window *window);
void popup_create_for_layer_surface(
	struct wlr_xdg_popup *wlr_popup, struct layer_surface *layer_surface);

/* Tells the client to close all popups of a window. */
void popups_dismiss(struct window *window);

/* Brings popups to where their windows are now. */
void popups_follow(struct server *server);

#endif
