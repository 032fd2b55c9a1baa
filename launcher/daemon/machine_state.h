/* SPDX-License-Identifier: MIT */
/*
 * The life of a VM as a table: what happens in which state, and what is to be done then. Pure;
 * machine.h does it.
 *
 *   stopped ─start→ preparing ─→ connecting ─→ booting ─→ running ─→ stopping ─→ stopped | failed
 *                                    ↑ proxy or link lost │  │
 *                                    └────────────────────┴──┘
 */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_STATE_H
#define VX_LAUNCHER_DAEMON_MACHINE_STATE_H

#include <stdint.h>

enum machine_state : unsigned {
	MACHINE_STOPPED,
	MACHINE_PREPARING,  /* the hypervisor starts the domain */
	MACHINE_CONNECTING, /* vixos-proxy was spawned, or its socket is there: it must answer */
	MACHINE_BOOTING,    /* vixos-proxy waits for the guest's hello */
	MACHINE_RUNNING,
	MACHINE_STOPPING, /* the domain is being ended, its files removed */
	MACHINE_FAILED,   /* as stopped, with a message that says why */
	MACHINE_STATE_COUNT,
};

enum machine_event : unsigned {
	MACHINE_EVENT_START,         /* somebody wants it to run */
	MACHINE_EVENT_FOUND,         /* libvirt says that it runs */
	MACHINE_EVENT_DOMAIN_UP,     /* the start succeeded */
	MACHINE_EVENT_START_FAILED,  /* the start failed and left nothing behind */
	MACHINE_EVENT_PROXY_UP,      /* vixos-proxy answers */
	MACHINE_EVENT_LINK_UP,       /* the guest said hello */
	MACHINE_EVENT_LINK_DOWN,     /* the guest broke the protocol or hung up */
	MACHINE_EVENT_PROXY_GONE,    /* vixos-proxy ended */
	MACHINE_EVENT_RETRIES_SPENT, /* vixos-proxy or the link was lost too often */
	MACHINE_EVENT_DOMAIN_DOWN,   /* the domain ended by itself */
	MACHINE_EVENT_STOP,          /* somebody wants it to end */
	MACHINE_EVENT_KILL,          /* … at once */
	MACHINE_EVENT_STOPPED,       /* domain and files are gone */
	MACHINE_EVENT_DEADLINE,      /* the state lasted too long */
	MACHINE_EVENT_COUNT,
};

enum machine_action : unsigned {
	MACHINE_ACTION_NONE,
	MACHINE_ACTION_START_DOMAIN,
	MACHINE_ACTION_SPAWN_PROXY,
	MACHINE_ACTION_ADOPT_PROXY,   /* connect to the one that runs; if none answers, spawn one */
	MACHINE_ACTION_RESPAWN_PROXY, /* end it if it still runs, wait a bit, spawn another */
	MACHINE_ACTION_STOP_DOMAIN,   /* ask the guest, then destroy; remove files */
	MACHINE_ACTION_KILL_DOMAIN,   /* destroy at once; remove files */
	MACHINE_ACTION_CLEAN_UP,      /* the domain is gone: remove files */
	MACHINE_ACTION_SETTLE,        /* nothing is left: tell those who wait */
	MACHINE_ACTION_COUNT,
};

struct machine_transition {
	bool is_valid; /* false: the event means nothing in this state and is ignored */
	enum machine_state next;
	enum machine_action action;
};

/* What `event` does to a VM in `state`. */
struct machine_transition machine_transition_for(
	enum machine_state state, enum machine_event event);

/* "stopped", "preparing", …: as in org.vixos.Manager. */
const char *machine_state_name(enum machine_state state);

/* Is there a domain, or the attempt at one? */
bool machine_state_is_alive(enum machine_state state);

/*
 * How long a VM may stay in `state`, in milliseconds; 0: for ever. `boot_ms` bounds BOOTING, where
 * the guest does the work and emulation may be slow.
 */
uint32_t machine_state_deadline_ms(enum machine_state state, uint32_t boot_ms);

static constexpr uint32_t machine_stop_grace_ms = 5000; /* for the guest to shut down by itself */

/*
 * When to start the next vixos-proxy after one was lost: bounded, and each attempt waits twice as
 * long, so that a guest which keeps breaking its link costs next to nothing.
 */
struct machine_retry {
	unsigned count;
	uint64_t window_start_ms;
};

static constexpr unsigned machine_retry_max = 5; /* within … */
static constexpr uint64_t machine_retry_window_ms = 60'000;

/* Milliseconds to wait before the next attempt, or -1: too many within the window. */
int64_t machine_retry_next(struct machine_retry *retry, uint64_t now_ms);

#endif
