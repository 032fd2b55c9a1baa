/* SPDX-License-Identifier: MIT */
/*
 * A guest that breaks rules: it may lose that program's connection, and the compositor must never
 * see what was wrong. The fixture's compositor asserts that all it gets is sound Wayland.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/log.h"
#include "common/memory.h"
#include "host/limits.h"
#include "host/proxy.h"
#include "host_guest.h"
#include "viewporter-client-protocol.h"
#include "wire/message.h"
#include "wire/opcodes.h"
#include "xdg-shell-client-protocol.h"

/* --- messages --- */

struct raw {
	const char *name;
	uint32_t words[8];
	size_t count;
};

static const struct raw malformed[] = {
	{"size 0", {ID_DISPLAY, 0}, 2},
	{"size 1", {ID_DISPLAY, 1 << 16}, 2},
	{"size 7", {ID_DISPLAY, 7 << 16}, 2},
	{"size 9", {ID_DISPLAY, 9 << 16, 0}, 3},
	{"no argument", {ID_DISPLAY, 8 << 16}, 2},
	{"an argument too many", {ID_DISPLAY, 16 << 16, 30, 31}, 4},
	{"unknown object", {4000, 8 << 16}, 2},
	{"unknown object, far out", {0x7fffffff, 8 << 16}, 2},
	{"object in the server's range", {0xff000000, 8 << 16}, 2},
	{"the last object", {0xffffffff, 8 << 16}, 2},
	{"unknown opcode", {ID_DISPLAY, 8 << 16 | 2}, 2},
	{"opcode 65535", {ID_DISPLAY, 8 << 16 | 0xffff}, 2},
	{"new id 0", {ID_DISPLAY, 12 << 16, 0}, 3},
	{"new id in use", {ID_DISPLAY, 12 << 16, ID_SEAT}, 3},
	{"new id of the display", {ID_DISPLAY, 12 << 16, 1}, 3},
	{"new id past the limit", {ID_DISPLAY, 12 << 16, 65536}, 3},
	{"new id in the server's range", {ID_DISPLAY, 12 << 16, 0xff000000}, 3},
	{"null for an object", {ID_SUBCOMPOSITOR, 20 << 16 | 1, ID_FREE, 0, 0}, 5},
	{"object of another kind", {ID_SUBCOMPOSITOR, 20 << 16 | 1, ID_FREE, ID_SEAT, ID_SEAT}, 5},
	{"unknown object as argument", {ID_VIEWPORTER, 16 << 16 | 1, ID_FREE, 999}, 4},
	{"string longer than its message", {ID_REGISTRY, 20 << 16, 1, 100, 0x61616161}, 5},
	{"string of 2^32 - 1 bytes", {ID_REGISTRY, 20 << 16, 1, 0xffffffff, 0x61616161}, 5},
	{"string of 2^31 bytes", {ID_REGISTRY, 20 << 16, 1, 0x80000000, 0x61616161}, 5},
	{"string without NUL", {ID_REGISTRY, 28 << 16, 1, 4, 0x61616161, 1, ID_FREE}, 7},
	{"string with NUL inside", {ID_REGISTRY, 28 << 16, 1, 4, 0x00610061, 1, ID_FREE}, 7},
	{"null string", {ID_REGISTRY, 24 << 16, 1, 0, 1, ID_FREE}, 6},
	{"unknown request of the link's own", {0, 8 << 16 | 99}, 2},
	{"present without arguments", {0, 8 << 16 | 1}, 2},
	{"event opcode as request", {0, 12 << 16 | 3, 1}, 3},
	{"request newer than its object", {ID_REGISTRY, 8 << 16 | 1}, 2},
};

static void test_malformed(void **state)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(malformed); i++) {
		struct host_fixture *fixture = fixture_create(true);
		unsigned before = fixture->request_count;
		fixture_send_bytes(fixture, malformed[i].words, malformed[i].count * 4);
		fixture_run(fixture);
		if (fixture_is_alive(fixture) || fixture->request_count != before) {
			fail_msg("'%s' was let through", malformed[i].name);
		}
		assert_false(fixture->proxy->link_lost);
		fixture_destroy(fixture);
	}
}

