/* SPDX-License-Identifier: MIT */
/* A focused window stays urgent for a moment, so that people see it was. */
#ifndef SHELL_URGENCY_H
#define SHELL_URGENCY_H

#include <wayland-server-core.h>

/* Of tree.events.urgent_timer, by shell.urgent_timer. */
void urgency_handle_timer(struct wl_listener *listener, void *data);

#endif
