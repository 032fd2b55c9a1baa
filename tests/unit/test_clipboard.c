/* SPDX-License-Identifier: MIT */
/* The clipboard service: its requests, what is let through of a guest's content, and the relay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buffer.h"
#include "common/memory.h"
#include "proxy/host/clipboard_relay.h"
#include "proxy/link/clipboard.h"
#include "service_fixture.h"

/* ---- requests ---- */

static void test_requests_survive(void **state)
{
	static const struct vx_clipboard_request requests[] = {
		{VX_CLIPBOARD_GET, 1 << VX_CLIPBOARD_TEXT, 0, 1024, 0},
		{VX_CLIPBOARD_GET, 1 << VX_CLIPBOARD_TEXT | 1 << VX_CLIPBOARD_PNG,
			VX_CLIPBOARD_KEEP_CONTROLS, vx_clipboard_size_max, 0},
		{VX_CLIPBOARD_PUT, 1 << VX_CLIPBOARD_PNG, 0, 1, vx_clipboard_timeout_max_s},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(requests); i++) {
		uint8_t bytes[vx_clipboard_request_size];
		struct vx_clipboard_request again = {};
		vx_clipboard_encode_request(&requests[i], bytes);
		assert_true(vx_clipboard_decode_request(bytes, &again, nullptr));
		assert_int_equal(again.operation, requests[i].operation);
		assert_int_equal(again.kinds, requests[i].kinds);
		assert_int_equal(again.flags, requests[i].flags);
		assert_int_equal(again.size, requests[i].size);
		assert_int_equal(again.timeout_s, requests[i].timeout_s);
	}
}

static void test_bad_requests_are_refused(void **state)
{
	static const uint8_t bad[][vx_clipboard_request_size] = {
		{0, 2},                                     /* no operation */
		{3, 2},                                     /* none of that number */
		{VX_CLIPBOARD_GET, 0},                      /* nothing wanted */
		{VX_CLIPBOARD_GET, 1},                      /* nothing wanted, by name */
		{VX_CLIPBOARD_GET, 8},                      /* an unknown kind */
		{VX_CLIPBOARD_PUT, 6},                      /* two kinds at once */
		{VX_CLIPBOARD_GET, 2, 2},                   /* an unknown flag */
		{VX_CLIPBOARD_PUT, 2, 1},                   /* one that makes no sense */
		{VX_CLIPBOARD_GET, 2, 0, 1},                /* not zero */
		{VX_CLIPBOARD_GET, 2, 0, 0, 1, 0, 0, 1},    /* 16 MiB and a byte */
		{VX_CLIPBOARD_GET, 2, 0, 0, 0, 0, 0, 0, 1}, /* a timeout of what is read */
		{VX_CLIPBOARD_PUT, 2, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(bad); i++) {
		struct vx_clipboard_request request;
		vx_cleanup_error struct vx_error err = {};
		assert_false(vx_clipboard_decode_request(bad[i], &request, &err));
		assert_non_null(err.message);
	}
}

/* ---- content ---- */

static bool clean(const void *bytes, size_t size, enum vx_clipboard_kind kind, uint8_t flags,
	struct vx_buffer *ret_content)
{
	*ret_content = (struct vx_buffer){};
	assert_true(vx_buffer_append(ret_content, bytes, size));
	vx_cleanup_error struct vx_error err = {};
	bool is_good = vx_clipboard_clean(ret_content, kind, flags, &err);
	assert_int_equal(is_good, err.message == nullptr);
	return is_good;
}

static void test_text_is_cleaned(void **state)
{
	static const struct {
		const char *text, *cleaned;
	} cases[] = {
		{"plain", "plain"},
		{"a\tb\nc", "a\tb\nc"},
		{"a\r\nb\r", "a\nb"},
		{"\x1b[201~rm -rf\x1b[0m", "[201~rm -rf[0m"}, /* the end of a bracketed paste */
		{"\x7f\x01\x1f", ""},
		{"x\xc2\x9b"
		 "31m",
			"x31m"}, /* CSI as one character */
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct vx_buffer content;
		size_t size = strlen(cases[i].text);
		assert_true(clean(cases[i].text, size, VX_CLIPBOARD_TEXT, 0, &content));
		assert_int_equal(content.size, strlen(cases[i].cleaned));
		assert_memory_equal(vx_buffer_bytes(&content), cases[i].cleaned, content.size);
		vx_buffer_finish(&content);
		assert_true(clean(cases[i].text, size, VX_CLIPBOARD_TEXT,
			VX_CLIPBOARD_KEEP_CONTROLS, &content));
		assert_memory_equal(vx_buffer_bytes(&content), cases[i].text, size);
		vx_buffer_finish(&content);
	}
}

static void test_what_is_not_text_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		{"", 0},
		{"a\0b", 3},
		{"\xff", 1},
		{"\x80", 1},
		{"a\xc3", 2},                /* cut off */
		{"\xc0\xaf", 2},             /* overlong */
		{"\xe0\x80\x80", 3},         /* overlong */
		{"\xf0\x80\x80\xaf", 4},     /* overlong */
		{"\xed\xa0\x80", 3},         /* a surrogate */
		{"\xf4\x90\x80\x80", 4},     /* past the last code point */
		{"\xf8\x88\x80\x80\x80", 5}, /* five bytes */
		{"\xe2\x82"
		 "a",
			3},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct vx_buffer content;
		assert_false(clean(cases[i].bytes, cases[i].size, VX_CLIPBOARD_TEXT,
			VX_CLIPBOARD_KEEP_CONTROLS, &content));
		vx_buffer_finish(&content);
	}
}

