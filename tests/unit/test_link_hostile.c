/* SPDX-License-Identifier: MIT */
/* Peers that break the rules of docs/link.md: each loses the link, with a reason, and nothing else.
 */
#include "link_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"
#include "proxy/link/little_endian.h"

static constexpr uint32_t window = 4096;

static void test_hello_must_fit(void **state)
{
	struct link_hello bad[] = {hostile_good_hello, hostile_good_hello, hostile_good_hello};
	static const char *const reasons[] = {"magic", "version 2", "role"};
	bad[0].magic = 0x12345678;
	bad[1].major = 2;
	bad[2].role = VX_LINK_HOST;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(bad); i++) {
		struct hostile hostile;
		hostile_init(&hostile, false);
		hostile_hello(&hostile, bad[i]);
		hostile_expect_lost(&hostile, reasons[i]);
		assert_int_equal(hostile.side.ready_count, 0);
		hostile_finish(&hostile);
	}
}

static void test_hello_of_a_later_minor_version_fits(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, false);
	uint8_t frame[link_frame_control_max] = {};
	struct link_hello hello = hostile_good_hello;
	hello.minor = 9;
	hello.features = UINT32_MAX;
	link_frame_encode_hello(frame, &hello);
	vx_put_u32(frame + 8, link_frame_hello_max);
	hostile_write(&hostile, frame, sizeof(frame));
	hostile_expect_alive(&hostile);
	assert_int_equal(hostile.side.ready_count, 1);
	assert_int_equal(hostile.side.features, VX_LINK_FEATURE_LZ4);
	hostile_hello(&hostile, hello);
	hostile_expect_lost(&hostile, "twice");
	hostile_finish(&hostile);
}

static void test_hello_comes_first(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, false);
	hostile_open(&hostile, 1, window, "wayland");
	hostile_expect_lost(&hostile, "hello first");
	assert_int_equal(hostile.side.opened_count, 0);
	hostile_finish(&hostile);
}

static void test_our_own_bytes_come_back(void **state)
{
	/* A port in a terminal's echo mode. */
	struct hostile hostile;
	hostile_init(&hostile, false);
	uint8_t bytes[256];
	side_dispatch(&hostile.side);
	hostile_write(&hostile, bytes, hostile_read(&hostile, bytes, sizeof(bytes)));
	hostile_expect_lost(&hostile, "role");
	hostile_finish(&hostile);
}

static void expect_header_refused(uint8_t type, uint8_t reserved, uint32_t channel, uint32_t length)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile_open(&hostile, 1, window, "wayland");
	uint8_t header[link_frame_header_size];
	link_frame_encode_header(header, (enum link_frame_type)type, channel, length);
	header[2] = reserved;
	hostile_write(&hostile, header, sizeof(header));
	hostile_expect_lost(&hostile, "malformed");
	hostile_finish(&hostile);
}

static void test_headers_are_checked_before_the_payload_comes(void **state)
{
	static const struct {
		uint8_t type, reserved;
		uint32_t channel, length;
	} cases[] = {
		{0, 0, 1, 1},
		{LINK_FRAME_COUNT, 0, 1, 1},
		{255, 0, 1, 1},
		{LINK_FRAME_DATA, 1, 1, 1},
		{LINK_FRAME_DATA, 0, 1, 0},
		{LINK_FRAME_DATA, 0, 1, 65537},
		{LINK_FRAME_DATA, 0, 1, UINT32_MAX},
		{LINK_FRAME_DATA, 0, 0, 1},
		{LINK_FRAME_DATA, 0, 1024, 1},
		{LINK_FRAME_DATA, 0, UINT32_MAX, 1},
		{LINK_FRAME_OPEN, 0, 3, 0},
		{LINK_FRAME_OPEN, 0, 3, 4},
		{LINK_FRAME_OPEN, 0, 3, 36},
		{LINK_FRAME_OPEN, 0, 3, 65535},
		{LINK_FRAME_OPEN, 0, 1025, 8},
		{LINK_FRAME_CREDIT, 0, 1, 0},
		{LINK_FRAME_CREDIT, 0, 1, 1},
		{LINK_FRAME_CREDIT, 0, 1, 65535},
		{LINK_FRAME_FINISH, 0, 1, 1},
		{LINK_FRAME_CLOSE, 0, 1, 0},
		{LINK_FRAME_CLOSE, 0, 1, 65535},
		{LINK_FRAME_PING, 0, 0, 7},
		{LINK_FRAME_PING, 0, 1, 8},
		{LINK_FRAME_PONG, 0, 0, 65535},
		{LINK_FRAME_HELLO, 0, 0, 15},
		{LINK_FRAME_HELLO, 0, 0, 65},
		{LINK_FRAME_HELLO, 0, 1, 16},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		expect_header_refused(
			cases[i].type, cases[i].reserved, cases[i].channel, cases[i].length);
	}
}

