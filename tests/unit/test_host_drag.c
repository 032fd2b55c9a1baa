/* SPDX-License-Identifier: MIT */
/*
 * Drags through the host half: guests that break the rules, and offers that aren't for them. The
 * fixture's compositor asserts that all it gets is sound Wayland.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"
#include "host/drag.h"
#include "host/limits.h"
#include "host/proxy.h"
#include "host_guest.h"
#include "wire/interface.h"
#include "wire/message.h"
#include "wire/opcodes.h"
#include "xdg-shell-client-protocol.h"

static constexpr uint32_t icon_id = ID_FREE + 1;
static constexpr uint32_t device_number = 5;
static constexpr uint32_t drag_number = 9;
static constexpr uint32_t serial = 77;
static const char foreign_type[] = "text/plain";

static struct host_fixture *fixture_with_device(void)
{
	struct host_fixture *fixture = fixture_create(true);
	fixture_send(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_SURFACE, "n", surface_id);
	fixture_send(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_SURFACE, "n", icon_id);
	fixture_send(
		fixture, 0, VIXOS_FORWARD_V1_DRAG_DEVICE, "uo", device_number, (uint32_t)ID_SEAT);
	fixture_run(fixture);
	fixture_press(fixture, serial);
	return fixture;
}

static int setup(void **state)
{
	*state = fixture_with_device();
	return 0;
}

static bool guest_got(struct host_fixture *fixture, uint16_t opcode, uint32_t ret_args[8])
{
	fixture_run(fixture);
	return fixture_guest_got(fixture, 0, opcode, ret_args);
}

static void start(struct host_fixture *fixture, uint32_t drag, uint32_t icon)
{
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", device_number, drag, 3u,
		surface_id, icon, serial);
	fixture_run(fixture);
}

static uint32_t host_device(const struct host_fixture *fixture)
{
	return fixture_find(fixture, "wl_data_device_manager.get_data_device")->args[0];
}

static uint32_t host_source(const struct host_fixture *fixture)
{
	return fixture_find(fixture, "wl_data_device_manager.create_data_source")->args[0];
}

static uint32_t host_surface(const struct host_fixture *fixture)
{
	/* The icon's was made after it. */
	return fixture_find(fixture, "wl_compositor.create_surface")->args[0] - 1;
}

static const char *token(const struct host_fixture *fixture)
{
	return fixture_find(fixture, "wl_data_source.offer")->text;
}

static void enter(struct host_fixture *fixture, uint32_t offer)
{
	fixture_event(fixture, host_device(fixture), WL_DATA_DEVICE_ENTER, "uoffo", 100u,
		host_surface(fixture), 256, 512, offer);
	fixture_run(fixture);
}

/* What the compositor says where the client's own drag comes over it. */
static uint32_t enter_own(struct host_fixture *fixture)
{
	uint32_t offer = fixture_offer(fixture, host_device(fixture));
	fixture_event(fixture, offer, WL_DATA_OFFER_OFFER, "s", token(fixture));
	fixture_event(fixture, offer, WL_DATA_OFFER_SOURCE_ACTIONS, "u", 3u);
	fixture_event(fixture, offer, WL_DATA_OFFER_ACTION, "u", 1u);
	enter(fixture, offer);
	return offer;
}

static uint32_t enter_foreign(struct host_fixture *fixture, const char *type)
{
	uint32_t offer = fixture_offer(fixture, host_device(fixture));
	fixture_event(fixture, offer, WL_DATA_OFFER_OFFER, "s", type);
	enter(fixture, offer);
	return offer;
}

static void device_event(struct host_fixture *fixture, uint16_t opcode)
{
	fixture_event(fixture, host_device(fixture), opcode, "");
	fixture_run(fixture);
}

static bool is_there(const struct host_fixture *fixture, uint32_t offer)
{
	return fixture->offers[offer - wire_server_id_min];
}

/* --- as it should be --- */

