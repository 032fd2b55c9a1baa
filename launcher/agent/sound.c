/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "sound"
#include "agent/sound.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "agent/environment.h"
#include "common/fd.h"
#include "common/log.h"

static constexpr unsigned starts_max = 5;
static constexpr size_t sockets_max = 2;
static constexpr size_t first_passed_fd = 3; /* as of sd_listen_fds(3) */

enum server_id : unsigned {
	PIPEWIRE,
	SESSION_MANAGER,
	PULSE,
	SERVER_COUNT
};

/* The session manager listens to nobody: it starts with PipeWire and ends with it. */
static const struct server_type {
	const char *program;
	const char *argv[4];
	const char *sockets[sockets_max]; /* in the runtime folder */
} server_types[] = {
	[PIPEWIRE] = {"/usr/bin/pipewire", {"pipewire"}, {"pipewire-0", "pipewire-0-manager"}},
	[SESSION_MANAGER] = {"/usr/bin/wireplumber", {"wireplumber", "-p", "policy"}, {}},
	[PULSE] = {"/usr/bin/pipewire-pulse", {"pipewire-pulse"}, {"pulse/native"}},
};
static_assert(VX_ARRAY_LENGTH(server_types) == SERVER_COUNT);

struct server {
	struct sound *sound; /* borrowed */
	const struct server_type *type;
	int sockets[sockets_max];                            /* owned; -1: none */
	struct wl_event_source *socket_sources[sockets_max]; /* owned; while it doesn't run */
	pid_t pid;                                           /* 0: doesn't run */
	int pidfd;                                           /* owned */
	struct wl_event_source *end_source;                  /* owned */
	unsigned starts;
};

struct sound {
	struct wl_event_loop *loop;            /* borrowed */
	const struct environment *environment; /* borrowed */
	struct server servers[SERVER_COUNT];
};

static void source_drop(struct wl_event_source **source)
{
	if (*source != nullptr) {
		wl_event_source_remove(*source);
		*source = nullptr;
	}
}

/* "LISTEN_PID=" and the number, of a process that may not allocate any more. */
static void write_pid(char *text, pid_t pid)
{
	char digits[12];
	size_t count = 0;
	do {
		digits[count++] = (char)('0' + pid % 10);
		pid /= 10;
	} while (pid > 0);
	while (count > 0) {
		*text++ = digits[--count];
	}
	*text = '\0';
}

/* After the fork: nothing that allocates. */
[[noreturn]] static void run_server(
	const struct server *server, char *const *environment, char *pid_digits)
{
	sigset_t none;
	sigemptyset(&none);
	setsid();
	write_pid(pid_digits, getpid());
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		dup2(null, fd);
	}
	/* First out of the way of the places that they have to take. */
	int copies[sockets_max];
	for (size_t i = 0; i < sockets_max; i++) {
		copies[i] = server->sockets[i] < 0 ? -1
						   : fcntl(server->sockets[i], F_DUPFD_CLOEXEC, 64);
	}
	for (size_t i = 0; i < sockets_max && copies[i] >= 0; i++) {
		dup2(copies[i], (int)(first_passed_fd + i));
	}
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, nullptr);
	execve(server->type->program, (char *const *)server->type->argv, environment);
	_exit(127);
}

static int handle_end(int fd, uint32_t mask, void *data);

static bool server_start(struct server *server)
{
	char listen_pid[32] = "LISTEN_PID=0";
	char *pid_digits = listen_pid;
	size_t count = 0;
	while (count < sockets_max && server->sockets[count] >= 0) {
		count++;
	}
	vx_cleanup_free char *listen_fds = vx_printf("LISTEN_FDS=%zu", count);
	const char *const extra[] = {listen_pid, listen_fds, nullptr};
	char **environment = environment_build(server->sound->environment, extra);
	/* The child has to write into the copy that it will be given. */
	for (size_t i = 0; environment[i] != nullptr; i++) {
		if (strncmp(environment[i], "LISTEN_PID=", 11) == 0) {
			free(environment[i]);
			environment[i] = vx_memdup(listen_pid, sizeof(listen_pid));
			pid_digits = environment[i] + 11;
		}
	}
	server->starts++;
	server->pid = fork();
	if (server->pid == 0) {
		run_server(server, environment, pid_digits);
	}
	environment_free(environment);
	server->pidfd = server->pid > 0 ? pidfd_open(server->pid, 0) : -1;
	if (server->pidfd < 0) {
		vx_log_warn("can't start '%s'", server->type->program);
		server->pid = 0;
		return false;
	}
	server->end_source = wl_event_loop_add_fd(
		server->sound->loop, server->pidfd, WL_EVENT_READABLE, handle_end, server);
	return true;
}

