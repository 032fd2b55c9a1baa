/* SPDX-License-Identifier: MIT */
/* The rules of docs/link.md, between two ends that keep them. */
#include "link_fixture.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fd.h"
#include "common/memory.h"
#include "proxy/link/state.h"

static void test_hello_agrees_on_features(void **state)
{
	struct pair pair;
	pair_init(&pair);
	assert_int_equal(pair.host.ready_count, 1);
	assert_int_equal(pair.guest.ready_count, 1);
	assert_int_equal(pair.host.features, VX_LINK_FEATURE_LZ4);
	assert_int_equal(pair.guest.features, VX_LINK_FEATURE_LZ4);
	assert_true(vx_link_is_ready(pair.host.link));
	assert_false(vx_link_wants_write(pair.host.link));
	pair_finish(&pair);
}

static void test_bytes_cross_both_ways(void **state)
{
	struct pair pair;
	pair_init(&pair);
	struct user *client = side_open(&pair.guest, "wayland", vx_link_window_default);
	assert_int_equal(vx_link_channel_send(client->channel, "hello", 5), 5);
	assert_true(pair.guest.wants_write);
	pair_pump(&pair);
	assert_string_equal(pair.host.last_service, "wayland");
	struct user *server = side_last_user(&pair.host);
	assert_int_equal(server->received.size, 5);
	assert_memory_equal(vx_buffer_bytes(&server->received), "hello", 5);
	assert_int_equal(vx_link_channel_send(server->channel, "answer", 6), 6);
	pair_pump(&pair);
	assert_int_equal(client->received.size, 6);
	assert_ptr_equal(vx_link_channel_get_link(client->channel), pair.guest.link);
	assert_ptr_equal(vx_link_channel_get_data(client->channel), client);
	pair_finish(&pair);
}