static void test_pictures(void **state)
{
	static const char png[] = "\x89PNG\r\n\x1a\n\0rest";
	struct vx_buffer content;
	assert_true(clean(png, sizeof(png), VX_CLIPBOARD_PNG, 0, &content));
	assert_int_equal(content.size, sizeof(png));
	vx_buffer_finish(&content);
	assert_false(clean(png, 8, VX_CLIPBOARD_PNG, 0, &content));
	vx_buffer_finish(&content);
	assert_false(clean("<svg onload='x'/>", 17, VX_CLIPBOARD_PNG, 0, &content));
	vx_buffer_finish(&content);
	assert_false(clean(png, sizeof(png), VX_CLIPBOARD_NOTHING, 0, &content));
	vx_buffer_finish(&content);
}

static void test_the_best_allowed_type_is_chosen(void **state)
{
	static const char *const offered[] = {"text/html", "STRING", "image/png", "text/plain",
		"text/plain;charset=utf-8", "TEXT", "text/uri-list", ""};
	vx_cleanup_free char *text = nullptr, *picture = nullptr, *none = nullptr;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(offered); i++) {
		vx_clipboard_choose_type(&text, offered[i], 1 << VX_CLIPBOARD_TEXT);
		vx_clipboard_choose_type(&picture, offered[i], 1 << VX_CLIPBOARD_PNG);
		vx_clipboard_choose_type(&none, offered[i], 0);
	}
	assert_string_equal(text, "text/plain;charset=utf-8");
	assert_string_equal(picture, "image/png");
	assert_null(none);
}

/* ---- the relay, between vixosd and a guest that does what the test likes ---- */

static void *create_relays(struct wl_event_loop *loop)
{
	return clipboard_relays_create(loop);
}

static void destroy_relays(void *relays)
{
	clipboard_relays_destroy(relays);
}

static bool open_relay(void *relays, struct vx_link *link, int fd)
{
	return clipboard_relays_open(relays, link, fd, nullptr);
}

static const struct relay_kind relay_kind = {
	VX_CLIPBOARD_SERVICE, create_relays, destroy_relays, open_relay};

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

