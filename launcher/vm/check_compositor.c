/* SPDX-License-Identifier: MIT */
#include "vm/check_compositor.h"
#include "common/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <wayland-client-protocol.h>
#include <wayland-client.h>

static constexpr int64_t patience_ms = 2000;

struct answer {
	struct vm_compositor compositor;
	bool is_complete;
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct vm_compositor *compositor = &((struct answer *)data)->compositor;
	if (strcmp(interface, "wp_security_context_manager_v1") == 0) {
		compositor->has_security_context = true;
	} else if (strcmp(interface, "ext_data_control_manager_v1") == 0) {
		compositor->data_control = VM_DATA_CONTROL_EXT;
	} else if (strcmp(interface, "zwlr_data_control_manager_v1") == 0 &&
		   compositor->data_control == VM_DATA_CONTROL_NONE) {
		compositor->data_control = VM_DATA_CONTROL_WLR;
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_sync_done(void *data, struct wl_callback *callback, uint32_t serial)
{
	struct answer *answer = data;
	answer->is_complete = true;
}

static const struct wl_callback_listener sync_listener = {.done = handle_sync_done};

/* Reads and dispatches what comes within `timeout_ms`; false where the connection is broken. */
static bool read_some(struct wl_display *display, int timeout_ms)
{
	while (wl_display_prepare_read(display) != 0) {
		if (wl_display_dispatch_pending(display) < 0) {
			return false;
		}
	}
	struct pollfd polled = {.fd = wl_display_get_fd(display), .events = POLLIN};
	if (wl_display_flush(display) < 0 || poll(&polled, 1, timeout_ms) <= 0) {
		wl_display_cancel_read(display);
		return wl_display_get_error(display) == 0;
	}
	return wl_display_read_events(display) == 0 && wl_display_dispatch_pending(display) >= 0;
}

/* wl_display_roundtrip() would wait for ever for a compositor that hangs. */
static void ask(struct wl_display *display, struct answer *answer)
{
	struct wl_registry *registry = wl_display_get_registry(display);
	wl_registry_add_listener(registry, &registry_listener, answer);
	struct wl_callback *callback = wl_display_sync(display);
	wl_callback_add_listener(callback, &sync_listener, answer);
	int64_t end = (int64_t)vx_clock_ms() + patience_ms;
	for (int64_t left = patience_ms; left > 0 && !answer->is_complete;
		left = end - (int64_t)vx_clock_ms()) {
		if (!read_some(display, (int)left)) {
			break;
		}
	}
	wl_callback_destroy(callback);
	wl_registry_destroy(registry);
}

bool vm_check_compositor(struct vm_compositor *ret_compositor, struct vx_error *err)
{
	struct answer answer = {};
	struct wl_display *display = wl_display_connect(nullptr);
	if (display == nullptr) {
		return vx_error_set_errno(err, errno, "can't connect to a Wayland compositor");
	}
	ask(display, &answer);
	wl_display_disconnect(display);
	*ret_compositor = answer.compositor;
	return answer.is_complete || vx_error_set(err, "the Wayland compositor doesn't answer");
}
