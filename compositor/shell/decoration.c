/* SPDX-License-Identifier: MIT */
#include "shell/decoration.h"

#include <wlr/types/wlr_server_decoration.h>
#include <wlr/types/wlr_xdg_decoration_v1.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "common/memory.h"
#include "listener.h"
#include "server.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "shell/xdg.h"
#include "tree/arrange.h"
#include "tree/tree.h"

/* Of the lists shell.decorations; both kinds of object. */
struct decoration {
	struct shell *shell;
	struct wl_list link;
	struct wlr_xdg_toplevel_decoration_v1 *xdg; /* or */
	struct wlr_server_decoration *kde;
	struct wl_listener destroy, mode;
};

struct wlr_xdg_toplevel_decoration_v1 *decoration_of_toplevel(struct wlr_xdg_toplevel *toplevel)
{
	struct window *window = xdg_window_from_surface(toplevel->base->surface);
	if (window == nullptr) {
		return nullptr;
	}
	struct decoration *decoration;
	wl_list_for_each (decoration, &window->server->shell->decorations, link) {
		if (decoration->xdg != nullptr && decoration->xdg->toplevel == toplevel) {
			return decoration->xdg;
		}
	}
	return nullptr;
}

bool decoration_kde_wants_csd(struct shell *shell, struct wlr_surface *surface)
{
	struct decoration *decoration;
	wl_list_for_each (decoration, &shell->decorations, link) {
		if (decoration->kde != nullptr && decoration->kde->surface == surface) {
			return decoration->kde->mode == WLR_SERVER_DECORATION_MANAGER_MODE_CLIENT;
		}
	}
	return true;
}

static void update_view(struct shell *shell, struct wlr_surface *surface, bool csd)
{
	struct window *window = xdg_window_from_surface(surface);
	if (window != nullptr && window->view.container != nullptr) {
		view_update_csd_from_client(&window->view, csd);
		arrange_container(window->view.container);
		transactions_commit(shell->server->transactions);
	}
}

void decoration_apply_mode(struct shell *shell, struct wlr_xdg_toplevel_decoration_v1 *decoration)
{
	struct window *window = xdg_window_from_surface(decoration->toplevel->base->surface);
	enum wlr_xdg_toplevel_decoration_v1_mode mode =
		WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE;
	bool floating = window == nullptr || window->view.container == nullptr
				? window != nullptr &&
					  window->view.impl->wants_floating(&window->view)
				: container_is_floating(window->view.container);
	if (floating && decoration->requested_mode != WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_NONE) {
		mode = decoration->requested_mode;
	}
	/* A VM's window has a frame in any case, and needs no other. */
	if (window != nullptr && tag_is_set(&window->tag)) {
		mode = WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE;
	}
	if (decoration->toplevel->base->initialized) {
		wlr_xdg_toplevel_decoration_v1_set_mode(decoration, mode);
	}
	update_view(shell, decoration->toplevel->base->surface,
		mode == WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_CLIENT_SIDE);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct decoration *decoration = wl_container_of(listener, decoration, destroy);
	listener_remove(&decoration->destroy);
	listener_remove(&decoration->mode);
	wl_list_remove(&decoration->link);
	free(decoration);
}

static void handle_xdg_mode(struct wl_listener *listener, void *data)
{
	struct decoration *decoration = wl_container_of(listener, decoration, mode);
	decoration_apply_mode(decoration->shell, decoration->xdg);
}

static void handle_kde_mode(struct wl_listener *listener, void *data)
{
	struct decoration *decoration = wl_container_of(listener, decoration, mode);
	update_view(decoration->shell, decoration->kde->surface,
		decoration->kde->mode == WLR_SERVER_DECORATION_MANAGER_MODE_CLIENT);
}

static struct decoration *decoration_create(struct shell *shell)
{
	struct decoration *decoration = vx_new(decoration);
	decoration->shell = shell;
	wl_list_insert(&shell->decorations, &decoration->link);
	return decoration;
}

static void handle_new_xdg(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, new_xdg_decoration);
	struct decoration *decoration = decoration_create(shell);
	decoration->xdg = data;
	listener_add(&decoration->destroy, &decoration->xdg->events.destroy, handle_destroy);
	listener_add(&decoration->mode, &decoration->xdg->events.request_mode, handle_xdg_mode);
	decoration_apply_mode(shell, decoration->xdg);
}

static void handle_new_kde(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, new_kde_decoration);
	struct decoration *decoration = decoration_create(shell);
	decoration->kde = data;
	listener_add(&decoration->destroy, &decoration->kde->events.destroy, handle_destroy);
	listener_add(&decoration->mode, &decoration->kde->events.mode, handle_kde_mode);
}

bool decoration_init(struct shell *shell)
{
	struct wl_display *display = shell->server->display;
	struct wlr_xdg_decoration_manager_v1 *xdg = wlr_xdg_decoration_manager_v1_create(display);
	struct wlr_server_decoration_manager *kde = wlr_server_decoration_manager_create(display);
	if (xdg == nullptr || kde == nullptr) {
		return false;
	}
	wlr_server_decoration_manager_set_default_mode(
		kde, WLR_SERVER_DECORATION_MANAGER_MODE_SERVER);
	listener_add(
		&shell->new_xdg_decoration, &xdg->events.new_toplevel_decoration, handle_new_xdg);
	listener_add(&shell->new_kde_decoration, &kde->events.new_decoration, handle_new_kde);
	return true;
}
