/* SPDX-License-Identifier: MIT */
#include "daemon/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define VX_LOG_MODULE "proxy"
#include "common/fd.h"
#include "common/log.h"
#include "common/program.h"
#include "daemon/proxy_control.h"
#include "daemon/proxy_log.h"
#include "proxy/host/control.h"

static constexpr uint64_t connect_retry_first_us = 5'000;
static constexpr uint64_t connect_retry_max_us = 200'000;
static constexpr uint64_t quit_grace_us = 500'000;
static constexpr unsigned messages_per_dispatch = 16;

struct proxy {
	sd_event *event; /* borrowed */
	const struct proxy_listener *listener;
	void *data;

	char *vm;             /* owned; for the log */
	char *control_socket; /* owned */
	pid_t pid;            /* 0: none known */
	int pidfd;            /* of an adopted process; -1 for a child, which sd-event holds */
	int socket;           /* control connection, or -1 */
	struct proxy_log log; /* of a child */
	bool is_adopted;
	bool is_quitting;
	uint64_t connect_retry_us;

	sd_event_source *child_source;   /* owned; the child, or an adopted process's pidfd */
	sd_event_source *socket_source;  /* owned */
	sd_event_source *connect_source; /* owned; next attempt to connect */
	sd_event_source *quit_source;    /* owned; when to kill */
};

static void source_drop(sd_event_source **source)
{
	*source = sd_event_source_disable_unref(*source);
}

struct proxy *proxy_create(
	sd_event *event, const char *vm, const struct proxy_listener *listener, void *data)
{
	struct proxy *proxy = vx_new(proxy);
	*proxy = (struct proxy){
		.event = event,
		.vm = vx_strdup(vm),
		.listener = listener,
		.data = data,
		.pidfd = -1,
		.socket = -1,
		.log.fd = -1,
	};
	proxy->log.vm = proxy->vm;
	return proxy;
}

/* Forgets the process, whatever became of it. */
static void proxy_reset(struct proxy *proxy)
{
	source_drop(&proxy->child_source);
	source_drop(&proxy->socket_source);
	source_drop(&proxy->connect_source);
	source_drop(&proxy->quit_source);
	vx_replace_fd(&proxy->pidfd, -1);
	vx_replace_fd(&proxy->socket, -1);
	proxy_log_close(&proxy->log);
	vx_replace_string(&proxy->control_socket, nullptr);
	proxy->pid = 0;
	proxy->is_adopted = false;
	proxy->is_quitting = false;
}

void proxy_destroy(struct proxy *proxy)
{
	if (proxy == nullptr) {
		return;
	}
	proxy_reset(proxy);
	free(proxy->vm);
	free(proxy);
}

bool proxy_is_alive(const struct proxy *proxy)
{
	return proxy->control_socket != nullptr;
}

pid_t proxy_get_pid(const struct proxy *proxy)
{
	return proxy->pid;
}

static void proxy_gone(struct proxy *proxy, const char *why)
{
	proxy_reset(proxy);
	proxy->listener->gone(proxy->data, why);
}

/* The end of the process */

static char *describe_exit(struct proxy *proxy, const siginfo_t *info)
{
	const char *signal_name = sigabbrev_np(info->si_status);
	vx_cleanup_free char *how = info->si_code == CLD_EXITED
					    ? vx_printf("ended with status %d", info->si_status)
					    : vx_printf("was killed by SIG%s",
						      signal_name != nullptr ? signal_name : "?");
	const char *words = proxy_log_last_words(&proxy->log);
	if (info->si_code != CLD_EXITED || info->si_status == 0 || words[0] == '\0') {
		return vx_printf("vixos-proxy %s", how);
	}
	return vx_printf("vixos-proxy %s: %s", how, words);
}

static int handle_child(sd_event_source *source, const siginfo_t *info, void *data)
{
	struct proxy *proxy = data;
	vx_cleanup_free char *why = describe_exit(proxy, info);
	proxy_gone(proxy, why);
	return 0;
}

static int handle_adopted_end(sd_event_source *source, int fd, uint32_t events, void *data)
{
	proxy_gone(data, "vixos-proxy ended");
	return 0;
}

static void proxy_kill(struct proxy *proxy)
{
	if (proxy->is_adopted) {
		(void)pidfd_send_signal(proxy->pidfd, SIGKILL, nullptr, 0);
	} else if (proxy->child_source != nullptr) {
		(void)sd_event_source_send_child_signal(proxy->child_source, SIGKILL, nullptr, 0);
	}
}

