/* SPDX-License-Identifier: MIT */
#include "proxy/host/connector.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/name.h"
#include "proxy/host/connector_helper.h"

static constexpr int set_up_timeout_ms = 10'000;

struct connector {
	const struct connector_listener *listener;
	void *data;
	int socket; /* owned; -1 once the helper is gone */
	pid_t helper;
	struct wl_event_source *source; /* owned; NULL once the helper is gone */
	struct wl_list requests;        /* struct connector_request.link, oldest first */
	unsigned count;
	bool *ret_destroyed; /* set while callbacks run that may destroy the connector */
};

struct connector_request {
	struct wl_list link;         /* connector.requests */
	connector_callback callback; /* NULL: cancelled */
	void *data;
};

/* Answers the oldest request. False where the callback destroyed the connector. */
static bool answer_request(struct connector *connector, int fd, const struct vx_error *reason)
{
	vx_cleanup_close int owned = fd;
	if (wl_list_empty(&connector->requests)) {
		return true;
	}
	struct connector_request *request = wl_container_of(
		connector->requests.next, request, link);
	connector_callback callback = request->callback;
	void *data = request->data;
	wl_list_remove(&request->link);
	connector->count--;
	free(request);
	if (callback == nullptr) {
		return true;
	}
	bool destroyed = false;
	connector->ret_destroyed = &destroyed;
	callback(vx_take_fd(owned), reason, data);
	if (!destroyed) {
		connector->ret_destroyed = nullptr;
	}
	return !destroyed;
}

static void stop_watching(struct connector *connector)
{
	if (connector->source != nullptr) {
		wl_event_source_remove(vx_take_ptr(connector->source));
	}
	vx_replace_fd(&connector->socket, -1);
}

static void helper_lost(struct connector *connector)
{
	vx_cleanup_error struct vx_error reason = {};
	vx_error_set(&reason, "the compositor or the connection helper is gone");
	stop_watching(connector);
	while (!wl_list_empty(&connector->requests)) {
		if (!answer_request(connector, -1, &reason)) {
			return;
		}
	}
	connector->listener->lost(connector, &reason, connector->data);
}

static int handle_reply(int fd, uint32_t mask, void *data)
{
	struct connector *connector = data;
	struct connector_reply reply;
	int passed_fd = -1;
	ssize_t size = vx_receive_fds(fd, &reply, sizeof(reply), &passed_fd, 1);
	if (size < 0 && errno == EAGAIN) {
		return 0;
	}
	if (size != (ssize_t)sizeof(reply) || (passed_fd < 0 && reply.failed == 0)) {
		vx_replace_fd(&passed_fd, -1);
		helper_lost(connector);
		return 0;
	}
	vx_cleanup_error struct vx_error reason = {};
	if (reply.failed != 0) {
		vx_replace_fd(&passed_fd, -1);
		reply.message[sizeof(reply.message) - 1] = '\0';
		vx_error_set(&reason, "%s", reply.message);
	}
	answer_request(connector, passed_fd, reply.failed != 0 ? &reason : nullptr);
	return 0;
}

/* The helper's first reply: it is ready, or why not. */
static bool wait_until_ready(int socket, struct vx_error *err)
{
	struct pollfd readable = {.fd = socket, .events = POLLIN};
	struct connector_reply reply;
	int ready;
	do {
		ready = poll(&readable, 1, set_up_timeout_ms);
	} while (ready < 0 && errno == EINTR);
	if (ready == 0) {
		return vx_error_set(err, "the compositor didn't answer for %d seconds",
			set_up_timeout_ms / 1000);
	}
	if (recv(socket, &reply, sizeof(reply), 0) != (ssize_t)sizeof(reply)) {
		return vx_error_set(err, "the connection helper ended at once");
	}
	reply.message[sizeof(reply.message) - 1] = '\0';
	return reply.failed == 0 || vx_error_set_kind(err, reply.kind, "%s", reply.message);
}

static pid_t start_helper(
	const struct connector_options *options, int *ret_socket, struct vx_error *err)
{
	int sockets[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) {
		vx_error_set_errno(err, errno, "can't make a socket pair");
		return -1;
	}
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		close(sockets[0]);
		/* Ends with us, also where it hangs; we may be gone before it asked for that. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent) {
			_exit(1);
		}
		connector_helper_run(options, sockets[1]);
	}
	int fork_error = errno;
	close(sockets[1]);
	if (pid < 0) {
		close(sockets[0]);
		vx_error_set_errno(err, fork_error, "can't start the connection helper");
		return -1;
	}
	*ret_socket = sockets[0];
	return pid;
}

struct connector *connector_create(const struct connector_options *options,
	struct wl_event_loop *loop, const struct connector_listener *listener, void *data,
	struct vx_error *err)
{
	vx_assert(vx_vm_name_is_valid(options->vm_name));
	vx_cleanup_close int socket = -1;
	pid_t helper = start_helper(options, &socket, err);
	if (helper < 0) {
		return nullptr;
	}
	if (!wait_until_ready(socket, err) || !vx_fd_set_nonblocking(socket, err)) {
		kill(helper, SIGKILL);
		waitpid(helper, nullptr, 0);
		return nullptr;
	}
	struct connector *connector = vx_new(connector);
	connector->listener = listener;
	connector->data = data;
	connector->helper = helper;
	connector->socket = vx_take_fd(socket);
	wl_list_init(&connector->requests);
	connector->source = wl_event_loop_add_fd(
		loop, connector->socket, WL_EVENT_READABLE, handle_reply, connector);
	return connector;
}

void connector_destroy(struct connector *connector)
{
	if (connector == nullptr) {
		return;
	}
	vx_cleanup_error struct vx_error reason = {};
	vx_error_set(&reason, "the proxy is ending");
	if (connector->ret_destroyed != nullptr) {
		*connector->ret_destroyed = true;
	}
	stop_watching(connector);
	while (!wl_list_empty(&connector->requests)) {
		bool alive = answer_request(connector, -1, &reason);
		vx_assert(alive);
	}
	/* It ends by its socket's end; one that hangs in connect() ends with us. */
	waitpid(connector->helper, nullptr, WNOHANG);
	free(connector);
}

struct connector_request *connector_request(
	struct connector *connector, connector_callback callback, void *data)
{
	static const char byte = 'c';
	if (connector->socket < 0 || connector->count == connector_requests_max ||
		send(connector->socket, &byte, sizeof(byte), MSG_DONTWAIT | MSG_NOSIGNAL) !=
			(ssize_t)sizeof(byte)) {
		return nullptr;
	}
	struct connector_request *request = vx_new(request);
	request->callback = callback;
	request->data = data;
	wl_list_insert(connector->requests.prev, &request->link);
	connector->count++;
	return request;
}

void connector_request_cancel(struct connector_request *request)
{
	request->callback = nullptr;
}

pid_t connector_get_pid(const struct connector *connector)
{
	return connector->helper;
}
