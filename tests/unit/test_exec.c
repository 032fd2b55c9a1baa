/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "proxy/link/exec.h"
#include "proxy/link/little_endian.h"

static int decode(
	struct vx_buffer *input, enum vx_exec_direction direction, struct vx_exec_frame *ret_frame)
{
	vx_cleanup_error struct vx_error err = {};
	int result = vx_exec_decode(input, direction, ret_frame, &err);
	assert_true((result < 0) == (err.message != nullptr));
	return result;
}

static void test_frames_cross_whole(void **state)
{
	static uint8_t bytes[vx_exec_payload_max + 1];
	struct vx_buffer buffer = {};
	assert_true(vx_exec_encode(&buffer, VX_EXEC_STDOUT, bytes, vx_exec_payload_max));
	assert_false(vx_exec_encode(&buffer, VX_EXEC_STDOUT, bytes, vx_exec_payload_max + 1));
	assert_true(vx_exec_encode(&buffer, VX_EXEC_STARTED, nullptr, 0));
	assert_true(vx_exec_encode(&buffer, VX_EXEC_EXIT, (uint8_t[]){137, 0, 0, 0}, 4));
	struct vx_exec_frame frame;
	assert_int_equal(decode(&buffer, VX_EXEC_TO_HOST, &frame), 1);
	assert_int_equal(frame.type, VX_EXEC_STDOUT);
	assert_int_equal(frame.size, vx_exec_payload_max);
	assert_int_equal(decode(&buffer, VX_EXEC_TO_HOST, &frame), 1);
	assert_int_equal(frame.type, VX_EXEC_STARTED);
	assert_int_equal(decode(&buffer, VX_EXEC_TO_HOST, &frame), 1);
	assert_int_equal(vx_exec_frame_get_u32(&frame), 137);
	assert_int_equal(decode(&buffer, VX_EXEC_TO_HOST, &frame), 0);
	vx_buffer_finish(&buffer);

	assert_true(vx_exec_encode(&buffer, VX_EXEC_RESIZE, (uint8_t[]){80, 0, 24, 1}, 4));
	uint16_t columns, rows;
	assert_int_equal(decode(&buffer, VX_EXEC_TO_GUEST, &frame), 1);
	vx_exec_frame_get_size(&frame, &columns, &rows);
	assert_int_equal(columns, 80);
	assert_int_equal(rows, 280);
	vx_buffer_finish(&buffer);

	struct vx_buffer bounded = {.max_size = 10};
	assert_false(vx_exec_encode(&bounded, VX_EXEC_STDOUT, bytes, 3));
	assert_int_equal(bounded.size, 0);
	vx_buffer_finish(&bounded);
}

static void test_frames_cut_anywhere(void **state)
{
	struct vx_buffer whole = {};
	assert_true(vx_exec_encode(&whole, VX_EXEC_STDIN, "some input", 10));
	for (size_t cut = 0; cut < whole.size; cut++) {
		struct vx_buffer part = {};
		struct vx_exec_frame frame;
		assert_true(vx_buffer_append(&part, vx_buffer_bytes(&whole), cut));
		assert_int_equal(decode(&part, VX_EXEC_TO_GUEST, &frame), 0);
		assert_true(
			vx_buffer_append(&part, vx_buffer_bytes(&whole) + cut, whole.size - cut));
		assert_int_equal(decode(&part, VX_EXEC_TO_GUEST, &frame), 1);
		assert_memory_equal(frame.untrusted_payload, "some input", 10);
		vx_buffer_finish(&part);
	}
	vx_buffer_finish(&whole);
}

