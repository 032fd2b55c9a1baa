/* SPDX-License-Identifier: MIT */
#include "shell/urgency.h"

#include "config/config.h"
#include "server.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "tree/tree.h"

static int handle_timeout(void *data)
{
	struct window *window = data;
	wl_event_source_remove(window->urgent_timer);
	window->urgent_timer = nullptr;
	window->view.has_urgent_timer = false;
	view_set_urgent(&window->view, false);
	transactions_commit(window->server->transactions);
	return 0;
}

void urgency_handle_timer(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, urgent_timer);
	struct window *window = window_from_view(data);
	if (window->urgent_timer != nullptr) {
		wl_event_source_remove(window->urgent_timer);
		window->urgent_timer = nullptr;
	}
	if (window->view.has_urgent_timer) {
		window->urgent_timer = wl_event_loop_add_timer(
			shell->server->loop, handle_timeout, window);
		wl_event_source_timer_update(window->urgent_timer,
			server_config(shell->server)->options.urgent_timeout_ms);
	}
}
