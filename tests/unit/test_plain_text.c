/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/plain_text.h"
#include "common/memory.h"

/* The text as it comes out when it comes in pieces of `step` bytes; owned by the caller. */
static char *show(const char *untrusted, size_t size, size_t step)
{
	struct plain_text state = {};
	struct vx_buffer output = {.max_size = 64 * 1024};
	for (size_t i = 0; i < size; i += step) {
		size_t piece = size - i < step ? size - i : step;
		assert_true(
			plain_text_append(&state, (const uint8_t *)untrusted + i, piece, &output));
	}
	char *shown = vx_strndup((const char *)vx_buffer_bytes(&output), output.size);
	vx_buffer_finish(&output);
	return shown;
}

static void test_only_text_passes(void **state)
{
	static const struct {
		const char *untrusted, *shown;
	} cases[] = {
		{"plain\ttext\n", "plain\ttext\n"},
		{"line\r\n", "line\n"},
		{"\033]52;c;aGk=\007", "^[]52;c;aGk=^G"},
		{"\x7f\x01", "^?^A"},
		{"ä€😀", "ä€😀"},
		{"\xc2\x9b"
		 "31m",
			"\ufffd31m"},
		{"\x9b"
		 "31m",
			"\ufffd31m"},
		{"a\u202eb", "a\ufffdb"},
		{"\xc0\x80\xff", "\ufffd\ufffd\ufffd"},
		{"\xed\xa0\x80", "\ufffd"},
		{"\xe2\x82x", "\ufffdx"},
		{"\xf0\x80\x80\x80", "\ufffd"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		for (size_t step = 1; step < 5; step++) {
			vx_cleanup_free char *shown = show(
				cases[i].untrusted, strlen(cases[i].untrusted), step);
			assert_string_equal(shown, cases[i].shown);
		}
	}
}

static void test_random_bytes_never_command_the_terminal(void **state)
{
	unsigned seed = 7;
	for (unsigned round = 0; round < 200; round++) {
		char noise[256];
		for (size_t i = 0; i < sizeof(noise); i++) {
			noise[i] = (char)(rand_r(&seed) % 256);
		}
		vx_cleanup_free char *shown = show(noise, sizeof(noise), 1 + round % 7);
		for (const char *byte = shown; *byte != '\0'; byte++) {
			assert_true((unsigned char)*byte >= 0x20 || *byte == '\n' || *byte == '\t');
			assert_true(*byte != 0x7f);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_text_passes),
		cmocka_unit_test(test_random_bytes_never_command_the_terminal),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
