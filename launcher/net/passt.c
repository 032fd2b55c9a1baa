/* SPDX-License-Identifier: MIT */
#include "net/passt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "vm/network_plan.h"

static constexpr int start_deadline_ms = 8'000;
static constexpr size_t said_max = 4096;
static constexpr int reason_max = 300;

/* What passt(1) is given besides its socket. */
static const char *const passt_options[] = {
	"--vhost-user",
	"--one-off", /* end with the first connection: with QEMU */
	"--quiet",
	"--repair-path=none", /* no second socket; we don't migrate */

	/* No address stands for the namespace's own. */
	"--no-map-gw",
	"--map-host-loopback=none",
	"--map-guest-addr=none",

	/* Nothing comes in. */
	"--tcp-ports=none",
	"--udp-ports=none",

	/* One family is enough to filter. */
	"--ipv4-only",

	/* Addresses that tell nothing of the host's; the guest learns them by DHCP. */
	"--address=" VM_GUEST_ADDRESS,
	"--gateway=" VM_GUEST_GATEWAY,
	"--search=none",

	/* One resolver, whatever the host has: pasta, or the net-vm, knows which. */
	"--dns=" VM_GUEST_RESOLVER,
	"--dns-forward=" VM_GUEST_RESOLVER,
	"--dns-host=" VM_INNER_RESOLVER,
};

static int spawn(pid_t *pid, char *const *argv, int log_fd)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t no_signals;
	sigemptyset(&no_signals);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, log_fd, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &no_signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	int result = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

static int remaining_ms(const struct timespec *begin)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t passed = (now.tv_sec - begin->tv_sec) * 1000 +
			 (now.tv_nsec - begin->tv_nsec) / 1'000'000;
	return passed < start_deadline_ms ? (int)(start_deadline_ms - passed) : 0;
}

/*
 * Reads the beginning of what passt says, until it closes its standard error: it has ended then, or
 * listens and has gone to the background. False at the deadline.
 */
static bool wait_until_silent(int fd, char said[static said_max + 1])
{
	struct timespec begin;
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	size_t length = 0;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (;;) {
		char dropped[256];
		bool is_full = length == said_max;
		int ready = poll(&polled, 1, remaining_ms(&begin));
		if (ready == 0) {
			return false;
		}
		ssize_t size = is_full ? read(fd, dropped, sizeof(dropped))
				       : read(fd, said + length, said_max - length);
		if (size == 0 || (size < 0 && errno != EINTR)) {
			said[length] = '\0';
			return true;
		}
		length += size > 0 && !is_full ? (size_t)size : 0;
	}
}

/* The line that says why: the last one, or the one about an option, which is followed by all
 * others'. */
static const char *find_reason(char *said)
{
	const char *reason = "nothing";
	for (char *line = strtok_r(said, "\n", &said); line != nullptr;
		line = strtok_r(nullptr, "\n", &said)) {
		reason = line;
		if (strncmp(line, "passt: ", 7) == 0) {
			break;
		}
	}
	return reason;
}

/* The process that we have started ends once another listens. */
static bool wait_for_passt(pid_t pid, int log_fd, struct vx_error *err)
{
	char said[said_max + 1];
	int status = 0;
	if (!wait_until_silent(log_fd, said)) {
		/* Whatever it has started ends with this namespace's process 1, with us. */
		return vx_error_set(
			err, "passt didn't start within %d s", start_deadline_ms / 1000);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		return vx_error_set(err, "passt can't start (it must be of 2025 or newer): %.*s",
			reason_max, find_reason(said));
	}
	return true;
}

bool passt_start(const char *path, struct vx_error *err)
{
	const char *argv[3 + VX_ARRAY_LENGTH(passt_options) + 1] = {"passt", "--socket", path};
	memcpy(argv + 3, passt_options, sizeof(passt_options));
	int log_pipe[2];
	if (pipe2(log_pipe, O_CLOEXEC) < 0) {
		return vx_error_set_errno(err, errno, "can't make a pipe");
	}
	pid_t pid;
	int result = spawn(&pid, (char *const *)argv, log_pipe[1]);
	close(log_pipe[1]);
	vx_cleanup_close int log_fd = log_pipe[0];
	if (result != 0) {
		return result == ENOENT ? vx_error_set(err, "passt is not installed")
					: vx_error_set_errno(err, result, "can't start passt");
	}
	return wait_for_passt(pid, log_fd, err);
}