static void test_split_at_every_byte(void **state)
{
	struct host_fixture *fixture = *state;
	const uint32_t message[] = {ID_DISPLAY, 12 << 16, ID_FREE};
	for (size_t i = 0; i < sizeof(message); i++) {
		assert_int_equal(fixture_count(fixture, "wl_display.sync"), 0);
		fixture_send_bytes(fixture, (const uint8_t *)message + i, 1);
		fixture_run(fixture);
	}
	assert_int_equal(fixture_count(fixture, "wl_display.sync"), 1);
	assert_true(fixture_guest_got(fixture, ID_FREE, WL_CALLBACK_DONE, nullptr));
}

static void test_half_message_waits(void **state)
{
	struct host_fixture *fixture = *state;
	const uint32_t half[] = {ID_DISPLAY, 12 << 16};
	fixture_send_bytes(fixture, half, sizeof(half));
	assert_alive(fixture);
}

/* --- globals --- */

static void bind_raw(
	struct host_fixture *fixture, uint32_t name, const char *interface, uint32_t version)
{
	fixture_send(
		fixture, ID_REGISTRY, WL_REGISTRY_BIND, "usun", name, interface, version, ID_FREE);
}

static void test_bind(void **state)
{
	static const struct {
		uint32_t name;
		const char *interface;
		uint32_t version;
	} binds[] = {
		{1, "wl_compositor", 0},          /* version 0 */
		{1, "wl_compositor", 7},          /* the compositor has it, we don't offer it */
		{1, "wl_compositor", UINT32_MAX}, /* */
		{1, "wl_seat", 1},                /* another global's name */
		{1, "", 1},                       /* */
		{0, "wl_compositor", 1},          /* never advertised */
		{999, "wl_compositor", 1},        /* */
		{2, "wl_shm", 1},                 /* the host half's own */
		{8, "zwlr_layer_shell_v1", 1},    /* not for guests */
		{9, "zwlr_screencopy_manager_v1", 1},
		{10, "wp_security_context_manager_v1", 1},
		{11, "wl_data_device_manager", 1}, /* lives in the guest half */
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(binds); i++) {
		struct host_fixture *fixture = fixture_create(true);
		unsigned before = fixture->request_count;
		bind_raw(fixture, binds[i].name, binds[i].interface, binds[i].version);
		assert_rejected(fixture);
		assert_int_equal(fixture->request_count, before);
		fixture_destroy(fixture);
	}
}

static void test_nothing_privileged_is_shown(void **state)
{
	struct host_fixture *fixture = *state;
	const char *untrusted = (const char *)vx_buffer_bytes(&fixture->events);
	size_t size = fixture->events.size;
	assert_non_null(memmem(untrusted, size, "wl_compositor", 13));
	assert_null(memmem(untrusted, size, "zwlr_", 5));
	assert_null(memmem(untrusted, size, "security_context", 16));
	assert_null(memmem(untrusted, size, "wl_shm", 6));
	assert_null(memmem(untrusted, size, "wl_data_device", 14));
}

/* --- ids --- */

static void test_id_is_not_reused_early(void **state)
{
	struct host_fixture *fixture = *state;
	fixture->keeps_ids = true;
	create_surface(fixture, surface_id);
	fixture_send(fixture, surface_id, WL_SURFACE_DESTROY, "");
	assert_alive(fixture);
	create_surface(fixture, surface_id);
	assert_rejected(fixture);
}

static void test_id_is_reused_after_delete_id(void **state)
{
	struct host_fixture *fixture = *state;
	for (int i = 0; i < 100; i++) {
		create_surface(fixture, surface_id);
		fixture_send(fixture, surface_id, WL_SURFACE_DESTROY, "");
		assert_alive(fixture);
	}
	assert_int_equal(fixture_count(fixture, "wl_surface.destroy"), 100);
}

