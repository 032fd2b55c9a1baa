/* SPDX-License-Identifier: MIT */
/* Fingers on a guest's window: what the compositor tells of them reaches the guest, as its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/memory.h"
#include "host/proxy.h"
#include "host_fixture.h"
#include "wire/opcodes.h"

static constexpr uint32_t surface_id = ID_FREE;
static constexpr uint32_t touch_id = ID_FREE + 1;
static constexpr uint32_t serial = 55;

struct state {
	struct host_fixture *fixture;
	uint32_t touch, surface; /* the compositor's ids */
};

static int setup(void **ret_state)
{
	struct state *state = vx_new(state);
	struct host_fixture *fixture = state->fixture = fixture_create(true);
	fixture_send(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_SURFACE, "n", surface_id);
	fixture_send(fixture, ID_SEAT, WL_SEAT_GET_TOUCH, "n", touch_id);
	fixture_run(fixture);
	state->touch = fixture_find(fixture, "wl_seat.get_touch")->args[0];
	state->surface = fixture_find(fixture, "wl_compositor.create_surface")->args[0];
	*ret_state = state;
	return 0;
}

static int teardown(void **ret_state)
{
	struct state *state = *ret_state;
	fixture_destroy(state->fixture);
	free(state);
	return 0;
}

static void down(const struct state *state, int32_t finger)
{
	fixture_event(state->fixture, state->touch, WL_TOUCH_DOWN, "uuoiff", serial, 1000u,
		state->surface, finger, 256 * 10, 256 * 20);
}

static void assert_got(
	const struct state *state, uint16_t opcode, const uint32_t *expected, size_t count)
{
	uint32_t args[8] = {};
	assert_true(fixture_guest_got(state->fixture, touch_id, opcode, args));
	assert_memory_equal(args, expected, count * sizeof(*expected));
}

static void test_finger(void **ret_state)
{
	const struct state *state = *ret_state;
	struct host_fixture *fixture = state->fixture;
	down(state, 3);
	fixture_event(fixture, state->touch, WL_TOUCH_FRAME, "");
	fixture_event(fixture, state->touch, WL_TOUCH_MOTION, "uiff", 1010u, 3, 256 * 11, 256 * 21);
	fixture_event(fixture, state->touch, WL_TOUCH_SHAPE, "iff", 3, 512, 256);
	fixture_event(fixture, state->touch, WL_TOUCH_UP, "uui", serial + 1, 1020u, 3);
	fixture_event(fixture, state->touch, WL_TOUCH_CANCEL, "");
	fixture_run(fixture);
	assert_got(state, WL_TOUCH_DOWN,
		(uint32_t[]){serial, 1000, surface_id, 3, 256 * 10, 256 * 20}, 6);
	assert_got(state, WL_TOUCH_FRAME, nullptr, 0);
	assert_got(state, WL_TOUCH_MOTION, (uint32_t[]){1010, 3, 256 * 11, 256 * 21}, 4);
	assert_got(state, WL_TOUCH_SHAPE, (uint32_t[]){3, 512, 256}, 3);
	assert_got(state, WL_TOUCH_UP, (uint32_t[]){serial + 1, 1020, 3}, 3);
	assert_got(state, WL_TOUCH_CANCEL, nullptr, 0);
}

/* Motion can be missed; a finger that is never lifted would stick. */
static void test_guest_reads_slowly(void **ret_state)
{
	const struct state *state = *ret_state;
	struct host_fixture *fixture = state->fixture;
	down(state, 1);
	fixture->deaf = true;
	for (unsigned i = 0; i < 100'000; i++) {
		fixture_event(fixture, state->touch, WL_TOUCH_MOTION, "uiff", i, 1, 256, 256);
		if (i % 1000 == 0) {
			fixture_run(fixture);
		}
	}
	fixture_event(fixture, state->touch, WL_TOUCH_UP, "uui", serial + 1, 1020u, 1);
	fixture_run(fixture);
	assert_true(fixture_is_alive(fixture));
	fixture->deaf = false;
	vx_link_channel_consume(fixture->channel, vx_link_window_default);
	fixture_run(fixture);
	assert_got(state, WL_TOUCH_UP, (uint32_t[]){serial + 1, 1020, 1}, 3);
}

/* On compositors that can have a finger drag. */
static void test_finger_drags(void **ret_state)
{
	const struct state *state = *ret_state;
	struct host_fixture *fixture = state->fixture;
	down(state, 0);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_DEVICE, "uo", 1u, (uint32_t)ID_SEAT);
	fixture_run(fixture);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", 1u, 1u, 1u, surface_id, 0u,
		serial);
	fixture_run(fixture);
	const struct fixture_request *start = fixture_find(fixture, "wl_data_device.start_drag");
	assert_non_null(start);
	assert_int_equal(start->args[1], state->surface);
	assert_int_equal(start->args[3], serial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_finger, setup, teardown),
		cmocka_unit_test_setup_teardown(test_guest_reads_slowly, setup, teardown),
		cmocka_unit_test_setup_teardown(test_finger_drags, setup, teardown),
	};
	return cmocka_run_group_tests_name("host_touch", tests, nullptr, nullptr);
}
