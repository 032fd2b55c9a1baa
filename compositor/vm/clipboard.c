/* SPDX-License-Identifier: MIT */
#include "vm/clipboard.h"

#include "common/error.h"
#include "server.h"
#include "shell/lock.h"
#include "shell/window.h"
#include "ui/menu.h"
#include "vm/domain.h"
#include "vm/manager.h"

static const char *problem(
	struct server *server, const struct window *window, enum desktop_clipboard_action action)
{
	if (lock_is_locked(server->lock)) {
		return "the session is locked";
	}
	if (window == nullptr || window->tag.kind != TAG_VM) {
		return "the focused window is not of a VM";
	}
	if (!domain_server_clipboard(
		    server->domains, window->tag.vm->name, action == DESKTOP_CLIPBOARD_PASTE)) {
		manager_ensure(server);
		return "vixosd isn't there yet: try again in a moment";
	}
	return nullptr;
}

bool clipboard_transfer(struct server *server, struct view *view,
	enum desktop_clipboard_action action, struct vx_error *err)
{
	const char *why = problem(
		server, view != nullptr ? window_from_view(view) : nullptr, action);
	if (why == nullptr) {
		return true;
	}
	menu_show_message(server->menu, why);
	return vx_error_set(err, "%s", why);
}