static void test_destroyed_twice(void **state)
{
	struct host_fixture *fixture = *state;
	fixture->keeps_ids = true;
	create_surface(fixture, surface_id);
	fixture_send(fixture, surface_id, WL_SURFACE_DESTROY, "");
	fixture_send(fixture, surface_id, WL_SURFACE_DESTROY, "");
	assert_rejected(fixture);
	assert_int_equal(fixture_count(fixture, "wl_surface.destroy"), 1);
}

/* Of an object that has no handler of its own. */
static void test_region_destroyed_twice(void **state)
{
	struct host_fixture *fixture = *state;
	fixture->keeps_ids = true;
	fixture_send(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_REGION, "n", ID_FREE + 0u);
	fixture_send(fixture, ID_FREE, WL_REGION_DESTROY, "");
	fixture_send(fixture, ID_FREE, WL_REGION_DESTROY, "");
	assert_rejected(fixture);
	assert_int_equal(fixture_count(fixture, "wl_region.destroy"), 1);
}

/* --- limits --- */

static void flood(struct host_fixture *fixture, uint32_t object, uint16_t opcode, unsigned count)
{
	for (unsigned i = 0; i < count && fixture_is_alive(fixture); i++) {
		fixture_send(fixture, object, opcode, "n", ID_FREE + i);
		if (i % 256 == 0) {
			fixture_run(fixture);
		}
	}
	fixture_run(fixture);
}

static void test_surface_flood(void **state)
{
	struct host_fixture *fixture = *state;
	flood(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_SURFACE, 10000);
	assert_rejected(fixture);
	assert_int_equal(fixture_count(fixture, "wl_compositor.create_surface"), 1024);
}

static void test_region_flood(void **state)
{
	struct host_fixture *fixture = *state;
	flood(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_REGION, 10000);
	assert_rejected(fixture);
	assert_int_equal(fixture_count(fixture, "wl_compositor.create_region"), 1024);
}

static void test_positioner_flood(void **state)
{
	struct host_fixture *fixture = *state;
	flood(fixture, ID_SHELL, XDG_WM_BASE_CREATE_POSITIONER, 10000);
	assert_rejected(fixture);
	assert_int_equal(fixture_count(fixture, "xdg_wm_base.create_positioner"), 128);
}

static void test_counts_are_given_back(void **state)
{
	struct host_fixture *fixture = *state;
	flood(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_SURFACE, 10000);
	assert_rejected(fixture);
	assert_int_equal(fixture->proxy->counts.total, 0);
}

static void test_long_string(void **state)
{
	struct host_fixture *fixture = *state;
	static char name[limit_string + 8];
	memset(name, 'a', sizeof(name) - 1);
	bind_raw(fixture, 1, name, 1);
	assert_rejected(fixture);
}

static void test_damage_flood(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	for (int i = 0; i < 5000; i++) {
		fixture_send(fixture, surface_id, WL_SURFACE_DAMAGE_BUFFER, "iiii", i, i, 1, 1);
	}
	fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_surface.damage_buffer"), limit_damage_rects);
	const struct fixture_request *all = fixture_find(fixture, "wl_surface.damage");
	assert_non_null(all);
	assert_int_equal(all->args[2], INT32_MAX);
}

static void test_odd_damage(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	static const int32_t empty[][4] = {
		{0, 0, 0, 5}, {0, 0, 5, 0}, {0, 0, -1, 5}, {INT32_MAX, INT32_MIN, INT32_MAX, -1}};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(empty); i++) {
		fixture_send(fixture, surface_id, WL_SURFACE_DAMAGE_BUFFER, "iiii", empty[i][0],
			empty[i][1], empty[i][2], empty[i][3]);
	}
	fixture_send(fixture, surface_id, WL_SURFACE_DAMAGE_BUFFER, "iiii", 10, 0, INT32_MAX, 1);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_surface.damage_buffer"), 1);
	/* Its right edge is where an int ends. */
	const struct fixture_request *cut = fixture_find(fixture, "wl_surface.damage_buffer");
	assert_int_equal(cut->args[2], INT32_MAX - 10);
}

