/* SPDX-License-Identifier: MIT */
/* Listeners of libwayland's signals in one line each. */
#ifndef COMPOSITOR_LISTENER_H
#define COMPOSITOR_LISTENER_H

#include <wayland-server-core.h>

/* Calls `notify` at each emission until listener_remove(). */
static inline void listener_add(
	struct wl_listener *listener, struct wl_signal *signal, wl_notify_func_t notify)
{
	listener->notify = notify;
	wl_signal_add(signal, listener);
}

/* May be called for a zeroed listener and again. */
static inline void listener_remove(struct wl_listener *listener)
{
	if (listener->link.next != nullptr) {
		wl_list_remove(&listener->link);
		listener->link.next = listener->link.prev = nullptr;
	}
}

static inline void listeners_remove(struct wl_listener *const *listeners, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		listener_remove(listeners[i]);
	}
}

#endif
