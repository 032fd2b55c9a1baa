/* SPDX-License-Identifier: MIT */
/* A stream of vixosd's, the relay, a real link and the guest's end of an `exec` channel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buffer.h"
#include "common/memory.h"
#include "proxy/host/exec_relay.h"
#include "proxy/link/exec.h"
#include "service_fixture.h"

static void *create_relays(struct wl_event_loop *loop)
{
	return exec_relays_create(loop);
}

static void destroy_relays(void *relays)
{
	exec_relays_destroy(relays);
}

static bool open_relay(void *relays, struct vx_link *link, int fd)
{
	return exec_relays_open(relays, link, fd, nullptr);
}

static const struct relay_kind relay_kind = {
	VX_EXEC_SERVICE, create_relays, destroy_relays, open_relay};

static int set_up(void **state)
{
	*state = relay_set_up(&relay_kind);
	return 0;
}

static int tear_down(void **state)
{
	relay_tear_down(*state);
	return 0;
}

static void guest_sends(struct relay_fixture *fixture, const void *bytes, size_t size)
{
	assert_int_equal(vx_link_channel_send(fixture->guest->channel, bytes, size), size);
}

static void guest_sends_frame(struct relay_fixture *fixture, enum vx_exec_frame_type type,
	const void *payload, size_t size)
{
	struct vx_buffer buffer = {};
	assert_true(vx_exec_encode(&buffer, type, payload, size));
	guest_sends(fixture, vx_buffer_bytes(&buffer), buffer.size);
	vx_buffer_finish(&buffer);
}

static void test_bytes_cross_both_ways(void **state)
{
	struct relay_fixture *fixture = *state;
	assert_int_equal(write(fixture->stream, "to the guest", 12), 12);
	guest_sends_frame(fixture, VX_EXEC_STDOUT, "to the host", 11);
	service_turn(&fixture->service);
	assert_int_equal(fixture->guest->received.size, 12);
	assert_memory_equal(vx_buffer_bytes(&fixture->guest->received), "to the guest", 12);
	uint8_t bytes[64];
	assert_int_equal(read(fixture->stream, bytes, sizeof(bytes)), 8 + 11);
	assert_int_equal(bytes[0], VX_EXEC_STDOUT);
	assert_memory_equal(bytes + 8, "to the host", 11);
}

static void test_the_end_comes_after_the_output(void **state)
{
	struct relay_fixture *fixture = *state;
	static const uint8_t status[4] = {7};
	guest_sends_frame(fixture, VX_EXEC_STDOUT, "last", 4);
	guest_sends_frame(fixture, VX_EXEC_EXIT, status, sizeof(status));
	vx_link_channel_finish(fixture->guest->channel);
	service_turn(&fixture->service);
	assert_int_equal(fixture->guest->closed_count, 1);
	assert_int_equal(fixture->guest->reason, VX_LINK_REASON_NONE);
	uint8_t bytes[64];
	assert_int_equal(read(fixture->stream, bytes, sizeof(bytes)), 8 + 4 + 8 + 4);
	assert_int_equal(read(fixture->stream, bytes, sizeof(bytes)), 0);
	assert_int_equal(exec_relays_get_count(fixture->relays), 0);
}

static void test_a_closed_stream_cancels(void **state)
{
	struct relay_fixture *fixture = *state;
	close(fixture->stream);
	fixture->stream = -1;
	service_turn(&fixture->service);
	assert_int_equal(fixture->guest->closed_count, 1);
	assert_int_equal(fixture->guest->reason, VX_LINK_REASON_CANCELLED);
	assert_int_equal(exec_relays_get_count(fixture->relays), 0);
}

static void test_a_hostile_guest_loses_the_channel(void **state)
{
	static const uint8_t bad[][12] = {
		{99},                                 /* no such type */
		{VX_EXEC_STDIN, 0, 0, 0, 0, 0, 0, 0}, /* of the other direction */
		{VX_EXEC_STDOUT, 0, 0, 0, 255, 255, 255, 255},
		{VX_EXEC_EXIT, 0, 0, 0, 3},
	};
	struct relay_fixture *fixture = *state;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(bad); i++) {
		guest_sends(fixture, bad[i], sizeof(bad[i]));
		service_turn(&fixture->service);
		assert_int_equal(fixture->guest->closed_count, 1);
		assert_int_equal(fixture->guest->reason, VX_LINK_REASON_PROTOCOL);
		uint8_t byte;
		assert_int_equal(read(fixture->stream, &byte, 1), 0);
		close(fixture->stream);
		relay_open_stream(fixture);
	}
}

