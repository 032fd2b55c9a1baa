/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "test"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/display_string.h"
#include "common/error.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/name.h"
#include "common/program.h"

static void test_names_follow_the_pattern(void **state)
{
	static const char *const good[] = {
		"a", "work", "w0.r-k_x", "abcdefghijklmnopqrstuvwxyz01234"};
	static const char *const bad[] = {"", "A", "0a", "a/b", "a..b", "-a", ".a", "a b", "ä",
		"a\n", "abcdefghijklmnopqrstuvwxyz012345", nullptr};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(good); i++) {
		assert_true(vx_vm_name_is_valid(good[i]));
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(bad); i++) {
		assert_false(vx_vm_name_is_valid(bad[i]));
	}
}

static void test_display_strings_lose_what_deceives(void **state)
{
	static const struct {
		const char *untrusted, *shown;
	} cases[] = {
		{"plain", "plain"},
		{"a\x1b[31mb\n", "a[31mb"},
		{"pay\u202egnp.exe", "paygnp.exe"},
		{"zero\u200bwidth\ufeff", "zerowidth"},
		{"\xff\xc0\x80", "\ufffd\ufffd\ufffd"},
		{"\xed\xa0\x80", ""},
		{"e\u0301", "e\u0301"},
		{"e\u0301\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301"},
		{"日本語 ☂", "日本語 ☂"},
		{"cut\xe2\x82", "cut\ufffd\ufffd"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		vx_cleanup_free char *shown = vx_display_string(cases[i].untrusted, 128);
		assert_string_equal(shown, cases[i].shown);
	}
	vx_cleanup_free char *cut = vx_display_string("äöüäöü", 3);
	assert_string_equal(cut, "äöü");
	vx_cleanup_free char *app_id = vx_display_app_id("a/../b<&\xff.c");
	assert_string_equal(app_id, "a_.._b___.c");
}

static void test_errors_gather_context(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	assert_false(vx_error_set_kind(&err, VX_ERROR_USAGE, "no such key '%s'", "colr"));
	assert_false(vx_error_wrap(&err, "config:%d", 3));
	assert_string_equal(vx_error_message(&err), "config:3: no such key 'colr'");
	assert_int_equal(vx_error_exit_status(err.kind), 2);
	assert_false(vx_error_set(nullptr, "nobody listens"));
}

static void test_buffers_keep_their_bound(void **state)
{
	struct vx_buffer buffer = {.max_size = 1000};
	uint8_t bytes[600] = {1, 2, 3};
	assert_true(vx_buffer_append(&buffer, bytes, sizeof(bytes)));
	assert_false(vx_buffer_append(&buffer, bytes, sizeof(bytes)));
	vx_buffer_consume(&buffer, 590);
	assert_true(vx_buffer_append(&buffer, bytes, sizeof(bytes)));
	assert_int_equal(buffer.size, 610);
	assert_int_equal(vx_buffer_bytes(&buffer)[10], 1);
	assert_null(vx_buffer_reserve(&buffer, SIZE_MAX));
	vx_buffer_finish(&buffer);
}

static void test_nothing_is_copied_too(void **state)
{
	vx_cleanup_free char *empty = vx_strndup(nullptr, 0);
	assert_string_equal(empty, "");
	vx_cleanup_free char *start = vx_strndup("start and end", 5);
	assert_string_equal(start, "start");
	assert_null(vx_strdup(nullptr));
}

static void test_descriptors_travel_over_sockets(void **state)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	int sent[] = {pair[0], pair[1]};
	int received[2];
	char byte;
	assert_true(vx_send_fds(pair[0], "x", 1, sent, 2));
	assert_int_equal(vx_receive_fds(pair[1], &byte, 1, received, 2), 1);
	assert_true(received[0] >= 0 && received[1] >= 0);
	close(received[0]);
	close(received[1]);
	/* More than asked for: refused whole. */
	assert_true(vx_send_fds(pair[0], "x", 1, sent, 2));
	assert_int_equal(vx_receive_fds(pair[1], &byte, 1, received, 1), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(received[0], -1);
	close(pair[0]);
	close(pair[1]);
}

static int run_and_read(const char *path, int error, char *ret_text, size_t size)
{
	int ends[2], status = 0;
	pid_t pid;
	const char *const argv[] = {
		"sh", "-c", "cat; echo out; echo err >&2; kill -TERM $$; exit 3", nullptr};
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	const struct vx_program program = {
		.path = path,
		.argv = (char *const *)argv,
		.input = vx_program_null,
		.output = ends[1],
		.error = error == vx_program_null ? error : ends[1],
		.has_own_session = true,
	};
	int result = vx_program_start(&program, &pid);
	close(ends[1]);
	if (result == 0) {
		ssize_t more;
		size_t length = 0;
		while ((more = read(ends[0], ret_text + length, size - 1 - length)) > 0) {
			length += (size_t)more;
		}
		ret_text[length] = '\0';
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	}
	close(ends[0]);
	return result;
}

static void test_programs_have_their_streams(void **state)
{
	char text[64];
	sigset_t blocked, before;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM); /* which the program must not have blocked */
	sigprocmask(SIG_BLOCK, &blocked, &before);
	assert_int_equal(run_and_read("sh", 0, text, sizeof(text)), 0);
	assert_string_equal(text, "out\nerr\n");
	assert_int_equal(run_and_read("/bin/sh", vx_program_null, text, sizeof(text)), 0);
	assert_string_equal(text, "out\n");
	assert_int_equal(run_and_read("/no/such/program", 0, text, sizeof(text)), ENOENT);
	sigprocmask(SIG_SETMASK, &before, nullptr);
}

