/* SPDX-License-Identifier: MIT */
/* Gestures on a touchpad: what the fingers have done, and which binding is for that. */
#ifndef CONFIG_GESTURE_H
#define CONFIG_GESTURE_H

#include "config/binding.h"

/* Adds up what the fingers of one gesture do. Zeroed: there is none. */
struct gesture_tracker {
	enum gesture_kind kind;
	uint8_t fingers;
	double dx, dy;   /* the way of their middle, in the units of the device */
	double scale;    /* of a pinch: their distance now to that at the begin */
	double rotation; /* of a pinch: degrees, clockwise */
};

void gesture_tracker_begin(
	struct gesture_tracker *tracker, enum gesture_kind kind, uint8_t fingers);
/* `scale` is absolute, the rest is what came since the last time. A swipe has scale 1, rotation 0.
 */
void gesture_tracker_update(
	struct gesture_tracker *tracker, double dx, double dy, double scale, double rotation);
/* What it was; nothing is tracked afterwards. */
struct gesture gesture_tracker_end(struct gesture_tracker *tracker);

/* Could a gesture that begins so run a binding? `input` is the identifier of the device. */
bool binding_wants_gesture(const struct binding_mode *mode, enum gesture_kind kind, uint8_t fingers,
	const char *input);
/* The best one for a gesture: for the device before "*", more directions before fewer. */
struct binding *binding_find_gesture(
	const struct binding_mode *mode, const struct gesture *gesture, const char *input);

#endif
