/* SPDX-License-Identifier: MIT */
#include "input/gestures.h"

#include <stdlib.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_pointer_gestures_v1.h>

#include "common/memory.h"
#include "config/config.h"
#include "config/gesture.h"
#include "input/input.h"
#include "input/seat.h"
#include "listener.h"
#include "server.h"
#include "shell/lock.h"
#include "ui/modal.h"

struct gestures {
	struct seat *seat;
	struct gesture_tracker tracker;
	/* The client under the pointer heard of the begin, and hears the rest. */
	bool is_forwarded;
	struct wl_listener swipe_begin, swipe_update, swipe_end;
	struct wl_listener pinch_begin, pinch_update, pinch_end, hold_begin, hold_end;
};

static const char *identifier_of(const struct wlr_pointer *pointer)
{
	const struct device *device = pointer != nullptr ? pointer->base.data : nullptr;
	return device != nullptr ? device->identifier : "*";
}

/* Takes it for a binding, or says whether the client is to hear of it. */
static bool begin(struct gestures *gestures, enum gesture_kind kind, uint32_t fingers,
	const struct wlr_pointer *pointer)
{
	struct seat *seat = gestures->seat;
	seat_notify_activity(seat);
	gestures->tracker = (struct gesture_tracker){};
	gestures->is_forwarded = false;
	if (modal_is_open(seat->server) || seat->seatop != nullptr) {
		return false;
	}
	const struct binding_mode *mode = server_config(seat->server)->current_mode;
	if (fingers <= UINT8_MAX && !lock_is_locked(seat->server->lock) &&
		binding_wants_gesture(mode, kind, (uint8_t)fingers, identifier_of(pointer))) {
		gesture_tracker_begin(&gestures->tracker, kind, (uint8_t)fingers);
		return false;
	}
	gestures->is_forwarded = true;
	return true;
}

/* Adds to what is tracked, or says whether the client is to hear of it. */
static bool update(struct gestures *gestures, double dx, double dy, double scale, double rotation)
{
	seat_notify_activity(gestures->seat);
	if (gestures->tracker.kind != GESTURE_NONE) {
		gesture_tracker_update(&gestures->tracker, dx, dy, scale, rotation);
	}
	return gestures->is_forwarded;
}

static void run_binding(struct gestures *gestures, const char *input)
{
	struct seat *seat = gestures->seat;
	struct gesture gesture = gesture_tracker_end(&gestures->tracker);
	struct binding *binding = binding_find_gesture(
		server_config(seat->server)->current_mode, &gesture, input);
	if (binding != nullptr && !lock_is_locked(seat->server->lock)) {
		seat_run_binding(seat, binding);
	}
}

/* Runs the binding, or says whether the client is to hear of it. */
static bool end(struct gestures *gestures, bool cancelled, const struct wlr_pointer *pointer)
{
	seat_notify_activity(gestures->seat);
	if (gestures->tracker.kind != GESTURE_NONE && !cancelled) {
		run_binding(gestures, identifier_of(pointer));
	}
	gestures->tracker = (struct gesture_tracker){};
	bool is_forwarded = gestures->is_forwarded;
	gestures->is_forwarded = false;
	return is_forwarded;
}

#define BEGIN(name, kind)                                                                      \
	static void handle_##name##_begin(struct wl_listener *listener, void *data)            \
	{                                                                                      \
		struct gestures *gestures = wl_container_of(listener, gestures, name##_begin); \
		const struct wlr_pointer_##name##_begin_event *event = data;                   \
		if (begin(gestures, kind, event->fingers, event->pointer)) {                   \
			wlr_pointer_gestures_v1_send_##name##_begin(                           \
				gestures->seat->input->gestures, gestures->seat->wlr_seat,     \
				event->time_msec, event->fingers);                             \
		}                                                                              \
	}

#define END(name)                                                                                  \
	static void handle_##name##_end(struct wl_listener *listener, void *data)                  \
	{                                                                                          \
		struct gestures *gestures = wl_container_of(listener, gestures, name##_end);       \
		const struct wlr_pointer_##name##_end_event *event = data;                         \
		if (end(gestures, event->cancelled, event->pointer)) {                             \
			wlr_pointer_gestures_v1_send_##name##_end(gestures->seat->input->gestures, \
				gestures->seat->wlr_seat, event->time_msec, event->cancelled);     \
		}                                                                                  \
	}

BEGIN(swipe, GESTURE_SWIPE)
BEGIN(pinch, GESTURE_PINCH)
BEGIN(hold, GESTURE_HOLD)
END(swipe)
END(pinch)
END(hold)

static void handle_swipe_update(struct wl_listener *listener, void *data)
{
	struct gestures *gestures = wl_container_of(listener, gestures, swipe_update);
	const struct wlr_pointer_swipe_update_event *event = data;
	if (update(gestures, event->dx, event->dy, 1, 0)) {
		wlr_pointer_gestures_v1_send_swipe_update(gestures->seat->input->gestures,
			gestures->seat->wlr_seat, event->time_msec, event->dx, event->dy);
	}
}

static void handle_pinch_update(struct wl_listener *listener, void *data)
{
	struct gestures *gestures = wl_container_of(listener, gestures, pinch_update);
	const struct wlr_pointer_pinch_update_event *event = data;
	if (update(gestures, event->dx, event->dy, event->scale, event->rotation)) {
		wlr_pointer_gestures_v1_send_pinch_update(gestures->seat->input->gestures,
			gestures->seat->wlr_seat, event->time_msec, event->dx, event->dy,
			event->scale, event->rotation);
	}
}

struct gestures *gestures_create(struct seat *seat, struct wlr_cursor *cursor)
{
	struct gestures *gestures = vx_new(gestures);
	gestures->seat = seat;
	listener_add(&gestures->swipe_begin, &cursor->events.swipe_begin, handle_swipe_begin);
	listener_add(&gestures->swipe_update, &cursor->events.swipe_update, handle_swipe_update);
	listener_add(&gestures->swipe_end, &cursor->events.swipe_end, handle_swipe_end);
	listener_add(&gestures->pinch_begin, &cursor->events.pinch_begin, handle_pinch_begin);
	listener_add(&gestures->pinch_update, &cursor->events.pinch_update, handle_pinch_update);
	listener_add(&gestures->pinch_end, &cursor->events.pinch_end, handle_pinch_end);
	listener_add(&gestures->hold_begin, &cursor->events.hold_begin, handle_hold_begin);
	listener_add(&gestures->hold_end, &cursor->events.hold_end, handle_hold_end);
	return gestures;
}

void gestures_destroy(struct gestures *gestures)
{
	struct wl_listener *const listeners[] = {
		&gestures->swipe_begin,
		&gestures->swipe_update,
		&gestures->swipe_end,
		&gestures->pinch_begin,
		&gestures->pinch_update,
		&gestures->pinch_end,
		&gestures->hold_begin,
		&gestures->hold_end,
	};
	listeners_remove(listeners, VX_ARRAY_LENGTH(listeners));
	free(gestures);
}