static void test_drag_and_drop(void **state)
{
	struct host_fixture *fixture = *state;
	uint32_t args[8];
	start(fixture, drag_number, 0);
	assert_memory_equal(token(fixture), "application/x-vixos-drag;token=", 31);
	assert_int_equal(strlen(token(fixture)), 31 + 32);
	assert_int_equal(fixture_count(fixture, "wl_data_source.offer"), 1);
	uint32_t offer = enter_own(fixture);
	assert_true(guest_got(fixture, VIXOS_FORWARD_V1_DRAG_ENTER, args));
	const uint32_t expected[] = {device_number, drag_number, 1, 100, surface_id, 256, 512};
	assert_memory_equal(args, expected, sizeof(expected));
	assert_true(guest_got(fixture, VIXOS_FORWARD_V1_DRAG_OFFER_ACTION, args));
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu", 1u, 100u, 1u);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_SET_ACTIONS, "uuu", 1u, 3u, 1u);
	assert_alive(fixture);
	assert_string_equal(fixture_find(fixture, "wl_data_offer.accept")->text, token(fixture));
	device_event(fixture, WL_DATA_DEVICE_DROP);
	device_event(fixture, WL_DATA_DEVICE_LEAVE);
	assert_true(guest_got(fixture, VIXOS_FORWARD_V1_DRAG_DROP, args));
	assert_true(guest_got(fixture, VIXOS_FORWARD_V1_DRAG_LEAVE, args));
	assert_true(is_there(fixture, offer));
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_FINISH, "u", 1u);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_data_offer.finish"), 1);
	assert_false(is_there(fixture, offer));
	fixture_event(fixture, host_source(fixture), WL_DATA_SOURCE_DND_FINISHED, "");
	assert_true(guest_got(fixture, VIXOS_FORWARD_V1_DRAG_FINISHED, args));
	assert_int_equal(args[0], drag_number);
	assert_int_equal(fixture_count(fixture, "wl_data_source.destroy"), 1);
	assert_true(wl_list_empty(&fixture->proxy->drags));
}

static void test_tokens_differ(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	vx_cleanup_free char *first = vx_strdup(token(fixture));
	fixture_press(fixture, serial);
	start(fixture, drag_number + 1, 0);
	assert_int_equal(fixture_count(fixture, "wl_data_source.offer"), 2);
	assert_string_not_equal(first, token(fixture));
}

/* --- guests that break rules --- */

static void test_malformed_starts(void **state)
{
	static const struct {
		const char *name;
		uint32_t args[6]; /* device, drag, actions, origin, icon, serial */
	} starts[] = {
		{"unknown device", {4, drag_number, 3, surface_id, 0, serial}},
		{"unknown action", {device_number, drag_number, 8, surface_id, 0, serial}},
		{"all actions", {device_number, drag_number, UINT32_MAX, surface_id, 0, serial}},
		{"no origin", {device_number, drag_number, 3, 0, 0, serial}},
		{"origin of another kind", {device_number, drag_number, 3, ID_SEAT, 0, serial}},
		{"unknown origin", {device_number, drag_number, 3, 999, 0, serial}},
		{"origin far out", {device_number, drag_number, 3, 0xff000000, 0, serial}},
		{"icon of another kind",
			{device_number, drag_number, 3, surface_id, ID_SEAT, serial}},
		{"unknown icon", {device_number, drag_number, 3, surface_id, 999, serial}},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(starts); i++) {
		struct host_fixture *fixture = fixture_with_device();
		const uint32_t *args = starts[i].args;
		fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", args[0], args[1],
			args[2], args[3], args[4], args[5]);
		fixture_run(fixture);
		if (fixture_is_alive(fixture) ||
			fixture_find(fixture, "wl_data_device.start_drag") != nullptr) {
			fail_msg("'%s' was let through", starts[i].name);
		}
		fixture_destroy(fixture);
	}
}

