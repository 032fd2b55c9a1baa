/* SPDX-License-Identifier: MIT */
/* vixosd's end of the control socket, with a vixos-proxy that its guest has taken over. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fd.h"
#include "common/memory.h"
#include "daemon/proxy.h"
#include "proxy/host/control.h"

struct fixture {
	sd_event *event;
	char folder[32];
	unsigned ups, states;
	struct vx_control_message last;
	bool is_gone;
};

static void handle_up(void *data)
{
	struct fixture *fixture = data;
	fixture->ups++;
}

static void handle_state(void *data, const struct vx_control_message *message)
{
	struct fixture *fixture = data;
	fixture->states++;
	fixture->last = *message;
}

static void handle_gone(void *data, const char *why)
{
	struct fixture *fixture = data;
	assert_non_null(why);
	fixture->is_gone = true;
}

static const struct proxy_listener listener = {handle_up, handle_state, handle_gone};

static int set_up(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	*fixture = (struct fixture){.folder = "/tmp/vixos-proxy-XXXXXX"};
	assert_non_null(mkdtemp(fixture->folder));
	assert_true(sd_event_new(&fixture->event) >= 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	sd_event_unref(fixture->event);
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

/* In the child, which must be the one that listens, for that is whom vixosd takes for the proxy:
 * answers one connection with `bytes` and then ignores what it is asked. */
[[noreturn]] static void be_proxy(const char *path, int ready_fd, const void *bytes, size_t size)
{
	int listen_fd = vx_unix_listen(path, SOCK_SEQPACKET, nullptr);
	close(ready_fd);
	/* The socket doesn't block. */
	(void)poll(&(struct pollfd){.fd = listen_fd, .events = POLLIN}, 1, -1);
	int fd = accept(listen_fd, nullptr, nullptr);
	(void)send(fd, bytes, size, MSG_NOSIGNAL);
	for (;;) {
		pause();
	}
}

/* Adopts a process that says `bytes`; runs until it has been ended or has told a state. */
static void meet_proxy(struct fixture *fixture, const void *bytes, size_t size)
{
	vx_cleanup_free char *path = vx_printf("%s/socket", fixture->folder);
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		close(ready[0]);
		be_proxy(path, ready[1], bytes, size);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	fixture->ups = 0;
	fixture->states = 0;
	fixture->is_gone = false;
	struct proxy *proxy = proxy_create(fixture->event, "work", &listener, fixture);
	proxy_adopt(proxy, path);
	while (!fixture->is_gone && fixture->states == 0) {
		assert_true(sd_event_run(fixture->event, UINT64_C(10'000'000)) > 0);
	}
	assert_int_equal(fixture->ups, 1);
	bool is_ended = fixture->is_gone;
	proxy_destroy(proxy);
	if (!is_ended) {
		kill(child, SIGKILL);
	}
	/* One that was ended is dead already; it wouldn't have done so of its own accord. */
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	unlink(path);
}

static struct vx_control_message good_message(void)
{
	return (struct vx_control_message){
		.type = VX_CONTROL_STATE,
		.link_state = VX_CONTROL_LINK_LOST,
		.clients = UINT32_MAX,
		.windows = 3,
		.detail = "a sentence",
	};
}

static void test_a_sound_message(void **state)
{
	struct fixture *fixture = *state;
	struct vx_control_message message = good_message();
	meet_proxy(fixture, &message, sizeof(message));
	assert_false(fixture->is_gone);
	assert_memory_equal(&fixture->last, &message, sizeof(message));
}

static void assert_ended(struct fixture *fixture, const void *bytes, size_t size)
{
	meet_proxy(fixture, bytes, size);
	assert_true(fixture->is_gone);
	assert_int_equal(fixture->states, 0);
}

static void test_wrong_sizes(void **state)
{
	struct vx_control_message messages[2] = {good_message(), good_message()};
	static const size_t sizes[] = {
		1, sizeof(messages[0]) - 1, sizeof(messages[0]) + 1, sizeof(messages)};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(sizes); i++) {
		assert_ended(*state, messages, sizes[i]);
	}
}

static void test_wrong_types_and_states(void **state)
{
	static const uint32_t types[] = {
		0, VX_CONTROL_OPEN, VX_CONTROL_QUIT, VX_CONTROL_COUNT, UINT32_MAX};
	static const uint32_t link_states[] = {VX_CONTROL_LINK_STATE_COUNT, UINT32_MAX};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(types); i++) {
		struct vx_control_message message = good_message();
		memcpy(&message.type, &types[i], sizeof(types[i]));
		assert_ended(*state, &message, sizeof(message));
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(link_states); i++) {
		struct vx_control_message message = good_message();
		memcpy(&message.link_state, &link_states[i], sizeof(link_states[i]));
		assert_ended(*state, &message, sizeof(message));
	}
}

static void test_wrong_details(void **state)
{
	static const char *const details[] = {"\033[31m", "line\nline", "\x7f", "\xc3\xa4"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(details); i++) {
		struct vx_control_message message = good_message();
		strcpy(message.detail, details[i]);
		assert_ended(*state, &message, sizeof(message));
	}
	struct vx_control_message endless = good_message();
	memset(endless.detail, 'x', sizeof(endless.detail));
	assert_ended(*state, &endless, sizeof(endless));
}

[[noreturn]] static void flood(int fd)
{
	struct vx_control_message message = good_message();
	message.link_state = VX_CONTROL_LINK_READY;
	for (;;) {
		message.windows++;
		struct pollfd writable = {.fd = fd, .events = POLLOUT};
		(void)poll(&writable, 1, -1);
		(void)send(fd, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
	}
}

static int handle_other(sd_event_source *source, int fd, uint32_t events, void *data)
{
	unsigned *turns = data;
	*turns += 1;
	return 0;
}

/* Others, here one that always has something, get their turn after so many messages. */
static void test_a_flood_holds_up_nobody(void **state)
{
	struct fixture *fixture = *state;
	vx_cleanup_free char *path = vx_printf("%s/socket", fixture->folder);
	int ready[2], other = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		close(ready[0]);
		int listen_fd = vx_unix_listen(path, SOCK_SEQPACKET, nullptr);
		close(ready[1]);
		(void)poll(&(struct pollfd){.fd = listen_fd, .events = POLLIN}, 1, -1);
		flood(accept(listen_fd, nullptr, nullptr));
	}
	close(ready[1]);
	char byte;
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	unsigned turns = 0;
	sd_event_source *source = nullptr;
	assert_true(sd_event_add_io(
			    fixture->event, &source, other, EPOLLIN, handle_other, &turns) >= 0);
	struct proxy *proxy = proxy_create(fixture->event, "work", &listener, fixture);
	proxy_adopt(proxy, path);
	while (fixture->states < 10'000) {
		assert_true(sd_event_run(fixture->event, UINT64_C(10'000'000)) > 0);
		assert_false(fixture->is_gone);
	}
	assert_true(turns >= fixture->states / 16 / 2);
	proxy_destroy(proxy);
	sd_event_source_disable_unref(source);
	close(other);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, nullptr, 0), child);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_sound_message, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_sizes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_types_and_states, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_details, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_flood_holds_up_nobody, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
