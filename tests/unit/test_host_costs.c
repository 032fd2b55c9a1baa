/* SPDX-License-Identifier: MIT */
/*
 * Sound messages of a guest that would cost others: what the compositor would have to keep or to
 * draw, and who has the keyboard.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/memory.h"
#include "host/limits.h"
#include "host/proxy.h"
#include "host_guest.h"
#include "wire/message.h"
#include "wire/opcodes.h"
#include "xdg-shell-client-protocol.h"

/* --- what the compositor would have to keep --- */

/* Finer than the limit, a region is none: stripes across stripes would be their square. */
static void test_region_rects(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	fixture_send(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_REGION, "n", ID_FREE + 1);
	for (unsigned i = 0; i < limit_region_rects; i++) {
		fixture_send(fixture, ID_FREE + 1, WL_REGION_ADD, "iiii", (int32_t)i, 0, 1, 1);
	}
	fixture_send(fixture, surface_id, WL_SURFACE_SET_INPUT_REGION, "o", ID_FREE + 1);
	assert_alive(fixture);
	assert_int_not_equal(fixture_find(fixture, "wl_surface.set_input_region")->args[0], 0);
	for (unsigned i = 0; i < 100000; i++) {
		fixture_send(fixture, ID_FREE + 1, WL_REGION_SUBTRACT, "iiii", 0, 0, 1, 1);
	}
	fixture_send(fixture, surface_id, WL_SURFACE_SET_INPUT_REGION, "o", ID_FREE + 1);
	fixture_send(fixture, surface_id, WL_SURFACE_SET_OPAQUE_REGION, "o", ID_FREE + 1);
	assert_alive(fixture);
	assert_int_equal(fixture_find(fixture, "wl_surface.set_input_region")->args[0], 0);
	assert_int_equal(fixture_find(fixture, "wl_surface.set_opaque_region")->args[0], 0);
	assert_true(fixture_count(fixture, "wl_region.subtract") <= 1);
}

static void test_commits_that_wait(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, ID_FREE);
	create_surface(fixture, ID_FREE + 2);
	fixture_send(fixture, ID_SUBCOMPOSITOR, WL_SUBCOMPOSITOR_GET_SUBSURFACE, "noo", ID_FREE + 3,
		ID_FREE + 2, ID_FREE);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < limit_kept_commits; i++) {
			fixture_send(fixture, ID_FREE + 2, WL_SURFACE_COMMIT, "");
		}
		assert_alive(fixture);
		assert_int_equal(fixture->proxy->surface_costs.kept_commits, limit_kept_commits);
		fixture_send(fixture, ID_FREE, WL_SURFACE_COMMIT, "");
		assert_alive(fixture);
		assert_int_equal(fixture->proxy->surface_costs.kept_commits, 0);
	}
	fixture_send(fixture, ID_FREE + 3, WL_SUBSURFACE_SET_DESYNC, "");
	for (unsigned i = 0; i < 3 * limit_kept_commits; i++) {
		fixture_send(fixture, ID_FREE + 2, WL_SURFACE_COMMIT, "");
	}
	assert_alive(fixture);
	fixture_send(fixture, ID_FREE + 3, WL_SUBSURFACE_SET_SYNC, "");
	for (unsigned i = 0; i <= limit_kept_commits; i++) {
		fixture_send(fixture, ID_FREE + 2, WL_SURFACE_COMMIT, "");
	}
	assert_rejected(fixture);
	assert_int_equal(fixture->proxy->surface_costs.kept_commits, 0);
}