static void test_malformed_answers(void **state)
{
	static const struct {
		const char *name;
		uint16_t opcode;
		const char *format;
		uint32_t args[3];
	} answers[] = {
		{"device twice", VIXOS_FORWARD_V1_DRAG_DEVICE, "uu", {device_number, ID_SEAT}},
		{"device of no seat", VIXOS_FORWARD_V1_DRAG_DEVICE, "uu", {6, ID_COMPOSITOR}},
		{"device without seat", VIXOS_FORWARD_V1_DRAG_DEVICE, "uu", {6, 0}},
		{"end of no device", VIXOS_FORWARD_V1_DRAG_DEVICE_GONE, "u", {6}},
		{"accepts offer 0", VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu", {0, 1, 1}},
		{"accepts what never was", VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu", {2, 1, 1}},
		{"accepts the last number", VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu",
			{UINT32_MAX, 1, 1}},
		{"unknown action", VIXOS_FORWARD_V1_DRAG_SET_ACTIONS, "uuu", {1, 8, 0}},
		{"prefers the impossible", VIXOS_FORWARD_V1_DRAG_SET_ACTIONS, "uuu", {1, 1, 2}},
		{"prefers two", VIXOS_FORWARD_V1_DRAG_SET_ACTIONS, "uuu", {1, 3, 3}},
		{"actions of what never was", VIXOS_FORWARD_V1_DRAG_SET_ACTIONS, "uuu", {2, 1, 1}},
		{"finishes before the drop", VIXOS_FORWARD_V1_DRAG_FINISH, "u", {1}},
		{"finishes what never was", VIXOS_FORWARD_V1_DRAG_FINISH, "u", {2}},
		{"end of what never was", VIXOS_FORWARD_V1_DRAG_OFFER_GONE, "u", {2}},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(answers); i++) {
		struct host_fixture *fixture = fixture_with_device();
		start(fixture, drag_number, 0);
		enter_own(fixture);
		assert_alive(fixture);
		const uint32_t *args = answers[i].args;
		unsigned before = fixture->request_count;
		fixture_send(fixture, 0, answers[i].opcode, answers[i].format, args[0], args[1],
			args[2]);
		fixture_run(fixture);
		if (fixture_is_alive(fixture) || fixture->request_count != before) {
			fail_msg("'%s' was let through", answers[i].name);
		}
		fixture_destroy(fixture);
	}
}

static void test_number_in_use(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	fixture_press(fixture, serial);
	start(fixture, drag_number, 0);
	assert_rejected(fixture);
	assert_int_equal(fixture_count(fixture, "wl_data_device.start_drag"), 1);
}

/* The compositor isn't asked, and the program hears that it came to nothing. */
static void test_serial_of_no_press(void **state)
{
	struct host_fixture *fixture = *state;
	uint32_t args[8];
	static const uint32_t serials[] = {0, 1, serial + 1, UINT32_MAX};
	for (uint32_t i = 0; i < VX_ARRAY_LENGTH(serials); i++) {
		fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", device_number,
			drag_number + i, 3u, surface_id, 0u, serials[i]);
	}
	assert_true(guest_got(fixture, VIXOS_FORWARD_V1_DRAG_CANCELLED, args));
	assert_int_equal(args[0], drag_number);
	assert_alive(fixture);
	assert_null(fixture_find(fixture, "wl_data_device_manager.create_data_source"));
	assert_null(fixture_find(fixture, "wl_data_device.start_drag"));
}

static void test_press_serves_once(void **state)
{
	struct host_fixture *fixture = *state;
	for (uint32_t i = 0; i < 100; i++) {
		start(fixture, drag_number + i, 0);
	}
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_data_device.start_drag"), 1);
}

static void test_drags_are_limited(void **state)
{
	struct host_fixture *fixture = *state;
	for (uint32_t i = 0; i < 100; i++) {
		start(fixture, drag_number + i, 0);
		fixture_press(fixture, serial);
	}
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_data_device.start_drag"), drags_per_client_max);
}

static void test_devices_are_limited(void **state)
{
	struct host_fixture *fixture = *state;
	for (uint32_t i = 0; i < 100 && fixture_is_alive(fixture); i++) {
		fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_DEVICE, "uo", device_number + 1 + i,
			(uint32_t)ID_SEAT);
	}
	assert_rejected(fixture);
	assert_int_equal(
		fixture_count(fixture, "wl_data_device_manager.get_data_device"), drag_devices_max);
}

