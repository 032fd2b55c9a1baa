/* SPDX-License-Identifier: MIT */
#include "shell/xwayland.h"

#include "server.h"

struct xwayland *xwayland_create(struct server *server)
{
	return nullptr;
}

void xwayland_destroy(struct xwayland *xwayland)
{
}

bool xwayland_owns_client(const struct xwayland *xwayland, const struct wl_client *client)
{
	return false;
}
