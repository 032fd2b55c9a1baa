/* SPDX-License-Identifier: MIT */
/* A guest half that answers pings, or doesn't, on a real link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <wayland-server-core.h>

#include "common/memory.h"
#include "host/liveness.h"
#include "link/link.h"

static constexpr int period_ms = 10;
static constexpr int turn_ms = 5;

struct fixture {
	struct wl_event_loop *loop;
	struct wl_event_source *source; /* of the host's link */
	struct vx_link *host, *guest;
	struct vx_link_channel *channel; /* of the host, to say something */
	struct liveness *liveness;
	bool guest_hangs;
	bool is_silent;
	unsigned changes;
};

static void ignore_ready(struct vx_link *link, uint32_t features, void *data)
{
}

static void ignore_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
}

static void fail_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
	fail_msg("the link was lost: %s", vx_error_message(reason));
}

static const struct vx_link_listener listener = {
	.ready = ignore_ready,
	.channel_opened = ignore_opened,
	.lost = fail_lost,
};

static void ignore_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
}

static const struct vx_link_channel_listener channel_listener = {.closed = ignore_closed};

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
	vx_link_dispatch(fixture->host);
	return 0;
}

/* As vixos-proxy's turn, and the guest's. */
static void turn(struct fixture *fixture)
{
	wl_event_loop_dispatch(fixture->loop, turn_ms);
	if (vx_link_wants_write(fixture->host) && vx_link_is_ready(fixture->host)) {
		liveness_sent(fixture->liveness, fixture->host);
	}
	vx_link_flush(fixture->host);
	if (!fixture->guest_hangs) {
		vx_link_dispatch(fixture->guest);
		vx_link_flush(fixture->guest);
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
	assert_non_null(vx_link_channel_open(
		fixture->host, "test", vx_link_window_default, &channel_listener, fixture));
}

static int setup(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	int pair[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	fixture->loop = wl_event_loop_create();
	fixture->host = vx_link_create(pair[0], VX_LINK_HOST, 0, &listener, fixture);
	fixture->guest = vx_link_create(pair[1], VX_LINK_GUEST, 0, &listener, fixture);
	fixture->source = wl_event_loop_add_fd(
		fixture->loop, pair[0], WL_EVENT_READABLE, handle_host, fixture);
	fixture->liveness = liveness_create(fixture->loop, period_ms, handle_change, fixture);
	turns(fixture, 5);
	assert_true(vx_link_is_ready(fixture->host));
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	liveness_destroy(fixture->liveness);
	wl_event_source_remove(fixture->source);
	vx_link_destroy(fixture->host);
	vx_link_destroy(fixture->guest);
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
