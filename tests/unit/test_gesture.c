/* SPDX-License-Identifier: MIT */
/* What fingers on a touchpad did, and which bindgesture is for that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compositor_fixture.h"
#include "config/config.h"
#include "config/gesture.h"

static struct gesture swipe(uint8_t fingers, double dx, double dy)
{
	struct gesture_tracker tracker;
	gesture_tracker_begin(&tracker, GESTURE_SWIPE, fingers);
	for (int i = 0; i < 10; i++) {
		gesture_tracker_update(&tracker, dx / 10, dy / 10, 1, 0);
	}
	return gesture_tracker_end(&tracker);
}

static struct gesture pinch(uint8_t fingers, double scale, double rotation)
{
	struct gesture_tracker tracker;
	gesture_tracker_begin(&tracker, GESTURE_PINCH, fingers);
	gesture_tracker_update(&tracker, 0, -1, 1 + (scale - 1) / 2, rotation / 2);
	gesture_tracker_update(&tracker, 0, -1, scale, rotation / 2);
	return gesture_tracker_end(&tracker);
}

static void a_swipe_has_one_direction(void **state)
{
	(void)state;
	assert_int_equal(swipe(3, 100, 99).directions, GESTURE_DIRECTION_RIGHT);
	assert_int_equal(swipe(3, -100, 99).directions, GESTURE_DIRECTION_LEFT);
	assert_int_equal(swipe(3, 99, 100).directions, GESTURE_DIRECTION_DOWN);
	assert_int_equal(swipe(3, 0, -1).directions, GESTURE_DIRECTION_UP);
	assert_int_equal(swipe(4, 0, -1).fingers, 4);
	assert_int_equal(swipe(4, 0, -1).kind, GESTURE_SWIPE);
}

static void a_pinch_may_turn_and_grow(void **state)
{
	(void)state;
	assert_int_equal(
		pinch(2, 1.2, 0).directions, GESTURE_DIRECTION_OUTWARD | GESTURE_DIRECTION_UP);
	assert_int_equal(pinch(2, 0.5, -6).directions, GESTURE_DIRECTION_INWARD |
							       GESTURE_DIRECTION_COUNTERCLOCKWISE |
							       GESTURE_DIRECTION_UP);
	assert_int_equal(pinch(2, 1.05, 4).directions, GESTURE_DIRECTION_UP);
	assert_int_equal(
		pinch(2, 1.05, 6).directions, GESTURE_DIRECTION_CLOCKWISE | GESTURE_DIRECTION_UP);
}

static void a_hold_goes_nowhere(void **state)
{
	(void)state;
	struct gesture_tracker tracker;
	gesture_tracker_begin(&tracker, GESTURE_HOLD, 4);
	struct gesture gesture = gesture_tracker_end(&tracker);
	assert_int_equal(gesture.kind, GESTURE_HOLD);
	assert_int_equal(gesture.directions, GESTURE_DIRECTION_NONE);
	assert_int_equal(tracker.kind, GESTURE_NONE);
}

/* The command that a gesture runs under this configuration; "" for none. */
static void expect(
	const char *config, struct gesture gesture, const char *input, const char *command)
{
	struct compositor *compositor = compositor_create(config);
	assert_int_equal(compositor->session.config->errors.length, 0);
	const struct binding *found = binding_find_gesture(
		compositor->session.config->current_mode, &gesture, input);
	assert_string_equal(found != nullptr ? found->command : "", command);
	compositor_destroy(compositor);
}

static void fingers_and_directions_decide(void **state)
{
	(void)state;
	static const char config[] = "bindgesture swipe:3:left nop left\n"
				     "bindgesture swipe:right nop right\n"
				     "bindgesture hold nop hold\n";
	expect(config, swipe(3, -10, 0), "x", "nop left");
	expect(config, swipe(4, -10, 0), "x", "");
	expect(config, swipe(4, 10, 0), "x", "nop right");
	expect(config, pinch(3, 0.1, 0), "x", "");
	expect(config, (struct gesture){.kind = GESTURE_HOLD, .fingers = 5}, "x", "nop hold");
}

static void more_directions_are_better(void **state)
{
	(void)state;
	static const char config[] = "bindgesture pinch:2:inward+clockwise nop both\n"
				     "bindgesture pinch nop any\n"
				     "bindgesture pinch:2:inward nop inward\n";
	expect(config, pinch(2, 0.5, 10), "x", "nop both");
	expect(config, pinch(2, 0.5, 0), "x", "nop inward");
	expect(config, pinch(2, 1, 10), "x", "nop any");
	/* Of equals, the later one. */
	expect("bindgesture swipe:3 nop a\nbindgesture swipe:any nop b\n", swipe(3, 1, 0), "x",
		"nop b");
}

static void exact_allows_nothing_else(void **state)
{
	(void)state;
	static const char config[] = "bindgesture --exact pinch:2:inward nop inward\n";
	expect(config, pinch(2, 0.5, 0), "x", ""); /* it also went up */
	expect("bindgesture --exact pinch:2:inward+up nop exact\n"
	       "bindgesture pinch:2:inward+up nop loose\n",
		pinch(2, 0.5, 0), "x", "nop exact");
}

static void the_device_goes_first(void **state)
{
	(void)state;
	static const char config[] = "bindgesture --input-device=1:2:pad swipe nop pad\n"
				     "bindgesture swipe:3:left nop any\n";
	expect(config, swipe(3, -10, 0), "1:2:pad", "nop pad");
	expect(config, swipe(3, -10, 0), "1:2:other", "nop any");
	expect(config, swipe(4, -10, 0), "1:2:other", "");
}

static void a_begin_is_taken_for_what_may_match(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(
		"bindgesture --input-device=1:2:pad swipe:3:left nop left\n");
	const struct binding_mode *mode = compositor->session.config->current_mode;
	assert_true(binding_wants_gesture(mode, GESTURE_SWIPE, 3, "1:2:pad"));
	assert_false(binding_wants_gesture(mode, GESTURE_SWIPE, 4, "1:2:pad"));
	assert_false(binding_wants_gesture(mode, GESTURE_PINCH, 3, "1:2:pad"));
	assert_false(binding_wants_gesture(mode, GESTURE_SWIPE, 3, "1:2:mouse"));
	compositor_destroy(compositor);
}

static void a_second_binding_replaces_and_warns(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(
		"bindgesture swipe:left nop a\nbindgesture swipe:left nop b\n"
		"bindgesture --exact swipe:left nop c\n");
	const struct config *config = compositor->session.config;
	assert_int_equal(config->current_mode->gestures.list.length, 2);
	assert_true(compositor_run(compositor, "unbindgesture swipe:left"));
	assert_false(compositor_run(compositor, "unbindgesture swipe:left"));
	assert_int_equal(config->current_mode->gestures.list.length, 1);
	compositor_destroy(compositor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_swipe_has_one_direction),
		cmocka_unit_test(a_pinch_may_turn_and_grow),
		cmocka_unit_test(a_hold_goes_nowhere),
		cmocka_unit_test(fingers_and_directions_decide),
		cmocka_unit_test(more_directions_are_better),
		cmocka_unit_test(exact_allows_nothing_else),
		cmocka_unit_test(the_device_goes_first),
		cmocka_unit_test(a_begin_is_taken_for_what_may_match),
		cmocka_unit_test(a_second_binding_replaces_and_warns),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