/* The region has 16 MiB, and all surfaces show it: each could be a texture. */
static void test_pixels_shown_often(void **state)
{
	struct host_fixture *fixture = *state;
	static constexpr uint64_t bytes = 2048 * 2048 * 4;
	unsigned shown = 0;
	for (uint32_t i = 0; i < 1000 && fixture_is_alive(fixture); i++) {
		create_surface(fixture, ID_FREE + i);
		present(fixture, ID_FREE + i, i, 2048, 2048);
		fixture_send(fixture, ID_FREE + i, WL_SURFACE_COMMIT, "");
		fixture_run(fixture);
		shown += fixture_is_alive(fixture) ? 1 : 0;
	}
	assert_rejected(fixture);
	assert_int_equal(shown, limit_pixel_bytes / bytes);
	assert_int_equal(fixture->proxy->surface_costs.pixel_bytes, 0);
	assert_int_equal(fixture->proxy->busy_buffers, 0);
}

static void test_pixels_are_given_back(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	present(fixture, surface_id, 1, 2048, 2048);
	fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	assert_alive(fixture);
	assert_int_equal(fixture->proxy->surface_costs.pixel_bytes, 2048 * 2048 * 4);
	fixture_send(fixture, surface_id, WL_SURFACE_ATTACH, "oii", 0u, 0, 0);
	fixture_run(fixture);
	assert_int_equal(fixture->proxy->surface_costs.pixel_bytes, 2048 * 2048 * 4);
	fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	assert_alive(fixture);
	assert_int_equal(fixture->proxy->surface_costs.pixel_bytes, 0);
}

static void release_buffer(struct host_fixture *fixture)
{
	fixture_event(fixture, fixture_find(fixture, "wl_shm_pool.create_buffer")->args[0],
		WL_BUFFER_RELEASE, "");
	fixture_run(fixture);
}

/* Slots' numbers go round: those that are used no more leave no buffers behind. */
static void test_idle_buffers_go(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	static constexpr unsigned slots = 300;
	for (uint32_t slot = 0; slot < slots; slot++) {
		present(fixture, surface_id, slot, 64, 64);
		fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
		assert_alive(fixture);
		release_buffer(fixture);
	}
	assert_int_equal(fixture->proxy->busy_buffers, 0);
	assert_int_equal(fixture_count(fixture, "wl_buffer.destroy"), slots - limit_idle_buffers);
	/* The newest is used again as it is, and so is the slot of one that is gone, anew. */
	present(fixture, surface_id, slots - 1, 64, 64);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_shm_pool.create_buffer"), slots);
	present(fixture, surface_id, 0, 64, 64);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_shm_pool.create_buffer"), slots + 1);
}

static void test_buffers_never_committed(void **state)
{
	struct host_fixture *fixture = *state;
	fixture->proxy->busy_buffers = limit_busy_buffers - 1; /* of the VM's other programs */
	create_surface(fixture, surface_id);
	present(fixture, surface_id, 1, 64, 64);
	assert_alive(fixture);
	present(fixture, surface_id, 2, 64, 64);
	assert_rejected(fixture);
	assert_int_equal(fixture->proxy->busy_buffers, limit_busy_buffers - 1);
}

/* --- what it would have to draw --- */

