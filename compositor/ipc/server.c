/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "ipc"

#include "ipc/server.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/fd.h"
#include "common/log.h"
#include "ipc/client.h"

static int handle_connection(int fd, uint32_t mask, void *data)
{
	struct ipc_server *ipc = data;
	int client = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0) {
		return 0;
	}
	if (ipc->client_count >= ipc_max_clients) {
		vx_log_warn("more than %d IPC clients, refusing another one", ipc_max_clients);
		close(client);
		return 0;
	}
	ipc_client_create(ipc, client);
	return 0;
}

/* $SWAYSOCK is taken only where nothing is there: it may be another compositor's. Owned by the
 * caller. */
static char *choose_path(void)
{
	const char *given = getenv("SWAYSOCK");
	if (given && *given && access(given, F_OK) < 0) {
		return vx_strdup(given);
	}
	const char *directory = getenv("XDG_RUNTIME_DIR");
	return vx_printf(
		"%s/sway-ipc.%u.%d.sock", directory ? directory : "/tmp", getuid(), getpid());
}

struct ipc_server *ipc_server_create(
	struct session *session, struct wl_event_loop *loop, struct vx_error *err)
{
	struct ipc_server *ipc = vx_new(ipc);
	ipc->session = session;
	ipc->loop = loop;
	wl_list_init(&ipc->clients);
	ipc->path = choose_path();
	unlink(ipc->path);
	mode_t mask = umask(S_IRWXG | S_IRWXO);
	ipc->fd = vx_unix_listen(ipc->path, SOCK_STREAM, err);
	umask(mask);
	if (ipc->fd >= 0) {
		ipc->source = wl_event_loop_add_fd(
			loop, ipc->fd, WL_EVENT_READABLE, handle_connection, ipc);
	}
	if (!ipc->source) {
		vx_error_wrap(err, "cannot serve IPC");
		vx_replace_fd(&ipc->fd, -1);
		free(ipc->path);
		free(ipc);
		return nullptr;
	}
	setenv("SWAYSOCK", ipc->path, true);
	setenv("I3SOCK", ipc->path, true);
	ipc_events_subscribe(ipc);
	return ipc;
}

void ipc_server_destroy(struct ipc_server *ipc)
{
	if (!ipc) {
		return;
	}
	ipc_events_unsubscribe(ipc);
	struct ipc_client *client, *next;
	wl_list_for_each_safe (client, next, &ipc->clients, link) {
		ipc_client_destroy(client);
	}
	wl_event_source_remove(ipc->source);
	close(ipc->fd);
	unlink(ipc->path);
	free(ipc->path);
	free(ipc);
}

const char *ipc_server_socket_path(const struct ipc_server *ipc)
{
	return ipc->path;
}
