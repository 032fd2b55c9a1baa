/* SPDX-License-Identifier: MIT */
/* Connections from within a security context, for test clients. */
#ifndef VX_TESTS_BOXED_H
#define VX_TESTS_BOXED_H

struct wl_display;

/*
 * Connects to $WAYLAND_DISPLAY through a security context of its own. `app` and `instance` may be
 * NULL. Ends the program where that can't be.
 */
struct wl_display *boxed_connect(const char *engine, const char *app, const char *instance);

#endif