/* Each would be drawn: so many at once are told, more now and then, and the last always. */
static void test_title_flood(void **state)
{
	struct host_fixture *fixture = *state;
	static constexpr unsigned number = 3000;
	create_toplevel(fixture);
	char title[32];
	for (unsigned i = 0; i < number; i++) {
		snprintf(title, sizeof(title), "title %u", i);
		fixture_send(fixture, toplevel_id, XDG_TOPLEVEL_SET_TITLE, "s", title);
	}
	assert_alive(fixture);
	uint64_t end = vx_clock_after_ms(10'000);
	while (strcmp(fixture_find(fixture, "xdg_toplevel.set_title")->text, title) != 0 &&
		vx_clock_remaining_ms(end) > 0) {
		proxy_turn(fixture->proxy, 100);
		fixture_run(fixture);
	}
	assert_string_equal(fixture_find(fixture, "xdg_toplevel.set_title")->text, title);
	assert_true(fixture_count(fixture, "xdg_toplevel.set_title") < number / 2);
	/* One that waits goes with its window. */
	fixture->proxy->names.credit = 0;
	fixture->proxy->names.earned_ns = vx_clock_ns(); /* for 20 ms nothing is earned */
	fixture_send(fixture, toplevel_id, XDG_TOPLEVEL_SET_TITLE, "s", "never told");
	fixture_send(fixture, toplevel_id, XDG_TOPLEVEL_DESTROY, "");
	assert_alive(fixture);
	assert_string_equal(fixture_find(fixture, "xdg_toplevel.set_title")->text, title);
	assert_true(wl_list_empty(&fixture->proxy->names.waiting));
}

/* --- who has the keyboard --- */

/* Id + 0 to 2: a surface, its xdg_surface, and a popup of the window `parent`. */
static void create_popup(struct host_fixture *fixture, uint32_t id, uint32_t parent)
{
	create_surface(fixture, id);
	fixture_send(fixture, ID_SHELL, XDG_WM_BASE_GET_XDG_SURFACE, "no", id + 1, id);
	fixture_send(fixture, id + 1, XDG_SURFACE_GET_POPUP, "noo", id + 2, parent, ID_FREE + 5);
	fixture_send(fixture, id + 2, XDG_POPUP_GRAB, "ou", (uint32_t)ID_SEAT, 7u);
}

static void keyboard(struct host_fixture *fixture, uint32_t surface, bool enters)
{
	uint32_t id = fixture_find(fixture, "wl_seat.get_keyboard")->args[0];
	if (enters) {
		fixture_event(fixture, id, WL_KEYBOARD_ENTER, "uoa", 1u, surface, (size_t)0, "");
	} else {
		fixture_event(fixture, id, WL_KEYBOARD_LEAVE, "uo", 2u, surface);
	}
	fixture_run(fixture);
}

/* A popup gets all input where its own window has the keyboard, and nowhere else. */
static void test_popup_grabs(void **state)
{
	struct host_fixture *fixture = *state;
	create_toplevel(fixture);
	fixture_run(fixture);
	uint32_t window = fixture_find(fixture, "wl_compositor.create_surface")->args[0];
	create_surface(fixture, ID_FREE + 100);
	fixture_run(fixture);
	uint32_t other = fixture_find(fixture, "wl_compositor.create_surface")->args[0];
	fixture_send(fixture, ID_SHELL, XDG_WM_BASE_CREATE_POSITIONER, "n", ID_FREE + 5);
	create_popup(fixture, ID_FREE + 10, xdg_surface_id);
	assert_alive(fixture);
	keyboard(fixture, other, true);
	create_popup(fixture, ID_FREE + 20, xdg_surface_id);
	assert_alive(fixture);
	keyboard(fixture, other, false);
	create_popup(fixture, ID_FREE + 30, xdg_surface_id);
	assert_alive(fixture);
	assert_null(fixture_find(fixture, "xdg_popup.grab"));
	keyboard(fixture, window, true);
	create_popup(fixture, ID_FREE + 40, xdg_surface_id);
	create_popup(fixture, ID_FREE + 50, ID_FREE + 41);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "xdg_popup.grab"), 2);
	/* The next surface has the id of the one that had the keyboard, and not the keyboard. */
	fixture_send(fixture, surface_id, WL_SURFACE_DESTROY, "");
	assert_alive(fixture);
	create_surface(fixture, ID_FREE + 60);
	fixture_send(
		fixture, ID_SHELL, XDG_WM_BASE_GET_XDG_SURFACE, "no", ID_FREE + 61, ID_FREE + 60);
	fixture_send(fixture, ID_FREE + 61, XDG_SURFACE_GET_TOPLEVEL, "n", ID_FREE + 62);
	create_popup(fixture, ID_FREE + 70, ID_FREE + 61);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "xdg_popup.grab"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_region_rects, guest_setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_commits_that_wait, guest_setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_pixels_shown_often, guest_setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_pixels_are_given_back, guest_setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_idle_buffers_go, guest_setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_buffers_never_committed, guest_setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_title_flood, guest_setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_popup_grabs, guest_setup, guest_teardown),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
