/* SPDX-License-Identifier: MIT */
/* What guests say of their memory: how they find out, what the host makes of lies and floods. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/memory.h"
#include "common/memory.h"
#include "proxy/host/memory_watch.h"
#include "proxy/link/memory.h"
#include "service_fixture.h"

/* ---- reports ---- */

static void test_reports_survive(void **state)
{
	static const struct vx_memory_report reports[] = {
		{1024, 0, 0},
		{1024, 1024, vx_memory_pressure_max},
		{vx_memory_total_max_kib, vx_memory_total_max_kib, 1},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(reports); i++) {
		uint8_t bytes[vx_memory_report_size];
		struct vx_memory_report again;
		vx_memory_encode(&reports[i], bytes);
		assert_true(vx_memory_decode(bytes, &again, nullptr));
		assert_memory_equal(&again, &reports[i], sizeof(again));
	}
}

static void test_numbers_out_of_range(void **state)
{
	static const struct vx_memory_report bad[] = {
		{0, 0, 0},
		{1023, 0, 0},
		{vx_memory_total_max_kib + 1, 0, 0},
		{UINT32_MAX, UINT32_MAX, 0},
		{2048, 2049, 0},
		{2048, UINT32_MAX, 0},
		{2048, 0, vx_memory_pressure_max + 1},
		{2048, 0, UINT32_MAX},
	};
	uint8_t bytes[vx_memory_report_size];
	struct vx_memory_report report;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(bad); i++) {
		vx_memory_encode(&bad[i], bytes);
		assert_false(vx_memory_decode(bytes, &report, nullptr));
	}
	vx_memory_encode(&(struct vx_memory_report){2048, 1, 1}, bytes);
	bytes[15] = 1; /* not zero */
	assert_false(vx_memory_decode(bytes, &report, nullptr));
}

/* ---- the guest's own files ---- */

static void test_meminfo(void **state)
{
	struct vx_memory_report report;
	assert_true(
		memory_parse_meminfo("MemTotal:         986204 kB\nMemFree:          445872 kB\n"
				     "MemAvailable:     376460 kB\nSwapTotal: 1 kB\n",
			&report));
	assert_int_equal(report.total_kib, 986204);
	assert_int_equal(report.available_kib, 376460);
	assert_true(memory_parse_meminfo("MemTotal: 5 kB\nMemAvailable: 9 kB\n", &report));
	assert_int_equal(report.available_kib, 5);
	assert_true(memory_parse_meminfo(
		"MemTotal: 99999999999999999999999 kB\nMemAvailable: 1 kB\n", &report));
	assert_int_equal(report.total_kib, vx_memory_total_max_kib);
	assert_false(memory_parse_meminfo("", &report));
	assert_false(memory_parse_meminfo("MemTotal: 5 kB\nXMemAvailable: 9 kB\n", &report));
	assert_false(memory_parse_meminfo("MemTotal:\nMemAvailable: 9 kB\n", &report));
	assert_int_equal(memory_parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=1234\n"
					       "full avg10=0.00 total=9\n"),
		1234);
	assert_int_equal(memory_parse_pressure(""), 0);
	assert_int_equal(memory_parse_pressure("full total=9\n"), 0);
}

/* ---- the host's half, and a guest that does what the test likes ---- */

struct fixture {
	struct service_fixture service;
	struct memory_watch *watch;
	struct user *guest;
};

static int set_up(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	service_init(&fixture->service);
	service_turn(&fixture->service);
	fixture->watch = memory_watch_create(fixture->service.loop);
	memory_watch_start(fixture->watch, fixture->service.pair.host.link);
	service_turn(&fixture->service);
	fixture->guest = service_expect(&fixture->service, VX_MEMORY_SERVICE);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	memory_watch_destroy(fixture->watch);
	service_finish(&fixture->service);
	free(fixture);
	return 0;
}

