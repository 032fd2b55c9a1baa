/* SPDX-License-Identifier: MIT */
/*
 * The socket beside the Wayland socket on which vixosd connects. Only its clients are offered
 * vixos-domain-v1: an ordinary client of the desktop can't dress up VMs, nor push vixosd aside.
 */
#ifndef VM_DOMAIN_SOCKET_H
#define VM_DOMAIN_SOCKET_H

#include "common/error.h"

struct domain_socket;
struct wl_client;
struct wl_display;

/*
 * Listens beside `display_path` (absolute), whose lock this process holds. Owned by the caller, who
 * destroys it before the display. NULL on failure.
 */
[[nodiscard]] struct domain_socket *domain_socket_create(
	struct wl_display *display, const char *display_path, struct vx_error *err);
/* Removes the socket; its clients stay. NULL allowed. */
void domain_socket_destroy(struct domain_socket *socket);

/* Did `client` connect there? */
[[nodiscard]] bool domain_socket_owns_client(const struct wl_client *client);

#endif