static void test_channels_may_be_opened_before_the_peer_is_there(void **state)
{
	int fds[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	struct pair pair;
	side_init(&pair.host, fds[0], VX_LINK_HOST, 0);
	struct user *early = side_open(&pair.host, "exec", vx_link_window_default);
	assert_int_equal(vx_link_channel_send(early->channel, "early", 5), 5);
	vx_link_flush(pair.host.link);
	side_init(&pair.guest, fds[1], VX_LINK_GUEST, 0);
	pair_pump(&pair);
	assert_int_equal(side_last_user(&pair.guest)->received.size, 5);
	pair_finish(&pair);
}

static void hold(struct side *side, struct user *user)
{
	user->holds = true;
}

static void test_credit_bounds_what_is_sent(void **state)
{
	static uint8_t bytes[vx_link_window_default + 1];
	struct pair pair;
	pair_init(&pair);
	pair.host.on_opened = hold;
	struct user *sender = side_open(&pair.guest, "file", 1000);
	assert_int_equal(vx_link_channel_get_credit(sender->channel), vx_link_window_default);
	assert_int_equal(vx_link_channel_send(sender->channel, bytes, sizeof(bytes)),
		vx_link_window_default);
	/* The receiver holds what it gets: no credit comes back, and nobody is told. */
	pair_pump(&pair);
	struct user *receiver = side_last_user(&pair.host);
	assert_int_equal(receiver->unconsumed, vx_link_window_default);
	assert_int_equal(vx_link_channel_send(sender->channel, bytes, 1), 0);
	assert_int_equal(sender->writable_count, 0);
	/* The acceptor's credit is the window that came with the opening. */
	assert_int_equal(vx_link_channel_get_credit(receiver->channel), 1000);
	/* Once consumed, the sender is told, once. */
	vx_link_channel_consume(receiver->channel, vx_link_window_default);
	pair_pump(&pair);
	assert_int_equal(sender->writable_count, 1);
	assert_int_equal(vx_link_channel_get_credit(sender->channel), vx_link_window_default);
	pair_finish(&pair);
}

static void test_waiting_for_credit_keeps_nobody_busy(void **state)
{
	static uint8_t bytes[vx_link_window_default + 1];
	struct pair pair;
	pair_init(&pair);
	pair.host.on_opened = hold;
	struct user *sender = side_open(&pair.guest, "file", 1000);
	assert_true(vx_link_channel_send(sender->channel, bytes, sizeof(bytes)) < sizeof(bytes));
	pair_pump(&pair);
	/* An event on that channel that brings no credit. */
	vx_link_channel_finish(side_last_user(&pair.host)->channel);
	pair_pump(&pair);
	assert_int_equal(sender->finished_count, 1);
	assert_int_equal(sender->writable_count, 0);
	assert_false(vx_link_wants_write(pair.guest.link));
	vx_link_channel_consume(side_last_user(&pair.host)->channel, vx_link_window_default);
	pair_pump(&pair);
	assert_int_equal(sender->writable_count, 1);
	pair_finish(&pair);
}

static void test_a_receiver_that_needs_more_than_it_may_hold_back_gets_it(void **state)
{
	/* Byte by byte consumption at the end of the window must still bring the rest. */
	struct pair pair;
	pair_init(&pair);
	struct user *receiver = side_open(&pair.guest, "file", 100);
	receiver->holds = true;
	pair_pump(&pair);
	struct user *sender = side_last_user(&pair.host);
	uint8_t bytes[100] = {};
	assert_int_equal(vx_link_channel_send(sender->channel, bytes, 100), 100);
	assert_int_equal(vx_link_channel_send(sender->channel, bytes, 1), 0);
	pair_pump(&pair);
	assert_int_equal(receiver->received.size, 100);
	vx_link_channel_consume(receiver->channel, 1);
	pair_pump(&pair);
	assert_int_equal(sender->writable_count, 1);
	assert_int_equal(vx_link_channel_get_credit(sender->channel), 1);
	pair_finish(&pair);
}

static void test_half_close_and_close(void **state)
{
	struct pair pair;
	pair_init(&pair);
	struct user *client = side_open(&pair.guest, "pipe", 4096);
	assert_int_equal(vx_link_channel_send(client->channel, "ask", 3), 3);
	vx_link_channel_finish(client->channel);
	vx_link_channel_finish(client->channel);
	assert_int_equal(vx_link_channel_send(client->channel, "x", 1), 0);
	pair_pump(&pair);
	struct user *server = side_last_user(&pair.host);
	assert_int_equal(server->received.size, 3);
	assert_int_equal(server->finished_count, 1);
	assert_int_equal(vx_link_channel_send(server->channel, "answer", 6), 6);
	pair_pump(&pair);
	assert_int_equal(client->received.size, 6);
	assert_int_equal(client->closed_count + server->closed_count, 0);
	vx_link_channel_finish(server->channel);
	pair_pump(&pair);
	assert_int_equal(client->finished_count, 1);
	assert_int_equal(client->closed_count, 1);
	assert_int_equal(server->closed_count, 1);
	assert_int_equal(client->reason, VX_LINK_REASON_NONE);
	assert_int_equal(server->reason, VX_LINK_REASON_NONE);
	pair_finish(&pair);
}

static void test_reset_carries_its_reason(void **state)
{
	static const enum vx_link_reason reasons[][2] = {
		{VX_LINK_REASON_REFUSED, VX_LINK_REASON_REFUSED},
		{VX_LINK_REASON_PROTOCOL, VX_LINK_REASON_PROTOCOL},
		{VX_LINK_REASON_INTERNAL, VX_LINK_REASON_INTERNAL},
		/* What can't be said of a channel that did not finish. */
		{VX_LINK_REASON_NONE, VX_LINK_REASON_CANCELLED},
		{VX_LINK_REASON_LINK_LOST, VX_LINK_REASON_CANCELLED},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(reasons); i++) {
		struct pair pair;
		pair_init(&pair);
		struct user *client = side_open(&pair.guest, "pipe", 4096);
		pair_pump(&pair);
		vx_link_channel_destroy(side_last_user(&pair.host)->channel, reasons[i][0]);
		side_last_user(&pair.host)->channel = nullptr;
		pair_pump(&pair);
		assert_int_equal(client->closed_count, 1);
		assert_int_equal(client->reason, reasons[i][1]);
		assert_int_equal(side_last_user(&pair.host)->closed_count, 0);
		pair_finish(&pair);
	}
}

static void test_unaccepted_channels_have_no_service(void **state)
{
	struct pair pair;
	pair_init(&pair);
	pair.host.refuses = true;
	struct user *client = side_open(&pair.guest, "nothing", 4096);
	assert_int_equal(vx_link_channel_send(client->channel, "lost", 4), 4);
	pair_pump(&pair);
	assert_int_equal(client->closed_count, 1);
	assert_int_equal(client->reason, VX_LINK_REASON_NO_SERVICE);
	assert_int_equal(pair.host.lost_count + pair.guest.lost_count, 0);
	pair_finish(&pair);
}

static void test_destroying_a_finished_channel_loses_nothing(void **state)
{
	static uint8_t bytes[200000];
	struct pair pair;
	pair_init(&pair);
	struct user *client = side_open(&pair.guest, "pipe", vx_link_window_max);
	vx_link_channel_finish(client->channel);
	pair_pump(&pair);
	struct user *server = side_last_user(&pair.host);
	assert_int_equal(
		vx_link_channel_send(server->channel, bytes, sizeof(bytes)), sizeof(bytes));
	vx_link_channel_finish(server->channel);
	vx_link_channel_destroy(vx_take_ptr(server->channel), VX_LINK_REASON_NONE);
	pair_pump(&pair);
	assert_int_equal(client->received.size, sizeof(bytes));
	assert_int_equal(client->reason, VX_LINK_REASON_NONE);
	assert_int_equal(client->closed_count, 1);
	pair_finish(&pair);
}

static void test_a_channel_cancelled_at_once_is_never_heard_of(void **state)
{
	struct pair pair;
	pair_init(&pair);
	struct user *client = side_open(&pair.guest, "pipe", 4096);
	vx_link_channel_destroy(vx_take_ptr(client->channel), VX_LINK_REASON_CANCELLED);
	pair_pump(&pair);
	assert_int_equal(pair.host.opened_count, 0);
	pair_finish(&pair);
}

static void test_ids_run_out_and_come_back(void **state)
{
	struct pair pair;
	pair_init(&pair);
	size_t opened = 0;
	while (side_open(&pair.guest, "pipe", 1)->channel != nullptr) {
		opened++;
	}
	assert_int_equal(opened, vx_link_channels_max / 2);
	pair_pump(&pair);
	assert_int_equal(pair.host.opened_count, opened);
	/* Our CLOSE alone frees no id; the peer's makes it free. */
	vx_link_channel_destroy(
		vx_take_ptr(pair.guest.users[7]->channel), VX_LINK_REASON_CANCELLED);
	vx_link_flush(pair.guest.link);
	assert_null(vx_link_channel_open(pair.guest.link, "pipe", 1, &user_listener, nullptr));
	pair_pump(&pair);
	assert_non_null(side_open(&pair.guest, "pipe", 1)->channel);
	pair_pump(&pair);
	assert_int_equal(pair.host.opened_count, opened + 1);
	assert_int_equal(pair.host.lost_count, 0);
	/* The host has ids of its own. */
	assert_non_null(side_open(&pair.host, "exec", 1)->channel);
	pair_finish(&pair);
}

static void test_ping(void **state)
{
	struct pair pair;
	pair_init(&pair);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(vx_link_ping(pair.host.link));
		assert_false(vx_link_ping(pair.host.link));
		assert_true(vx_link_ping(pair.guest.link));
		pair_pump(&pair);
	}
	assert_true(vx_link_ping(pair.host.link));
	pair_finish(&pair);
}

