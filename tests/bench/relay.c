/* SPDX-License-Identifier: MIT */
/*
 * The floor of the forwarding benchmark: relays bytes and descriptors between a unix socket that it
 * listens on and one that it connects to, without looking at them. Two in a row cost what any
 * forwarder of two processes costs at least.
 *
 *   relay LISTEN-PATH CONNECT-PATH
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"

static constexpr size_t fds_max = 28; /* libwayland's own limit for a message */

/* Passes on one read's worth; false at end of file. */
static bool relay_once(int from, int to)
{
	static char data[65536];
	int fds[fds_max];
	ssize_t size = vx_receive_fds(from, data, sizeof(data), fds, fds_max);
	if (size <= 0) {
		return size < 0 && errno == EAGAIN;
	}
	size_t fd_count = 0;
	while (fd_count < fds_max && fds[fd_count] >= 0) {
		fd_count++;
	}
	bool sent = vx_send_fds(to, data, (size_t)size, fds, fd_count);
	for (size_t i = 0; i < fd_count; i++) {
		close(fds[i]);
	}
	return sent;
}

int main(int argc, char **argv)
{
	vx_cleanup_error struct vx_error err = {};
	if (argc != 3) {
		fputs("usage: relay LISTEN-PATH CONNECT-PATH\n", stderr);
		return 2;
	}
	int listener = vx_unix_listen(argv[1], SOCK_STREAM, &err);
	struct pollfd waiting = {.fd = listener, .events = POLLIN};
	if (listener < 0 || poll(&waiting, 1, -1) < 0) {
		fprintf(stderr, "relay: %s\n", vx_error_message(&err));
		return 1;
	}
	int near = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
	int far = vx_unix_connect(argv[2], SOCK_STREAM, &err);
	if (far < 0) {
		fprintf(stderr, "relay: %s\n", vx_error_message(&err));
		return 1;
	}
	/* Blocking sends: a relay that looks at nothing has nothing better to do than to wait. */
	fcntl(far, F_SETFL, fcntl(far, F_GETFL) & ~O_NONBLOCK);
	struct pollfd ends[] = {{.fd = near, .events = POLLIN}, {.fd = far, .events = POLLIN}};
	bool open = true;
	while (open && poll(ends, 2, -1) > 0) {
		for (size_t i = 0; i < 2 && open; i++) {
			open = ends[i].revents == 0 || relay_once(ends[i].fd, ends[1 - i].fd);
		}
	}
	return 0;
}