static void test_a_report_cut_anywhere(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[vx_memory_report_size];
	for (size_t cut = 1; cut <= 4; cut++) {
		vx_memory_encode(&(struct vx_memory_report){4096 + (uint32_t)cut, 1000, 77}, bytes);
		assert_int_equal(vx_link_channel_send(fixture->guest->channel, bytes, cut), cut);
		service_turn(&fixture->service);
		assert_int_equal(vx_link_channel_send(
					 fixture->guest->channel, bytes + cut, sizeof(bytes) - cut),
			sizeof(bytes) - cut);
		service_turn(&fixture->service);
		uint32_t count;
		struct vx_memory_report report = memory_watch_get(fixture->watch, &count);
		assert_int_equal(count, cut);
		assert_int_equal(report.total_kib, 4096 + cut);
		assert_int_equal(report.pressure, 77);
	}
}

static void test_nonsense_ends_the_channel(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[vx_memory_report_size];
	uint32_t count;
	vx_memory_encode(&(struct vx_memory_report){4096, 1000, 0}, bytes);
	assert_int_equal(
		vx_link_channel_send(fixture->guest->channel, bytes, sizeof(bytes)), sizeof(bytes));
	service_turn(&fixture->service);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
		vx_link_channel_send(fixture->guest->channel, bytes, sizeof(bytes)), sizeof(bytes));
	service_turn(&fixture->service);
	assert_null(fixture->guest->channel);
	assert_int_equal(fixture->guest->reason, VX_LINK_REASON_PROTOCOL);
	struct vx_memory_report report = memory_watch_get(fixture->watch, &count);
	assert_int_equal(count, 1);
	assert_int_equal(report.total_kib, 4096);
	memory_watch_ask(fixture->watch); /* goes nowhere */
}

/* A guest that has always something to say gets through with no more than the window. */
static void test_a_flood_is_held_back(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[vx_memory_report_size];
	uint32_t count = 0;
	vx_memory_encode(&(struct vx_memory_report){4096, 1000, 0}, bytes);
	for (unsigned i = 0; i < 1000; i++) {
		(void)vx_link_channel_send(fixture->guest->channel, bytes,
			vx_link_channel_get_credit(fixture->guest->channel) >= sizeof(bytes)
				? sizeof(bytes)
				: 0);
		side_dispatch(&fixture->service.pair.guest);
		side_dispatch(&fixture->service.pair.host);
	}
	(void)memory_watch_get(fixture->watch, &count);
	assert_int_equal(count, 8);
	wl_event_loop_dispatch(fixture->service.loop, 1000); /* the timer */
	service_turn(&fixture->service);
	assert_true(vx_link_channel_get_credit(fixture->guest->channel) >= sizeof(bytes));
}

static void test_questions(void **state)
{
	struct fixture *fixture = *state;
	memory_watch_ask(fixture->watch);
	service_turn(&fixture->service);
	assert_int_equal(fixture->guest->received.size, 1);
}

/* The real guest's end, on this machine's own figures. */
static void test_the_agent_answers(void **state)
{
	struct fixture *fixture = *state;
	struct memory *memory = memory_create(fixture->service.loop);
	uint32_t count;
	memory_accept(memory, vx_take_ptr(fixture->guest->channel));
	service_turn(&fixture->service);
	struct vx_memory_report report = memory_watch_get(fixture->watch, &count);
	assert_int_equal(count, 1);
	assert_true(report.total_kib > 100'000 && report.available_kib <= report.total_kib);
	memory_watch_ask(fixture->watch);
	service_turn(&fixture->service);
	(void)memory_watch_get(fixture->watch, &count);
	assert_int_equal(count, 2);
	memory_destroy(memory);
	service_turn(&fixture->service);
}

#define WATCH_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reports_survive),
		cmocka_unit_test(test_numbers_out_of_range),
		cmocka_unit_test(test_meminfo),
		WATCH_TEST(test_a_report_cut_anywhere),
		WATCH_TEST(test_nonsense_ends_the_channel),
		WATCH_TEST(test_a_flood_is_held_back),
		WATCH_TEST(test_questions),
		WATCH_TEST(test_the_agent_answers),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
