/* SPDX-License-Identifier: MIT */
/* wp_tearing_control: which windows would rather tear than wait. */
#include <stdlib.h>
#include <wlr/types/wlr_tearing_control_v1.h>

#include "common/memory.h"
#include "listener.h"
#include "server.h"
#include "shell/shell.h"
#include "shell/window.h"

struct tearing_hint {
	struct wlr_tearing_control_v1 *control;
	struct wl_listener set, destroy;
};

static bool is_async(enum wp_tearing_control_v1_presentation_hint hint)
{
	return hint == WP_TEARING_CONTROL_V1_PRESENTATION_HINT_ASYNC;
}

static void tell(const struct tearing_hint *hint, bool async)
{
	struct window *window = window_from_surface(hint->control->surface);
	if (window != nullptr && window->impl->get_surface(window) == hint->control->surface) {
		window->view.hints_tearing = async;
	}
}

static void handle_set(struct wl_listener *listener, void *data)
{
	struct tearing_hint *hint = wl_container_of(listener, hint, set);
	tell(hint, is_async(hint->control->current));
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct tearing_hint *hint = wl_container_of(listener, hint, destroy);
	tell(hint, false);
	listener_remove(&hint->set);
	listener_remove(&hint->destroy);
	free(hint);
}

static void handle_new_object(struct wl_listener *listener, void *data)
{
	struct tearing_hint *hint = vx_new(hint);
	hint->control = data;
	listener_add(&hint->set, &hint->control->events.set_hint, handle_set);
	listener_add(&hint->destroy, &hint->control->events.destroy, handle_destroy);
}

/* A hint may be older than the window. */
void tearing_window_mapped(struct window *window)
{
	window->view.hints_tearing = is_async(
		wlr_tearing_control_manager_v1_surface_hint_from_surface(
			window->server->shell->tearing, window->impl->get_surface(window)));
}

bool tearing_init(struct shell *shell)
{
	shell->tearing = wlr_tearing_control_manager_v1_create(shell->server->display, 1);
	if (shell->tearing == nullptr) {
		return false;
	}
	listener_add(&shell->new_tearing, &shell->tearing->events.new_object, handle_new_object);
	return true;
}
