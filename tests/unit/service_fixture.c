/* SPDX-License-Identifier: MIT */
#include "service_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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
