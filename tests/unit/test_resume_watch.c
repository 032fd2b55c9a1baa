/* SPDX-License-Identifier: MIT */
/* That the host wakes up: what the kernel is asked for. tests/vm suspends what vixosd sees of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

#include <cmocka.h>

#include "common/fd.h"
#include "daemon/resume_watch.h"

static constexpr int descriptors_max = 64;
static constexpr uint64_t a_second_ns = 1'000'000'000;

static void handle_resumed(void *data)
{
	++*(unsigned *)data;
}

/* What the kernel says of the process' timer on the wall clock; owned by the caller. */
static char *wall_clock_timer(void)
{
	for (int fd = 0; fd < descriptors_max; fd++) {
		vx_cleanup_free char *path = vx_printf("/proc/self/fdinfo/%d", fd);
		char *info = vx_read_file(path, 4096, nullptr, nullptr);
		if (info != nullptr && strstr(info, "clockid: 0\n") != nullptr) {
			return info;
		}
		free(info);
	}
	return nullptr;
}

static void test_the_kernel_is_to_tell(void **state)
{
	unsigned count = 0;
	sd_event *event = nullptr;
	assert_true(sd_event_new(&event) >= 0);
	struct resume_watch *watch = resume_watch_create(event, handle_resumed, &count);
	assert_non_null(watch);
	vx_cleanup_free char *info = wall_clock_timer();
	assert_non_null(info);
	const char *flags = strstr(info, "settime flags: ");
	assert_non_null(flags);
	assert_int_equal(strtoul(flags + strlen("settime flags: "), nullptr, 8),
		TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
	assert_int_equal(sd_event_run(event, 0), 0);
	assert_int_equal(count, 0);
	resume_watch_destroy(watch);
	assert_null(wall_clock_timer());
	sd_event_unref(event);
}

static void test_what_it_slept_stays_the_same_while_it_is_awake(void **state)
{
	uint64_t before = resume_watch_suspended_ns();
	uint64_t after = resume_watch_suspended_ns();
	assert_true(after + a_second_ns > before && after < before + a_second_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_kernel_is_to_tell),
		cmocka_unit_test(test_what_it_slept_stays_the_same_while_it_is_awake),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
