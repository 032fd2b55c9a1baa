/* SPDX-License-Identifier: MIT */
/* The IPC server's own parts, for the files of this folder. */
#ifndef IPC_SERVER_H
#define IPC_SERVER_H

#include <wayland-server-core.h>

#include "ipc/ipc.h"

struct session;

/* More programs than this do not talk to one session. */
static constexpr int ipc_max_clients = 256;

struct ipc_server {
	struct session *session; /* borrowed */
	struct wl_event_loop *loop;
	char *path; /* owned */
	int fd;     /* owned; listens */
	struct wl_event_source *source;
	struct wl_list clients; /* struct ipc_client.link */
	int client_count;
	struct wl_listener window, workspace, output; /* of the tree */
};

void ipc_events_subscribe(struct ipc_server *ipc);
void ipc_events_unsubscribe(struct ipc_server *ipc);

#endif