static void test_after_the_finish(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	enter_own(fixture);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu", 1u, 100u, 1u);
	fixture_run(fixture);
	device_event(fixture, WL_DATA_DEVICE_DROP);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_FINISH, "u", 1u);
	fixture_run(fixture);
	unsigned before = fixture->request_count;
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_FINISH, "u", 1u);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu", 1u, 100u, 1u);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_SET_ACTIONS, "uuu", 1u, 1u, 1u);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_OFFER_GONE, "u", 1u);
	assert_alive(fixture);
	assert_int_equal(fixture->request_count, before);
}

static void test_device_ends_during_a_drag(void **state)
{
	struct host_fixture *fixture = *state;
	uint32_t device = host_device(fixture);
	start(fixture, drag_number, 0);
	enter_own(fixture);
	fixture->keeps_ids = true;
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_DEVICE_GONE, "u", device_number);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_data_device.release"), 1);
	size_t before = fixture->events.size;
	uint32_t late = fixture_offer(fixture, device);
	device_event(fixture, WL_DATA_DEVICE_DROP);
	device_event(fixture, WL_DATA_DEVICE_LEAVE);
	assert_alive(fixture);
	assert_int_equal(fixture->events.size, before);
	assert_false(is_there(fixture, late));
}

static void test_source_ends_during_a_drag(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_SOURCE_GONE, "u", drag_number);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_SOURCE_GONE, "u", drag_number);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_SOURCE_GONE, "u", 4242u);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_data_source.destroy"), 1);
}

static void test_client_ends_during_a_drag(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	enter_own(fixture);
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_DRAG_FINISH, "u", 4242u);
	assert_rejected(fixture);
	assert_true(wl_list_empty(&fixture->proxy->drags));
}

/* --- what isn't the guest's --- */

static void test_clipboard_of_the_host(void **state)
{
	struct host_fixture *fixture = *state;
	size_t before = fixture->events.size;
	for (unsigned i = 0; i < 100; i++) {
		uint32_t offer = fixture_offer(fixture, host_device(fixture));
		for (unsigned type = 0; type < i; type++) {
			fixture_event(fixture, offer, WL_DATA_OFFER_OFFER, "s", foreign_type);
		}
		fixture_event(fixture, host_device(fixture), WL_DATA_DEVICE_SELECTION, "o", offer);
		assert_alive(fixture);
		assert_false(is_there(fixture, offer));
	}
	assert_int_equal(fixture->events.size, before);
	assert_null(fixture_find(fixture, "wl_data_offer.receive"));
}

/* wlroots would end the drag of whoever destroys its offer: it is kept, in silence. */
static void test_foreign_drag(void **state)
{
	struct host_fixture *fixture = *state;
	size_t before = fixture->events.size;
	for (unsigned i = 0; i < 100; i++) {
		uint32_t offer = enter_foreign(fixture, foreign_type);
		fixture_event(
			fixture, host_device(fixture), WL_DATA_DEVICE_MOTION, "uff", 0u, 1, 1);
		fixture_event(fixture, offer, WL_DATA_OFFER_ACTION, "u", 1u);
		device_event(fixture, WL_DATA_DEVICE_DROP);
		assert_true(is_there(fixture, offer));
		device_event(fixture, WL_DATA_DEVICE_LEAVE);
		assert_false(is_there(fixture, offer));
	}
	assert_alive(fixture);
	assert_int_equal(fixture->events.size, before);
}

