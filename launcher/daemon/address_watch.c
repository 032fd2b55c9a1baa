/* SPDX-License-Identifier: MIT */
#include "daemon/address_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"

static constexpr uint64_t pause_us = 300'000;

struct address_watch {
	int fd;                 /* owned */
	sd_event_source *io;    /* owned */
	sd_event_source *pause; /* owned; NULL: nothing has changed */
	void (*changed)(void *data);
	void *data;
};

static int handle_pause(sd_event_source *source, uint64_t now, void *data)
{
	struct address_watch *watch = data;
	watch->pause = sd_event_source_disable_unref(watch->pause);
	watch->changed(watch->data);
	return 0;
}

/* That something has changed is all that counts, also where messages were lost. */
static int handle_message(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct address_watch *watch = data;
	char dropped[4096];
	(void)!recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT);
	if (watch->pause == nullptr) {
		(void)sd_event_add_time_relative(sd_event_source_get_event(source), &watch->pause,
			CLOCK_MONOTONIC, pause_us, 0, handle_pause, watch);
	}
	return 0;
}

static int open_messages(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
	vx_cleanup_close int fd = socket(
		AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	return fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0
		       ? vx_take_fd(fd)
		       : -1;
}

struct address_watch *address_watch_create(sd_event *event, void (*changed)(void *data), void *data)
{
	struct address_watch *watch = vx_new(watch);
	*watch = (struct address_watch){.fd = open_messages(), .changed = changed, .data = data};
	if (watch->fd < 0 ||
		sd_event_add_io(event, &watch->io, watch->fd, EPOLLIN, handle_message, watch) < 0) {
		address_watch_destroy(watch);
		return nullptr;
	}
	return watch;
}

void address_watch_destroy(struct address_watch *watch)
{
	if (watch == nullptr) {
		return;
	}
	sd_event_source_disable_unref(watch->io);
	sd_event_source_disable_unref(watch->pause);
	vx_replace_fd(&watch->fd, -1);
	free(watch);
}