static void test_a_stream_may_be_cut_anywhere(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	uint8_t stream[256];
	size_t size = 0;
	size += link_frame_encode_open(stream + size, 1, window, "wayland");
	size += link_frame_encode_header(stream + size, LINK_FRAME_DATA, 1, 20);
	memcpy(stream + size, "abcdefghijklmnopqrst", 20);
	size += 20;
	size += link_frame_encode_token(stream + size, LINK_FRAME_PING, 7);
	size += link_frame_encode_header(stream + size, LINK_FRAME_FINISH, 1, 0);
	size += link_frame_encode_u32(stream + size, LINK_FRAME_CLOSE, 1, VX_LINK_REASON_CANCELLED);
	for (size_t cut = 0; cut <= size; cut++) {
		hostile_write(&hostile, stream, cut);
		side_dispatch(&hostile.side);
		hostile_write(&hostile, stream + cut, size - cut);
		hostile_expect_alive(&hostile);
		hostile_drain(&hostile);
		assert_int_equal(side_last_user(&hostile.side)->received.size, 20);
		assert_int_equal(side_last_user(&hostile.side)->closed_count, 1);
	}
	for (size_t i = 0; i < size; i++) {
		hostile_write(&hostile, stream + i, 1);
		side_dispatch(&hostile.side);
	}
	hostile_expect_alive(&hostile);
	assert_memory_equal(vx_buffer_bytes(&side_last_user(&hostile.side)->received),
		"abcdefghijklmnopqrst", 20);
	hostile_finish(&hostile);
}

static void test_half_a_message_then_silence(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile_open(&hostile, 1, window, "wayland");
	uint8_t header[link_frame_header_size];
	link_frame_encode_header(header, LINK_FRAME_DATA, 1, 1000);
	hostile_write(&hostile, header, sizeof(header));
	hostile_write(&hostile, "half", 4);
	hostile_expect_alive(&hostile);
	/* The owner isn't kept busy, what came is handed on, and the link still sends. */
	assert_false(vx_link_wants_write(hostile.side.link));
	struct user *user = side_last_user(&hostile.side);
	assert_int_equal(user->received.size, 4);
	assert_int_equal(vx_link_channel_send(user->channel, "go on", 5), 5);
	assert_true(vx_link_ping(hostile.side.link));
	side_dispatch(&hostile.side);
	uint8_t bytes[256];
	assert_int_equal(hostile_read(&hostile, bytes, sizeof(bytes)), 12 + 8 + 12 + 5);
	assert_false(vx_link_ping(hostile.side.link));
	/* A channel that is destroyed inside a frame ends at once; the rest of the frame goes
	 * nowhere. */
	vx_link_channel_destroy(vx_take_ptr(user->channel), VX_LINK_REASON_INTERNAL);
	hostile_write(&hostile, "half", 4);
	hostile_expect_alive(&hostile);
	assert_int_equal(user->received.size, 4);
	hostile_finish(&hostile);
}

static void test_data_over_the_credit(void **state)
{
	static uint8_t payload[vx_link_frame_payload_max];
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile.side.on_opened = nullptr;
	hostile_open(&hostile, 1, window, "wayland");
	side_dispatch(&hostile.side);
	side_last_user(&hostile.side)->holds = true;
	for (unsigned i = 0; i < vx_link_window_default / sizeof(payload); i++) {
		hostile_frame(&hostile, LINK_FRAME_DATA, 1, payload, sizeof(payload));
	}
	hostile_expect_alive(&hostile);
	assert_int_equal(side_last_user(&hostile.side)->received.size, vx_link_window_default);
	hostile_frame(&hostile, LINK_FRAME_DATA, 1, payload, 1);
	hostile_expect_lost(&hostile, "with a credit of 0");
	assert_int_equal(side_last_user(&hostile.side)->reason, VX_LINK_REASON_LINK_LOST);
	hostile_finish(&hostile);
}

