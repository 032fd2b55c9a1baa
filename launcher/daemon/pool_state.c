/* SPDX-License-Identifier: MIT */
#include "daemon/pool_state.h"

#include "common/log.h"
#include "common/memory.h"

static constexpr uint64_t quiet_min_ms = 2'000;
static constexpr uint64_t backoff_first_ms = 5'000;
static constexpr uint64_t backoff_max_ms = 600'000;
static constexpr uint64_t memory_retry_ms = 60'000;
static constexpr uint64_t reserve_min_mib = 512;
static constexpr uint64_t reserve_share = 8; /* an eighth */

#define GO(state, what) {true, POOL_##state, POOL_ACTION_##what}

static const struct pool_transition transitions[POOL_STATE_COUNT][POOL_EVENT_COUNT] = {
	[POOL_PREPARING] =
		{
			[POOL_EVENT_STARTED] = GO(BOOTING, NONE),
			[POOL_EVENT_START_FAILED] = GO(ENDING, FORGET),
			/* Jobs of one VM run in order: this one ends what the start may bring up.
			 */
			[POOL_EVENT_DISCARD] = GO(ENDING, KILL),
		},
	[POOL_BOOTING] =
		{
			[POOL_EVENT_SAID_READY] = GO(PAUSING, PAUSE),
			[POOL_EVENT_HOLD] = GO(HELD, PAUSE),
			[POOL_EVENT_DISCARD] = GO(ENDING, KILL),
			[POOL_EVENT_DOMAIN_DOWN] = GO(ENDING, CLEAN_UP),
		},
	[POOL_HELD] =
		{
			/* It said so while libvirt was pausing it. */
			[POOL_EVENT_SAID_READY] = GO(PAUSING, PAUSE),
			[POOL_EVENT_GO_ON] = GO(BOOTING, RESUME),
			[POOL_EVENT_DISCARD] = GO(ENDING, KILL),
			[POOL_EVENT_DOMAIN_DOWN] = GO(ENDING, CLEAN_UP),
		},
	[POOL_PAUSING] =
		{
			[POOL_EVENT_PAUSED] = GO(READY, NONE),
			[POOL_EVENT_DISCARD] = GO(ENDING, KILL),
			[POOL_EVENT_DOMAIN_DOWN] = GO(ENDING, CLEAN_UP),
		},
	[POOL_READY] =
		{
			[POOL_EVENT_DISCARD] = GO(ENDING, KILL),
			[POOL_EVENT_DOMAIN_DOWN] = GO(ENDING, CLEAN_UP),
		},
	[POOL_ENDING] =
		{
			[POOL_EVENT_ENDED] = GO(ENDING, FORGET),
		},
};

static const char *const names[] = {
	[POOL_PREPARING] = "preloading",
	[POOL_BOOTING] = "preloading",
	[POOL_HELD] = "preloading",
	[POOL_PAUSING] = "preloading",
	[POOL_READY] = "preloaded",
	[POOL_ENDING] = "stopping",
};
static_assert(VX_ARRAY_LENGTH(names) == POOL_STATE_COUNT);

struct pool_transition pool_transition_for(enum pool_state state, enum pool_event event)
{
	vx_assert(state < POOL_STATE_COUNT && event < POOL_EVENT_COUNT);
	return transitions[state][event];
}

const char *pool_state_name(enum pool_state state)
{
	vx_assert(state < POOL_STATE_COUNT);
	return names[state];
}

uint64_t pool_memory_reserve_mib(uint64_t total_mib)
{
	uint64_t share = total_mib / reserve_share;
	return share > reserve_min_mib ? share : reserve_min_mib;
}

/* Twice as long after each failure in a row: what can't be started costs next to nothing. */
static uint64_t backoff_ms(unsigned failures)
{
	uint64_t wait_ms = failures > 0 ? backoff_first_ms : 0;
	for (unsigned i = 1; i < failures && wait_ms < backoff_max_ms; i++) {
		wait_ms *= 2;
	}
	return wait_ms < backoff_max_ms ? wait_ms : backoff_max_ms;
}

static struct pool_decision wait(uint64_t needed_ms, uint64_t passed_ms)
{
	return (struct pool_decision){
		.step = POOL_STEP_WAIT,
		.wait_ms = needed_ms - passed_ms,
	};
}

static struct pool_decision decide_start(const struct pool_situation *situation, uint64_t reserve)
{
	uint64_t backoff = backoff_ms(situation->failures);
	if (situation->quiet_ms < quiet_min_ms) {
		return wait(quiet_min_ms, situation->quiet_ms);
	}
	if (situation->failed_ms < backoff) {
		return wait(backoff, situation->failed_ms);
	}
	if (situation->memory_available_mib < reserve + situation->memory_needed_mib) {
		struct pool_decision decision = wait(memory_retry_ms, 0);
		decision.is_memory_short = true;
		return decision;
	}
	return (struct pool_decision){.step = POOL_STEP_START};
}

struct pool_decision pool_decide(const struct pool_situation *situation)
{
	uint64_t reserve = pool_memory_reserve_mib(situation->memory_total_mib);
	bool is_short = situation->memory_available_mib < reserve && !situation->is_ending;
	if (situation->have > situation->wanted || (situation->have > 0 && is_short)) {
		return (struct pool_decision){
			.step = POOL_STEP_END_ONE,
			.is_memory_short = situation->have <= situation->wanted,
		};
	}
	if (situation->have == situation->wanted || situation->is_starting ||
		situation->is_user_busy) {
		return (struct pool_decision){.step = POOL_STEP_NONE};
	}
	return decide_start(situation, reserve);
}
