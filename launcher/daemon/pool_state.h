/* SPDX-License-Identifier: MIT */
/*
 * The pool of preloaded VMs (pool.h) as pure logic: the life of one of them as a table, and when to
 * start another or end one.
 *
 *   preparing ─→ booting ⇄ held ─→ pausing ─→ ready ─→ (taken)
 *        └──────────┴────────┴────────┴─────────┴────→ ending ─→ (gone)
 */
#ifndef VX_LAUNCHER_DAEMON_POOL_STATE_H
#define VX_LAUNCHER_DAEMON_POOL_STATE_H

#include <stddef.h>
#include <stdint.h>

enum pool_state : unsigned {
	POOL_PREPARING, /* the hypervisor starts the domain */
	POOL_BOOTING,   /* the guest is to say that it is ready */
	POOL_HELD,      /* paused while it boots: the user is starting something */
	POOL_PAUSING,   /* it is ready */
	POOL_READY,     /* … and paused: can be taken */
	POOL_ENDING,    /* the domain is being ended, its files removed */
	POOL_STATE_COUNT,
};

enum pool_event : unsigned {
	POOL_EVENT_STARTED,
	POOL_EVENT_START_FAILED, /* and left nothing behind */
	POOL_EVENT_SAID_READY,   /* the first byte on the bind socket */
	POOL_EVENT_PAUSED,       /* libvirt has paused it for us */
	POOL_EVENT_HOLD,         /* the user is starting something */
	POOL_EVENT_GO_ON,        /* not any more */
	POOL_EVENT_DISCARD,      /* outdated, too many, misbehaving, or too slow */
	POOL_EVENT_DOMAIN_DOWN,  /* it ended by itself */
	POOL_EVENT_ENDED,        /* domain and files are gone */
	POOL_EVENT_COUNT,
};

enum pool_action : unsigned {
	POOL_ACTION_NONE,
	POOL_ACTION_PAUSE,
	POOL_ACTION_RESUME,
	POOL_ACTION_KILL,
	POOL_ACTION_CLEAN_UP, /* the domain is gone: remove files */
	POOL_ACTION_FORGET,   /* nothing is left */
	POOL_ACTION_COUNT,
};

struct pool_transition {
	bool is_valid; /* false: the event means nothing in this state and is ignored */
	enum pool_state next;
	enum pool_action action;
};

struct pool_transition pool_transition_for(enum pool_state state, enum pool_event event);

/* "preloading", "preloaded" or "stopping": as in org.vixos.Manager. */
const char *pool_state_name(enum pool_state state);

/* What is known of one kind of VM in the pool, and of the host. */
struct pool_situation {
	size_t wanted, have; /* those that are ending don't count */
	bool is_starting;    /* one of the pool's, of any kind, isn't ready yet */
	bool is_ending;      /* … is going, and with it the memory that it has */
	bool is_user_busy;   /* the user is starting a VM */
	uint64_t quiet_ms;   /* since the user was */
	unsigned failures;   /* to start one, in a row */
	uint64_t failed_ms;  /* since the last of them */
	uint64_t memory_available_mib, memory_total_mib;
	uint64_t memory_needed_mib; /* by one more */
};

enum pool_step : unsigned {
	POOL_STEP_NONE, /* nothing to do until something changes */
	POOL_STEP_START,
	POOL_STEP_END_ONE,
	POOL_STEP_WAIT, /* look again later */
};

struct pool_decision {
	enum pool_step step;
	uint64_t wait_ms;
	bool is_memory_short; /* why none is started, or one ended */
};

struct pool_decision pool_decide(const struct pool_situation *situation);

/* What is to stay free, for the user's own programs and VMs. */
uint64_t pool_memory_reserve_mib(uint64_t total_mib);

#endif
