/* SPDX-License-Identifier: MIT */
/* The pool of preloaded VMs: the life of one, and when there is to be one more or one less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/pool_state.h"

static enum pool_state walk(enum pool_state state, const enum pool_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pool_transition transition = pool_transition_for(state, events[i]);
		assert_true(transition.is_valid);
		state = transition.next;
	}
	return state;
}

#define WALK(from, ...)                                    \
	walk(from, (const enum pool_event[]){__VA_ARGS__}, \
		sizeof((const enum pool_event[]){__VA_ARGS__}) / sizeof(enum pool_event))

static void test_it_gets_ready(void **state)
{
	assert_int_equal(
		WALK(POOL_PREPARING, POOL_EVENT_STARTED, POOL_EVENT_SAID_READY, POOL_EVENT_PAUSED),
		POOL_READY);
}

static void test_it_gives_way_to_the_user(void **state)
{
	assert_int_equal(WALK(POOL_BOOTING, POOL_EVENT_HOLD), POOL_HELD);
	assert_int_equal(
		pool_transition_for(POOL_BOOTING, POOL_EVENT_HOLD).action, POOL_ACTION_PAUSE);
	/* That it is paused is no reason to take it for ready. */
	assert_false(pool_transition_for(POOL_HELD, POOL_EVENT_PAUSED).is_valid);
	assert_int_equal(
		pool_transition_for(POOL_HELD, POOL_EVENT_GO_ON).action, POOL_ACTION_RESUME);
	assert_int_equal(
		WALK(POOL_HELD, POOL_EVENT_GO_ON, POOL_EVENT_SAID_READY, POOL_EVENT_PAUSED),
		POOL_READY);
	/* One that is ready costs nothing. */
	assert_false(pool_transition_for(POOL_READY, POOL_EVENT_HOLD).is_valid);
}

static void test_a_ready_one_that_talks_is_no_reason_to_pause_it_again(void **state)
{
	assert_false(pool_transition_for(POOL_READY, POOL_EVENT_SAID_READY).is_valid);
	assert_false(pool_transition_for(POOL_PREPARING, POOL_EVENT_SAID_READY).is_valid);
}

/* In every state it can be thrown away, and the end comes once. */
static void test_every_one_can_be_thrown_away(void **state)
{
	for (unsigned i = 0; i < POOL_STATE_COUNT; i++) {
		enum pool_state each = (enum pool_state)i;
		assert_non_null(pool_state_name(each));
		struct pool_transition discard = pool_transition_for(each, POOL_EVENT_DISCARD);
		assert_int_equal(discard.is_valid, each != POOL_ENDING);
		if (discard.is_valid) {
			assert_int_equal(discard.next, POOL_ENDING);
			assert_int_equal(discard.action, POOL_ACTION_KILL);
		}
		bool has_domain = each != POOL_ENDING && each != POOL_PREPARING;
		assert_int_equal(
			pool_transition_for(each, POOL_EVENT_DOMAIN_DOWN).is_valid, has_domain);
	}
	assert_int_equal(
		pool_transition_for(POOL_ENDING, POOL_EVENT_ENDED).action, POOL_ACTION_FORGET);
	assert_int_equal(pool_transition_for(POOL_PREPARING, POOL_EVENT_START_FAILED).action,
		POOL_ACTION_FORGET);
}

static struct pool_situation calm(size_t wanted, size_t have)
{
	return (struct pool_situation){
		.wanted = wanted,
		.have = have,
		.quiet_ms = 3'600'000,
		.failed_ms = 3'600'000,
		.memory_available_mib = 16'000,
		.memory_total_mib = 32'000,
		.memory_needed_mib = 768,
	};
}

static void test_one_is_started_after_another(void **state)
{
	struct pool_situation situation = calm(2, 0);
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_START);
	situation.is_starting = true;
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_NONE);
	situation = calm(2, 2);
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_NONE);
	situation = calm(2, 3);
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_END_ONE);
	situation = calm(0, 1);
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_END_ONE);
}

static void test_none_is_started_while_the_user_starts_something(void **state)
{
	struct pool_situation situation = calm(1, 0);
	situation.is_user_busy = true;
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_NONE);
	situation.is_user_busy = false;
	situation.quiet_ms = 500;
	struct pool_decision decision = pool_decide(&situation);
	assert_int_equal(decision.step, POOL_STEP_WAIT);
	situation.quiet_ms += decision.wait_ms;
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_START);
}

static void test_what_cannot_be_started_is_tried_ever_more_rarely(void **state)
{
	uint64_t before_ms = 0;
	for (unsigned failures = 1; failures < 100; failures++) {
		struct pool_situation situation = calm(1, 0);
		situation.failures = failures;
		situation.failed_ms = 0;
		struct pool_decision decision = pool_decide(&situation);
		assert_int_equal(decision.step, POOL_STEP_WAIT);
		assert_true(decision.wait_ms >= before_ms && decision.wait_ms <= 600'000);
		before_ms = decision.wait_ms;
		situation.failed_ms = decision.wait_ms;
		assert_int_equal(pool_decide(&situation).step, POOL_STEP_START);
	}
	assert_int_equal(before_ms, 600'000);
}

static void test_memory_is_left_to_the_user(void **state)
{
	struct pool_situation situation = calm(2, 1);
	uint64_t reserve = pool_memory_reserve_mib(situation.memory_total_mib);
	situation.memory_available_mib = reserve + situation.memory_needed_mib - 1;
	struct pool_decision decision = pool_decide(&situation);
	assert_int_equal(decision.step, POOL_STEP_WAIT);
	assert_true(decision.is_memory_short);
	situation.memory_available_mib++;
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_START);
	/* What is there is given back, one at a time, when the user needs it. */
	situation.memory_available_mib = reserve - 1;
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_END_ONE);
	situation.is_ending = true;
	assert_int_not_equal(pool_decide(&situation).step, POOL_STEP_END_ONE);
	/* Where it can't be read, none is started. */
	situation = calm(1, 0);
	situation.memory_available_mib = situation.memory_total_mib = 0;
	assert_int_equal(pool_decide(&situation).step, POOL_STEP_WAIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_gets_ready),
		cmocka_unit_test(test_it_gives_way_to_the_user),
		cmocka_unit_test(test_a_ready_one_that_talks_is_no_reason_to_pause_it_again),
		cmocka_unit_test(test_every_one_can_be_thrown_away),
		cmocka_unit_test(test_one_is_started_after_another),
		cmocka_unit_test(test_none_is_started_while_the_user_starts_something),
		cmocka_unit_test(test_what_cannot_be_started_is_tried_ever_more_rarely),
		cmocka_unit_test(test_memory_is_left_to_the_user),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
