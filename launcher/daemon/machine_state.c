/* SPDX-License-Identifier: MIT */
#include "daemon/machine_state.h"

#include "common/log.h"
#include "common/memory.h"

static constexpr uint32_t retry_first_delay_ms = 100;

#define GO(state, what) {true, MACHINE_##state, MACHINE_ACTION_##what}

static const struct machine_transition transitions[MACHINE_STATE_COUNT][MACHINE_EVENT_COUNT] =
	{
		[MACHINE_STOPPED] =
			{
				[MACHINE_EVENT_START] = GO(PREPARING, START_DOMAIN),
				[MACHINE_EVENT_FOUND] = GO(CONNECTING, ADOPT_PROXY),
			},
		[MACHINE_PREPARING] =
			{
				[MACHINE_EVENT_DOMAIN_UP] = GO(CONNECTING, SPAWN_PROXY),
				[MACHINE_EVENT_START_FAILED] = GO(FAILED, SETTLE),
				/* Jobs of one VM run in order: this one ends what the start may
				   still bring up. */
				[MACHINE_EVENT_STOP] = GO(STOPPING, KILL_DOMAIN),
				[MACHINE_EVENT_DEADLINE] = GO(STOPPING, KILL_DOMAIN),
				[MACHINE_EVENT_KILL] = GO(STOPPING, KILL_DOMAIN),
			},
		[MACHINE_CONNECTING] =
			{
				[MACHINE_EVENT_PROXY_UP] = GO(BOOTING, NONE),
				[MACHINE_EVENT_PROXY_GONE] = GO(CONNECTING, RESPAWN_PROXY),
				[MACHINE_EVENT_RETRIES_SPENT] = GO(STOPPING, KILL_DOMAIN),
				[MACHINE_EVENT_DOMAIN_DOWN] = GO(STOPPING, CLEAN_UP),
				[MACHINE_EVENT_STOP] = GO(STOPPING, STOP_DOMAIN),
				[MACHINE_EVENT_DEADLINE] = GO(STOPPING, KILL_DOMAIN),
				[MACHINE_EVENT_KILL] = GO(STOPPING, KILL_DOMAIN),
			},
		[MACHINE_BOOTING] =
			{
				[MACHINE_EVENT_LINK_UP] = GO(RUNNING, NONE),
				[MACHINE_EVENT_LINK_DOWN] = GO(CONNECTING, RESPAWN_PROXY),
				[MACHINE_EVENT_PROXY_GONE] = GO(CONNECTING, RESPAWN_PROXY),
				[MACHINE_EVENT_RETRIES_SPENT] = GO(STOPPING, KILL_DOMAIN),
				[MACHINE_EVENT_DOMAIN_DOWN] = GO(STOPPING, CLEAN_UP),
				/* Nothing in there could hear a request to shut down. */
				[MACHINE_EVENT_STOP] = GO(STOPPING, KILL_DOMAIN),
				[MACHINE_EVENT_DEADLINE] = GO(STOPPING, KILL_DOMAIN),
				[MACHINE_EVENT_KILL] = GO(STOPPING, KILL_DOMAIN),
			},
		[MACHINE_RUNNING] =
			{
				[MACHINE_EVENT_LINK_DOWN] = GO(CONNECTING, RESPAWN_PROXY),
				[MACHINE_EVENT_PROXY_GONE] = GO(CONNECTING, RESPAWN_PROXY),
				[MACHINE_EVENT_RETRIES_SPENT] = GO(STOPPING, KILL_DOMAIN),
				[MACHINE_EVENT_DOMAIN_DOWN] = GO(STOPPING, CLEAN_UP),
				[MACHINE_EVENT_STOP] = GO(STOPPING, STOP_DOMAIN),
				[MACHINE_EVENT_KILL] = GO(STOPPING, KILL_DOMAIN),
			},
		[MACHINE_STOPPING] =
			{
				[MACHINE_EVENT_STOPPED] = GO(STOPPED, SETTLE),
				[MACHINE_EVENT_DEADLINE] = GO(FAILED, SETTLE),
			},
		[MACHINE_FAILED] =
			{
				[MACHINE_EVENT_START] = GO(PREPARING, START_DOMAIN),
				[MACHINE_EVENT_FOUND] = GO(CONNECTING, ADOPT_PROXY),
			},
};

struct machine_state_info {
	const char *name;
	bool is_alive;
	uint32_t deadline_ms;
};

/* Deadlines leave room for a machine that emulates several VMs at once. */
static const struct machine_state_info states[] = {
	[MACHINE_STOPPED] = {"stopped", false, 0},
	[MACHINE_PREPARING] = {"preparing", true, 120'000},
	[MACHINE_CONNECTING] = {"connecting", true, 30'000},
	[MACHINE_BOOTING] = {"booting", true, 0},
	[MACHINE_RUNNING] = {"running", true, 0},
	[MACHINE_STOPPING] = {"stopping", true, 60'000},
	[MACHINE_FAILED] = {"failed", false, 0},
};
static_assert(VX_ARRAY_LENGTH(states) == MACHINE_STATE_COUNT);

struct machine_transition machine_transition_for(enum machine_state state, enum machine_event event)
{
	vx_assert(state < MACHINE_STATE_COUNT && event < MACHINE_EVENT_COUNT);
	return transitions[state][event];
}

const char *machine_state_name(enum machine_state state)
{
	vx_assert(state < MACHINE_STATE_COUNT);
	return states[state].name;
}

bool machine_state_is_alive(enum machine_state state)
{
	vx_assert(state < MACHINE_STATE_COUNT);
	return states[state].is_alive;
}

uint32_t machine_state_deadline_ms(enum machine_state state, uint32_t boot_ms)
{
	vx_assert(state < MACHINE_STATE_COUNT);
	return state == MACHINE_BOOTING ? boot_ms : states[state].deadline_ms;
}

int64_t machine_retry_next(struct machine_retry *retry, uint64_t now_ms)
{
	if (retry->count == 0 || now_ms - retry->window_start_ms > machine_retry_window_ms) {
		*retry = (struct machine_retry){.window_start_ms = now_ms};
	}
	if (retry->count >= machine_retry_max) {
		return -1;
	}
	return (int64_t)retry_first_delay_ms << retry->count++;
}
