/* SPDX-License-Identifier: MIT */
/*
 * Tells when the host wakes up from suspend. From the kernel itself, so that nothing depends on who
 * suspends it: a timer on the wall clock is cancelled then (and when the clock is set).
 */
#ifndef VX_LAUNCHER_DAEMON_RESUME_WATCH_H
#define VX_LAUNCHER_DAEMON_RESUME_WATCH_H

#include <stdint.h>
#include <systemd/sd-event.h>

struct resume_watch;

/* How long the host has been suspended since it was booted: to be compared. Nanoseconds. */
uint64_t resume_watch_suspended_ns(void);

/* NULL where the kernel can't; then resume_watch_suspended_ns() still tells. */
[[nodiscard]] struct resume_watch *resume_watch_create(
	sd_event *event, void (*resumed)(void *data), void *data);
void resume_watch_destroy(struct resume_watch *watch); /* NULL allowed */

#endif
