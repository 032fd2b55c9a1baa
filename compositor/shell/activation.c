/* SPDX-License-Identifier: MIT */
#include "shell/activation.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_activation_v1.h>

#include "common/memory.h"
#include "input/seat.h"
#include "listener.h"
#include "process.h"
#include "server.h"
#include "shell/launch_place.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "tree/tree.h"

/* What a token stands for; its `data`. */
struct launch {
	struct wl_list link; /* shell.launches, newest first */
	struct wlr_xdg_activation_token_v1 *token;
	struct launch_place *place; /* owned */
	pid_t pid;                  /* of an exec; 0: none, or its window is there */
	bool may_focus;             /* it came from the focused surface, or from us */
	struct wl_listener destroy;
};

static void handle_token_destroy(struct wl_listener *listener, void *data)
{
	struct launch *launch = wl_container_of(listener, launch, destroy);
	listener_remove(&launch->destroy);
	launch->token->data = nullptr;
	launch_place_destroy(launch->place);
	wl_list_remove(&launch->link);
	free(launch);
}

/* NULL where the seat is on no workspace. */
static struct launch *launch_create(struct shell *shell, struct wlr_xdg_activation_token_v1 *token,
	const struct tree_seat *seat)
{
	struct workspace *ws = seat != nullptr ? tree_seat_focused_workspace(seat) : nullptr;
	if (ws == nullptr) {
		return nullptr;
	}
	struct launch *launch = vx_new(launch);
	launch->token = token;
	launch->place = launch_place_create(ws);
	token->data = launch;
	listener_add(&launch->destroy, &token->events.destroy, handle_token_destroy);
	wl_list_insert(&shell->launches, &launch->link);
	return launch;
}

/* ---- tokens of clients ---- */

static bool is_from_focused_surface(const struct wlr_xdg_activation_token_v1 *token)
{
	if (token->seat == nullptr || token->surface == nullptr) {
		return false;
	}
	struct wlr_surface *focused = token->seat->keyboard_state.focused_surface;
	return focused != nullptr && wlr_surface_get_root_surface(focused) ==
					     wlr_surface_get_root_surface(token->surface);
}

static void handle_new_token(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, new_token);
	struct wlr_xdg_activation_token_v1 *token = data;
	const struct seat *seat = token->seat != nullptr ? token->seat->data : nullptr;
	struct launch *launch = launch_create(shell, token,
		seat != nullptr ? seat->tree_seat : tree_default_seat(shell->server->tree));
	if (launch != nullptr) {
		launch->may_focus = is_from_focused_surface(token);
	}
}

/* ---- tokens of exec ---- */

struct wlr_xdg_activation_token_v1 *activation_begin_exec(
	struct shell *shell, struct tree_seat *tree_seat)
{
	tree_seat = tree_seat != nullptr ? tree_seat : tree_default_seat(shell->server->tree);
	struct wlr_xdg_activation_token_v1 *token = wlr_xdg_activation_token_v1_create(
		shell->activation);
	struct launch *launch = token != nullptr ? launch_create(shell, token, tree_seat) : nullptr;
	if (launch == nullptr) {
		if (token != nullptr) {
			wlr_xdg_activation_token_v1_destroy(token);
		}
		return nullptr;
	}
	const struct seat *seat = tree_seat->shell;
	token->seat = seat != nullptr ? seat->wlr_seat : nullptr;
	launch->may_focus = true;
	return token;
}

void activation_set_pid(struct wlr_xdg_activation_token_v1 *token, pid_t pid)
{
	struct launch *launch = token->data;
	launch->pid = pid;
}

/* ---- activation ---- */

/* Its first window takes the place along. */
static void move_place(struct launch *launch, struct window *window)
{
	if (launch->place != nullptr) {
		launch_place_destroy(window->launch_place);
		window->launch_place = vx_take_ptr(launch->place);
	}
	launch->pid = 0;
}

void activation_find_launch(struct window *window)
{
	struct launch *launch;
	wl_list_for_each (launch, &window->server->shell->launches, link) {
		if (window->launch_place == nullptr && launch->pid != 0 &&
			process_descends_from(window->view.pid, launch->pid)) {
			move_place(launch, window);
			wlr_xdg_activation_token_v1_destroy(launch->token);
			return;
		}
	}
}

static void handle_request_activate(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, request_activate);
	const struct wlr_xdg_activation_v1_request_activate_event *event = data;
	struct window *window = window_from_surface(event->surface);
	struct launch *launch = event->token->data;
	if (window == nullptr || launch == nullptr) {
		return;
	}
	if (window->view.container == nullptr) {
		move_place(launch, window);
		return;
	}
	/* A VM's client may hand the focus on within its VM, and from nowhere else take it. */
	if (launch->may_focus && window_may_take_focus(window)) {
		struct seat *seat = event->token->seat != nullptr ? event->token->seat->data
								  : nullptr;
		view_request_activate(&window->view, seat != nullptr ? seat->tree_seat : nullptr);
	} else {
		view_request_urgent(&window->view);
	}
	transactions_commit(shell->server->transactions);
}

/* ---- life ---- */

bool activation_init(struct shell *shell)
{
	shell->activation = wlr_xdg_activation_v1_create(shell->server->display);
	if (shell->activation == nullptr) {
		return false;
	}
	listener_add(&shell->request_activate, &shell->activation->events.request_activate,
		handle_request_activate);
	listener_add(&shell->new_token, &shell->activation->events.new_token, handle_new_token);
	return true;
}

void activation_finish(struct shell *shell)
{
	struct launch *launch, *next;
	wl_list_for_each_safe (launch, next, &shell->launches, link) {
		wlr_xdg_activation_token_v1_destroy(launch->token);
	}
}
