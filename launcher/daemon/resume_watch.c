/* SPDX-License-Identifier: MIT */
#include "daemon/resume_watch.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"

struct resume_watch {
	int fd;                  /* owned */
	sd_event_source *source; /* owned */
	void (*resumed)(void *data);
	void *data;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1'000'000'000 + (uint64_t)now.tv_nsec;
}

uint64_t resume_watch_suspended_ns(void)
{
	/* CLOCK_MONOTONIC stands still meanwhile. Read first, or the difference could be negative.
	 */
	uint64_t awake = clock_ns(CLOCK_MONOTONIC);
	return clock_ns(CLOCK_BOOTTIME) - awake;
}

/* For a time that never comes: it is the cancellation that counts. */
static bool arm(int fd)
{
	const struct itimerspec never = {.it_value.tv_sec = 9'000'000'000}; /* of the year 2255 */
	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) ==
		       0 ||
	       errno == ECANCELED;
}

static int handle_timer(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct resume_watch *watch = data;
	uint64_t count;
	(void)!read(fd, &count, sizeof(count));
	(void)arm(fd);
	watch->resumed(watch->data);
	return 0;
}

struct resume_watch *resume_watch_create(sd_event *event, void (*resumed)(void *data), void *data)
{
	struct resume_watch *watch = vx_new(watch);
	*watch = (struct resume_watch){.resumed = resumed, .data = data};
	watch->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watch->fd < 0 || !arm(watch->fd) ||
		sd_event_add_io(event, &watch->source, watch->fd, EPOLLIN, handle_timer, watch) <
			0) {
		resume_watch_destroy(watch);
		return nullptr;
	}
	return watch;
}

void resume_watch_destroy(struct resume_watch *watch)
{
	if (watch == nullptr) {
		return;
	}
	sd_event_source_disable_unref(watch->source);
	vx_replace_fd(&watch->fd, -1);
	free(watch);
}