static void test_foreign_drag_during_ours(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	size_t before = fixture->events.size;
	vx_cleanup_free char *close_to_it = vx_strdup(token(fixture));
	close_to_it[40] = close_to_it[40] == '0' ? '1' : '0';
	enter_foreign(fixture, close_to_it);
	device_event(fixture, WL_DATA_DEVICE_LEAVE);
	enter_foreign(fixture, "application/x-vixos-drag;token=");
	device_event(fixture, WL_DATA_DEVICE_LEAVE);
	enter_foreign(fixture, "");
	device_event(fixture, WL_DATA_DEVICE_LEAVE);
	enter(fixture, 0); /* without a source: not ours, which has one */
	device_event(fixture, WL_DATA_DEVICE_LEAVE);
	assert_alive(fixture);
	assert_int_equal(fixture->events.size, before);
}

/* Whoever has seen the token and adds types of its own. */
static void test_token_among_other_types(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	size_t before = fixture->events.size;
	for (unsigned place = 0; place < 3; place++) {
		uint32_t offer = fixture_offer(fixture, host_device(fixture));
		for (unsigned i = 0; i < 1000; i++) {
			fixture_event(fixture, offer, WL_DATA_OFFER_OFFER, "s",
				i == place * 999 / 2 ? token(fixture) : foreign_type);
			if (i % 100 == 0) {
				fixture_run(fixture);
			}
		}
		enter(fixture, offer);
		device_event(fixture, WL_DATA_DEVICE_LEAVE);
	}
	assert_alive(fixture);
	assert_int_equal(fixture->events.size, before);
}

static void test_flood_of_offers(void **state)
{
	struct host_fixture *fixture = *state;
	for (unsigned i = 0; i < 1000; i++) {
		fixture_offer(fixture, host_device(fixture));
	}
	assert_alive(fixture);
	unsigned left = 0;
	for (unsigned i = 0; i < fixture_offers_max; i++) {
		left += fixture->offers[i];
	}
	assert_int_equal(left, drag_offers_max);
}

/* Somebody on the host who wants what the guest drags: the pipe is closed, and nothing was read. */
static void test_host_asks_for_the_data(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	int ends[2];
	char byte;
	assert_int_equal(pipe(ends), 0);
	size_t before = fixture->events.size;
	bool fits = wire_connection_add_fd(&fixture->compositor, ends[1]);
	assert_true(fits);
	fixture_event(fixture, host_source(fixture), WL_DATA_SOURCE_SEND, "sh", token(fixture));
	assert_alive(fixture);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	assert_int_equal(fixture->events.size, before);
}

/* --- a guest that reads nothing --- */

static void test_motion_is_dropped(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, 0);
	enter_own(fixture);
	fixture->deaf = true;
	for (unsigned i = 0; i < 100'000; i++) {
		fixture_event(fixture, host_device(fixture), WL_DATA_DEVICE_MOTION, "uff", i, 1, 1);
		if (i % 1000 == 0) {
			fixture_run(fixture);
		}
	}
	device_event(fixture, WL_DATA_DEVICE_LEAVE);
	assert_alive(fixture);
	fixture->deaf = false;
	vx_link_channel_consume(fixture->channel, vx_link_window_default);
	assert_true(guest_got(fixture, VIXOS_FORWARD_V1_DRAG_LEAVE, nullptr));
}

/* --- icons --- */

static void commit_size(struct host_fixture *fixture, uint32_t surface, uint32_t size)
{
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_PRESENT, "ouuuuuuii", surface, 1u, 0u, size, size,
		size * 4, 0u, 0, 0);
	fixture_send(fixture, surface, WL_SURFACE_COMMIT, "");
}

static void test_icon(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, icon_id);
	assert_int_not_equal(fixture_find(fixture, "wl_data_device.start_drag")->args[2], 0);
	unsigned before = fixture_count(fixture, "wl_surface.attach");
	commit_size(fixture, icon_id, limit_icon_size);
	fixture_run(fixture);
	assert_int_equal(fixture_count(fixture, "wl_surface.attach"), before + 1);
	fixture_event(fixture, fixture_find(fixture, "wl_surface.attach")->args[0],
		WL_BUFFER_RELEASE, "");
	fixture_run(fixture);
	commit_size(fixture, icon_id, limit_icon_size + 1);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_surface.attach"), before + 1);
}