/* --- pixels --- */

static void test_present(void **state)
{
	static const struct {
		const char *name;
		uint32_t slot, offset, width, height, stride, format;
		int32_t x, y;
	} claims[] = {
		{"no width", 1, 0, 0, 64, 256, 0, 0, 0},
		{"no height", 1, 0, 64, 0, 256, 0, 0, 0},
		{"width over the limit", 1, 0, 16385, 1, 65540, 0, 0, 0},
		{"height of 2^31 - 1", 1, 0, 1, INT32_MAX, 4, 0, 0, 0},
		{"short stride", 1, 0, 64, 64, 255, 0, 0, 0},
		{"stride that overflows", 1, 0, 64, 64, UINT32_MAX - 3, 0, 0, 0},
		{"offset past the end", 1, 16 << 20, 64, 64, 256, 0, 0, 0},
		{"end past the end", 1, (16 << 20) - 4096, 64, 64, 256, 0, 0, 0},
		{"offset that overflows", 1, UINT32_MAX - 4095, 64, 64, 256, 0, 0, 0},
		{"offset that isn't aligned", 1, 1, 64, 64, 256, 0, 0, 0},
		{"unknown format", 1, 0, 64, 64, 256, 0x34325258 + 1, 0, 0},
		{"slot past the limit", 100000, 0, 64, 64, 256, 0, 0, 0},
		{"position out of range", 1, 0, 64, 64, 256, 0, INT32_MIN, 0},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(claims); i++) {
		struct host_fixture *fixture = fixture_create(true);
		create_surface(fixture, surface_id);
		fixture_send(fixture, 0, VIXOS_FORWARD_V1_PRESENT, "ouuuuuuii", surface_id,
			claims[i].slot, claims[i].offset, claims[i].width, claims[i].height,
			claims[i].stride, claims[i].format, claims[i].x, claims[i].y);
		fixture_run(fixture);
		if (fixture_is_alive(fixture) ||
			fixture_find(fixture, "wl_surface.attach") != nullptr) {
			fail_msg("'%s' was let through", claims[i].name);
		}
		fixture_destroy(fixture);
	}
}

static void test_present_on_no_surface(void **state)
{
	struct host_fixture *fixture = *state;
	present(fixture, ID_SEAT, 1, 64, 64);
	assert_rejected(fixture);
}

static void test_slot_is_presented_twice(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	present(fixture, surface_id, 1, 64, 64);
	assert_alive(fixture);
	present(fixture, surface_id, 1, 64, 64);
	assert_rejected(fixture);
}

static void test_pixels_beside_a_region(void **state)
{
	struct host_fixture *fixture = *state;
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_PIXELS, "uuuuua", 0u, 64u, 64u, 256u, 0u,
		(size_t)4, "abcd");
	assert_rejected(fixture);
}

static void test_attach_of_what_is_no_buffer(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	fixture_send(fixture, surface_id, WL_SURFACE_ATTACH, "oii", ID_SEAT, 0, 0);
	assert_rejected(fixture);
}

/* --- surfaces --- */

static void test_scale_and_transform(void **state)
{
	static const struct {
		uint16_t opcode;
		int32_t value;
		bool allowed;
	} values[] = {
		{WL_SURFACE_SET_BUFFER_SCALE, 0, false},
		{WL_SURFACE_SET_BUFFER_SCALE, -1, false},
		{WL_SURFACE_SET_BUFFER_SCALE, INT32_MAX, false},
		{WL_SURFACE_SET_BUFFER_SCALE, 3, true},
		{WL_SURFACE_SET_BUFFER_TRANSFORM, 99, false},
		{WL_SURFACE_SET_BUFFER_TRANSFORM, -1, false},
		{WL_SURFACE_SET_BUFFER_TRANSFORM, 7, true},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(values); i++) {
		struct host_fixture *fixture = fixture_create(true);
		create_surface(fixture, surface_id);
		fixture_send(fixture, surface_id, values[i].opcode, "i", values[i].value);
		fixture_run(fixture);
		assert_int_equal(fixture_is_alive(fixture), values[i].allowed);
		fixture_destroy(fixture);
	}
}

