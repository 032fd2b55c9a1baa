/* SPDX-License-Identifier: MIT */
/* What vixosd makes of a vixos-proxy that its guest has taken over, and that sends what it likes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"
#include "daemon/clipboard_stream.h"
#include "proxy/host/clipboard_relay.h"

struct fixture {
	sd_event *event;
	struct clipboard_stream *stream;
	int proxy; /* its end */
	unsigned answers;
	enum vx_clipboard_kind kind;
	char *content, *error; /* owned; NULL: none */
};

static void handle_answer(void *data, enum vx_clipboard_kind kind, struct vx_buffer *content,
	const struct vx_error *err)
{
	struct fixture *fixture = data;
	fixture->answers++;
	fixture->kind = kind;
	fixture->content = content->size > 0 ? vx_strndup((const char *)vx_buffer_bytes(content),
						       content->size)
					     : nullptr;
	vx_replace_string(&fixture->error, err != nullptr ? vx_error_message(err) : nullptr);
}

static void turn(struct fixture *fixture)
{
	for (unsigned i = 0; i < 100 && sd_event_run(fixture->event, 0) > 0; i++) {
	}
}

static void open_stream(
	struct fixture *fixture, enum vx_clipboard_operation operation, uint32_t size)
{
	int ends[2];
	struct vx_clipboard_request request = {operation, 1 << VX_CLIPBOARD_TEXT, 0, size, 0};
	*fixture = (struct fixture){};
	assert_true(sd_event_new(&fixture->event) >= 0);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	fixture->proxy = ends[0];
	fixture->stream = clipboard_stream_create(
		fixture->event, ends[1], &request, nullptr, handle_answer, fixture, nullptr);
	assert_non_null(fixture->stream);
}

static void close_stream(struct fixture *fixture)
{
	clipboard_stream_destroy(fixture->stream);
	if (fixture->proxy >= 0) {
		close(fixture->proxy);
	}
	sd_event_unref(fixture->event);
	free(fixture->content);
	free(fixture->error);
}

static void proxy_says(struct fixture *fixture, const char *bytes, size_t size)
{
	assert_int_equal(write(fixture->proxy, bytes, size), size);
	close(fixture->proxy);
	fixture->proxy = -1;
	turn(fixture);
	assert_int_equal(fixture->answers, 1);
}

static void test_a_sound_answer(void **state)
{
	struct fixture fixture;
	open_stream(&fixture, VX_CLIPBOARD_GET, 100);
	uint8_t request[64];
	turn(&fixture);
	assert_int_equal(read(fixture.proxy, request, sizeof(request)), vx_clipboard_request_size);
	proxy_says(&fixture, "\1text", 5);
	assert_null(fixture.error);
	assert_int_equal(fixture.kind, VX_CLIPBOARD_TEXT);
	assert_string_equal(fixture.content, "text");
	close_stream(&fixture);
}

static void test_hostile_answers(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *error;
	} cases[] = {
		{"", 0, "was lost"},
		{"\1", 1, "nothing in it"},
		{"\2\x89PNG\r\n\x1a\n\0\0", 11, "not what was asked for"},
		{"\3text", 5, "not what was asked for"},
		{"\376text", 5, "not what was asked for"},
		{"\0text", 5, "not what was asked for"},
		{"\1\xff", 2, "not UTF-8"},
		{"\1a\0b", 4, "NUL"},
		{"\377a \x1b[31mreason", 14, "a [31mreason"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct fixture fixture;
		open_stream(&fixture, VX_CLIPBOARD_GET, 100);
		proxy_says(&fixture, cases[i].bytes, cases[i].size);
		assert_non_null(fixture.error);
		if (strstr(fixture.error, cases[i].error) == nullptr) {
			print_message("%zu: '%s'\n", i, fixture.error);
		}
		assert_non_null(strstr(fixture.error, cases[i].error));
		close_stream(&fixture);
	}
}

static void test_controls_are_taken_out_again(void **state)
{
	struct fixture fixture;
	open_stream(&fixture, VX_CLIPBOARD_GET, 100);
	proxy_says(&fixture, "\1a\x1b[2Jb", 7);
	assert_string_equal(fixture.content, "a[2Jb");
	close_stream(&fixture);
}

static void test_more_than_was_wanted(void **state)
{
	struct fixture fixture;
	static char flood[8192];
	memset(flood, 'x', sizeof(flood));
	flood[0] = VX_CLIPBOARD_TEXT;
	open_stream(&fixture, VX_CLIPBOARD_GET, 2000);
	proxy_says(&fixture, flood, sizeof(flood));
	assert_non_null(strstr(fixture.error, "larger"));
	close_stream(&fixture);
}

static void test_content_for_a_put(void **state)
{
	struct fixture fixture;
	open_stream(&fixture, VX_CLIPBOARD_PUT, 0);
	proxy_says(&fixture, "\1text", 5);
	assert_non_null(strstr(fixture.error, "not what was asked for"));
	close_stream(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sound_answer),
		cmocka_unit_test(test_hostile_answers),
		cmocka_unit_test(test_controls_are_taken_out_again),
		cmocka_unit_test(test_more_than_was_wanted),
		cmocka_unit_test(test_content_for_a_put),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
