/* SPDX-License-Identifier: MIT */
/* Bytes from an IPC client, through a real socket pair. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/compositor_fixture.h"
#include "ipc/client.h"
#include "ipc/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0) {
		return 0;
	}
	struct compositor *compositor = compositor_create(nullptr);
	compositor_open(compositor, "a");
	struct ipc_server ipc = {
		.session = &compositor->session,
		.loop = wl_event_loop_create(),
	};
	wl_list_init(&ipc.clients);
	ipc_client_create(&ipc, fds[0]);
	if (send(fds[1], data, size, MSG_NOSIGNAL) >= 0) {
		for (int i = 0; i < 4; i++) {
			wl_event_loop_dispatch(ipc.loop, 0);
		}
	}
	close(fds[1]);
	struct ipc_client *client, *next;
	wl_list_for_each_safe (client, next, &ipc.clients, link) {
		ipc_client_destroy(client);
	}
	wl_event_loop_destroy(ipc.loop);
	compositor_close_requested(compositor);
	compositor_destroy(compositor);
	return 0;
}
