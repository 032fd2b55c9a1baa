/* SPDX-License-Identifier: MIT */
/* The IPC server over a real socket: messages, events, and clients that misbehave. */
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
#include <yyjson.h>

#include "common/error.h"
#include "common/fd.h"
#include "compositor_fixture.h"
#include "ipc/client.h"
#include "ipc/ipc.h"
#include "ipc/messages.h"
#include "ipc/server.h"

struct ipc_test {
	struct compositor *compositor;
	struct wl_event_loop *loop;
	struct ipc_server *ipc;
	char directory[64];
};

static int setup(void **state)
{
	struct ipc_test *test = vx_new(test);
	snprintf(test->directory, sizeof(test->directory), "/tmp/vixos-ipc-test-XXXXXX");
	assert_non_null(mkdtemp(test->directory));
	setenv("XDG_RUNTIME_DIR", test->directory, true);
	unsetenv("SWAYSOCK");
	test->compositor = compositor_create(
		"bar {\n  id main\n}\nmode other {\n bindsym x nop\n}\n");
	test->loop = wl_event_loop_create();
	vx_cleanup_error struct vx_error err = {};
	test->ipc = ipc_server_create(&test->compositor->session, test->loop, &err);
	assert_non_null(test->ipc);
	*state = test;
	return 0;
}

static int teardown(void **state)
{
	struct ipc_test *test = *state;
	ipc_server_destroy(test->ipc);
	compositor_destroy(test->compositor);
	wl_event_loop_destroy(test->loop);
	rmdir(test->directory);
	free(test);
	return 0;
}

static void turn(struct ipc_test *test)
{
	for (int i = 0; i < 8; i++) {
		wl_event_loop_dispatch(test->loop, 0);
	}
}

static int connect_to(struct ipc_test *test)
{
	vx_cleanup_error struct vx_error err = {};
	int fd = vx_unix_connect(ipc_server_socket_path(test->ipc), SOCK_STREAM, &err);
	assert_true(fd >= 0);
	turn(test);
	return fd;
}

static void send_bytes(int fd, const void *bytes, size_t size)
{
	assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static void send_message(int fd, uint32_t type, const char *payload)
{
	uint8_t header[ipc_header_size];
	uint32_t length = (uint32_t)strlen(payload);
	memcpy(header, "i3-ipc", 6);
	memcpy(header + 6, &length, 4);
	memcpy(header + 10, &type, 4);
	send_bytes(fd, header, sizeof(header));
	send_bytes(fd, payload, length);
}

/* One reply or event; its text is owned by the caller. NULL: the server hung up or is silent. */
static char *receive(struct ipc_test *test, int fd, uint32_t *ret_type)
{
	turn(test);
	uint8_t header[ipc_header_size];
	if (recv(fd, header, sizeof(header), MSG_DONTWAIT) != (ssize_t)sizeof(header)) {
		return nullptr;
	}
	uint32_t length;
	memcpy(&length, header + 6, 4);
	memcpy(ret_type, header + 10, 4);
	char *text = vx_calloc(1, length + 1);
	for (size_t done = 0; done < length;) {
		turn(test);
		ssize_t count = recv(fd, text + done, length - done, MSG_DONTWAIT);
		assert_true(count > 0);
		done += (size_t)count;
	}
	return text;
}

static yyjson_doc *ask(struct ipc_test *test, int fd, uint32_t type, const char *payload)
{
	send_message(fd, type, payload);
	uint32_t replied = 0;
	vx_cleanup_free char *text = receive(test, fd, &replied);
	assert_non_null(text);
	assert_int_equal(replied, type);
	yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
	assert_non_null(doc);
	return doc;
}

static void all_queries_answer(void **state)
{
	struct ipc_test *test = *state;
	struct fake_window *window = compositor_open(test->compositor, "a");
	strcpy(window->vm, "work");
	static const uint32_t types[] = {1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 100, 101};
	int fd = connect_to(test);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(types); i++) {
		yyjson_doc_free(ask(test, fd, types[i], ""));
	}
	yyjson_doc *doc = ask(test, fd, 4, "");
	yyjson_val *root = yyjson_doc_get_root(doc);
	yyjson_val *con = yyjson_ptr_get(root, "/nodes/1/nodes/0/nodes/0");
	assert_string_equal(yyjson_get_str(yyjson_obj_get(con, "app_id")), "a");
	assert_string_equal(yyjson_get_str(yyjson_ptr_get(con, "/vm/name")), "work");
	assert_int_equal(yyjson_get_int(yyjson_ptr_get(con, "/window_rect/width")), 1276);
	yyjson_doc_free(doc);
	doc = ask(test, fd, 6, "main");
	assert_string_equal(yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc), "id")), "main");
	yyjson_doc_free(doc);
	close(fd);
	turn(test);
}