static void test_data_over_the_credit_after_our_close(void **state)
{
	static uint8_t payload[vx_link_frame_payload_max];
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile.side.refuses = true;
	hostile_open(&hostile, 1, window, "none");
	for (unsigned i = 0; i < vx_link_window_default / sizeof(payload); i++) {
		hostile_frame(&hostile, LINK_FRAME_DATA, 1, payload, sizeof(payload));
	}
	hostile_expect_alive(&hostile);
	hostile_frame(&hostile, LINK_FRAME_DATA, 1, payload, 1);
	hostile_expect_lost(&hostile, "with a credit of 0");
	hostile_finish(&hostile);
}

static void expect_credit_refused(uint32_t first, uint32_t second)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile_open(&hostile, 1, window, "wayland");
	side_dispatch(&hostile.side);
	struct user *user = side_last_user(&hostile.side);
	assert_int_equal(vx_link_channel_send(user->channel, "0123456789", 10), 10);
	side_dispatch(&hostile.side);
	if (first > 0) {
		hostile_u32(&hostile, LINK_FRAME_CREDIT, 1, first);
		hostile_expect_alive(&hostile);
	}
	hostile_u32(&hostile, LINK_FRAME_CREDIT, 1, second);
	hostile_expect_lost(&hostile, "credit");
	hostile_finish(&hostile);
}

static void test_credit_that_was_never_spent(void **state)
{
	expect_credit_refused(0, 0);
	expect_credit_refused(0, 11);
	expect_credit_refused(0, UINT32_MAX);
	expect_credit_refused(4, 7);
	expect_credit_refused(10, 1);
}

/* Frames on channels where they have no business. */
static void test_frames_on_channels_that_are_not_open(void **state)
{
	static const uint8_t types[] = {
		LINK_FRAME_DATA, LINK_FRAME_CREDIT, LINK_FRAME_FINISH, LINK_FRAME_CLOSE};
	static const uint32_t lengths[] = {1, 4, 0, 4};
	static const uint8_t payload[4] = {1};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(types); i++) {
		/* Never opened; opened here but not sent yet; closed by the peer. */
		for (unsigned where = 0; where < 3; where++) {
			struct hostile hostile;
			hostile_init(&hostile, true);
			uint32_t id = where == 1 ? 2 : 5;
			if (where == 1) {
				side_open(&hostile.side, "exec", window);
			} else if (where == 2) {
				hostile_open(&hostile, id, window, "wayland");
				hostile_u32(
					&hostile, LINK_FRAME_CLOSE, id, VX_LINK_REASON_CANCELLED);
			}
			hostile_frame(&hostile, types[i], id, payload, lengths[i]);
			hostile_expect_lost(&hostile, "not open");
			hostile_finish(&hostile);
		}
	}
}

static void test_after_finish_comes_no_data(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile_open(&hostile, 1, window, "wayland");
	hostile_frame(&hostile, LINK_FRAME_FINISH, 1, nullptr, 0);
	hostile_expect_alive(&hostile);
	hostile_frame(&hostile, LINK_FRAME_DATA, 1, "x", 1);
	hostile_expect_lost(&hostile, "after it finished");
	hostile_finish(&hostile);

	hostile_init(&hostile, true);
	hostile_open(&hostile, 1, window, "wayland");
	hostile_frame(&hostile, LINK_FRAME_FINISH, 1, nullptr, 0);
	hostile_frame(&hostile, LINK_FRAME_FINISH, 1, nullptr, 0);
	hostile_expect_lost(&hostile, "twice");
	hostile_finish(&hostile);
}

static void test_close_with_impossible_reasons(void **state)
{
	static const uint32_t reasons[] = {
		VX_LINK_REASON_NONE, VX_LINK_REASON_LINK_LOST, VX_LINK_REASON_COUNT, UINT32_MAX};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(reasons); i++) {
		struct hostile hostile;
		hostile_init(&hostile, true);
		hostile_open(&hostile, 1, window, "wayland");
		hostile_u32(&hostile, LINK_FRAME_CLOSE, 1, reasons[i]);
		hostile_expect_lost(&hostile, "closed channel 1");
		hostile_finish(&hostile);
	}
}

