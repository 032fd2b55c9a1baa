/* SPDX-License-Identifier: MIT */
/*
 * What a vixos-proxy writes to its standard error, passed on to our log line by line. It may have
 * been taken over by its guest: lines are cut and escaped, and one that writes too much isn't read.
 */
#ifndef VX_LAUNCHER_DAEMON_PROXY_LOG_H
#define VX_LAUNCHER_DAEMON_PROXY_LOG_H

#include <stddef.h>
#include <systemd/sd-event.h>

static constexpr size_t proxy_log_line_max = 256;

struct proxy_log {
	const char *vm;                    /* borrowed; the VM's name */
	int fd;                            /* owned; the read end, or -1 */
	sd_event_source *source;           /* owned */
	char line[proxy_log_line_max + 1]; /* as yet without an end */
	size_t length;
	char last_line[proxy_log_line_max + 1];
};

/* Takes `fd`, which doesn't block. */
void proxy_log_open(struct proxy_log *log, sd_event *event, int fd);
/* The last line stays. */
void proxy_log_close(struct proxy_log *log);

/* Reads what is left, at the end of the process: why it ended, in its own words; "" where it said
 * nothing. Borrowed. */
const char *proxy_log_last_words(struct proxy_log *log);

#endif