/* The surface ID_FREE + 2 i becomes a child of the one before by the subsurface ID_FREE + 2 i + 1.
 */
static void nest(struct host_fixture *fixture, uint32_t i)
{
	fixture_send(fixture, ID_SUBCOMPOSITOR, WL_SUBCOMPOSITOR_GET_SUBSURFACE, "noo",
		ID_FREE + 2 * i + 1, ID_FREE + 2 * i, ID_FREE + 2 * (i - 1));
}

static void test_subsurfaces_deep(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, ID_FREE);
	for (uint32_t i = 1; i < 100 && fixture_is_alive(fixture); i++) {
		create_surface(fixture, ID_FREE + 2 * i);
		nest(fixture, i);
	}
	assert_rejected(fixture);
	assert_int_equal(
		fixture_count(fixture, "wl_subcompositor.get_subsurface"), limit_subsurface_depth);
}

static void test_subsurfaces_deep_from_below(void **state)
{
	struct host_fixture *fixture = *state;
	for (uint32_t i = 0; i < 20; i++) {
		create_surface(fixture, ID_FREE + 2 * i);
	}
	for (uint32_t i = 19; i > 0 && fixture_is_alive(fixture); i--) {
		nest(fixture, i);
	}
	assert_rejected(fixture);
	assert_int_equal(
		fixture_count(fixture, "wl_subcompositor.get_subsurface"), limit_subsurface_depth);
}

static void test_subsurface_cycle(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, ID_FREE);
	create_surface(fixture, ID_FREE + 2);
	nest(fixture, 1);
	fixture_send(fixture, ID_SUBCOMPOSITOR, WL_SUBCOMPOSITOR_GET_SUBSURFACE, "noo",
		ID_FREE + 10, ID_FREE, ID_FREE + 2);
	assert_rejected(fixture);
}

static void test_subsurface_of_itself(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, ID_FREE);
	fixture_send(fixture, ID_SUBCOMPOSITOR, WL_SUBCOMPOSITOR_GET_SUBSURFACE, "noo", ID_FREE + 1,
		ID_FREE, ID_FREE);
	assert_rejected(fixture);
}

static void test_subsurfaces_nested_again_and_again(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, ID_FREE);
	create_surface(fixture, ID_FREE + 2);
	for (int i = 0; i < 100; i++) {
		nest(fixture, 1);
		fixture_send(fixture, ID_FREE + 3, WL_SUBSURFACE_DESTROY, "");
		assert_alive(fixture);
	}
}

/* --- cursors --- */

static void set_cursor(struct host_fixture *fixture, uint32_t surface)
{
	fixture_send(fixture, ID_POINTER, WL_POINTER_SET_CURSOR, "uoii", 1u, surface, 0, 0);
}

static void test_cursor_too_large(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	set_cursor(fixture, surface_id);
	present(fixture, surface_id, 1, 65, 64);
	fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	assert_alive(fixture);
	assert_null(fixture_find(fixture, "wl_surface.attach"));
	assert_true(fixture_guest_got(fixture, 0, VIXOS_FORWARD_V1_RELEASED, nullptr));
	present(fixture, surface_id, 1, 64, 64);
	assert_alive(fixture);
	assert_non_null(fixture_find(fixture, "wl_surface.attach"));
}

static void test_cursor_too_large_before(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	present(fixture, surface_id, 1, 500, 500);
	fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	set_cursor(fixture, surface_id);
	assert_alive(fixture);
	assert_null(fixture_find(fixture, "wl_pointer.set_cursor"));
}

static void test_cursor_made_small_and_committed_large(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	present(fixture, surface_id, 1, 500, 500);
	fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	fixture_send(fixture, surface_id, WL_SURFACE_SET_BUFFER_SCALE, "i", 20);
	set_cursor(fixture, surface_id);
	assert_alive(fixture);
	assert_null(fixture_find(fixture, "wl_pointer.set_cursor"));
}

