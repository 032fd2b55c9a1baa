/* SPDX-License-Identifier: MIT */
#include "proxy/host/control_server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"

#define VX_LOG_MODULE "control"

struct control_server {
	struct wl_event_loop *loop; /* borrowed; outlives us */
	const struct control_server_listener *listener;
	void *data;
	int fd;                         /* owned, listening */
	struct wl_event_source *source; /* owned */
	struct wl_list connections;     /* struct connection.link */
	unsigned count;
	struct vx_control_message state;
	bool *ret_destroyed; /* set while a callback runs that may destroy the server */
};

struct connection {
	struct wl_list link; /* control_server.connections */
	struct control_server *server;
	struct wl_event_source *source; /* owned */
	int fd;                         /* owned */
	bool behind;                    /* it hasn't got the newest state: its socket was full */
};

static void connection_destroy(struct connection *connection)
{
	wl_event_source_remove(connection->source);
	close(connection->fd);
	wl_list_remove(&connection->link);
	connection->server->count--;
	free(connection);
}

/* Sends the state, or waits until there is room. False where the connection is gone. */
static bool connection_send_state(struct connection *connection)
{
	const struct vx_control_message *state = &connection->server->state;
	ssize_t sent = send(connection->fd, state, sizeof(*state), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		connection_destroy(connection);
		return false;
	}
	connection->behind = sent < 0;
	uint32_t writable = connection->behind ? WL_EVENT_WRITABLE : 0u;
	wl_event_source_fd_update(connection->source, WL_EVENT_READABLE | writable);
	return true;
}

/* Calls the listener. False where that destroyed the server. */
static bool connection_handle(struct control_server *server, uint32_t type, int fd)
{
	vx_cleanup_close int owned = fd;
	bool destroyed = false;
	server->ret_destroyed = &destroyed;
	if (type == VX_CONTROL_OPEN && owned >= 0) {
		server->listener->open(vx_take_fd(owned), server->data);
	} else if (type == VX_CONTROL_OPEN_CLIPBOARD && owned >= 0) {
		server->listener->open_clipboard(vx_take_fd(owned), server->data);
	} else if (type == VX_CONTROL_ASK_MEMORY) {
		server->listener->ask_memory(server->data);
	} else if (type == VX_CONTROL_QUIT) {
		server->listener->quit(server->data);
	} else {
		vx_log_warn("control message of type %u makes no sense here, ignoring it", type);
	}
	if (!destroyed) {
		server->ret_destroyed = nullptr;
	}
	return !destroyed;
}

static int handle_connection(int fd, uint32_t mask, void *data)
{
	struct connection *connection = data;
	struct vx_control_message message = {};
	int passed_fd = -1;
	if ((mask & WL_EVENT_WRITABLE) != 0 && connection->behind &&
		!connection_send_state(connection)) {
		return 0;
	}
	if (mask == WL_EVENT_WRITABLE) {
		return 0;
	}
	ssize_t size = vx_receive_fds(connection->fd, &message, sizeof(message), &passed_fd, 1);
	if (size < 0 && errno == EAGAIN) {
		return 0;
	}
	if (size != (ssize_t)sizeof(message)) {
		vx_replace_fd(&passed_fd, -1);
		connection_destroy(connection);
		return 0;
	}
	connection_handle(connection->server, message.type, passed_fd);
	return 0;
}

/* The socket's folder is ours alone already; this holds where someone made it anew with wider
 * rights. */
static bool peer_is_us(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static int handle_listen(int listen_fd, uint32_t mask, void *data)
{
	struct control_server *server = data;
	vx_cleanup_close int fd = accept4(
		listen_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		return 0;
	}
	if (server->count == control_server_connections_max || !peer_is_us(fd)) {
		vx_log_warn("refused a control connection");
		return 0;
	}
	struct connection *connection = vx_new(connection);
	connection->server = server;
	connection->source = wl_event_loop_add_fd(
		server->loop, fd, WL_EVENT_READABLE, handle_connection, connection);
	if (connection->source == nullptr) {
		free(connection);
		return 0;
	}
	connection->fd = vx_take_fd(fd);
	wl_list_insert(&server->connections, &connection->link);
	server->count++;
	connection_send_state(connection);
	return 0;
}

/* A socket that nobody listens on is left over from a proxy that was killed. */
static bool remove_stale(const char *path, struct vx_error *err)
{
	struct stat status;
	if (lstat(path, &status) < 0) {
		return errno == ENOENT ||
		       vx_error_set_errno(err, errno, "can't look at '%s'", path);
	}
	if (!S_ISSOCK(status.st_mode)) {
		return vx_error_set(err, "'%s' is there and is no socket", path);
	}
	vx_cleanup_close int fd = vx_unix_connect(path, SOCK_SEQPACKET, nullptr);
	if (fd >= 0) {
		return vx_error_set(err, "another vixos-proxy listens on '%s'", path);
	}
	if (unlink(path) < 0) {
		return vx_error_set_errno(err, errno, "can't remove stale '%s'", path);
	}
	return true;
}

struct control_server *control_server_create(const char *path, struct wl_event_loop *loop,
	const struct control_server_listener *listener, void *data, struct vx_error *err)
{
	if (!remove_stale(path, err)) {
		return nullptr;
	}
	/* Connecting needs write permission on the socket: never anyone else's, whatever the umask.
	 */
	mode_t old_mask = umask(0077);
	vx_cleanup_close int fd = vx_unix_listen(path, SOCK_SEQPACKET, err);
	umask(old_mask);
	if (fd < 0) {
		return nullptr;
	}
	struct control_server *server = vx_new(server);
	server->loop = loop;
	server->listener = listener;
	server->data = data;
	server->fd = vx_take_fd(fd);
	server->state.type = VX_CONTROL_STATE;
	wl_list_init(&server->connections);
	server->source = wl_event_loop_add_fd(
		loop, server->fd, WL_EVENT_READABLE, handle_listen, server);
	return server;
}

void control_server_destroy(struct control_server *server)
{
	if (server == nullptr) {
		return;
	}
	if (server->ret_destroyed != nullptr) {
		*server->ret_destroyed = true;
	}
	struct connection *connection, *next;
	wl_list_for_each_safe (connection, next, &server->connections, link) {
		connection_destroy(connection);
	}
	if (server->source != nullptr) {
		wl_event_source_remove(server->source);
	}
	close(server->fd);
	free(server);
}

static void make_printable(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (size_t length = strlen(text), i = 0; i < size; i++) {
		if (i >= length) {
			text[i] = '\0'; /* nothing of an older, longer text goes out */
		} else if (text[i] < 0x20 || text[i] > 0x7e) {
			text[i] = '?';
		}
	}
}

void control_server_set_state(struct control_server *server, const struct vx_control_message *state)
{
	struct vx_control_message next = *state;
	next.type = VX_CONTROL_STATE;
	make_printable(next.detail, sizeof(next.detail));
	if (memcmp(&next, &server->state, sizeof(next)) == 0) {
		return;
	}
	server->state = next;
	struct connection *connection, *following;
	wl_list_for_each_safe (connection, following, &server->connections, link) {
		if (!connection->behind) {
			connection_send_state(connection);
		}
	}
}
