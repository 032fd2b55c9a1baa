/* SPDX-License-Identifier: MIT */
#include "proxy/host/connector_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client-core.h>
#include <wayland-client-protocol.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/memory.h"
#include "common/name.h"
#include "proxy/host/connector.h"
#include "proxy/host/sandbox.h"
#include "security-context-v1-client-protocol.h"

static constexpr time_t connect_timeout_s = 3;
static constexpr uint64_t milli_per_connection = 1000; /* tokens are kept in thousandths */

struct helper {
	int socket; /* to the parent */
	struct wl_display *display;
	struct wp_security_context_manager_v1 *manager; /* NULL: the compositor has none */
	int path_fd;  /* O_PATH of the socket to connect to; it may have no name any more */
	int alive_fd; /* the compositor accepts for as long as this is open */
	uint64_t tokens, refilled_ms;
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct helper *helper = data;
	if (strcmp(interface, wp_security_context_manager_v1_interface.name) == 0 &&
		helper->manager == nullptr) {
		helper->manager = wl_registry_bind(
			registry, name, &wp_security_context_manager_v1_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static bool open_display(
	struct helper *helper, const struct connector_options *options, struct vx_error *err)
{
	helper->display = wl_display_connect(options->display);
	if (helper->display == nullptr) {
		return vx_error_set_errno(err, errno,
			"no Wayland compositor to connect to (is WAYLAND_DISPLAY set?)");
	}
	struct wl_registry *registry = wl_display_get_registry(helper->display);
	wl_registry_add_listener(registry, &registry_listener, helper);
	bool answered = wl_display_roundtrip(helper->display) >= 0;
	wl_registry_destroy(registry);
	return answered || vx_error_set(err, "the compositor hung up");
}

static const char *runtime_folder(struct vx_error *err)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	if (folder == nullptr || folder[0] != '/') {
		vx_error_set(err, "XDG_RUNTIME_DIR isn't set to an absolute path");
		return nullptr;
	}
	return folder;
}

/* The compositor's own socket, for untagged connections. */
static bool open_plain_path(
	struct helper *helper, const struct connector_options *options, struct vx_error *err)
{
	const char *name = options->display != nullptr ? options->display
						       : getenv("WAYLAND_DISPLAY");
	name = name != nullptr ? name : "wayland-0";
	const char *folder = name[0] == '/' ? "" : runtime_folder(err);
	if (folder == nullptr) {
		return false;
	}
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, name);
	helper->path_fd = open(path, O_PATH | O_CLOEXEC);
	return helper->path_fd >= 0 ||
	       vx_error_set_errno(err, errno, "can't find the compositor's socket '%s'", path);
}

/*
 * A listening socket that only we can connect to: made in a folder of mode 0700, held on to by
 * O_PATH, and without a name before anyone could use it. Nothing is left behind, however we end.
 */
static int listen_nameless(struct helper *helper, struct vx_error *err)
{
	const char *runtime = runtime_folder(err);
	if (runtime == nullptr) {
		return -1;
	}
	vx_cleanup_free char *folder = vx_printf("%s/vixos-connect-XXXXXX", runtime);
	if (mkdtemp(folder) == nullptr) {
		vx_error_set_errno(err, errno, "can't make a folder in '%s'", runtime);
		return -1;
	}
	vx_cleanup_free char *path = vx_printf("%s/s", folder);
	vx_cleanup_close int fd = vx_unix_listen(path, SOCK_STREAM, err);
	if (fd >= 0) {
		helper->path_fd = open(path, O_PATH | O_CLOEXEC);
		unlink(path);
	}
	rmdir(folder);
	if (fd >= 0 && helper->path_fd < 0) {
		vx_error_set(err, "can't open the socket for connections");
		return -1;
	}
	return vx_take_fd(fd);
}

static bool commit_context(
	struct helper *helper, const char *vm_name, int listen_fd, struct vx_error *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0) {
		return vx_error_set_errno(err, errno, "can't make a pipe");
	}
	helper->alive_fd = ends[1];
	struct wp_security_context_v1 *context = wp_security_context_manager_v1_create_listener(
		helper->manager, listen_fd, ends[0]);
	wp_security_context_v1_set_sandbox_engine(context, VX_SANDBOX_ENGINE);
	wp_security_context_v1_set_app_id(context, vm_name);
	wp_security_context_v1_set_instance_id(context, vm_name);
	wp_security_context_v1_commit(context);
	wp_security_context_v1_destroy(context);
	wp_security_context_manager_v1_destroy(helper->manager);
	bool answered = wl_display_roundtrip(helper->display) >= 0;
	close(ends[0]);
	return answered || vx_error_set(err, "the compositor refused the security context");
}