static void ask(struct relay_fixture *fixture, enum vx_clipboard_operation operation, uint8_t kinds,
	uint32_t size)
{
	uint8_t bytes[vx_clipboard_request_size];
	vx_clipboard_encode_request(
		&(struct vx_clipboard_request){operation, kinds, 0, size, 0}, bytes);
	/* In two pieces, as a stream may have it. */
	assert_int_equal(write(fixture->stream, bytes, 5), 5);
	service_turn(&fixture->service);
	assert_int_equal(write(fixture->stream, bytes + 5, sizeof(bytes) - 5), sizeof(bytes) - 5);
	service_turn(&fixture->service);
}

static void guest_says(struct relay_fixture *fixture, const void *bytes, size_t size, bool finishes)
{
	const uint8_t *rest = bytes;
	while (size > 0 && fixture->guest->channel != nullptr) {
		size_t sent = vx_link_channel_send(fixture->guest->channel, rest, size);
		rest += sent;
		size -= sent;
		service_turn(&fixture->service);
	}
	if (finishes && fixture->guest->channel != nullptr) {
		vx_link_channel_finish(fixture->guest->channel);
	}
	service_turn(&fixture->service);
}

/* What vixosd gets, to the end of the stream: its kind, and the rest as a string. */
static uint8_t answer(struct relay_fixture *fixture, char *ret_text, size_t max)
{
	size_t size = 0;
	uint8_t bytes[4096];
	for (;;) {
		ssize_t count = read(fixture->stream, bytes + size, sizeof(bytes) - size);
		if (count <= 0) {
			assert_int_equal(count, 0);
			break;
		}
		size += (size_t)count;
		service_turn(&fixture->service);
	}
	assert_true(size >= 1 && size - 1 < max);
	memcpy(ret_text, bytes + 1, size - 1);
	ret_text[size - 1] = '\0';
	return bytes[0];
}

static void assert_answer(struct relay_fixture *fixture, uint8_t kind, const char *text)
{
	char said[4096];
	assert_int_equal(answer(fixture, said, sizeof(said)), kind);
	assert_non_null(strstr(said, text));
	assert_null(fixture->guest->channel);
}

static void test_a_get_is_relayed(void **state)
{
	struct relay_fixture *fixture = *state;
	ask(fixture, VX_CLIPBOARD_GET, 1 << VX_CLIPBOARD_TEXT, 100);
	assert_int_equal(fixture->guest->received.size, vx_clipboard_request_size);
	assert_int_equal(fixture->guest->finished_count, 1);
	guest_says(fixture, "\1some text\r\n", 12, true);
	assert_answer(fixture, VX_CLIPBOARD_TEXT, "some text\n");
}

static void test_a_put_is_relayed(void **state)
{
	struct relay_fixture *fixture = *state;
	static uint8_t content[600 * 1024];
	memset(content, 'x', sizeof(content));
	ask(fixture, VX_CLIPBOARD_PUT, 1 << VX_CLIPBOARD_TEXT, sizeof(content));
	for (size_t sent = 0; sent < sizeof(content);) {
		assert_int_equal(fixture->guest->finished_count, 0);
		ssize_t count = write(fixture->stream, content + sent, sizeof(content) - sent);
		sent += count > 0 ? (size_t)count : 0;
		service_turn(&fixture->service);
	}
	assert_int_equal(fixture->guest->finished_count, 1);
	assert_int_equal(
		fixture->guest->received.size, vx_clipboard_request_size + sizeof(content));
	guest_says(fixture, "\1", 1, true);
	assert_answer(fixture, VX_CLIPBOARD_TEXT, "");
}