static int handle_quit_deadline(sd_event_source *source, uint64_t now, void *data)
{
	struct proxy *proxy = data;
	if (proxy->is_adopted && proxy->pidfd < 0) {
		proxy_gone(proxy, "vixos-proxy could not be found any more");
		return 0;
	}
	proxy_kill(proxy);
	return 0;
}

/* The control socket */

/* The connection is of no use any more: the process must end too. */
static void proxy_lose_socket(struct proxy *proxy)
{
	source_drop(&proxy->socket_source);
	vx_replace_fd(&proxy->socket, -1);
	if (!proxy->is_quitting) {
		proxy_quit(proxy);
	}
}

static int handle_socket(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct proxy *proxy = data;
	for (unsigned i = 0; i < messages_per_dispatch && proxy->socket >= 0; i++) {
		struct vx_control_message message;
		switch (proxy_control_receive(proxy->socket, &message)) {
		case PROXY_CONTROL_STATE:
			proxy->listener->state_changed(proxy->data, &message);
			break;
		case PROXY_CONTROL_UNSOUND:
			vx_log_warn("the vixos-proxy of '%s' sent no sound message; it is ended",
				proxy->vm);
			[[fallthrough]];
		case PROXY_CONTROL_ENDED:
			proxy_lose_socket(proxy);
			return 0;
		case PROXY_CONTROL_NOTHING:
			return 0;
		}
	}
	return 0;
}

/* Learns the process behind the socket, where it isn't our child. */
static bool proxy_identify(struct proxy *proxy)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	if (getsockopt(proxy->socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
		peer.uid != getuid() || peer.pid <= 0) {
		return false;
	}
	proxy->pid = peer.pid;
	proxy->pidfd = pidfd_open(peer.pid, 0);
	return proxy->pidfd >= 0 && sd_event_add_io(proxy->event, &proxy->child_source,
					    proxy->pidfd, EPOLLIN, handle_adopted_end, proxy) >= 0;
}

static bool proxy_connect(struct proxy *proxy)
{
	proxy->socket = vx_unix_connect(proxy->control_socket, SOCK_SEQPACKET, nullptr);
	if (proxy->socket < 0) {
		return false;
	}
	if (sd_event_add_io(proxy->event, &proxy->socket_source, proxy->socket, EPOLLIN,
		    handle_socket, proxy) < 0) {
		vx_replace_fd(&proxy->socket, -1);
		return false;
	}
	return true;
}

static int handle_connect_retry(sd_event_source *source, uint64_t now, void *data);

