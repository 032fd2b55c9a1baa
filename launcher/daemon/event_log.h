/* SPDX-License-Identifier: MIT */
/* What has happened to VMs, for those who follow it: the last few hundred changes of state. */
#ifndef VX_LAUNCHER_DAEMON_EVENT_LOG_H
#define VX_LAUNCHER_DAEMON_EVENT_LOG_H

#include <stddef.h>
#include <stdint.h>

static constexpr size_t event_log_max = 512;

struct event_log_entry {
	uint64_t time_us;  /* CLOCK_REALTIME */
	char *name;        /* owned; of the VM */
	const char *state; /* static */
	char *message;     /* owned; may be NULL */
};

struct event_log {
	struct event_log_entry entries[event_log_max]; /* entry number n is at n % event_log_max */
	uint64_t next;                                 /* number of the next */
};

[[nodiscard, gnu::returns_nonnull]] struct event_log *event_log_create(void);
void event_log_destroy(struct event_log *log); /* NULL allowed */

/* Copies `name` and `message`, which may be NULL; `state` is static. */
void event_log_add(struct event_log *log, const char *name, const char *state, const char *message);

/* The entry number `*number`, or the oldest where that is gone, and the number behind it. NULL
 * where there is none yet. */
const struct event_log_entry *event_log_read(const struct event_log *log, uint64_t *number);

#endif
