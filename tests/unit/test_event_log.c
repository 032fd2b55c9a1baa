/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "daemon/event_log.h"

static void test_entries_come_in_order(void **state)
{
	struct event_log *log = event_log_create();
	uint64_t position = 0;
	assert_null(event_log_read(log, &position));
	event_log_add(log, "a", "running", nullptr);
	event_log_add(log, "b", "failed", "why");
	const struct event_log_entry *first = event_log_read(log, &position);
	assert_string_equal(first->name, "a");
	assert_null(first->message);
	const struct event_log_entry *second = event_log_read(log, &position);
	assert_string_equal(second->message, "why");
	assert_true(second->time_us >= first->time_us && first->time_us > 0);
	assert_null(event_log_read(log, &position));
	assert_int_equal(position, 2);
	event_log_destroy(log);
}

static void test_a_slow_reader_misses_the_oldest(void **state)
{
	struct event_log *log = event_log_create();
	uint64_t position = 0;
	for (unsigned i = 0; i < event_log_max + 10; i++) {
		vx_cleanup_free char *name = vx_printf("vm%u", i);
		event_log_add(log, name, "running", nullptr);
	}
	assert_string_equal(event_log_read(log, &position)->name, "vm10");
	size_t count = 1;
	while (event_log_read(log, &position) != nullptr) {
		count++;
	}
	assert_int_equal(count, event_log_max);
	event_log_destroy(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries_come_in_order),
		cmocka_unit_test(test_a_slow_reader_misses_the_oldest),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