static void test_hang_up_tells_everybody_once(void **state)
{
	struct pair pair;
	pair_init(&pair);
	struct user *client = side_open(&pair.guest, "wayland", 4096);
	pair_pump(&pair);
	struct user *server = side_last_user(&pair.host);
	/* What was sent before the hang-up still arrives. */
	assert_int_equal(vx_link_channel_send(client->channel, "last", 4), 4);
	vx_link_flush(pair.guest.link);
	vx_link_destroy(vx_take_ptr(pair.guest.link));
	assert_int_equal(client->reason, VX_LINK_REASON_LINK_LOST);
	assert_int_equal(vx_link_channel_send(server->channel, "into the void", 13), 13);
	vx_link_flush(pair.host.link);
	pair_pump(&pair);
	assert_int_equal(server->received.size, 4);
	assert_int_equal(server->closed_count, 1);
	assert_int_equal(server->reason, VX_LINK_REASON_LINK_LOST);
	assert_int_equal(pair.host.lost_count, 1);
	pair_finish(&pair);
}

static void test_one_wedged_channel_stops_no_other(void **state)
{
	static uint8_t bytes[vx_link_window_default];
	struct pair pair;
	pair_init(&pair);
	struct user *wedged = side_open(&pair.guest, "pipe", 4096);
	struct user *lively = side_open(&pair.guest, "wayland", 4096);
	pair_pump(&pair);
	struct user *sink = pair.host.users[0];
	sink->holds = true;
	assert_int_equal(
		vx_link_channel_send(wedged->channel, bytes, sizeof(bytes)), sizeof(bytes));
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(vx_link_channel_send(lively->channel, bytes, 2000), 2000);
		pair_pump(&pair);
	}
	assert_int_equal(sink->received.size, sizeof(bytes));
	assert_int_equal(pair.host.users[1]->received.size, 2000 * 1000);
	pair_finish(&pair);
}

