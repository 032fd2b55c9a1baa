/* SPDX-License-Identifier: MIT */
/*
 * What the link costs over the bare socket: two processes, once with the link between them and once
 * with read and write alone. Prints both and the ratio; one line a measurement.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "proxy/link/link.h"

static constexpr size_t chunk_size = 65536;
static constexpr size_t message_size = 32;
static constexpr double seconds_each = 1.0;
static constexpr unsigned rounds = 3;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wait_for(int fd, short events)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};
	poll(&poll_fd, 1, -1);
}

/* The bare socket. */

static ssize_t read_some(int fd, void *bytes, size_t size)
{
	for (;;) {
		ssize_t count = read(fd, bytes, size);
		if (count >= 0 || errno != EAGAIN) {
			return count;
		}
		wait_for(fd, POLLIN);
	}
}

static bool write_whole(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t count = send(fd, bytes, size, MSG_NOSIGNAL);
		if (count < 0 && errno == EAGAIN) {
			wait_for(fd, POLLOUT);
			continue;
		}
		if (count < 0) {
			return false;
		}
		bytes += count;
		size -= (size_t)count;
	}
	return true;
}

/* The other process: swallows, or returns each message. */
static void raw_peer(int fd, bool echoes)
{
	static uint8_t bytes[2 * chunk_size];
	for (;;) {
		wait_for(fd, POLLIN);
		ssize_t count = read_some(fd, bytes, sizeof(bytes));
		if (count <= 0 || (echoes && !write_whole(fd, bytes, (size_t)count))) {
			return;
		}
	}
}

static double raw_throughput(int fd)
{
	static uint8_t chunk[chunk_size];
	double start = now();
	size_t sent = 0;
	while (now() - start < seconds_each) {
		vx_assert(write_whole(fd, chunk, sizeof(chunk)));
		sent += sizeof(chunk);
	}
	return (double)sent / (now() - start) / 1e6;
}

static double raw_round_trips(int fd)
{
	uint8_t message[message_size] = {};
	double start = now();
	size_t count = 0;
	while (now() - start < seconds_each) {
		vx_assert(write_whole(fd, message, sizeof(message)));
		wait_for(fd, POLLIN);
		vx_assert(read_some(fd, message, sizeof(message)) == (ssize_t)message_size);
		count++;
	}
	return (double)count / (now() - start);
}

/* The link. */

struct bench {
	struct vx_link *link;
	struct vx_link_channel *channel;
	bool echoes, lost;
	size_t received;
};

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct bench *bench = data;
	bench->received += size;
	if (bench->echoes) {
		vx_assert(vx_link_channel_send(channel, untrusted_data, size) == size);
	}
	vx_link_channel_consume(channel, size);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.closed = handle_closed,
};

static void handle_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	vx_link_channel_set_listener(channel, &channel_listener, data);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
	struct bench *bench = data;
	bench->lost = true;
}

static const struct vx_link_listener link_listener = {
	.channel_opened = handle_opened,
	.lost = handle_lost,
};

static void turn(struct bench *bench)
{
	wait_for(vx_link_get_fd(bench->link),
		(short)(POLLIN | (vx_link_wants_write(bench->link) ? POLLOUT : 0)));
	vx_link_dispatch(bench->link);
}

static void link_peer(int fd, bool echoes)
{
	struct bench bench = {.echoes = echoes};
	bench.link = vx_link_create(fd, VX_LINK_GUEST, 0, &link_listener, &bench);
	while (!bench.lost) {
		turn(&bench);
	}
	vx_link_destroy(bench.link);
}

static void bench_open(struct bench *bench, int fd)
{
	bench->link = vx_link_create(fd, VX_LINK_HOST, 0, &link_listener, bench);
	while (!vx_link_is_ready(bench->link)) {
		turn(bench);
	}
	bench->channel = vx_link_channel_open(
		bench->link, "bench", vx_link_window_default, &channel_listener, bench);
	vx_assert(bench->channel != nullptr);
}

static double link_throughput(int fd)
{
	static uint8_t chunk[chunk_size];
	struct bench bench = {};
	bench_open(&bench, fd);
	double start = now();
	size_t sent = 0;
	while (now() - start < seconds_each) {
		size_t taken = vx_link_channel_send(bench.channel, chunk, sizeof(chunk));
		sent += taken;
		if (taken < sizeof(chunk)) {
			turn(&bench);
		}
	}
	double rate = (double)sent / (now() - start) / 1e6;
	vx_link_destroy(bench.link);
	return rate;
}

static double link_round_trips(int fd)
{
	static const uint8_t message[message_size] = {};
	struct bench bench = {};
	bench_open(&bench, fd);
	double start = now();
	size_t count = 0;
	while (now() - start < seconds_each) {
		vx_assert(vx_link_channel_send(bench.channel, message, sizeof(message)) ==
			  sizeof(message));
		vx_link_flush(bench.link);
		size_t awaited = bench.received + sizeof(message);
		while (bench.received < awaited) {
			turn(&bench);
		}
		count++;
	}
	double rate = (double)count / (now() - start);
	vx_link_destroy(bench.link);
	return rate;
}

/* Runs one measurement against its peer in another process. */
static double measure(double (*run)(int fd), void (*peer)(int fd, bool echoes), bool echoes)
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0) {
		perror("socketpair");
		exit(1);
	}
	pid_t child = fork();
	if (child == 0) {
		close(fds[0]);
		peer(fds[1], echoes);
		_exit(0);
	}
	close(fds[1]);
	double rate = run(fds[0]);
	close(fds[0]); /* the links have closed it; an error then does no harm */
	waitpid(child, nullptr, 0);
	return rate;
}

static double best_of(double (*run)(int fd), void (*peer)(int fd, bool echoes), bool echoes)
{
	double best = 0;
	for (unsigned i = 0; i < rounds; i++) {
		double rate = measure(run, peer, echoes);
		best = rate > best ? rate : best;
	}
	return best;
}

int main(void)
{
	double raw = best_of(raw_throughput, raw_peer, false);
	double link = best_of(link_throughput, link_peer, false);
	printf("throughput, 64 KiB writes: socket %.0f MB/s, link %.0f MB/s, ratio %.2f\n", raw,
		link, link / raw);
	raw = best_of(raw_round_trips, raw_peer, true);
	link = best_of(link_round_trips, link_peer, true);
	printf("round trips of 32 bytes: socket %.0f/s, link %.0f/s, ratio %.2f\n", raw, link,
		link / raw);
	return 0;
}
