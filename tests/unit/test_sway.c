/* SPDX-License-Identifier: MIT */
/* vixosd's side of sway's IPC, against what a peer may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fd.h"
#include "daemon/sway.h"

struct fixture {
	char folder[64];
	char *path;
	int listener, wayland[2], peer;
	sd_event *event;
	struct sway *sway;
};

/* This process is its own compositor: the socket is named after it. */
static int set_up(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/vixos-sway-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	setenv("XDG_RUNTIME_DIR", fixture->folder, 1);
	unsetenv("SWAYSOCK");
	fixture->path = vx_printf(
		"%s/sway-ipc.%u.%d.sock", fixture->folder, (unsigned)getuid(), (int)getpid());
	fixture->listener = vx_unix_listen(fixture->path, SOCK_STREAM, nullptr);
	assert_true(fixture->listener >= 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fixture->wayland), 0);
	assert_true(sd_event_new(&fixture->event) >= 0);
	fixture->sway = sway_connect(fixture->event, fixture->wayland[0]);
	assert_non_null(fixture->sway);
	fixture->peer = accept(fixture->listener, nullptr, nullptr);
	assert_true(fixture->peer >= 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	sway_destroy(fixture->sway);
	sd_event_unref(fixture->event);
	vx_replace_fd(&fixture->peer, -1);
	close(fixture->listener);
	close(fixture->wayland[0]);
	close(fixture->wayland[1]);
	unlink(fixture->path);
	rmdir(fixture->folder);
	free(fixture->path);
	free(fixture);
	return 0;
}

static void run_events(struct fixture *fixture)
{
	for (unsigned i = 0; i < 2000 && sd_event_run(fixture->event, 0) > 0; i++) {
	}
}

/* All that was sent, with NULs in headers shown as '.'. */
static void read_all(struct fixture *fixture, char *text, size_t size)
{
	ssize_t got = recv(fixture->peer, text, size - 1, MSG_DONTWAIT);
	text[got > 0 ? got : 0] = '\0';
	for (ssize_t i = 0; i < got; i++) {
		text[i] = text[i] == '\0' ? '.' : text[i];
	}
}

static void say(struct fixture *fixture, uint32_t type, const char *payload, uint32_t length)
{
	const uint32_t numbers[] = {length, type};
	assert_int_equal(write(fixture->peer, "i3-ipc", 6), 6);
	assert_int_equal(write(fixture->peer, numbers, sizeof(numbers)), sizeof(numbers));
	size_t size = strlen(payload);
	assert_int_equal(write(fixture->peer, payload, size), size);
	run_events(fixture);
}

static void test_a_rule_is_said_once_and_again_after_a_reload(void **state)
{
	static const char rule[] = "assign [sandbox_engine=\"^org\\.vixos$\" "
				   "sandbox_instance_id=\"^a\\.b$\"] workspace \"2: web\"";
	struct fixture *fixture = *state;
	char text[4096];
	sway_bind(fixture->sway, "a.b", "2: web");
	read_all(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "[\"workspace\"]"));
	assert_non_null(strstr(text, rule));
	sway_bind(fixture->sway, "a.b", "2: web");
	read_all(fixture, text, sizeof(text));
	assert_string_equal(text, "");
	sway_bind(fixture->sway, "a.b", "3");
	read_all(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "^a\\.b$(?#1)\"] move container to workspace \"3\""));
	say(fixture, UINT32_C(0x80000000), "{\"change\":\"focus\"}", 18);
	read_all(fixture, text, sizeof(text));
	assert_string_equal(text, "");
	say(fixture, UINT32_C(0x80000000), "{\"change\":\"reload\"}", 19);
	read_all(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "assign"));
	assert_non_null(strstr(text, "workspace \"3\""));
}

static void test_nonsense_is_survived(void **state)
{
	struct fixture *fixture = *state;
	char text[4096];
	say(fixture, 0, "[{\"success\":false,\"error\":\"no\"}]", 32);
	say(fixture, 0, "[3,null", 7);
	say(fixture, 0, "\"x\"", 3);
	say(fixture, UINT32_C(0x80000000), "[]", 2);
	/* Too large to look at, and in pieces; what is behind it counts again. */
	uint32_t length = 5 * 1024 * 1024;
	vx_cleanup_free char *large = vx_calloc(length / 64 + 1, 1);
	memset(large, ' ', length / 64);
	say(fixture, UINT32_C(0x80000000), large, length);
	for (unsigned i = 1; i < 64; i++) {
		assert_int_equal(write(fixture->peer, large, length / 64), length / 64);
		run_events(fixture);
	}
	sway_bind(fixture->sway, "work", "1");
	read_all(fixture, text, sizeof(text));
	say(fixture, UINT32_C(0x80000000), "{\"change\":\"reload\"}", 19);
	read_all(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "assign"));
	/* And then nothing of the protocol: the connection is given up. */
	assert_int_equal(write(fixture->peer, "GET / HTTP/1.1\r\n\r\n", 18), 18);
	run_events(fixture);
	sway_bind(fixture->sway, "work", "2");
	assert_int_equal(recv(fixture->peer, text, sizeof(text), 0), 0);
}

static void test_somebody_else_is_not_taken_for_sway(void **state)
{
	struct fixture *fixture = *state;
	unlink(fixture->path);
	assert_null(sway_connect(fixture->event, fixture->wayland[0]));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_rule_is_said_once_and_again_after_a_reload),
		TEST(test_nonsense_is_survived),
		TEST(test_somebody_else_is_not_taken_for_sway),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
