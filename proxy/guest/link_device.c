/* SPDX-License-Identifier: MIT */
#include "guest/link_device.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/memory.h"

struct link_device {
	struct wl_event_loop *loop; /* borrowed; outlives us */
	const char *path;           /* borrowed */
	void (*connected)(int fd, void *data);
	void *data;
	int fd;                         /* owned; -1 unless it is waited for */
	int edge_fd;                    /* owned; an epoll that reports changes of `fd` only */
	struct wl_event_source *source; /* owned */
};

struct link_device *link_device_create(struct wl_event_loop *loop, const char *path,
	void (*connected)(int fd, void *data), void *data)
{
	struct link_device *device = vx_new(device);
	*device = (struct link_device){
		.loop = loop,
		.path = path,
		.connected = connected,
		.data = data,
		.fd = -1,
		.edge_fd = -1,
	};
	return device;
}

static void stop_waiting(struct link_device *device)
{
	if (device->source != nullptr) {
		wl_event_source_remove(vx_take_ptr(device->source));
	}
	vx_replace_fd(&device->edge_fd, -1);
}

void link_device_destroy(struct link_device *device)
{
	if (device == nullptr) {
		return;
	}
	stop_waiting(device);
	vx_replace_fd(&device->fd, -1);
	free(device);
}

/* While nobody has the port's other end open, it reports hang-up. */
static bool is_connected(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	return poll(&poll_fd, 1, 0) >= 0 && (poll_fd.revents & (POLLHUP | POLLERR)) == 0;
}

/* True once the device has been handed over. */
static bool hand_over(struct link_device *device)
{
	if (!is_connected(device->fd)) {
		return false;
	}
	stop_waiting(device);
	device->connected(vx_take_fd(device->fd), device->data);
	return true;
}

static int handle_edge(int fd, uint32_t mask, void *data)
{
	struct link_device *device = data;
	struct epoll_event event;
	(void)epoll_wait(fd, &event, 1, 0);
	(void)hand_over(device);
	return 0;
}

/* Hang-up is a state that lasts, and a level-triggered wait would never rest. */
static bool watch_edges(struct link_device *device)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	device->edge_fd = epoll_create1(EPOLL_CLOEXEC);
	if (device->edge_fd < 0 ||
		epoll_ctl(device->edge_fd, EPOLL_CTL_ADD, device->fd, &event) != 0) {
		return false;
	}
	device->source = wl_event_loop_add_fd(
		device->loop, device->edge_fd, WL_EVENT_READABLE, handle_edge, device);
	return device->source != nullptr;
}

bool link_device_wait(struct link_device *device, struct vx_error *err)
{
	device->fd = open(device->path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (device->fd < 0) {
		return vx_error_set_errno(err, errno, "can't open '%s'", device->path);
	}
	if (!watch_edges(device)) {
		return vx_error_set_errno(err, errno, "can't wait for '%s'", device->path);
	}
	(void)hand_over(device);
	return true;
}