static void test_cursor_grows(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	fixture_send(
		fixture, ID_VIEWPORTER, WP_VIEWPORTER_GET_VIEWPORT, "no", ID_FREE + 1, surface_id);
	fixture_send(fixture, ID_FREE + 1, WP_VIEWPORT_SET_DESTINATION, "ii", 32, 32);
	present(fixture, surface_id, 1, 500, 500);
	fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	set_cursor(fixture, surface_id);
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "wl_pointer.set_cursor"), 1);
	fixture_send(fixture, ID_FREE + 1, WP_VIEWPORT_DESTROY, "");
	fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	assert_alive(fixture);
	assert_int_equal(fixture_find(fixture, "wl_surface.attach")->args[0], 0);
}

static void test_cursor_hotspot(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	fixture_send(fixture, ID_POINTER, WL_POINTER_SET_CURSOR, "uoii", 1u, surface_id, -4000, 0);
	assert_alive(fixture);
	assert_null(fixture_find(fixture, "wl_pointer.set_cursor"));
}

/* --- windows --- */

static void test_titles(void **state)
{
	static const struct {
		const char *untrusted, *shown;
	} titles[] = {
		{"plain", "plain"},
		{"a\xe2\x80\xae"
		 "b",
			"ab"},
		{"a\nb\x1b[2J", "ab[2J"},
		{"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"", ""},
	};
	struct host_fixture *fixture = *state;
	create_toplevel(fixture);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(titles); i++) {
		fixture_send(
			fixture, toplevel_id, XDG_TOPLEVEL_SET_TITLE, "s", titles[i].untrusted);
		assert_alive(fixture);
		assert_string_equal(
			fixture_find(fixture, "xdg_toplevel.set_title")->text, titles[i].shown);
	}
}

static void test_app_id(void **state)
{
	struct host_fixture *fixture = *state;
	create_toplevel(fixture);
	fixture_send(fixture, toplevel_id, XDG_TOPLEVEL_SET_APP_ID, "s", "../%s<a b>\n");
	assert_alive(fixture);
	assert_string_equal(fixture_find(fixture, "xdg_toplevel.set_app_id")->text, "..__s_a_b__");
}

static void test_decoration_is_the_servers(void **state)
{
	struct host_fixture *fixture = *state;
	create_toplevel(fixture);
	fixture_send(fixture, ID_DECORATION, ZXDG_DECORATION_MANAGER_V1_GET_TOPLEVEL_DECORATION,
		"no", ID_FREE + 3, toplevel_id);
	fixture_send(fixture, ID_FREE + 3, ZXDG_TOPLEVEL_DECORATION_V1_SET_MODE, "u", 1u);
	fixture_send(fixture, ID_FREE + 3, ZXDG_TOPLEVEL_DECORATION_V1_UNSET_MODE, "");
	assert_alive(fixture);
	assert_int_equal(fixture_count(fixture, "zxdg_toplevel_decoration_v1.set_mode"), 1);
	assert_int_equal(fixture_find(fixture, "zxdg_toplevel_decoration_v1.set_mode")->args[0],
		ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	assert_int_equal(fixture_count(fixture, "zxdg_toplevel_decoration_v1.unset_mode"), 0);
}

static void test_bounds_are_clamped(void **state)
{
	struct host_fixture *fixture = *state;
	create_toplevel(fixture);
	fixture_send(fixture, toplevel_id, XDG_TOPLEVEL_SET_MIN_SIZE, "ii", 100000, 5);
	assert_alive(fixture);
	const struct fixture_request *request = fixture_find(fixture, "xdg_toplevel.set_min_size");
	assert_int_equal(request->args[0], limit_size);
	assert_int_equal(request->args[1], 5);
	fixture_send(fixture, toplevel_id, XDG_TOPLEVEL_SET_MAX_SIZE, "ii", -1, 5);
	assert_rejected(fixture);
}

static void test_geometry(void **state)
{
	static const int32_t geometries[][4] = {
		{0, 0, 0, 10}, {0, 0, 10, -1}, {INT32_MIN, 0, 10, 10}, {0, 0, INT32_MAX, 10}};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(geometries); i++) {
		struct host_fixture *fixture = fixture_create(true);
		create_toplevel(fixture);
		fixture_send(fixture, xdg_surface_id, XDG_SURFACE_SET_WINDOW_GEOMETRY, "iiii",
			geometries[i][0], geometries[i][1], geometries[i][2], geometries[i][3]);
		assert_rejected(fixture);
		fixture_destroy(fixture);
	}
}

