/* SPDX-License-Identifier: MIT */
#include "net/passt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/program.h"
#include "net/arguments.h"
#include "net/plan.h"

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

	/* Addresses that tell nothing of the host's; the guest learns them by DHCP. */
	"--address=" VM_GUEST_ADDRESS,
	"--gateway=" VM_GUEST_GATEWAY,
	"--search=none",

	/* One resolver, whatever the host has: pasta, or the net-vm, knows which. */
	"--dns=" VM_GUEST_RESOLVER,
	"--dns-forward=" VM_GUEST_RESOLVER,
	"--dns-host=" VM_INNER_RESOLVER,
};

static const char *const ipv4_options[] = {"--ipv4-only", "--no-ndp"};
static const char *const ipv6_options[] = {
	"--address=" VM_GUEST_ADDRESS6, "--gateway=" VM_GUEST_GATEWAY6};

/*
 * Reads the beginning of what passt says, until it closes its standard error: it has ended then, or
 * listens and has gone to the background. False at the deadline.
 */
static bool wait_until_silent(int fd, char said[static said_max + 1])
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	size_t length = 0;
	uint64_t end_ns = vx_clock_after_ms(start_deadline_ms);
	for (;;) {
		char dropped[256];
		bool is_full = length == said_max;
		int ready = poll(&polled, 1, vx_clock_remaining_ms(end_ns));
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
		const char *reason = vx_program_reason(said, "passt");
		return vx_error_set(err, "passt can't start (it must be of 2025 or newer): %.*s",
			reason_max, reason != nullptr ? reason : "nothing");
	}
	return true;
}

bool passt_start(const char *path, bool has_ipv6, struct vx_error *err)
{
	const char *argv[3 + VX_ARRAY_LENGTH(passt_options) + VX_ARRAY_LENGTH(ipv6_options) + 1] = {
		"passt", "--socket", path};
	size_t count = 3;
	ARGUMENTS_APPEND(argv, &count, passt_options);
	if (has_ipv6) {
		ARGUMENTS_APPEND(argv, &count, ipv6_options);
	} else {
		ARGUMENTS_APPEND(argv, &count, ipv4_options);
	}
	int log_pipe[2];
	if (pipe2(log_pipe, O_CLOEXEC) < 0) {
		return vx_error_set_errno(err, errno, "can't make a pipe");
	}
	pid_t pid;
	const struct vx_program started = {
		.path = argv[0],
		.argv = (char *const *)argv,
		.input = vx_program_null,
		.output = vx_program_null,
		.error = log_pipe[1],
	};
	int result = vx_program_start(&started, &pid);
	close(log_pipe[1]);
	vx_cleanup_close int log_fd = log_pipe[0];
	if (result != 0) {
		return result == ENOENT ? vx_error_set(err, "passt is not installed")
					: vx_error_set_errno(err, result, "can't start passt");
	}
	return wait_for_passt(pid, log_fd, err);
}
