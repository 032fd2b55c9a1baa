/* SPDX-License-Identifier: MIT */
#include "host/liveness.h"

#include <wayland-server-core.h>

#include "common/memory.h"
#include "link/link.h"

enum liveness_state {
	LIVENESS_IDLE,    /* nothing was sent since the guest last answered a ping */
	LIVENESS_WAITING, /* something was sent; what comes may have been under way before */
	LIVENESS_PINGED,  /* a ping is under way */
	LIVENESS_SILENT,  /* nothing came for a whole period after it */
};

struct liveness {
	struct wl_event_source *timer; /* owned */
	struct vx_link *link;          /* borrowed; set with the first use */
	int period_ms;
	enum liveness_state state;
	bool has_heard;       /* anything, within this period */
	bool is_ping_queued;  /* what is sent next is the ping */
	bool sent_since_ping; /* that needs a ping of its own */
	void (*handle_change)(bool is_silent, void *data);
	void *data;
};

static void liveness_enter(struct liveness *liveness, enum liveness_state state)
{
	bool is_timed = state == LIVENESS_WAITING || state == LIVENESS_PINGED;
	bool was_silent = liveness->state == LIVENESS_SILENT;
	liveness->state = state;
	liveness->has_heard = false;
	wl_event_source_timer_update(liveness->timer, is_timed ? liveness->period_ms : 0);
	if (was_silent != (state == LIVENESS_SILENT)) {
		liveness->handle_change(state == LIVENESS_SILENT, liveness->data);
	}
}

static int handle_timer(void *data)
{
	struct liveness *liveness = data;
	bool is_waiting = liveness->state == LIVENESS_WAITING;
	if (is_waiting && vx_link_ping(liveness->link)) {
		liveness->is_ping_queued = true;
		liveness->sent_since_ping = false;
		liveness_enter(liveness, LIVENESS_PINGED);
	} else if (is_waiting && liveness->has_heard) {
		/* The answer to the last ping is behind much else. */
		liveness_enter(liveness, LIVENESS_WAITING);
	} else {
		liveness_enter(liveness, LIVENESS_SILENT);
	}
	return 0;
}

struct liveness *liveness_create(struct wl_event_loop *loop, int period_ms,
	void (*handle_change)(bool is_silent, void *data), void *data)
{
	struct liveness *liveness = vx_new(liveness);
	liveness->period_ms = period_ms;
	liveness->timer = wl_event_loop_add_timer(loop, handle_timer, liveness);
	liveness->handle_change = handle_change;
	liveness->data = data;
	return liveness;
}

void liveness_destroy(struct liveness *liveness)
{
	if (liveness != nullptr) {
		wl_event_source_remove(liveness->timer);
		free(liveness);
	}
}

void liveness_sent(struct liveness *liveness, struct vx_link *link)
{
	liveness->link = link;
	if (liveness->is_ping_queued) {
		liveness->is_ping_queued = false;
		return;
	}
	liveness->sent_since_ping = true;
	if (liveness->state == LIVENESS_IDLE) {
		liveness_enter(liveness, LIVENESS_WAITING);
	}
}

void liveness_heard(struct liveness *liveness)
{
	liveness->has_heard = true;
	if (liveness->state == LIVENESS_SILENT ||
		(liveness->state == LIVENESS_PINGED && liveness->sent_since_ping)) {
		liveness_enter(liveness, LIVENESS_WAITING);
	} else if (liveness->state == LIVENESS_PINGED) {
		liveness_enter(liveness, LIVENESS_IDLE);
	}
}