static void test_hostile_answers(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		bool finishes;
		const char *why;
	} cases[] = {
		{"", 0, true, "not asked for"},
		{"\2\x89PNG\r\n\x1a\n\0", 10, true, "not asked for"},
		{"\xff"
		 "boo",
			4, true, "not asked for"},
		{"\0text", 5, true, "not asked for"},
		{"\1", 1, true, "nothing in it"},
		{"\1a\0b", 4, true, "NUL"},
		{"\1\xff", 2, true, "not UTF-8"},
		{"\1aaaaaaaaaaaaaaaaa", 18, true, "more than the 16 bytes"},
		{"\1aaaaaaaaaaaaaaaaa", 18, false, "more than the 16 bytes"},
	};
	struct relay_fixture *fixture = *state;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		ask(fixture, VX_CLIPBOARD_GET, 1 << VX_CLIPBOARD_TEXT, 16);
		guest_says(fixture, cases[i].bytes, cases[i].size, cases[i].finishes);
		assert_answer(fixture, clipboard_relay_refused, cases[i].why);
		close(fixture->stream);
		relay_open_stream(fixture);
	}
}

static void test_a_guest_without_end(void **state)
{
	struct relay_fixture *fixture = *state;
	static uint8_t flood[64 * 1024];
	memset(flood, 1, sizeof(flood));
	ask(fixture, VX_CLIPBOARD_GET, 1 << VX_CLIPBOARD_TEXT, 100 * 1024);
	for (unsigned i = 0; i < 16 && fixture->guest->channel != nullptr; i++) {
		guest_says(fixture, flood, sizeof(flood), false);
	}
	assert_answer(fixture, clipboard_relay_refused, "more than the 102400 bytes");
}

static void test_a_guest_that_breaks_off(void **state)
{
	struct relay_fixture *fixture = *state;
	ask(fixture, VX_CLIPBOARD_GET, 1 << VX_CLIPBOARD_TEXT, 16);
	guest_says(fixture, "\1half", 5, false);
	vx_link_channel_destroy(vx_take_ptr(fixture->guest->channel), VX_LINK_REASON_CANCELLED);
	service_turn(&fixture->service);
	assert_answer(fixture, clipboard_relay_refused, "broke off");
}

static void test_vixosd_gives_up(void **state)
{
	struct relay_fixture *fixture = *state;
	ask(fixture, VX_CLIPBOARD_GET, 1 << VX_CLIPBOARD_TEXT, 16);
	close(fixture->stream);
	service_turn(&fixture->service);
	assert_null(fixture->guest->channel);
	fixture->stream = relay_open(fixture);
	assert_true(fixture->stream >= 0);
}

static void test_relays_are_capped(void **state)
{
	struct relay_fixture *fixture = *state;
	int streams[clipboard_relays_max];
	for (unsigned i = 0; i < clipboard_relays_max; i++) {
		streams[i] = relay_open(fixture);
	}
	assert_int_equal(streams[clipboard_relays_max - 1], -1);
	for (unsigned i = 0; i + 1 < clipboard_relays_max; i++) {
		close(streams[i]);
	}
	service_turn(&fixture->service);
}

static void test_the_link_is_lost(void **state)
{
	struct relay_fixture *fixture = *state;
	ask(fixture, VX_CLIPBOARD_GET, 1 << VX_CLIPBOARD_TEXT, 16);
	vx_link_destroy(vx_take_ptr(fixture->service.pair.guest.link));
	service_turn(&fixture->service);
	uint8_t bytes[128];
	assert_true(read(fixture->stream, bytes, sizeof(bytes)) > 1);
	assert_int_equal(bytes[0], clipboard_relay_refused);
}

#define RELAY_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_survive),
		cmocka_unit_test(test_bad_requests_are_refused),
		cmocka_unit_test(test_text_is_cleaned),
		cmocka_unit_test(test_what_is_not_text_is_refused),
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_the_best_allowed_type_is_chosen),
		RELAY_TEST(test_a_get_is_relayed),
		RELAY_TEST(test_a_put_is_relayed),
		RELAY_TEST(test_hostile_answers),
		RELAY_TEST(test_a_guest_without_end),
		RELAY_TEST(test_a_guest_that_breaks_off),
		RELAY_TEST(test_vixosd_gives_up),
		RELAY_TEST(test_relays_are_capped),
		RELAY_TEST(test_the_link_is_lost),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
