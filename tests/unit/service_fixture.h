/* SPDX-License-Identifier: MIT */
/* A service of the link: the host's half on an event loop, the guest's half played by the test. */
#ifndef VX_TESTS_SERVICE_FIXTURE_H
#define VX_TESTS_SERVICE_FIXTURE_H

#include <wayland-server-core.h>

#include "link_fixture.h"

struct service_fixture {
	struct wl_event_loop *loop; /* owned */
	struct pair pair;           /* owned */
};

/* The first turn brings the hellos. */
void service_init(struct service_fixture *fixture);
void service_finish(struct service_fixture *fixture);

/* Enough for everything that is under way to arrive: all of it is in this process. */
void service_turn(struct service_fixture *fixture);

/* The guest's end of the newest channel, which has to be one of `service`. */
struct user *service_expect(struct service_fixture *fixture, const char *service);

/* A relay between a stream of vixosd's and such a service, of which there are kinds. */
struct relay_kind {
	const char *service;
	void *(*create)(struct wl_event_loop *loop);
	void (*destroy)(void *relays);
	bool (*open)(void *relays, struct vx_link *link, int fd);
};

struct relay_fixture {
	struct service_fixture service;
	const struct relay_kind *kind;
	void *relays;       /* owned */
	int stream;         /* vixosd's end; -1: the test has closed it */
	struct user *guest; /* at the other end of that */
};

/* With one stream open, after none could be opened before the hellos. */
struct relay_fixture *relay_set_up(const struct relay_kind *kind);
void relay_tear_down(struct relay_fixture *fixture);

/* vixosd's end of one more, owned by the caller; -1 where it is refused. */
int relay_open(struct relay_fixture *fixture);
/* Opens `stream` and finds `guest`. */
void relay_open_stream(struct relay_fixture *fixture);

#endif
