/* SPDX-License-Identifier: MIT */
/*
 * A host that was suspended, as a program sees it: loaded before the C library. What a kernel does
 * on waking up is done by whoever writes eight bytes into the FIFO $FAKE_SUSPEND.wake, which stands
 * for every timer that is to be cancelled when the clock jumps. For how many seconds it slept all
 * in all is in the file $FAKE_SUSPEND: by so much CLOCK_BOOTTIME is ahead.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static long slept_seconds(void)
{
	const char *path = getenv("FAKE_SUSPEND");
	int fd = path != nullptr ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[32] = "";
	if (fd >= 0) {
		(void)!read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	return strtol(text, nullptr, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);
	if (result == 0 && clock == CLOCK_BOOTTIME) {
		now->tv_sec += slept_seconds();
	}
	return result;
}

/* Once: descriptors are watched from then on. */
static void replace_by_fifo(int timer)
{
	static bool is_replaced;
	const char *path = getenv("FAKE_SUSPEND");
	char fifo[256];
	if (is_replaced || path == nullptr) {
		return;
	}
	snprintf(fifo, sizeof(fifo), "%s.wake", path);
	int fd = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		is_replaced = dup3(fd, timer, O_CLOEXEC) == timer;
		close(fd);
	}
}

int timerfd_settime(
	int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old_value)
{
	if ((flags & TFD_TIMER_CANCEL_ON_SET) == 0) {
		return (int)syscall(SYS_timerfd_settime, fd, flags, new_value, old_value);
	}
	replace_by_fifo(fd);
	return 0;
}