static void proxy_connect_later(struct proxy *proxy)
{
	source_drop(&proxy->connect_source);
	(void)sd_event_add_time_relative(proxy->event, &proxy->connect_source, CLOCK_MONOTONIC,
		proxy->connect_retry_us, 1'000, handle_connect_retry, proxy);
	proxy->connect_retry_us *= 2;
	if (proxy->connect_retry_us > connect_retry_max_us) {
		proxy->connect_retry_us = connect_retry_max_us;
	}
}

static int handle_connect_retry(sd_event_source *source, uint64_t now, void *data)
{
	struct proxy *proxy = data;
	if (!proxy_connect(proxy)) {
		proxy_connect_later(proxy);
		return 0;
	}
	source_drop(&proxy->connect_source);
	proxy->listener->up(proxy->data);
	return 0;
}

static int handle_adopt(sd_event_source *source, uint64_t now, void *data)
{
	struct proxy *proxy = data;
	source_drop(&proxy->connect_source);
	if (!proxy_connect(proxy) || !proxy_identify(proxy)) {
		proxy_gone(proxy, "vixos-proxy ended while vixosd was away");
		return 0;
	}
	proxy->listener->up(proxy->data);
	return 0;
}

void proxy_adopt(struct proxy *proxy, const char *control_socket)
{
	vx_assert(!proxy_is_alive(proxy));
	proxy->is_adopted = true;
	proxy->control_socket = vx_strdup(control_socket);
	/* Not from here, so that `up` and `gone` are never called while the caller is busy. */
	(void)sd_event_add_time_relative(
		proxy->event, &proxy->connect_source, CLOCK_MONOTONIC, 0, 1, handle_adopt, proxy);
}

void proxy_quit(struct proxy *proxy)
{
	if (!proxy_is_alive(proxy) || proxy->is_quitting) {
		return;
	}
	proxy->is_quitting = true;
	source_drop(&proxy->connect_source);
	struct vx_control_message message = {.type = VX_CONTROL_QUIT};
	bool is_asked = proxy->socket >= 0 &&
			vx_send_fds(proxy->socket, &message, sizeof(message), nullptr, 0);
	(void)sd_event_add_time_relative(proxy->event, &proxy->quit_source, CLOCK_MONOTONIC,
		is_asked ? quit_grace_us : 0, 1'000, handle_quit_deadline, proxy);
}

static bool proxy_open_stream(struct proxy *proxy, uint32_t type, int fd, struct vx_error *err)
{
	struct vx_control_message message = {.type = type};
	if (proxy->socket < 0) {
		return vx_error_set(err, "vixos-proxy isn't connected");
	}
	if (!vx_send_fds(proxy->socket, &message, sizeof(message), &fd, 1)) {
		return vx_error_set_errno(err, errno, "vixos-proxy takes no request");
	}
	return true;
}

bool proxy_open_exec(struct proxy *proxy, int fd, struct vx_error *err)
{
	return proxy_open_stream(proxy, VX_CONTROL_OPEN, fd, err);
}

bool proxy_open_clipboard(struct proxy *proxy, int fd, struct vx_error *err)
{
	return proxy_open_stream(proxy, VX_CONTROL_OPEN_CLIPBOARD, fd, err);
}

void proxy_ask_memory(struct proxy *proxy)
{
	struct vx_control_message message = {.type = VX_CONTROL_ASK_MEMORY};
	if (proxy->socket >= 0) {
		(void)vx_send_fds(proxy->socket, &message, sizeof(message), nullptr, 0);
	}
}

/* The start of the process */

static void proxy_format_argv(const struct proxy_options *options, char **argv)
{
	size_t count = 0;
	const char *pairs[][2] = {
		{"--vm", options->vm},
		{"--link", options->link_socket},
		{"--region", options->region},
		{"--control", options->control_socket},
		{"--display", options->display},
	};
	argv[count++] = (char *)options->program;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(pairs); i++) {
		if (pairs[i][1] != nullptr) {
			argv[count++] = (char *)pairs[i][0];
			argv[count++] = (char *)pairs[i][1];
		}
	}
	if (options->display == nullptr) {
		argv[count++] = (char *)"--headless";
	} else if (options->untagged) {
		argv[count++] = (char *)"--untagged";
	}
	argv[count] = nullptr;
}

/*
 * Its standard error is our pipe, non-blocking on its side too: it must neither wait for a busy
 * vixosd nor die with a dead one, which is why it inherits that SIGPIPE is ignored.
 */
static bool proxy_spawn_process(
	struct proxy *proxy, const struct proxy_options *options, int log_fd, struct vx_error *err)
{
	char *argv[2 * 5 + 3];
	proxy_format_argv(options, argv);
	const struct vx_program started = {
		.path = options->program,
		.argv = argv,
		.input = vx_program_null,
		.output = vx_program_null,
		.error = log_fd,
		.has_own_session = true,
	};
	int result = vx_program_start(&started, &proxy->pid);
	if (result != 0) {
		proxy->pid = 0;
		return vx_error_set_errno(err, result, "cannot start '%s'", options->program);
	}
	return true;
}

static bool proxy_watch(struct proxy *proxy, struct vx_error *err)
{
	int result = sd_event_add_child(
		proxy->event, &proxy->child_source, proxy->pid, WEXITED, handle_child, proxy);
	if (result < 0) {
		kill(proxy->pid, SIGKILL);
		waitpid(proxy->pid, nullptr, 0);
		return vx_error_set_errno(err, -result, "cannot watch vixos-proxy");
	}
	return true;
}

bool proxy_spawn(struct proxy *proxy, const struct proxy_options *options, struct vx_error *err)
{
	vx_assert(!proxy_is_alive(proxy));
	/* One that was left behind by a crash in between would hold the name. */
	(void)unlink(options->control_socket);
	int log_pipe[2];
	if (pipe2(log_pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		return vx_error_set_errno(err, errno, "cannot make a pipe");
	}
	proxy_log_open(&proxy->log, proxy->event, log_pipe[0]);
	bool is_started = proxy_spawn_process(proxy, options, log_pipe[1], err);
	close(log_pipe[1]);
	if (!is_started || !proxy_watch(proxy, err)) {
		proxy_reset(proxy);
		return false;
	}
	proxy->control_socket = vx_strdup(options->control_socket);
	proxy->connect_retry_us = connect_retry_first_us;
	proxy_connect_later(proxy);
	return true;
}
