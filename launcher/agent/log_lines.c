/* SPDX-License-Identifier: MIT */
#include "agent/log_lines.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/display_string.h"
#include "common/memory.h"

void log_lines_init(struct log_lines *lines, int fd, const char *program)
{
	const char *slash = strrchr(program, '/');
	vx_cleanup_free char *name = vx_display_app_id(slash == nullptr ? program : slash + 1);
	*lines = (struct log_lines){.fd = fd, .prefix = vx_printf("%s: ", name)};
}

static bool write_line(struct log_lines *lines, const char *text, size_t size)
{
	const struct iovec parts[] = {
		{.iov_base = lines->prefix, .iov_len = strlen(lines->prefix)},
		{.iov_base = (void *)text, .iov_len = size},
		{.iov_base = (char[]){'\n'}, .iov_len = 1},
	};
	return writev(lines->fd, parts, VX_ARRAY_LENGTH(parts)) > 0;
}

static void end_line(struct log_lines *lines)
{
	if (lines->lost > 0) {
		vx_cleanup_free char *note = vx_printf("(%zu lines lost)", lines->lost);
		lines->lost = write_line(lines, note, strlen(note)) ? 0 : lines->lost;
	}
	if (lines->lost > 0 || !write_line(lines, lines->line, lines->used)) {
		lines->lost++;
	}
	lines->used = 0;
}

void log_lines_write(struct log_lines *lines, const void *bytes, size_t size)
{
	const char *text = bytes;
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n') {
			end_line(lines);
			continue;
		}
		if (lines->used == log_line_max) {
			end_line(lines);
		}
		lines->line[lines->used++] = text[i];
	}
}

void log_lines_finish(struct log_lines *lines)
{
	if (lines->used > 0) {
		end_line(lines);
	}
	free(lines->prefix);
	*lines = (struct log_lines){.fd = -1};
}
