/* SPDX-License-Identifier: MIT */
#include "service_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"

void service_init(struct service_fixture *fixture)
{
	fixture->loop = wl_event_loop_create();
	pair_connect(&fixture->pair);
}

void service_finish(struct service_fixture *fixture)
{
	pair_finish(&fixture->pair);
	wl_event_loop_destroy(fixture->loop);
}

void service_turn(struct service_fixture *fixture)
{
	for (unsigned i = 0; i < 40; i++) {
		side_dispatch(&fixture->pair.host);
		side_dispatch(&fixture->pair.guest);
		wl_event_loop_dispatch(fixture->loop, 0);
	}
}

struct user *service_expect(struct service_fixture *fixture, const char *service)
{
	struct user *guest = side_last_user(&fixture->pair.guest);
	assert_string_equal(fixture->pair.guest.last_service, service);
	assert_non_null(guest->channel);
	return guest;
}

int relay_open(struct relay_fixture *fixture)
{
	int ends[2];
	socket_pair(ends);
	if (!fixture->kind->open(fixture->relays, fixture->service.pair.host.link, ends[0])) {
		close(ends[1]);
		return -1;
	}
	return ends[1];
}

void relay_open_stream(struct relay_fixture *fixture)
{
	fixture->stream = relay_open(fixture);
	service_turn(&fixture->service);
	fixture->guest = service_expect(&fixture->service, fixture->kind->service);
}

struct relay_fixture *relay_set_up(const struct relay_kind *kind)
{
	struct relay_fixture *fixture = vx_new(fixture);
	fixture->kind = kind;
	service_init(&fixture->service);
	fixture->relays = kind->create(fixture->service.loop);
	assert_int_equal(relay_open(fixture), -1); /* not ready */
	service_turn(&fixture->service);
	relay_open_stream(fixture);
	return fixture;
}

void relay_tear_down(struct relay_fixture *fixture)
{
	fixture->kind->destroy(fixture->relays);
	service_finish(&fixture->service);
	if (fixture->stream >= 0) {
		close(fixture->stream);
	}
	free(fixture);
}