static bool set_up(
	struct helper *helper, const struct connector_options *options, struct vx_error *err)
{
	if (!open_display(helper, options, err)) {
		return false;
	}
	if (options->untagged) {
		return open_plain_path(helper, options, err);
	}
	if (helper->manager == nullptr) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"the compositor has no wp_security_context_manager_v1, so windows can't be "
			"tagged with their VM; use vixos-compositor, sway 1.9 or newer, or say "
			"--untagged to go without");
	}
	vx_cleanup_close int listen_fd = listen_nameless(helper, err);
	return listen_fd >= 0 && commit_context(helper, options->vm_name, listen_fd, err);
}

/* A fresh connection; blocks while the compositor's backlog is full, but not for long. */
static int connect_once(struct helper *helper, struct vx_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", helper->path_fd);
	vx_cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval limit = {.tv_sec = connect_timeout_s};
	struct timeval none = {};
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
		connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none)) < 0) {
		vx_error_set_errno(err, errno, "can't connect to the compositor");
		return -1;
	}
	return vx_take_fd(fd);
}

static bool take_token(struct helper *helper)
{
	uint64_t now_ms = vx_clock_ms();
	uint64_t tokens_max = connector_burst * milli_per_connection;
	helper->tokens += (now_ms - helper->refilled_ms) * connector_per_second;
	helper->tokens = helper->tokens < tokens_max ? helper->tokens : tokens_max;
	helper->refilled_ms = now_ms;
	if (helper->tokens < milli_per_connection) {
		return false;
	}
	helper->tokens -= milli_per_connection;
	return true;
}

static bool send_reply(struct helper *helper, int fd, const struct vx_error *failure)
{
	struct connector_reply reply = {.failed = failure != nullptr};
	if (failure != nullptr) {
		reply.kind = failure->kind;
		snprintf(reply.message, sizeof(reply.message), "%s", vx_error_message(failure));
	}
	return vx_send_fds(helper->socket, &reply, sizeof(reply), &fd, fd >= 0 ? 1 : 0);
}

static bool serve_request(struct helper *helper)
{
	vx_cleanup_error struct vx_error err = {};
	char request;
	ssize_t size = recv(helper->socket, &request, sizeof(request), 0);
	if (size < 0 && errno == EINTR) {
		return true;
	}
	if (size <= 0) {
		return false;
	}
	vx_cleanup_close int fd = -1;
	if (!take_token(helper)) {
		vx_error_set(&err, "more than %u connections a second", connector_per_second);
	} else {
		fd = connect_once(helper, &err);
	}
	return send_reply(helper, fd, fd < 0 ? &err : nullptr);
}

static void serve(struct helper *helper)
{
	struct pollfd fds[] = {
		{.fd = helper->socket, .events = POLLIN},
		{.fd = wl_display_get_fd(helper->display), .events = POLLIN},
	};
	for (;;) {
		if (poll(fds, VX_ARRAY_LENGTH(fds), -1) < 0) {
			if (errno == EINTR) {
				continue;
			}
			return;
		}
		if (fds[1].revents != 0 && wl_display_dispatch(helper->display) < 0) {
			return;
		}
		if (fds[0].revents != 0 && !serve_request(helper)) {
			return;
		}
	}
}

/* The parent may have blocked or caught signals; a Ctrl-C is the parent's to answer. */
static void reset_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
}

void connector_helper_run(const struct connector_options *options, int socket)
{
	vx_cleanup_error struct vx_error err = {};
	struct helper helper = {
		.socket = socket,
		.path_fd = -1,
		.alive_fd = -1,
		.tokens = connector_burst * milli_per_connection,
	};
	reset_signals();
	bool good = sandbox_close_inherited(&socket, 1, &err) && set_up(&helper, options, &err) &&
		    sandbox_enter(SANDBOX_CONNECTOR, &err);
	if (send_reply(&helper, -1, good ? nullptr : &err) && good) {
		serve(&helper);
	}
	/* _exit: what atexit() and a leak checker would do is the parent's to do. */
	_exit(good ? 0 : 1);
}