static void test_positioner(void **state)
{
	static const struct {
		uint16_t opcode;
		const char *format;
		int32_t values[4];
	} requests[] = {
		{XDG_POSITIONER_SET_SIZE, "ii", {0, 10}},
		{XDG_POSITIONER_SET_SIZE, "ii", {10, INT32_MAX}},
		{XDG_POSITIONER_SET_ANCHOR_RECT, "iiii", {INT32_MIN, 0, 1, 1}},
		{XDG_POSITIONER_SET_ANCHOR_RECT, "iiii", {0, 0, -1, 1}},
		{XDG_POSITIONER_SET_OFFSET, "ii", {INT32_MAX, 0}},
		{XDG_POSITIONER_SET_PARENT_SIZE, "ii", {INT32_MAX, 1}},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(requests); i++) {
		struct host_fixture *fixture = fixture_create(true);
		fixture_send(fixture, ID_SHELL, XDG_WM_BASE_CREATE_POSITIONER, "n", ID_FREE);
		fixture_send(fixture, ID_FREE, requests[i].opcode, requests[i].format,
			requests[i].values[0], requests[i].values[1], requests[i].values[2],
			requests[i].values[3]);
		assert_rejected(fixture);
		fixture_destroy(fixture);
	}
}

static void test_popup_without_parent(void **state)
{
	struct host_fixture *fixture = *state;
	create_surface(fixture, surface_id);
	fixture_send(
		fixture, ID_SHELL, XDG_WM_BASE_GET_XDG_SURFACE, "no", xdg_surface_id, surface_id);
	fixture_send(fixture, ID_SHELL, XDG_WM_BASE_CREATE_POSITIONER, "n", ID_FREE + 5);
	fixture_send(fixture, xdg_surface_id, XDG_SURFACE_GET_POPUP, "noo", ID_FREE + 6, 0u,
		ID_FREE + 5);
	assert_rejected(fixture);
}

static void test_popups_deep(void **state)
{
	struct host_fixture *fixture = *state;
	create_toplevel(fixture);
	uint32_t positioner = ID_FREE + 5, parent = xdg_surface_id, id = ID_FREE + 6;
	fixture_send(fixture, ID_SHELL, XDG_WM_BASE_CREATE_POSITIONER, "n", positioner);
	for (int i = 0; i < 1000 && fixture_is_alive(fixture); i++, id += 3) {
		create_surface(fixture, id);
		fixture_send(fixture, ID_SHELL, XDG_WM_BASE_GET_XDG_SURFACE, "no", id + 1, id);
		fixture_send(
			fixture, id + 1, XDG_SURFACE_GET_POPUP, "noo", id + 2, parent, positioner);
		fixture_run(fixture);
		parent = id + 1;
	}
	assert_rejected(fixture);
	assert_int_equal(fixture_count(fixture, "xdg_surface.get_popup"), limit_popup_depth);
}

/* --- slow peers --- */

static void test_compositor_reads_nothing(void **state)
{
	struct host_fixture *fixture = *state;
	fixture->silent = true;
	create_surface(fixture, surface_id);
	for (unsigned i = 0; i < 200000; i++) {
		fixture_send(fixture, surface_id, WL_SURFACE_COMMIT, "");
	}
	assert_alive(fixture);
	fixture->silent = false;
	assert_alive(fixture);
	/* What was sent before there was no credit any more arrived, and the rest can follow. */
	fixture_send(fixture, ID_DISPLAY, WL_DISPLAY_SYNC, "n", ID_FREE + 9);
	assert_alive(fixture);
}

