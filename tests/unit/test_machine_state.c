/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/machine_state.h"

static enum machine_state walk(
	enum machine_state state, const enum machine_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct machine_transition transition = machine_transition_for(state, events[i]);
		assert_true(transition.is_valid);
		state = transition.next;
	}
	return state;
}

#define WALK(from, ...)                                       \
	walk(from, (const enum machine_event[]){__VA_ARGS__}, \
		sizeof((const enum machine_event[]){__VA_ARGS__}) / sizeof(enum machine_event))

static void test_a_whole_life(void **state)
{
	assert_int_equal(WALK(MACHINE_STOPPED, MACHINE_EVENT_START, MACHINE_EVENT_DOMAIN_UP,
				 MACHINE_EVENT_PROXY_UP, MACHINE_EVENT_LINK_UP),
		MACHINE_RUNNING);
	assert_int_equal(
		WALK(MACHINE_RUNNING, MACHINE_EVENT_STOP, MACHINE_EVENT_STOPPED), MACHINE_STOPPED);
}

static void test_a_lost_proxy_is_replaced(void **state)
{
	struct machine_transition lost = machine_transition_for(
		MACHINE_RUNNING, MACHINE_EVENT_PROXY_GONE);
	assert_int_equal(lost.next, MACHINE_CONNECTING);
	assert_int_equal(lost.action, MACHINE_ACTION_RESPAWN_PROXY);
	assert_int_equal(WALK(MACHINE_CONNECTING, MACHINE_EVENT_PROXY_UP, MACHINE_EVENT_LINK_UP),
		MACHINE_RUNNING);
}

static void test_what_runs_is_adopted(void **state)
{
	struct machine_transition found = machine_transition_for(
		MACHINE_STOPPED, MACHINE_EVENT_FOUND);
	assert_int_equal(found.next, MACHINE_CONNECTING);
	assert_int_equal(found.action, MACHINE_ACTION_ADOPT_PROXY);
	assert_false(machine_transition_for(MACHINE_RUNNING, MACHINE_EVENT_FOUND).is_valid);
}

/* Whatever happens, a live VM can be ended, and every wait has an end. */
static void test_nothing_lasts_for_ever(void **state)
{
	for (unsigned i = 0; i < MACHINE_STATE_COUNT; i++) {
		enum machine_state each = (enum machine_state)i;
		if (!machine_state_is_alive(each)) {
			assert_int_equal(machine_state_deadline_ms(each, 1000), 0);
			continue;
		}
		bool is_waiting = each != MACHINE_RUNNING;
		assert_int_equal(machine_state_deadline_ms(each, 1000) > 0, is_waiting);
		assert_int_equal(
			machine_transition_for(each, MACHINE_EVENT_DEADLINE).is_valid, is_waiting);
		if (each != MACHINE_STOPPING) {
			struct machine_transition stop = machine_transition_for(
				each, MACHINE_EVENT_STOP);
			assert_int_equal(stop.next, MACHINE_STOPPING);
			assert_true(machine_transition_for(each, MACHINE_EVENT_KILL).is_valid);
		}
	}
}

/* Random events never lead out of the table, and "at rest" is only reached through SETTLE. */
static void test_random_events(void **state)
{
	unsigned seed = 1;
	enum machine_state current = MACHINE_STOPPED;
	for (unsigned i = 0; i < 100'000; i++) {
		enum machine_event event = (enum machine_event)(
			rand_r(&seed) % MACHINE_EVENT_COUNT);
		struct machine_transition transition = machine_transition_for(current, event);
		if (!transition.is_valid) {
			continue;
		}
		bool comes_to_rest = machine_state_is_alive(current) &&
				     !machine_state_is_alive(transition.next);
		assert_int_equal(transition.action == MACHINE_ACTION_SETTLE, comes_to_rest);
		current = transition.next;
	}
}

static void test_retries_are_bounded(void **state)
{
	struct machine_retry retry = {};
	int64_t last = 0;
	for (unsigned i = 0; i < machine_retry_max; i++) {
		int64_t delay = machine_retry_next(&retry, 1000 + i);
		assert_true(delay > last);
		last = delay;
	}
	assert_int_equal(machine_retry_next(&retry, 2000), -1);
	assert_int_equal(machine_retry_next(&retry, 2000 + machine_retry_window_ms), 100);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_life),
		cmocka_unit_test(test_a_lost_proxy_is_replaced),
		cmocka_unit_test(test_what_runs_is_adopted),
		cmocka_unit_test(test_nothing_lasts_for_ever),
		cmocka_unit_test(test_random_events),
		cmocka_unit_test(test_retries_are_bounded),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
