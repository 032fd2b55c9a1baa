/* SPDX-License-Identifier: MIT */
/*
 * Both ends of the control socket between vixosd and a vixos-proxy. Input: u8 (bit 0: the proxy's
 * end, the rest: how many descriptors go along with each message), then messages, each a u8 size
 * and its bytes. What vixosd takes is in range; the proxy keeps no descriptor that it has no use
 * for.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "daemon/proxy_control.h"
#include "proxy/host/control.h"
#include "proxy/host/control_server.h"
#include "proxy/link/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static constexpr unsigned messages_max = 64;
static constexpr size_t fds_max = 3;

static void check_state(const struct vx_control_message *message)
{
	vx_assert(message->type == VX_CONTROL_STATE &&
		  message->link_state < VX_CONTROL_LINK_STATE_COUNT);
	vx_assert(message->memory_available_kib <= message->memory_total_kib &&
		  message->memory_total_kib <= vx_memory_total_max_kib &&
		  message->memory_pressure <= vx_memory_pressure_max);
	size_t length = strnlen(message->detail, sizeof(message->detail));
	vx_assert(length < sizeof(message->detail));
	for (size_t i = 0; i < length; i++) {
		vx_assert(message->detail[i] >= 0x20 && message->detail[i] <= 0x7e);
	}
}

/* Sends the next message of the input; false at its end. */
static bool send_next(int fd, const uint8_t **data, size_t *size, size_t fd_count)
{
	if (*size < 1 || *size - 1 < (*data)[0]) {
		return false;
	}
	size_t length = (*data)[0];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int fds[fds_max] = {null, null, null};
	/* One of no bytes would be the end. */
	bool sent = length > 0 && vx_send_fds(fd, *data + 1, length, fds, fd_count);
	close(null);
	*data += length + 1;
	*size -= length + 1;
	return sent;
}

static void face_daemon(const uint8_t *data, size_t size, size_t fd_count)
{
	int pair[2];
	int result = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
	vx_assert(result == 0);
	for (unsigned i = 0; i < messages_max && send_next(pair[1], &data, &size, fd_count); i++) {
		struct vx_control_message message;
		if (proxy_control_receive(pair[0], &message) == PROXY_CONTROL_STATE) {
			check_state(&message);
		}
	}
	close(pair[0]);
	close(pair[1]);
}

static void take_stream(int fd, void *data)
{
	vx_assert(fcntl(fd, F_GETFD) >= 0);
	close(fd);
}

static void take_note(void *data)
{
	unsigned *notes = data;
	*notes += 1;
}

static unsigned count_fds(void)
{
	unsigned count = 0;
	for (int fd = 0; fd < 128; fd++) {
		count += fcntl(fd, F_GETFD) >= 0;
	}
	return count;
}

static void face_proxy(const uint8_t *data, size_t size, size_t fd_count)
{
	static const struct control_server_listener listener = {
		take_stream, take_stream, take_note, take_note};
	unsigned notes = 0;
	char path[64];
	snprintf(path, sizeof(path), "/tmp/vixos-fuzz-control-%d", (int)getpid());
	struct wl_event_loop *loop = wl_event_loop_create();
	struct control_server *server = control_server_create(
		path, loop, &listener, &notes, nullptr);
	vx_assert(server != nullptr);
	int fd = vx_unix_connect(path, SOCK_SEQPACKET, nullptr);
	wl_event_loop_dispatch(loop, 0);
	unsigned before = count_fds();
	for (unsigned i = 0; i < messages_max && send_next(fd, &data, &size, fd_count); i++) {
		wl_event_loop_dispatch(loop, 0);
		vx_assert(count_fds() <= before);
	}
	close(fd);
	wl_event_loop_dispatch(loop, 0);
	control_server_destroy(server);
	wl_event_loop_destroy(loop);
	unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_log_init("fuzz-control", VX_LOG_ERROR);
	if (size < 1) {
		return 0;
	}
	size_t fd_count = (data[0] >> 1) % (fds_max + 1);
	if (data[0] & 1) {
		face_proxy(data + 1, size - 1, fd_count);
	} else {
		face_daemon(data + 1, size - 1, fd_count);
	}
	return 0;
}
