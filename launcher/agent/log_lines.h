/* SPDX-License-Identifier: MIT */
/* Output of detached programs on its way to the VM's log, a line at a time. Private to
 * launcher/agent. */
#ifndef VX_LAUNCHER_AGENT_LOG_LINES_H
#define VX_LAUNCHER_AGENT_LOG_LINES_H

#include <stddef.h>

static constexpr size_t log_line_max = 1000; /* longer lines are cut into pieces */

struct log_lines {
	int fd; /* borrowed, non-blocking; what it doesn't take at once is lost, and counted */
	char *prefix; /* owned */
	char line[log_line_max];
	size_t used;
	size_t lost;
};

void log_lines_init(struct log_lines *lines, int fd, const char *program);
void log_lines_write(struct log_lines *lines, const void *bytes, size_t size);

/* Writes the rest that has no newline. */
void log_lines_finish(struct log_lines *lines);

#endif
