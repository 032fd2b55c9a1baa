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

#endif