static int handle_connection(int fd, uint32_t mask, void *data)
{
	struct server *server = data;
	struct server *manager = &server->sound->servers[SESSION_MANAGER];
	for (size_t i = 0; i < sockets_max; i++) {
		source_drop(&server->socket_sources[i]);
	}
	if (server_start(server) && server->type == &server_types[PIPEWIRE] && manager->pid == 0) {
		(void)server_start(manager);
	}
	return 0;
}

static void server_watch_sockets(struct server *server)
{
	for (size_t i = 0; i < sockets_max && server->sockets[i] >= 0; i++) {
		server->socket_sources[i] = wl_event_loop_add_fd(server->sound->loop,
			server->sockets[i], WL_EVENT_READABLE, handle_connection, server);
	}
}

static int handle_end(int fd, uint32_t mask, void *data)
{
	struct server *server = data;
	source_drop(&server->end_source);
	(void)waitpid(server->pid, nullptr, WNOHANG);
	vx_replace_fd(&server->pidfd, -1);
	server->pid = 0;
	vx_log_info("'%s' has ended", server->type->program);
	if (server->starts < starts_max) {
		server_watch_sockets(server);
	}
	return 0;
}

static bool server_listen(struct server *server, struct vx_error *err)
{
	const char *folder = server->sound->environment->runtime_dir;
	for (size_t i = 0; i < sockets_max && server->type->sockets[i] != nullptr; i++) {
		vx_cleanup_free char *path = vx_printf("%s/%s", folder, server->type->sockets[i]);
		(void)unlink(path);
		server->sockets[i] = vx_unix_listen(path, SOCK_STREAM, err);
		if (server->sockets[i] < 0) {
			return false;
		}
	}
	server_watch_sockets(server);
	return true;
}

static bool sound_listen(struct sound *sound, struct vx_error *err)
{
	vx_cleanup_free char *folder = vx_printf("%s/pulse", sound->environment->runtime_dir);
	if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
		return vx_error_set_errno(err, errno, "can't make '%s'", folder);
	}
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		struct server *server = &sound->servers[i];
		if (access(server->type->program, X_OK) == 0 && !server_listen(server, err)) {
			return false;
		}
	}
	return true;
}

struct sound *sound_create(
	struct wl_event_loop *loop, const struct environment *environment, struct vx_error *err)
{
	if (access("/dev/snd/controlC0", R_OK | W_OK) != 0 ||
		access(server_types[PIPEWIRE].program, X_OK) != 0 ||
		access(server_types[SESSION_MANAGER].program, X_OK) != 0) {
		return nullptr;
	}
	struct sound *sound = vx_new(sound);
	sound->loop = loop;
	sound->environment = environment;
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		sound->servers[i] = (struct server){
			.sound = sound,
			.type = &server_types[i],
			.sockets = {-1, -1},
			.pidfd = -1,
		};
	}
	if (!sound_listen(sound, err)) {
		sound_destroy(sound);
		return nullptr;
	}
	return sound;
}

void sound_destroy(struct sound *sound)
{
	if (sound == nullptr) {
		return;
	}
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		struct server *server = &sound->servers[i];
		source_drop(&server->end_source);
		if (server->pid > 0) {
			(void)pidfd_send_signal(server->pidfd, SIGTERM, nullptr, 0);
		}
		vx_replace_fd(&server->pidfd, -1);
		for (size_t j = 0; j < sockets_max; j++) {
			source_drop(&server->socket_sources[j]);
			vx_replace_fd(&server->sockets[j], -1);
		}
	}
	free(sound);
}