static void test_icon_that_is_too_large_already(void **state)
{
	struct host_fixture *fixture = *state;
	commit_size(fixture, icon_id, limit_icon_size + 1);
	start(fixture, drag_number, icon_id);
	assert_alive(fixture);
	assert_int_equal(fixture_find(fixture, "wl_data_device.start_drag")->args[2], 0);
}

/* Else it could be put over any window of the desktop. */
static void test_icon_stays_by_the_pointer(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, icon_id);
	int32_t x = 0;
	for (unsigned i = 0; i < 100; i++) {
		/* Only the last before a commit counts. */
		fixture_send(fixture, icon_id, WL_SURFACE_OFFSET, "ii", -200, 0);
		fixture_send(fixture, icon_id, WL_SURFACE_OFFSET, "ii", 200, 0);
		fixture_send(fixture, icon_id, WL_SURFACE_COMMIT, "");
		assert_alive(fixture);
		x += (int32_t)fixture_find(fixture, "wl_surface.offset")->args[0];
		assert_true(x >= 0 && x <= limit_icon_size);
	}
	assert_int_equal(x, 400);
}

static void test_icon_of_another_role(void **state)
{
	for (unsigned role = 0; role < 3; role++) {
		struct host_fixture *fixture = fixture_with_device();
		if (role == 0) {
			fixture_send(fixture, ID_POINTER, WL_POINTER_SET_CURSOR, "uoii", 1u,
				icon_id, 0, 0);
		} else if (role == 1) {
			fixture_send(fixture, ID_SUBCOMPOSITOR, WL_SUBCOMPOSITOR_GET_SUBSURFACE,
				"noo", ID_FREE + 5, icon_id, surface_id);
		} else {
			fixture_send(fixture, ID_SHELL, XDG_WM_BASE_GET_XDG_SURFACE, "no",
				ID_FREE + 5, icon_id);
		}
		assert_alive(fixture);
		start(fixture, drag_number, icon_id);
		assert_rejected(fixture);
		assert_null(fixture_find(fixture, "wl_data_device.start_drag"));
		fixture_destroy(fixture);
	}
}

static void test_icon_becomes_nothing_else(void **state)
{
	struct host_fixture *fixture = *state;
	start(fixture, drag_number, icon_id);
	fixture_send(fixture, ID_POINTER, WL_POINTER_SET_CURSOR, "uoii", 1u, icon_id, 0, 0);
	assert_alive(fixture);
	assert_null(fixture_find(fixture, "wl_pointer.set_cursor"));
	fixture_send(fixture, ID_SUBCOMPOSITOR, WL_SUBCOMPOSITOR_GET_SUBSURFACE, "noo", ID_FREE + 5,
		icon_id, surface_id);
	assert_rejected(fixture);
	assert_null(fixture_find(fixture, "wl_subcompositor.get_subsurface"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_drag_and_drop, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_tokens_differ, setup, guest_teardown),
		cmocka_unit_test(test_malformed_starts),
		cmocka_unit_test(test_malformed_answers),
		cmocka_unit_test_setup_teardown(test_number_in_use, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_serial_of_no_press, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_press_serves_once, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_drags_are_limited, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_devices_are_limited, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_after_the_finish, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_device_ends_during_a_drag, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_source_ends_during_a_drag, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_client_ends_during_a_drag, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_clipboard_of_the_host, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_foreign_drag, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_foreign_drag_during_ours, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_token_among_other_types, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_flood_of_offers, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_host_asks_for_the_data, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_motion_is_dropped, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(test_icon, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_icon_that_is_too_large_already, setup, guest_teardown),
		cmocka_unit_test_setup_teardown(
			test_icon_stays_by_the_pointer, setup, guest_teardown),
		cmocka_unit_test(test_icon_of_another_role),
		cmocka_unit_test_setup_teardown(
			test_icon_becomes_nothing_else, setup, guest_teardown),
	};
	return cmocka_run_group_tests_name("host_drag", tests, nullptr, nullptr);
}