static void test_opening_what_is_not_its_to_open(void **state)
{
	static const struct {
		uint32_t id, window;
		const char *service, *reason;
	} cases[] = {
		{2, window, "wayland", "not its to open"},
		{1022, window, "wayland", "not its to open"},
		{1, window, "wayland", "still in use"},
		{3, 0, "wayland", "window"},
		{3, vx_link_window_max + 1, "wayland", "window"},
		{3, UINT32_MAX, "wayland", "window"},
		{3, window, "way land", "service name"},
		{3, window, "way/../land", "service name"},
		{3, window, "\x1b[2J", "service name"},
		{3, window, "w\xc3\xa4yland", "service name"},
		{3, window, "abcdefghijklmnopqrstuvwxyz012345", "malformed"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct hostile hostile;
		hostile_init(&hostile, true);
		hostile_open(&hostile, 1, window, "wayland");
		hostile_open(&hostile, cases[i].id, cases[i].window, cases[i].service);
		hostile_expect_lost(&hostile, cases[i].reason);
		assert_int_equal(hostile.side.opened_count, 1);
		hostile_finish(&hostile);
	}
}

static void test_service_names_with_nul(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	uint8_t payload[] = {0, 16, 0, 0, 'e', 'x', 0, 'c'};
	hostile_frame(&hostile, LINK_FRAME_OPEN, 1, payload, sizeof(payload));
	hostile_expect_lost(&hostile, "service name");
	hostile_finish(&hostile);

	hostile_init(&hostile, true);
	hostile_open(&hostile, 1, window, "abcdefghijklmnopqrstuvwxyz01234");
	hostile_expect_alive(&hostile);
	assert_string_equal(hostile.side.last_service, "abcdefghijklmnopqrstuvwxyz01234");
	hostile_finish(&hostile);
}

static void test_an_id_rests_until_both_closed(void **state)
{
	/* We closed, the peer did not: its id is not free, whatever it thinks. */
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile.side.refuses = true;
	hostile_open(&hostile, 1, window, "none");
	hostile_expect_alive(&hostile);
	hostile_open(&hostile, 1, window, "none");
	hostile_expect_lost(&hostile, "still in use");
	hostile_finish(&hostile);

	/* The peer closed, but had no time to see ours. */
	hostile_init(&hostile, true);
	hostile_open(&hostile, 1, window, "wayland");
	hostile_u32(&hostile, LINK_FRAME_CLOSE, 1, VX_LINK_REASON_CANCELLED);
	hostile_open(&hostile, 1, window, "wayland");
	hostile_expect_lost(&hostile, "still in use");
	hostile_finish(&hostile);

	/* Both did. */
	hostile_init(&hostile, true);
	for (unsigned i = 0; i < 3; i++) {
		hostile_open(&hostile, 1, window, "wayland");
		hostile_u32(&hostile, LINK_FRAME_CLOSE, 1, VX_LINK_REASON_CANCELLED);
		hostile_expect_alive(&hostile);
	}
	assert_int_equal(hostile.side.opened_count, 3);
	hostile_finish(&hostile);
}

static void test_open_flood(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile.side.refuses = true;
	for (uint32_t id = 1; id < vx_link_channels_max; id += 2) {
		hostile_open(&hostile, id, vx_link_window_max, "x");
	}
	hostile_expect_alive(&hostile);
	assert_int_equal(hostile.side.opened_count, vx_link_channels_max / 2);
	/* It never answers our CLOSE: no id comes free, and it has no others. */
	hostile_open(&hostile, 1025, window, "x");
	hostile_expect_lost(&hostile, "malformed");
	hostile_finish(&hostile);
}

/* Sends `frame` over and over without ever reading; the link must end or stop growing, not buffer.
 */
static void flood(struct hostile *hostile, const uint8_t *frame, size_t size)
{
	for (unsigned i = 0; i < 200000 && hostile->side.lost_count == 0; i++) {
		hostile_write(hostile, frame, size);
		if (i % 64 == 0) {
			side_dispatch(&hostile->side);
		}
	}
}

static void test_ping_flood_of_a_peer_that_does_not_read(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	uint8_t frame[64];
	flood(&hostile, frame, link_frame_encode_token(frame, LINK_FRAME_PING, 1));
	hostile_expect_lost(&hostile, "ping");
	hostile_finish(&hostile);
}

static void test_reset_storm_of_a_peer_that_does_not_read(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile.side.refuses = true;
	uint8_t frame[128];
	size_t size = link_frame_encode_open(frame, 9, window, "x");
	size += link_frame_encode_u32(frame + size, LINK_FRAME_CLOSE, 9, VX_LINK_REASON_CANCELLED);
	flood(&hostile, frame, size);
	hostile_expect_lost(&hostile, "still in use");
	hostile_finish(&hostile);
}

static void test_pong_without_ping(void **state)
{
	struct hostile hostile;
	uint8_t frame[64];
	hostile_init(&hostile, true);
	hostile_write(&hostile, frame, link_frame_encode_token(frame, LINK_FRAME_PONG, 1));
	hostile_expect_lost(&hostile, "did not send");
	hostile_finish(&hostile);

	hostile_init(&hostile, true);
	assert_true(vx_link_ping(hostile.side.link));
	hostile_write(&hostile, frame, link_frame_encode_token(frame, LINK_FRAME_PONG, 99));
	hostile_expect_lost(&hostile, "did not send");
	hostile_finish(&hostile);
}

static void test_a_reader_that_stops(void **state)
{
	/* All windows full and nothing read: what we hold is bounded, and dispatch returns at once.
	 */
	static uint8_t bytes[vx_link_window_max];
	struct hostile hostile;
	hostile_init(&hostile, true);
	for (uint32_t id = 1; id < 64; id += 2) {
		hostile_open(&hostile, id, vx_link_window_max, "x");
	}
	hostile_expect_alive(&hostile);
	size_t taken = 0;
	for (unsigned round = 0; round < 8; round++) {
		for (size_t i = 0; i < hostile.side.user_count; i++) {
			taken += vx_link_channel_send(
				hostile.side.users[i]->channel, bytes, sizeof(bytes));
		}
		hostile_expect_alive(&hostile);
	}
	assert_true(taken <= 16 * 1024 * 1024);
	/* Channels that the peer resets give their room back. */
	for (uint32_t id = 1; id < 64; id += 2) {
		hostile_u32(&hostile, LINK_FRAME_CLOSE, id, VX_LINK_REASON_CANCELLED);
	}
	hostile_expect_alive(&hostile);
	hostile_finish(&hostile);
}

static void test_disconnect_after_every_byte(void **state)
{
	uint8_t stream[256];
	size_t size = link_frame_encode_hello(stream, &hostile_good_hello);
	size += link_frame_encode_open(stream + size, 1, window, "wayland");
	size += link_frame_encode_header(stream + size, LINK_FRAME_DATA, 1, 8);
	memcpy(stream + size, "payload!", 8);
	size += 8;
	for (size_t cut = 0; cut <= size; cut++) {
		struct hostile hostile;
		hostile_init(&hostile, false);
		hostile_write(&hostile, stream, cut);
		assert_int_equal(shutdown(hostile.fd, SHUT_RDWR), 0);
		hostile_expect_lost(&hostile, "");
		hostile_finish(&hostile);
	}
}

static void test_a_peer_that_will_not_be_written_to(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	hostile_open(&hostile, 1, window, "wayland");
	side_dispatch(&hostile.side);
	hostile_frame(&hostile, LINK_FRAME_DATA, 1, "last words", 10);
	assert_int_equal(shutdown(hostile.fd, SHUT_RD), 0);
	struct user *user = side_last_user(&hostile.side);
	assert_int_equal(vx_link_channel_send(user->channel, "x", 1), 1);
	vx_link_flush(hostile.side.link);
	assert_true(vx_link_wants_write(hostile.side.link));
	assert_int_equal(hostile.side.lost_count, 0);
	hostile_expect_lost(&hostile, "can't write");
	/* What came before still counted. */
	assert_int_equal(user->received.size, 10);
	hostile_finish(&hostile);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello_must_fit),
		cmocka_unit_test(test_hello_of_a_later_minor_version_fits),
		cmocka_unit_test(test_hello_comes_first),
		cmocka_unit_test(test_our_own_bytes_come_back),
		cmocka_unit_test(test_headers_are_checked_before_the_payload_comes),
		cmocka_unit_test(test_a_stream_may_be_cut_anywhere),
		cmocka_unit_test(test_half_a_message_then_silence),
		cmocka_unit_test(test_data_over_the_credit),
		cmocka_unit_test(test_data_over_the_credit_after_our_close),
		cmocka_unit_test(test_credit_that_was_never_spent),
		cmocka_unit_test(test_frames_on_channels_that_are_not_open),
		cmocka_unit_test(test_after_finish_comes_no_data),
		cmocka_unit_test(test_close_with_impossible_reasons),
		cmocka_unit_test(test_opening_what_is_not_its_to_open),
		cmocka_unit_test(test_service_names_with_nul),
		cmocka_unit_test(test_an_id_rests_until_both_closed),
		cmocka_unit_test(test_open_flood),
		cmocka_unit_test(test_ping_flood_of_a_peer_that_does_not_read),
		cmocka_unit_test(test_reset_storm_of_a_peer_that_does_not_read),
		cmocka_unit_test(test_pong_without_ping),
		cmocka_unit_test(test_a_reader_that_stops),
		cmocka_unit_test(test_a_peer_that_will_not_be_written_to),
		cmocka_unit_test(test_disconnect_after_every_byte),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