static void test_programs_say_why(void **state)
{
	char last[] = "one\ntwo\n";
	char option[] = "first\npasta: no such option\nusage: pasta\n  --help\n";
	char other[] = "pastarest: one\ntwo";
	char nothing[] = "\n";
	assert_string_equal(vx_program_reason(last, "pasta"), "two");
	assert_string_equal(vx_program_reason(option, "pasta"), "pasta: no such option");
	assert_string_equal(vx_program_reason(other, "pasta"), "two");
	assert_null(vx_program_reason(nothing, "pasta"));
}

/* Runs `run` with standard error going to `ret_text`. */
static void catch_stderr(void (*run)(void), char *ret_text, size_t size)
{
	int file = memfd_create("stderr", MFD_CLOEXEC), before = dup(STDERR_FILENO);
	assert_true(file >= 0 && before >= 0 && dup2(file, STDERR_FILENO) >= 0);
	run();
	dup2(before, STDERR_FILENO);
	close(before);
	ssize_t got = pread(file, ret_text, size - 1, 0);
	assert_true(got >= 0);
	ret_text[got] = '\0';
	close(file);
}

static void log_too_much(void)
{
	vx_log_set_limit(3, 1);
	for (int i = 0; i < 1000; i++) {
		vx_log_warn("a guest's doing");
	}
	vx_log_error("told all the same");
	vx_log_set_limit(1, 1);
	vx_log_info("the next");
	vx_log_info("too much again");
	vx_log_set_limit(0, 0);
	vx_log_info("without a limit");
}

static void test_logs_are_limited(void **state)
{
	static char text[64 * 1024];
	catch_stderr(log_too_much, text, sizeof(text));
	assert_string_equal(text, "vixos: warning: [test] a guest's doing\n"
				  "vixos: warning: [test] a guest's doing\n"
				  "vixos: warning: [test] a guest's doing\n"
				  "vixos: error: [test] told all the same\n"
				  "vixos: warning: [log] 997 messages were left out\n"
				  "vixos: [test] the next\n"
				  "vixos: warning: [log] 1 messages were left out\n"
				  "vixos: [test] without a limit\n");
}

static void log_escapes(void)
{
	static const char untrusted[] = "\x1b]52;c;eA==\x07\r\nvixosd: [x] 'all is well'\xff\0";
	vx_log_untrusted(VX_LOG_WARN, "said", untrusted, sizeof(untrusted) - 1);
}

static void test_bytes_of_guests_are_escaped(void **state)
{
	char text[1024];
	catch_stderr(log_escapes, text, sizeof(text));
	assert_string_equal(text, "vixos: warning: [test] said: '\\x1b]52;c;eA==\\x07\\x0d\\x0a"
				  "vixosd: [x] \\x27all is well\\x27\\xff\\x00'\n");
}

static void test_what_is_past_leaves_no_time(void **state)
{
	uint64_t end_ns = vx_clock_after_ms(60'000);
	int left_ms = vx_clock_remaining_ms(end_ns);
	assert_true(left_ms > 0 && left_ms <= 60'000);
	assert_int_equal(vx_clock_remaining_ms(vx_clock_ns()), 0);
	assert_int_equal(vx_clock_remaining_ms(UINT64_MAX), INT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_follow_the_pattern),
		cmocka_unit_test(test_display_strings_lose_what_deceives),
		cmocka_unit_test(test_errors_gather_context),
		cmocka_unit_test(test_buffers_keep_their_bound),
		cmocka_unit_test(test_nothing_is_copied_too),
		cmocka_unit_test(test_descriptors_travel_over_sockets),
		cmocka_unit_test(test_programs_have_their_streams),
		cmocka_unit_test(test_programs_say_why),
		cmocka_unit_test(test_logs_are_limited),
		cmocka_unit_test(test_bytes_of_guests_are_escaped),
		cmocka_unit_test(test_what_is_past_leaves_no_time),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
