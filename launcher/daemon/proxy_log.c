/* SPDX-License-Identifier: MIT */
#include "daemon/proxy_log.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define VX_LOG_MODULE "proxy"
#include "common/fd.h"
#include "common/log.h"

/* A proxy that logs more than this is not listened to; it never blocks on that. */
static constexpr uint64_t interval_us = 1'000'000;
static constexpr unsigned reads_per_interval = 20;

static void end_line(struct proxy_log *log)
{
	if (log->length == 0) {
		return;
	}
	log->line[log->length] = '\0';
	log->length = 0;
	memcpy(log->last_line, log->line, sizeof(log->line));
	vx_log_untrusted(VX_LOG_INFO, log->vm, log->line, strlen(log->line));
}

static void take_bytes(struct proxy_log *log, const char *untrusted_bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char byte = untrusted_bytes[i];
		if (byte == '\n') {
			end_line(log);
		} else if (log->length < proxy_log_line_max) {
			bool is_plain = byte >= 0x20 && byte < 0x7f;
			log->line[log->length++] = is_plain ? byte : '?';
		}
	}
}

/* False at the end of the log. */
static bool read_some(struct proxy_log *log)
{
	char untrusted_bytes[2048];
	ssize_t size = read(log->fd, untrusted_bytes, sizeof(untrusted_bytes));
	if (size > 0) {
		take_bytes(log, untrusted_bytes, (size_t)size);
	}
	return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

static int handle_readable(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct proxy_log *log = data;
	if (!read_some(log)) {
		proxy_log_close(log);
	}
	return 0;
}

void proxy_log_open(struct proxy_log *log, sd_event *event, int fd)
{
	log->fd = fd;
	log->length = 0;
	log->last_line[0] = '\0';
	if (sd_event_add_io(event, &log->source, fd, EPOLLIN, handle_readable, log) >= 0) {
		(void)sd_event_source_set_ratelimit(log->source, interval_us, reads_per_interval);
	}
}

void proxy_log_close(struct proxy_log *log)
{
	log->source = sd_event_source_disable_unref(log->source);
	vx_replace_fd(&log->fd, -1);
	log->length = 0;
}

const char *proxy_log_last_words(struct proxy_log *log)
{
	if (log->fd >= 0) {
		(void)read_some(log);
		end_line(log);
	}
	/* "vixos-proxy: error: [module] text" without what comes before the text. */
	const char *text = strstr(log->last_line, "] ");
	return text != nullptr ? text + 2 : log->last_line;
}