/* A reader that doesn't read stops the guest; what it had sent arrives whole once it reads. */
static void test_a_slow_stream_holds_the_guest_back(void **state)
{
	struct relay_fixture *fixture = *state;
	static uint8_t payload[1000];
	size_t sent = 0, received = 0;
	for (unsigned i = 0; i < 3000 && fixture->guest->channel != nullptr; i++) {
		if (vx_link_channel_get_credit(fixture->guest->channel) < sizeof(payload) + 8) {
			service_turn(&fixture->service);
			if (vx_link_channel_get_credit(fixture->guest->channel) <
				sizeof(payload) + 8) {
				break;
			}
		}
		guest_sends_frame(fixture, VX_EXEC_STDOUT, payload, sizeof(payload));
		sent += sizeof(payload) + 8;
	}
	assert_true(sent < 3000 * (sizeof(payload) + 8));
	static uint8_t bytes[65536];
	for (;;) {
		ssize_t count = read(fixture->stream, bytes, sizeof(bytes));
		if (count < 0) {
			service_turn(&fixture->service);
			count = read(fixture->stream, bytes, sizeof(bytes));
		}
		if (count <= 0) {
			break;
		}
		received += (size_t)count;
		service_turn(&fixture->service);
	}
	assert_int_equal(received, sent);
	assert_true(vx_link_channel_get_credit(fixture->guest->channel) > sizeof(payload));
}

static void test_a_slow_guest_holds_the_stream_back(void **state)
{
	struct relay_fixture *fixture = *state;
	static uint8_t bytes[16384];
	size_t sent = 0;
	fixture->guest->holds = true;
	for (unsigned stuck = 0; stuck < 3;) {
		ssize_t count = write(fixture->stream, bytes, sizeof(bytes));
		stuck = count < 0 ? stuck + 1 : 0;
		sent += count > 0 ? (size_t)count : 0;
		service_turn(&fixture->service);
		assert_true(sent < 4 * 1024 * 1024);
	}
	fixture->guest->holds = false;
	vx_link_channel_consume(fixture->guest->channel, fixture->guest->received.size);
	for (unsigned i = 0; i < 100 && fixture->guest->received.size < sent; i++) {
		service_turn(&fixture->service);
	}
	assert_int_equal(fixture->guest->received.size, sent);
}

static void test_relays_are_capped(void **state)
{
	struct relay_fixture *fixture = *state;
	int streams[exec_relays_max];
	for (unsigned i = 0; i < exec_relays_max; i++) {
		streams[i] = relay_open(fixture);
	}
	assert_int_equal(streams[exec_relays_max - 1], -1);
	assert_int_equal(exec_relays_get_count(fixture->relays), exec_relays_max);
	for (unsigned i = 0; i + 1 < exec_relays_max; i++) {
		close(streams[i]);
	}
	service_turn(&fixture->service);
	assert_int_equal(exec_relays_get_count(fixture->relays), 1);
}

static void test_a_lost_link_closes_the_stream(void **state)
{
	struct relay_fixture *fixture = *state;
	vx_link_destroy(vx_take_ptr(fixture->service.pair.guest.link));
	service_turn(&fixture->service);
	uint8_t byte;
	assert_int_equal(read(fixture->stream, &byte, 1), 0);
	assert_int_equal(exec_relays_get_count(fixture->relays), 0);
}

#define RELAY_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RELAY_TEST(test_bytes_cross_both_ways),
		RELAY_TEST(test_the_end_comes_after_the_output),
		RELAY_TEST(test_a_closed_stream_cancels),
		RELAY_TEST(test_a_hostile_guest_loses_the_channel),
		RELAY_TEST(test_a_slow_stream_holds_the_guest_back),
		RELAY_TEST(test_a_slow_guest_holds_the_stream_back),
		RELAY_TEST(test_relays_are_capped),
		RELAY_TEST(test_a_lost_link_closes_the_stream),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
