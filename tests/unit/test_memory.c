/* SPDX-License-Identifier: MIT */
/* What guests say of their memory: how they find out, what the host makes of lies and floods. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include <cmocka.h>

#include "agent/memory.h"
#include "common/memory.h"
#include "proxy/host/memory_watch.h"
#include "proxy/link/link.h"
#include "proxy/link/memory.h"

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
	struct wl_event_loop *loop;
	struct vx_link *host, *guest;
	struct memory_watch *watch;
	struct vx_link_channel *channel; /* the guest's; NULL once closed */
	enum vx_link_reason reason;
	unsigned questions;
};

static void handle_ready(struct vx_link *link, uint32_t features, void *data)
{
	struct fixture *fixture = data;
	if (link == fixture->host) {
		memory_watch_start(fixture->watch, link);
	}
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *bytes, size_t size, void *data)
{
	struct fixture *fixture = data;
	fixture->questions += (unsigned)size;
	vx_link_channel_consume(channel, size);
}

static void handle_nothing(struct vx_link_channel *channel, void *data)
{
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct fixture *fixture = data;
	fixture->channel = nullptr;
	fixture->reason = reason;
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_nothing,
	.peer_finished = handle_nothing,
	.closed = handle_closed,
};

static void handle_opened(
	struct vx_link *link, struct vx_link_channel *channel, const char *service, void *data)
{
	struct fixture *fixture = data;
	assert_string_equal(service, VX_MEMORY_SERVICE);
	fixture->channel = channel;
	vx_link_channel_set_listener(channel, &channel_listener, fixture);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready,
	.channel_opened = handle_opened,
	.lost = handle_lost,
};

static void turn(struct fixture *fixture)
{
	for (unsigned i = 0; i < 20; i++) {
		vx_link_dispatch(fixture->host);
		vx_link_dispatch(fixture->guest);
		wl_event_loop_dispatch(fixture->loop, 0);
	}
}

static int set_up(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	int ends[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	fixture->loop = wl_event_loop_create();
	fixture->watch = memory_watch_create(fixture->loop);
	fixture->host = vx_link_create(ends[0], VX_LINK_HOST, 0, &link_listener, fixture);
	fixture->guest = vx_link_create(ends[1], VX_LINK_GUEST, 0, &link_listener, fixture);
	turn(fixture);
	assert_non_null(fixture->channel);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	memory_watch_destroy(fixture->watch);
	vx_link_destroy(fixture->host);
	vx_link_destroy(fixture->guest);
	wl_event_loop_destroy(fixture->loop);
	free(fixture);
	return 0;
}

static void test_a_report_cut_anywhere(void **state)
{
	struct fixture *fixture = *state;
	uint8_t bytes[vx_memory_report_size];
	for (size_t cut = 1; cut <= 4; cut++) {
		vx_memory_encode(&(struct vx_memory_report){4096 + (uint32_t)cut, 1000, 77}, bytes);
		assert_int_equal(vx_link_channel_send(fixture->channel, bytes, cut), cut);
		turn(fixture);
		assert_int_equal(
			vx_link_channel_send(fixture->channel, bytes + cut, sizeof(bytes) - cut),
			sizeof(bytes) - cut);
		turn(fixture);
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
		vx_link_channel_send(fixture->channel, bytes, sizeof(bytes)), sizeof(bytes));
	turn(fixture);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(
		vx_link_channel_send(fixture->channel, bytes, sizeof(bytes)), sizeof(bytes));
	turn(fixture);
	assert_null(fixture->channel);
	assert_int_equal(fixture->reason, VX_LINK_REASON_PROTOCOL);
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
		(void)vx_link_channel_send(fixture->channel, bytes,
			vx_link_channel_get_credit(fixture->channel) >= sizeof(bytes)
				? sizeof(bytes)
				: 0);
		vx_link_dispatch(fixture->guest);
		vx_link_dispatch(fixture->host);
	}
	(void)memory_watch_get(fixture->watch, &count);
	assert_int_equal(count, 8);
	wl_event_loop_dispatch(fixture->loop, 1000); /* the timer */
	turn(fixture);
	assert_true(vx_link_channel_get_credit(fixture->channel) >= sizeof(bytes));
}

static void test_questions(void **state)
{
	struct fixture *fixture = *state;
	memory_watch_ask(fixture->watch);
	turn(fixture);
	assert_int_equal(fixture->questions, 1);
}

/* The real guest's end, on this machine's own figures. */
static void test_the_agent_answers(void **state)
{
	struct fixture *fixture = *state;
	struct memory *memory = memory_create(fixture->loop);
	uint32_t count;
	memory_accept(memory, vx_take_ptr(fixture->channel));
	turn(fixture);
	struct vx_memory_report report = memory_watch_get(fixture->watch, &count);
	assert_int_equal(count, 1);
	assert_true(report.total_kib > 100'000 && report.available_kib <= report.total_kib);
	memory_watch_ask(fixture->watch);
	turn(fixture);
	(void)memory_watch_get(fixture->watch, &count);
	assert_int_equal(count, 2);
	memory_destroy(memory);
	turn(fixture);
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