static void test_turns_are_fair(void **state)
{
	/* One channel has a lot queued; a message of another waits for one frame of it, not for
	 * all. */
	static uint8_t bytes[vx_link_window_max];
	struct pair pair;
	pair_init(&pair);
	struct user *bulk = side_open(&pair.guest, "file", vx_link_window_max);
	struct user *small = side_open(&pair.guest, "wayland", 4096);
	pair_pump(&pair);
	struct user *bulk_sender = pair.host.users[0];
	struct user *small_sender = pair.host.users[1];
	bulk->holds = true;
	assert_int_equal(
		vx_link_channel_send(bulk_sender->channel, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(vx_link_channel_send(small_sender->channel, "now", 3), 3);
	while (small->received.size == 0) {
		side_dispatch(&pair.host);
		side_dispatch(&pair.guest);
	}
	assert_true(bulk->received.size <= 2 * (vx_link_frame_payload_max + 4096));
	pair_finish(&pair);
}

static void test_many_queues_share_one_bound(void **state)
{
	/* Windows of 4 MiB on 16 channels: the link takes 8 MiB, and later tells who was refused.
	 */
	static uint8_t bytes[vx_link_window_max];
	struct pair pair;
	pair_init(&pair);
	for (unsigned i = 0; i < 16; i++) {
		side_open(&pair.guest, "file", vx_link_window_max);
	}
	pair_pump(&pair);
	size_t taken = 0;
	for (unsigned i = 0; i < 16; i++) {
		taken += vx_link_channel_send(pair.host.users[i]->channel, bytes, sizeof(bytes));
	}
	assert_int_equal(taken, link_queued_max);
	pair_pump(&pair);
	size_t received = 0;
	for (unsigned i = 0; i < 16; i++) {
		received += pair.guest.users[i]->received.size;
		bool was_refused = i >= 2;
		assert_int_equal(pair.host.users[i]->writable_count, was_refused ? 1 : 0);
	}
	assert_int_equal(received, taken);
	pair_finish(&pair);
}

static void test_memory_of_empty_queues_is_bounded(void **state)
{
	static uint8_t bytes[vx_link_window_max];
	struct pair pair;
	pair_init(&pair);
	for (unsigned i = 0; i < 16; i++) {
		struct user *receiver = side_open(&pair.guest, "file", vx_link_window_max);
		pair_pump(&pair);
		struct user *sender = side_last_user(&pair.host);
		assert_int_equal(
			vx_link_channel_send(sender->channel, bytes, sizeof(bytes)), sizeof(bytes));
		pair_pump(&pair);
		assert_int_equal(receiver->received.size, sizeof(bytes));
		assert_true(pair.host.link->queue_capacity <= link_queued_max);
	}
	pair_finish(&pair);
}

static void test_a_character_device_works_like_a_socket(void **state)
{
	/* A pseudo-terminal stands for a virtio-serial port: no send(2), small pieces, short
	 * writes. */
	static uint8_t bytes[vx_link_window_default];
	int master, slave;
	if (openpty(&master, &slave, nullptr, nullptr, nullptr) < 0) {
		skip();
	}
	struct termios raw;
	assert_int_equal(tcgetattr(slave, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
	assert_true(vx_fd_set_nonblocking(master, nullptr));
	assert_true(vx_fd_set_nonblocking(slave, nullptr));
	struct pair pair;
	side_init(&pair.host, master, VX_LINK_HOST, 0);
	side_init(&pair.guest, slave, VX_LINK_GUEST, 0);
	struct user *client = side_open(&pair.guest, "file", vx_link_window_default);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(i >> 8 ^ i);
	}
	assert_int_equal(
		vx_link_channel_send(client->channel, bytes, sizeof(bytes)), sizeof(bytes));
	pair_pump(&pair);
	struct user *server = side_last_user(&pair.host);
	assert_int_equal(server->received.size, sizeof(bytes));
	assert_memory_equal(vx_buffer_bytes(&server->received), bytes, sizeof(bytes));
	assert_int_equal(
		vx_link_channel_send(server->channel, bytes, sizeof(bytes)), sizeof(bytes));
	pair_pump(&pair);
	assert_int_equal(client->received.size, sizeof(bytes));
	vx_link_destroy(vx_take_ptr(pair.guest.link));
	pair_pump(&pair);
	assert_int_equal(pair.host.lost_count, 1);
	pair_finish(&pair);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello_agrees_on_features),
		cmocka_unit_test(test_bytes_cross_both_ways),
		cmocka_unit_test(test_channels_may_be_opened_before_the_peer_is_there),
		cmocka_unit_test(test_credit_bounds_what_is_sent),
		cmocka_unit_test(test_waiting_for_credit_keeps_nobody_busy),
		cmocka_unit_test(test_a_receiver_that_needs_more_than_it_may_hold_back_gets_it),
		cmocka_unit_test(test_half_close_and_close),
		cmocka_unit_test(test_reset_carries_its_reason),
		cmocka_unit_test(test_unaccepted_channels_have_no_service),
		cmocka_unit_test(test_destroying_a_finished_channel_loses_nothing),
		cmocka_unit_test(test_a_channel_cancelled_at_once_is_never_heard_of),
		cmocka_unit_test(test_ids_run_out_and_come_back),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_hang_up_tells_everybody_once),
		cmocka_unit_test(test_one_wedged_channel_stops_no_other),
		cmocka_unit_test(test_turns_are_fair),
		cmocka_unit_test(test_many_queues_share_one_bound),
		cmocka_unit_test(test_memory_of_empty_queues_is_bounded),
		cmocka_unit_test(test_a_character_device_works_like_a_socket),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
