/* SPDX-License-Identifier: MIT */
/* The interface that vixosd serves is the one in protocols/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fd.h"
#include "daemon/manager_idl.h"

static void test_tables_and_file_agree(void **state)
{
	vx_cleanup_free char *served = nullptr;
	assert_true(sd_varlink_idl_format(&vl_interface_manager, &served) >= 0);
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *file = vx_read_file(VARLINK_FILE, 1024 * 1024, nullptr, &err);
	if (file == nullptr || strcmp(served, file) != 0) {
		/* So that a change is made by copying what is shown. */
		fprintf(stderr, "%s", served);
	}
	assert_non_null(file);
	assert_string_equal(served, file);
}

static void test_the_file_can_be_parsed(void **state)
{
	vx_cleanup_free char *file = vx_read_file(VARLINK_FILE, 1024 * 1024, nullptr, nullptr);
	assert_non_null(file);
	sd_varlink_interface *parsed = nullptr;
	unsigned line = 0, column = 0;
	int result = sd_varlink_idl_parse(file, &line, &column, &parsed);
	if (result < 0) {
		fail_msg("%s:%u:%u", VARLINK_FILE, line, column);
	}
	sd_varlink_interface_free(parsed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_and_file_agree),
		cmocka_unit_test(test_the_file_can_be_parsed),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
