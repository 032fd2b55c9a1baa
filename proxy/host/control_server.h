/* SPDX-License-Identifier: MIT */
/*
 * The proxy's end of proxy/host/control.h. Several vixosds in a row, or a test beside one, may be
 * connected; each gets the current state when it connects and after each change. One that doesn't
 * read gets only the newest state once it does.
 */
#ifndef PROXY_HOST_CONTROL_SERVER_H
#define PROXY_HOST_CONTROL_SERVER_H

#include "common/error.h"
#include "proxy/host/control.h"

struct control_server;
struct wl_event_loop;

static constexpr unsigned control_server_connections_max = 8;

struct control_server_listener {
	/* VX_CONTROL_OPEN: `fd` (a stream) is the callee's; see exec_relays_open(). */
	void (*open)(int fd, void *data);
	/* VX_CONTROL_OPEN_CLIPBOARD: the same, for clipboard_relays_open(). */
	void (*open_clipboard)(int fd, void *data);
	void (*ask_memory)(void *data); /* VX_CONTROL_ASK_MEMORY */
	/* VX_CONTROL_QUIT. May destroy the server. */
	void (*quit)(void *data);
};

/*
 * Listens on `path`, replacing a stale socket there (a live one is an error). Before the sandbox.
 * Only processes of our own user are served. The path is not removed at the end, the sandbox
 * forbids that: vixosd removes the VM's folder.
 */
[[nodiscard]] struct control_server *control_server_create(const char *path,
	struct wl_event_loop *loop, const struct control_server_listener *listener, void *data,
	struct vx_error *err);

/* Closes all connections. NULL is allowed. */
void control_server_destroy(struct control_server *server);

/* Sends `state` (its `type` is set here, its `detail` made printable) to all if it differs from the
 * last. */
void control_server_set_state(
	struct control_server *server, const struct vx_control_message *state);

#endif
