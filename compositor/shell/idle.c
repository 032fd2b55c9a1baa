/* SPDX-License-Identifier: MIT */
/* Idle inhibition, by clients and by `inhibit_idle`. */
#include <wlr/types/wlr_idle_inhibit_v1.h>
#include <wlr/types/wlr_idle_notify_v1.h>

#include "common/memory.h"
#include "input/input.h"
#include "listener.h"
#include "server.h"
#include "shell/shell.h"
#include "shell/window.h"
#include "tree/tree.h"

struct inhibitor {
	struct shell *shell;
	struct wlr_idle_inhibitor_v1 *wlr_inhibitor;
	struct wl_listener destroy;
};

static void recount(struct window *window, int change)
{
	window->idle_inhibitors += change;
	window->view.application_inhibits_idle = window->idle_inhibitors > 0;
}

void idle_update(struct shell *shell)
{
	bool inhibited = false;
	struct window *window;
	wl_list_for_each (window, &shell->windows, link) {
		inhibited |= view_inhibits_idle(&window->view);
	}
	if (shell->server->input != nullptr) {
		wlr_idle_notifier_v1_set_inhibited(shell->server->input->idle_notifier, inhibited);
	}
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct inhibitor *inhibitor = wl_container_of(listener, inhibitor, destroy);
	struct window *window = window_from_surface(inhibitor->wlr_inhibitor->surface);
	listener_remove(&inhibitor->destroy);
	if (window != nullptr) {
		recount(window, -1);
	}
	idle_update(inhibitor->shell);
	free(inhibitor);
}

static void handle_new_inhibitor(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, new_idle_inhibitor);
	struct inhibitor *inhibitor = vx_new(inhibitor);
	inhibitor->shell = shell;
	inhibitor->wlr_inhibitor = data;
	listener_add(
		&inhibitor->destroy, &inhibitor->wlr_inhibitor->events.destroy, handle_destroy);
	struct window *window = window_from_surface(inhibitor->wlr_inhibitor->surface);
	if (window != nullptr) {
		recount(window, 1);
	}
	idle_update(shell);
}

bool idle_init(struct shell *shell)
{
	struct wlr_idle_inhibit_manager_v1 *manager = wlr_idle_inhibit_v1_create(
		shell->server->display);
	if (manager == nullptr) {
		return false;
	}
	listener_add(
		&shell->new_idle_inhibitor, &manager->events.new_inhibitor, handle_new_inhibitor);
	return true;
}
