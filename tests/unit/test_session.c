/* SPDX-License-Identifier: MIT */
/* The user's end of the exec protocol, with a guest that says what it likes. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/interrupts.h"
#include "cli/session.h"
#include "common/fd.h"
#include "common/memory.h"
#include "proxy/link/exec.h"

static constexpr size_t output_max = 4096;

/* Runs a session whose guest has sent `bytes` and then left. Standard output ends up in `output`.
 */
static int run_session(
	const void *bytes, size_t size, char output[output_max], struct vx_error *err)
{
	static const char *const argv[] = {"program", nullptr};
	int pair[2], out[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_true(size == 0 || vx_write_all(pair[1], bytes, size, nullptr));
	assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
	struct interrupts interrupts = {.fd = eventfd(0, EFD_CLOEXEC)};
	const struct vx_exec_request request = {.argv = argv};
	const struct session_options options = {
		.request = &request,
		.program = "program",
		.interrupts = &interrupts,
	};
	fflush(stdout);
	int own_stdout = dup(STDOUT_FILENO);
	dup2(out[1], STDOUT_FILENO);
	int status = session_run(pair[0], &options, err);
	dup2(own_stdout, STDOUT_FILENO);
	close(own_stdout);
	close(out[1]);
	ssize_t length = read(out[0], output, output_max - 1);
	output[length > 0 ? length : 0] = '\0';
	close(out[0]);
	close(pair[1]);
	close(interrupts.fd);
	return status;
}

#define BYTES(text) text, sizeof(text) - 1

#define STARTED "\x10\0\0\0\0\0\0\0"
#define EXIT(status) "\x13\0\0\0\4\0\0\0" status "\0\0\0"

static void test_a_program_that_ends(void **state)
{
	char output[output_max];
	vx_cleanup_error struct vx_error err = {};
	assert_int_equal(
		run_session(BYTES(STARTED "\x11\0\0\0\3\0\0\0out" EXIT("\7")), output, &err), 7);
	assert_string_equal(output, "out");
	assert_null(err.message);
}

static void test_a_program_that_cannot_start(void **state)
{
	static const struct {
		const char *frame;
		enum vx_error_kind kind;
	} cases[] = {
		{"\x14\0\0\0\4\0\0\0\2\0\0\0", VX_ERROR_NOT_FOUND},
		{"\x14\0\0\0\4\0\0\0\x0d\0\0\0", VX_ERROR_NOT_EXECUTABLE},
		{"\x14\0\0\0\4\0\0\0\xff\x0f\0\0", VX_ERROR_NOT_EXECUTABLE},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		char output[output_max];
		vx_cleanup_error struct vx_error err = {};
		assert_int_equal(run_session(cases[i].frame, 12, output, &err), -1);
		assert_int_equal(err.kind, cases[i].kind);
	}
}

/* Whatever is no frame for the host ends the session with VixOS's own status, and shows nothing. */
static void test_hostile_frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		{BYTES("")},
		{BYTES("\x10")},                         /* cut off */
		{BYTES("\x11\0\0\0\xff\0\0\0short")},    /* cut off within the payload */
		{BYTES("\0\0\0\0\0\0\0\0")},             /* no type */
		{BYTES("\x15\0\0\0\0\0\0\0")},           /* a type too high */
		{BYTES("\xff\0\0\0\0\0\0\0")},           /* and the highest */
		{BYTES("\1\0\0\0\0\0\0\0")},             /* START, the wrong way */
		{BYTES("\2\0\0\0\1\0\0\0x")},            /* STDIN, the wrong way */
		{BYTES("\3\0\0\0\4\0\0\0\1\0\1\0")},     /* RESIZE, the wrong way */
		{BYTES("\4\0\0\0\1\0\0\0\x09")},         /* SIGNAL, the wrong way */
		{BYTES("\x10\1\0\0\0\0\0\0")},           /* reserved bytes */
		{BYTES("\x10\0\0\0\1\0\0\0x")},          /* STARTED with a payload */
		{BYTES("\x11\0\0\0\1\x80\0\0")},         /* larger than any may be */
		{BYTES("\x11\0\0\0\xff\xff\xff\xff")},   /* and the largest */
		{BYTES("\x13\0\0\0\3\0\0\0\0\0\0")},     /* EXIT too short */
		{BYTES("\x13\0\0\0\4\0\0\0\0\1\0\0")},   /* EXIT with status 256 */
		{BYTES("\x14\0\0\0\4\0\0\0\0\0\0\0")},   /* FAILED with errno 0 */
		{BYTES("\x14\0\0\0\4\0\0\0\0\x10\0\0")}, /* FAILED with errno 4096 */
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		char output[output_max];
		vx_cleanup_error struct vx_error err = {};
		assert_int_equal(run_session(cases[i].bytes, cases[i].size, output, &err), -1);
		assert_int_equal(err.kind, VX_ERROR_VIXOS);
		assert_string_equal(output, "");
	}
}

static void test_random_bytes(void **state)
{
	srand(7);
	for (unsigned round = 0; round < 500; round++) {
		uint8_t bytes[64];
		char output[output_max];
		vx_cleanup_error struct vx_error err = {};
		for (size_t i = 0; i < sizeof(bytes); i++) {
			/* Mostly small, so that headers are sometimes good. */
			bytes[i] = (uint8_t)(rand() % 3 == 0 ? rand() % 24 : 0);
		}
		int status = run_session(bytes, sizeof(bytes), output, &err);
		assert_true(status >= -1 && status <= 255);
		assert_true((status == -1) == (err.message != nullptr));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_program_that_ends),
		cmocka_unit_test(test_a_program_that_cannot_start),
		cmocka_unit_test(test_hostile_frames),
		cmocka_unit_test(test_random_bytes),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
