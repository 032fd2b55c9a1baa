/* SPDX-License-Identifier: MIT */
#include "config/gesture.h"

#include <math.h>
#include <string.h>

/* Less than this is a hand that isn't quite still. */
static constexpr double min_rotation = 5;
static constexpr double min_scale_change = 0.1;

/* --- What the fingers do --- */

void gesture_tracker_begin(struct gesture_tracker *tracker, enum gesture_kind kind, uint8_t fingers)
{
	*tracker = (struct gesture_tracker){.kind = kind, .fingers = fingers, .scale = 1};
}

void gesture_tracker_update(
	struct gesture_tracker *tracker, double dx, double dy, double scale, double rotation)
{
	tracker->dx += dx;
	tracker->dy += dy;
	tracker->scale = scale;
	tracker->rotation += rotation;
}

static uint32_t direction_of_move(const struct gesture_tracker *tracker)
{
	if (fabs(tracker->dx) > fabs(tracker->dy)) {
		return tracker->dx > 0 ? GESTURE_DIRECTION_RIGHT : GESTURE_DIRECTION_LEFT;
	}
	return tracker->dy > 0 ? GESTURE_DIRECTION_DOWN : GESTURE_DIRECTION_UP;
}

static uint32_t directions_of_pinch(const struct gesture_tracker *tracker)
{
	uint32_t directions = 0;
	if (tracker->rotation > min_rotation) {
		directions |= GESTURE_DIRECTION_CLOCKWISE;
	} else if (tracker->rotation < -min_rotation) {
		directions |= GESTURE_DIRECTION_COUNTERCLOCKWISE;
	}
	if (tracker->scale > 1 + min_scale_change) {
		directions |= GESTURE_DIRECTION_OUTWARD;
	} else if (tracker->scale < 1 - min_scale_change) {
		directions |= GESTURE_DIRECTION_INWARD;
	}
	return directions;
}

struct gesture gesture_tracker_end(struct gesture_tracker *tracker)
{
	struct gesture gesture = {.kind = tracker->kind, .fingers = tracker->fingers};
	if (tracker->kind == GESTURE_SWIPE || tracker->kind == GESTURE_PINCH) {
		gesture.directions = direction_of_move(tracker);
	}
	if (tracker->kind == GESTURE_PINCH) {
		gesture.directions |= directions_of_pinch(tracker);
	}
	*tracker = (struct gesture_tracker){};
	return gesture;
}

/* --- Bindings --- */

static bool is_for_device(const struct binding *binding, const char *input)
{
	return strcmp(binding->input, "*") == 0 || strcmp(binding->input, input) == 0;
}

static bool begins_so(const struct gesture *wanted, enum gesture_kind kind, uint8_t fingers)
{
	return wanted->kind == kind &&
	       (wanted->fingers == gesture_fingers_any || wanted->fingers == fingers);
}

bool binding_wants_gesture(
	const struct binding_mode *mode, enum gesture_kind kind, uint8_t fingers, const char *input)
{
	for (int i = 0; i < mode->gestures.list.length; i++) {
		const struct binding *binding = mode->gestures.list.items[i];
		if (begins_so(&binding->gesture, kind, fingers) && is_for_device(binding, input)) {
			return true;
		}
	}
	return false;
}

static bool is_exact(const struct binding *binding)
{
	return binding->flags & BINDING_EXACT;
}

static bool fits(const struct binding *binding, const struct gesture *gesture)
{
	uint32_t wanted = binding->gesture.directions;
	return begins_so(&binding->gesture, gesture->kind, gesture->fingers) &&
	       (is_exact(binding) ? wanted == gesture->directions
				  : (wanted & gesture->directions) == wanted);
}

static int count_directions(const struct binding *binding)
{
	int count = 0;
	for (uint32_t bits = binding->gesture.directions; bits != 0; bits &= bits - 1) {
		count++;
	}
	return count;
}

/* Of two that fit equally well, the later one. */
static bool is_better(const struct binding *binding, const struct binding *current)
{
	if (strcmp(binding->input, current->input) != 0) {
		return strcmp(binding->input, "*") != 0;
	}
	if (is_exact(current) && !is_exact(binding)) {
		return false;
	}
	return count_directions(binding) >= count_directions(current);
}

struct binding *binding_find_gesture(
	const struct binding_mode *mode, const struct gesture *gesture, const char *input)
{
	struct binding *best = nullptr;
	for (int i = 0; i < mode->gestures.list.length; i++) {
		struct binding *binding = mode->gestures.list.items[i];
		if (is_for_device(binding, input) && fits(binding, gesture) &&
			(best == nullptr || is_better(binding, best))) {
			best = binding;
		}
	}
	return best;
}