static void test_frames_that_may_not_travel(void **state)
{
	static const struct {
		enum vx_exec_direction direction;
		uint8_t bytes[12];
		size_t size;
	} cases[] = {
		{VX_EXEC_TO_GUEST, {0, 0, 0, 0, 0, 0, 0, 0}, 8},
		{VX_EXEC_TO_GUEST, {5, 0, 0, 0, 0, 0, 0, 0}, 8},
		{VX_EXEC_TO_GUEST, {15, 0, 0, 0, 0, 0, 0, 0}, 8},
		{VX_EXEC_TO_HOST, {21, 0, 0, 0, 0, 0, 0, 0}, 8},
		{VX_EXEC_TO_HOST, {255, 0, 0, 0, 0, 0, 0, 0}, 8},
		/* the wrong way */
		{VX_EXEC_TO_HOST, {VX_EXEC_STDIN, 0, 0, 0, 0, 0, 0, 0}, 8},
		{VX_EXEC_TO_GUEST, {VX_EXEC_STARTED, 0, 0, 0, 0, 0, 0, 0}, 8},
		/* reserved bytes */
		{VX_EXEC_TO_HOST, {VX_EXEC_STARTED, 1, 0, 0, 0, 0, 0, 0}, 8},
		{VX_EXEC_TO_HOST, {VX_EXEC_STARTED, 0, 0, 9, 0, 0, 0, 0}, 8},
		/* sizes; refused before the payload is there */
		{VX_EXEC_TO_GUEST, {VX_EXEC_START, 0, 0, 0, 11, 0, 0, 0}, 8},
		{VX_EXEC_TO_GUEST, {VX_EXEC_STDIN, 0, 0, 0, 1, 0x80, 0, 0}, 8},
		{VX_EXEC_TO_GUEST, {VX_EXEC_STDIN, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, 8},
		{VX_EXEC_TO_GUEST, {VX_EXEC_RESIZE, 0, 0, 0, 3, 0, 0, 0}, 8},
		{VX_EXEC_TO_GUEST, {VX_EXEC_SIGNAL, 0, 0, 0, 0, 0, 0, 0}, 8},
		{VX_EXEC_TO_HOST, {VX_EXEC_STARTED, 0, 0, 0, 1, 0, 0, 0}, 8},
		{VX_EXEC_TO_HOST, {VX_EXEC_STDOUT, 0, 0, 0, 0, 0, 0, 0}, 8},
		{VX_EXEC_TO_HOST, {VX_EXEC_EXIT, 0, 0, 0, 5, 0, 0, 0}, 8},
		/* numbers */
		{VX_EXEC_TO_GUEST, {VX_EXEC_SIGNAL, 0, 0, 0, 1, 0, 0, 0, 0}, 9},
		{VX_EXEC_TO_GUEST, {VX_EXEC_SIGNAL, 0, 0, 0, 1, 0, 0, 0, 65}, 9},
		{VX_EXEC_TO_HOST, {VX_EXEC_EXIT, 0, 0, 0, 4, 0, 0, 0, 0, 1, 0, 0}, 12},
		{VX_EXEC_TO_HOST, {VX_EXEC_EXIT, 0, 0, 0, 4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, 12},
		{VX_EXEC_TO_HOST, {VX_EXEC_FAILED, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0}, 12},
		{VX_EXEC_TO_HOST, {VX_EXEC_FAILED, 0, 0, 0, 4, 0, 0, 0, 0, 0x10, 0, 0}, 12},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct vx_buffer buffer = {};
		struct vx_exec_frame frame;
		assert_true(vx_buffer_append(&buffer, cases[i].bytes, cases[i].size));
		assert_int_equal(decode(&buffer, cases[i].direction, &frame), -1);
		vx_buffer_finish(&buffer);
	}
}

/* Sends a request through both functions. */
static bool round_trip(const struct vx_exec_request *request, struct vx_exec_request *ret_request,
	void **ret_storage)
{
	struct vx_buffer buffer = {};
	vx_cleanup_error struct vx_error err = {};
	bool good = false;
	if (vx_exec_encode_request(&buffer, request, &err)) {
		struct vx_exec_frame frame;
		assert_int_equal(decode(&buffer, VX_EXEC_TO_GUEST, &frame), 1);
		assert_int_equal(frame.type, VX_EXEC_START);
		good = vx_exec_decode_request(
			frame.untrusted_payload, frame.size, ret_request, ret_storage, &err);
		assert_true(good);
	} else {
		assert_non_null(err.message);
	}
	vx_buffer_finish(&buffer);
	return good;
}

static void test_requests_cross(void **state)
{
	static const char *const argv[] = {"foot", "-e", "", "sh -c 'x y'", nullptr};
	static const char *const environment[] = {"LANG=de_DE.UTF-8", "EMPTY=", "A=b=c", nullptr};
	const struct vx_exec_request request = {
		.flags = VX_EXEC_FLAG_TERMINAL,
		.columns = 132,
		.rows = 43,
		.directory = "/srv/x",
		.argv = argv,
		.environment = environment,
	};
	struct vx_exec_request copy;
	vx_cleanup_free void *storage = nullptr;
	assert_true(round_trip(&request, &copy, &storage));
	assert_int_equal(copy.flags, VX_EXEC_FLAG_TERMINAL);
	assert_int_equal(copy.columns, 132);
	assert_int_equal(copy.rows, 43);
	assert_string_equal(copy.directory, "/srv/x");
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(copy.argv[i], argv[i]);
	}
	assert_null(copy.argv[4]);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(copy.environment[i], environment[i]);
	}
	assert_null(copy.environment[3]);
}

