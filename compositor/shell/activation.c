/* SPDX-License-Identifier: MIT */
/* xdg-activation: who may take the focus. */
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_activation_v1.h>

#include "common/memory.h"
#include "input/seat.h"
#include "listener.h"
#include "server.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "tree/tree.h"

/* Attached to a token: it came from the focused surface, or from us. */
struct grant {
	struct wlr_xdg_activation_token_v1 *token;
	struct wl_listener destroy;
};

static void handle_token_destroy(struct wl_listener *listener, void *data)
{
	struct grant *grant = wl_container_of(listener, grant, destroy);
	listener_remove(&grant->destroy);
	grant->token->data = nullptr;
	free(grant);
}

static void grant_token(struct wlr_xdg_activation_token_v1 *token)
{
	struct grant *grant = vx_new(grant);
	grant->token = token;
	token->data = grant;
	listener_add(&grant->destroy, &token->events.destroy, handle_token_destroy);
}

static void handle_new_token(struct wl_listener *listener, void *data)
{
	struct wlr_xdg_activation_token_v1 *token = data;
	if (token->seat == nullptr || token->surface == nullptr) {
		return;
	}
	struct seat *seat = token->seat->data;
	struct wlr_surface *focused = seat->wlr_seat->keyboard_state.focused_surface;
	if (focused != nullptr && wlr_surface_get_root_surface(focused) ==
					  wlr_surface_get_root_surface(token->surface)) {
		grant_token(token);
	}
}

static void handle_request_activate(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, request_activate);
	const struct wlr_xdg_activation_v1_request_activate_event *event = data;
	struct window *window = window_from_surface(event->surface);
	if (window == nullptr || window->view.container == nullptr) {
		return;
	}
	/* A VM's client may hand the focus on within its VM, and from nowhere else take it. */
	if (event->token->data != nullptr && window_may_take_focus(window)) {
		struct seat *seat = event->token->seat != nullptr ? event->token->seat->data
								  : nullptr;
		view_request_activate(&window->view, seat != nullptr ? seat->tree_seat : nullptr);
	} else {
		view_request_urgent(&window->view);
	}
	transactions_commit(shell->server->transactions);
}

const char *activation_token_for_child(struct shell *shell, struct tree_seat *tree_seat)
{
	struct wlr_xdg_activation_token_v1 *token = wlr_xdg_activation_token_v1_create(
		shell->activation);
	if (token == nullptr) {
		return nullptr;
	}
	struct seat *seat = tree_seat != nullptr ? tree_seat->shell : nullptr;
	token->seat = seat != nullptr ? seat->wlr_seat : nullptr;
	grant_token(token);
	return wlr_xdg_activation_token_v1_get_name(token);
}

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
