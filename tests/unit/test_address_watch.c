/* SPDX-License-Identifier: MIT */
/* That this machine's addresses change, in a network namespace where we may change them. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fd.h"
#include "common/interface.h"
#include "daemon/address_watch.h"

static constexpr uint64_t deadline_us = 10'000'000;

static void handle_changed(void *data)
{
	++*(unsigned *)data;
}

static int set_up(void **state)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

static void test_changes_are_told_once(void **state)
{
	unsigned count = 0;
	sd_event *event = nullptr;
	assert_true(sd_event_new(&event) >= 0);
	struct address_watch *watch = address_watch_create(event, handle_changed, &count);
	assert_non_null(watch);
	vx_cleanup_close int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct in_addr netmask = {.s_addr = UINT32_MAX};
	for (uint32_t i = 1; i <= 3; i++) {
		const struct in_addr address = {.s_addr = htonl(0xcb007100 + i)};
		assert_true(vx_interface_set_address(control, "lo", address, netmask));
	}
	while (count == 0) {
		assert_true(sd_event_run(event, deadline_us) > 0);
	}
	assert_int_equal(sd_event_run(event, 0), 0);
	assert_int_equal(count, 1);
	address_watch_destroy(watch);
	sd_event_unref(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes_are_told_once)};
	return cmocka_run_group_tests(tests, set_up, nullptr);
}
