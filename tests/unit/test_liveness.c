/* SPDX-License-Identifier: MIT */
/* A guest half that answers pings, or doesn't, on a real link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <wayland-server-core.h>

#include "common/memory.h"
#include "host/liveness.h"
#include "link_fixture.h"

static constexpr int period_ms = 10;
static constexpr int turn_ms = 5;

struct fixture {
	struct wl_event_loop *loop;
	struct wl_event_source *source; /* of the host's link */
	struct pair pair;
	struct liveness *liveness;
	bool guest_hangs;
	bool is_silent;
	unsigned changes;
};

static void handle_change(bool is_silent, void *data)
{
	struct fixture *fixture = data;
	fixture->is_silent = is_silent;
	fixture->changes++;
}

static int handle_host(int fd, uint32_t mask, void *data)
{
	struct fixture *fixture = data;
	liveness_heard(fixture->liveness);
	vx_link_dispatch(fixture->pair.host.link);
	return 0;
}

/* As vixos-proxy's turn, and the guest's. */
static void turn(struct fixture *fixture)
{
	struct vx_link *host = fixture->pair.host.link, *guest = fixture->pair.guest.link;
	wl_event_loop_dispatch(fixture->loop, turn_ms);
	if (vx_link_wants_write(host) && vx_link_is_ready(host)) {
		liveness_sent(fixture->liveness, host);
	}
	vx_link_flush(host);
	if (!fixture->guest_hangs) {
		vx_link_dispatch(guest);
		vx_link_flush(guest);
	}
}

static void turns(struct fixture *fixture, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		turn(fixture);
	}
}

static void say_something(struct fixture *fixture)
{
	assert_non_null(side_open(&fixture->pair.host, "test", vx_link_window_default)->channel);
}

static int setup(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	struct side *host = &fixture->pair.host;
	fixture->loop = wl_event_loop_create();
	pair_connect(&fixture->pair);
	fixture->pair.guest.refuses = true;
	fixture->source = wl_event_loop_add_fd(
		fixture->loop, vx_link_get_fd(host->link), WL_EVENT_READABLE, handle_host, fixture);
	fixture->liveness = liveness_create(fixture->loop, period_ms, handle_change, fixture);
	turns(fixture, 5);
	assert_true(vx_link_is_ready(host->link));
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	liveness_destroy(fixture->liveness);
	wl_event_source_remove(fixture->source);
	assert_int_equal(fixture->pair.host.lost_count + fixture->pair.guest.lost_count, 0);
	pair_finish(&fixture->pair);
	wl_event_loop_destroy(fixture->loop);
	free(fixture);
	return 0;
}

static void test_an_answer_in_time(void **state)
{
	struct fixture *fixture = *state;
	for (unsigned i = 0; i < 5; i++) {
		say_something(fixture);
		turns(fixture, 10);
	}
	assert_int_equal(fixture->changes, 0);
}

static void test_silence_and_speech(void **state)
{
	struct fixture *fixture = *state;
	fixture->guest_hangs = true;
	say_something(fixture);
	turns(fixture, 20);
	assert_true(fixture->is_silent);
	assert_int_equal(fixture->changes, 1);
	fixture->guest_hangs = false;
	turns(fixture, 20);
	assert_false(fixture->is_silent);
	assert_int_equal(fixture->changes, 2);
}

/* What it said before it hung is no answer to what came after. */
static void test_silence_after_a_word(void **state)
{
	struct fixture *fixture = *state;
	say_something(fixture);
	turn(fixture);
	turn(fixture);
	fixture->guest_hangs = true;
	say_something(fixture);
	turns(fixture, 20);
	assert_true(fixture->is_silent);
}

/* Nothing is asked of a guest of which nothing is wanted. */
static void test_no_timer_at_rest(void **state)
{
	struct fixture *fixture = *state;
	say_something(fixture);
	turns(fixture, 20);
	fixture->guest_hangs = true;
	turns(fixture, 20);
	assert_int_equal(fixture->changes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_an_answer_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence_and_speech, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence_after_a_word, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_timer_at_rest, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
