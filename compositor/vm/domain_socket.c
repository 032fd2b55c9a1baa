/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "domain"

#include "vm/domain_socket.h"

#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/name.h"

struct domain_socket {
	struct wl_display *display; /* borrowed */
	struct wl_event_source *source;
	char *path; /* owned */
	int fd;     /* owned */
};

/* Its being there marks a client of the socket. */
struct mark {
	struct wl_listener destroyed;
};

static void handle_client_destroyed(struct wl_listener *listener, void *data)
{
	struct mark *mark = wl_container_of(listener, mark, destroyed);
	free(mark);
}

/* libwayland looks clients up but doesn't change them here, so that const may be cast away. */
bool domain_socket_owns_client(const struct wl_client *client)
{
	return wl_client_get_destroy_listener(
		       (struct wl_client *)client, handle_client_destroyed) != nullptr;
}

static int handle_connection(int fd, uint32_t mask, void *data)
{
	struct domain_socket *socket = data;
	int connection = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
	if (connection < 0) {
		return 0;
	}
	struct wl_client *client = wl_client_create(socket->display, connection);
	if (client == nullptr) {
		close(connection);
		return 0;
	}
	struct mark *mark = vx_new(mark);
	mark->destroyed.notify = handle_client_destroyed;
	wl_client_add_destroy_listener(client, &mark->destroyed);
	return 0;
}

struct domain_socket *domain_socket_create(
	struct wl_display *display, const char *display_path, struct vx_error *err)
{
	vx_cleanup_free char *path = vx_domain_socket_path(display_path);
	/* What is there was left behind: the lock of the Wayland socket is ours. */
	(void)unlink(path);
	int fd = vx_unix_listen(path, SOCK_STREAM, err);
	if (fd < 0) {
		return nullptr;
	}
	struct domain_socket *socket = vx_new(socket);
	socket->display = display;
	socket->path = vx_take_ptr(path);
	socket->fd = fd;
	socket->source = wl_event_loop_add_fd(wl_display_get_event_loop(display), fd,
		WL_EVENT_READABLE, handle_connection, socket);
	return socket;
}

void domain_socket_destroy(struct domain_socket *socket)
{
	if (socket == nullptr) {
		return;
	}
	wl_event_source_remove(socket->source);
	(void)unlink(socket->path);
	close(socket->fd);
	free(socket->path);
	free(socket);
}