static void commands_reply_one_result_each(void **state)
{
	struct ipc_test *test = *state;
	int fd = connect_to(test);
	yyjson_doc *doc = ask(test, fd, 0, "nop\nfocus nowhere; nop");
	yyjson_val *root = yyjson_doc_get_root(doc);
	assert_int_equal(yyjson_arr_size(root), 2);
	assert_true(yyjson_get_bool(yyjson_ptr_get(root, "/0/success")));
	assert_true(yyjson_get_bool(yyjson_ptr_get(root, "/1/parse_error")));
	yyjson_doc_free(doc);
	close(fd);
	turn(test);
}

static void subscribers_hear(void **state)
{
	struct ipc_test *test = *state;
	int fd = connect_to(test);
	yyjson_doc_free(ask(test, fd, 2, "[\"window\", \"mode\", \"tick\"]"));
	uint32_t type = 0;
	free(receive(test, fd, &type));
	assert_int_equal(type, ipc_event_bit | IPC_EVENT_TICK);
	compositor_open(test->compositor, "a");
	static const char *const changes[] = {"\"new\"", "\"title\"", "\"focus\""};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(changes); i++) {
		char *event = receive(test, fd, &type);
		assert_int_equal(type, ipc_event_bit | IPC_EVENT_WINDOW);
		assert_non_null(strstr(event, changes[i]));
		free(event);
	}
	assert_true(session_set_mode(&test->compositor->session, "other"));
	char *event = receive(test, fd, &type);
	assert_non_null(strstr(event, "\"other\""));
	free(event);
	close(fd);
	turn(test);
}

static void messages_may_come_in_pieces(void **state)
{
	struct ipc_test *test = *state;
	int fd = connect_to(test);
	static const uint8_t message[] = "i3-ipc\x03\0\0\0\0\0\0\0nop";
	for (size_t i = 0; i + 1 < sizeof(message); i++) {
		send_bytes(fd, &message[i], 1);
		turn(test);
	}
	uint32_t type = 1;
	char *reply = receive(test, fd, &type);
	assert_non_null(reply);
	free(reply);
	close(fd);
	turn(test);
	assert_int_equal(test->ipc->client_count, 0);
}

static void assert_dropped(struct ipc_test *test, const void *bytes, size_t size)
{
	int fd = connect_to(test);
	int before = test->ipc->client_count;
	send_bytes(fd, bytes, size);
	turn(test);
	assert_int_equal(test->ipc->client_count, before - 1);
	close(fd);
}

static void hostile_clients_are_dropped(void **state)
{
	struct ipc_test *test = *state;
	int good = connect_to(test);
	assert_dropped(test, "GET / HTTP/1.1", 14);
	assert_dropped(test, "i3-ipC", 6);
	assert_dropped(test, "i3-ipc\xff\xff\xff\xff\0\0\0\0", 14);
	yyjson_doc_free(ask(test, good, 7, ""));
	/* Half a message, then gone. */
	int half = connect_to(test);
	send_bytes(half, "i3-ipc\x10\0\0\0", 10);
	close(half);
	turn(test);
	assert_int_equal(test->ipc->client_count, 1);
	/* Types that nobody knows are not answered. */
	send_message(good, 4711, "x");
	uint32_t type;
	assert_null(receive(test, good, &type));
	close(good);
	turn(test);
}

static void a_subscriber_that_does_not_read_is_dropped(void **state)
{
	struct ipc_test *test = *state;
	int fd = connect_to(test);
	yyjson_doc_free(ask(test, fd, 2, "[\"window\"]"));
	struct fake_window *window = compositor_open(test->compositor, "a");
	for (int i = 0; i < 20000 && test->ipc->client_count > 0; i++) {
		tree_emit_window(window->view.container, WINDOW_TITLE);
		wl_event_loop_dispatch(test->loop, 0);
	}
	assert_int_equal(test->ipc->client_count, 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_queries_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_reply_one_result_each, setup, teardown),
		cmocka_unit_test_setup_teardown(subscribers_hear, setup, teardown),
		cmocka_unit_test_setup_teardown(messages_may_come_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_clients_are_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_subscriber_that_does_not_read_is_dropped, setup, teardown),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