static void test_guest_reads_nothing(void **state)
{
	struct host_fixture *fixture = *state;
	uint32_t pointer = fixture_find(fixture, "wl_seat.get_pointer")->args[0];
	fixture->deaf = true;
	for (unsigned i = 0; i < 100000; i++) {
		fixture_event(fixture, pointer, WL_POINTER_MOTION, "uff", i, 0, 0);
		fixture_event(fixture, pointer, WL_POINTER_FRAME, "");
		if (i % 1000 == 0) {
			fixture_run(fixture);
		}
	}
	/* Motion is dropped and nothing grows. */
	assert_alive(fixture);
	fixture_event(fixture, pointer, WL_POINTER_BUTTON, "uuuu", 1u, 2u, 0x110u, 1u);
	assert_alive(fixture);
	uint32_t keyboard = fixture_find(fixture, "wl_seat.get_keyboard")->args[0];
	for (unsigned i = 0; i < 100000; i++) {
		fixture_event(fixture, keyboard, WL_KEYBOARD_KEY, "uuuu", i, i, 30u, i & 1);
		if (i % 1000 == 0) {
			fixture_run(fixture);
		}
	}
	assert_rejected(fixture);
}

static void test_compositor_hangs_up(void **state)
{
	struct host_fixture *fixture = *state;
	fixture_event(fixture, 1, WL_DISPLAY_ERROR, "ous", 1u, 3u, "because");
	fixture_run(fixture);
	wire_connection_finish(&fixture->compositor);
	fixture->compositor.fd = -1;
	fixture_run(fixture);
	assert_false(fixture_is_alive(fixture));
	assert_true(fixture_guest_got(fixture, ID_DISPLAY, WL_DISPLAY_ERROR, nullptr));
	assert_false(fixture->proxy->quit);
}

#define hostile_test(name) cmocka_unit_test_setup_teardown(name, guest_setup, guest_teardown)

int main(void)
{
	vx_log_init("test-host-hostile", VX_LOG_ERROR);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed),
		hostile_test(test_split_at_every_byte),
		hostile_test(test_half_message_waits),
		cmocka_unit_test(test_bind),
		hostile_test(test_nothing_privileged_is_shown),
		hostile_test(test_id_is_not_reused_early),
		hostile_test(test_id_is_reused_after_delete_id),
		hostile_test(test_destroyed_twice),
		hostile_test(test_region_destroyed_twice),
		hostile_test(test_surface_flood),
		hostile_test(test_region_flood),
		hostile_test(test_positioner_flood),
		hostile_test(test_counts_are_given_back),
		hostile_test(test_long_string),
		hostile_test(test_damage_flood),
		hostile_test(test_odd_damage),
		cmocka_unit_test(test_present),
		hostile_test(test_present_on_no_surface),
		hostile_test(test_slot_is_presented_twice),
		hostile_test(test_pixels_beside_a_region),
		hostile_test(test_attach_of_what_is_no_buffer),
		cmocka_unit_test(test_scale_and_transform),
		hostile_test(test_subsurfaces_deep),
		hostile_test(test_subsurfaces_deep_from_below),
		hostile_test(test_subsurface_cycle),
		hostile_test(test_subsurface_of_itself),
		hostile_test(test_subsurfaces_nested_again_and_again),
		hostile_test(test_cursor_too_large),
		hostile_test(test_cursor_too_large_before),
		hostile_test(test_cursor_made_small_and_committed_large),
		hostile_test(test_cursor_grows),
		hostile_test(test_cursor_hotspot),
		hostile_test(test_titles),
		hostile_test(test_app_id),
		hostile_test(test_decoration_is_the_servers),
		hostile_test(test_bounds_are_clamped),
		cmocka_unit_test(test_geometry),
		cmocka_unit_test(test_positioner),
		hostile_test(test_popup_without_parent),
		hostile_test(test_popups_deep),
		hostile_test(test_compositor_reads_nothing),
		hostile_test(test_guest_reads_nothing),
		hostile_test(test_compositor_hangs_up),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