static void test_login_shells_have_no_arguments(void **state)
{
	static const char *const none[] = {nullptr};
	static const char *const one[] = {"sh", nullptr};
	struct vx_exec_request request = {.flags = VX_EXEC_FLAG_LOGIN_SHELL, .argv = none};
	struct vx_exec_request copy;
	vx_cleanup_free void *storage = nullptr;
	assert_true(round_trip(&request, &copy, &storage));
	assert_null(copy.directory);
	assert_null(copy.argv[0]);
	assert_null(copy.environment[0]);
	request.argv = nullptr;
	free(vx_take_ptr(storage));
	assert_true(round_trip(&request, &copy, &storage));
	request.argv = one;
	assert_false(round_trip(&request, &copy, &storage));
	request = (struct vx_exec_request){.argv = none};
	assert_false(round_trip(&request, &copy, &storage));
}

static void test_requests_that_no_one_may_send(void **state)
{
	static const char *const argv[] = {"true", nullptr};
	static const char *const nameless[] = {"=x", nullptr};
	static const char *const valueless[] = {"PATH", nullptr};
	static const char *many[vx_exec_argv_max + 2];
	static char large[vx_exec_payload_max];
	memset(large, 'x', sizeof(large) - 1);
	for (size_t i = 0; i < vx_exec_argv_max + 1; i++) {
		many[i] = "a=";
	}
	const char *large_argv[] = {large, nullptr};
	const struct vx_exec_request requests[] = {
		{.argv = argv, .flags = 1u << 3},
		{.argv = argv, .flags = VX_EXEC_FLAG_TERMINAL | VX_EXEC_FLAG_DETACHED},
		{.argv = argv, .flags = VX_EXEC_FLAG_OWNER},
		{.argv = argv, .environment = nameless},
		{.argv = argv, .environment = valueless},
		{.argv = argv, .environment = many},
		{.argv = many},
		{.argv = large_argv},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(requests); i++) {
		struct vx_exec_request copy;
		void *storage = nullptr;
		assert_false(round_trip(&requests[i], &copy, &storage));
	}
	many[vx_exec_argv_max] = nullptr;
	const struct vx_exec_request most = {.argv = many, .environment = many};
	struct vx_exec_request copy;
	vx_cleanup_free void *storage = nullptr;
	assert_true(round_trip(&most, &copy, &storage));
	assert_string_equal(copy.argv[vx_exec_argv_max - 1], "a=");
}

static bool decodes(const uint8_t *payload, size_t size)
{
	/* Exact size on the heap, for the sanitizer. */
	vx_cleanup_free uint8_t *copy = vx_memdup(payload, size);
	vx_cleanup_free void *storage = nullptr;
	vx_cleanup_error struct vx_error err = {};
	struct vx_exec_request request;
	bool good = vx_exec_decode_request(copy, size, &request, &storage, &err);
	assert_true(good == (err.message == nullptr));
	assert_true(good == (storage != nullptr));
	return good;
}

static void test_hostile_requests(void **state)
{
	/* flags, columns and rows, counts, directory "/", argv "sh", environment "A=b" */
	static const uint8_t good[] = {0, 0, 0, 0, 80, 0, 24, 0, 1, 0, 1, 0, 1, 0, '/', 2, 0, 's',
		'h', 3, 0, 'A', '=', 'b'};
	assert_true(decodes(good, sizeof(good)));
	for (size_t size = 0; size < sizeof(good); size++) {
		assert_false(decodes(good, size));
	}
	static const struct {
		size_t offset;
		uint8_t value;
	} changes[] = {
		{0, 0x80},
		{3, 1}, /* unknown flags */
		{8, 0},
		{8, 2},
		{9, 0xff}, /* argv count */
		{10, 0},
		{10, 2},
		{11, 0xff}, /* environment count: the rest is over or missing */
		{12, 0},
		{12, 2},
		{13, 0xff}, /* directory's length */
		{14, 0},
		{17, 0},
		{21, 0}, /* NUL in a string */
		{16, 0xff},
		{19, 4},
		{20, 1}, /* lengths */
		{21, '='},
		{22, 'x'}, /* "==b" has no name, "Axb" no value */
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(changes); i++) {
		uint8_t bad[sizeof(good)];
		memcpy(bad, good, sizeof(good));
		bad[changes[i].offset] = changes[i].value;
		assert_false(decodes(bad, sizeof(bad)));
	}
	uint8_t longer[sizeof(good) + 1] = {};
	memcpy(longer, good, sizeof(good));
	assert_false(decodes(longer, sizeof(longer)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_cross_whole),
		cmocka_unit_test(test_frames_cut_anywhere),
		cmocka_unit_test(test_frames_that_may_not_travel),
		cmocka_unit_test(test_requests_cross),
		cmocka_unit_test(test_login_shells_have_no_arguments),
		cmocka_unit_test(test_requests_that_no_one_may_send),
		cmocka_unit_test(test_hostile_requests),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
