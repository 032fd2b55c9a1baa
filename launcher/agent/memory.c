/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "memory"
#include "agent/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/link.h"
#include "proxy/link/memory.h"

/* 50 ms of waiting within 2 s; the kernel takes other windows from root only. */
static const char trigger[] = "some 50000 2000000";
/* As long as something changes, and for some more. */
static constexpr int report_ms = 1000;
static constexpr unsigned quiet_reports_max = 4;
static constexpr uint32_t change_permille = 20; /* of the total, in what is available */

struct memory {
	struct wl_event_loop *loop;      /* borrowed */
	struct vx_link_channel *channel; /* owned; NULL: nobody wants to know */
	int pressure_fd;                 /* owned; with the trigger; -1: not there */
	int epoll_fd;                    /* owned; readable when the trigger has fired */
	struct wl_event_source *source;  /* owned; of epoll_fd */
	struct wl_event_source *timer;   /* owned */
	unsigned quiet_reports;          /* since something changed */
	struct vx_memory_report last;
	unsigned long long waited_us; /* as of the last report */
	uint64_t told_at_us;
};

/* The number behind `key` at the beginning of a line, in KiB. */
static bool find_kib(const char *text, const char *key, uint32_t *ret_kib)
{
	size_t length = strlen(key);
	for (const char *line = text; line != nullptr && *line != '\0';) {
		if (strncmp(line, key, length) == 0) {
			char *end;
			unsigned long long kib = strtoull(line + length, &end, 10);
			*ret_kib = (uint32_t)(kib < vx_memory_total_max_kib
						      ? kib
						      : vx_memory_total_max_kib);
			return end != line + length;
		}
		line = strchr(line, '\n');
		line = line != nullptr ? line + 1 : nullptr;
	}
	return false;
}

bool memory_parse_meminfo(const char *text, struct vx_memory_report *ret_report)
{
	struct vx_memory_report report = {};
	if (!find_kib(text, "MemTotal:", &report.total_kib) ||
		!find_kib(text, "MemAvailable:", &report.available_kib)) {
		return false;
	}
	if (report.available_kib > report.total_kib) {
		report.available_kib = report.total_kib;
	}
	*ret_report = report;
	return true;
}

unsigned long long memory_parse_pressure(const char *text)
{
	const char *total = strncmp(text, "some ", 5) == 0 ? strstr(text, " total=") : nullptr;
	return total != nullptr ? strtoull(total + strlen(" total="), nullptr, 10) : 0;
}

static bool read_proc(const char *path, char *text, size_t size)
{
	vx_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd >= 0 ? read(fd, text, size - 1) : -1;
	text[count > 0 ? count : 0] = '\0';
	return count > 0;
}

/* Parts of 10000 of the time since the last report. */
static uint32_t take_pressure(struct memory *memory)
{
	char text[512];
	unsigned long long waited = read_proc("/proc/pressure/memory", text, sizeof(text))
					    ? memory_parse_pressure(text)
					    : 0;
	uint64_t now = vx_clock_ns() / 1000;
	uint64_t elapsed = now > memory->told_at_us ? now - memory->told_at_us : 1;
	uint64_t stalled = waited > memory->waited_us ? waited - memory->waited_us : 0;
	memory->waited_us = waited;
	memory->told_at_us = now;
	uint64_t share = stalled < elapsed ? stalled * vx_memory_pressure_max / elapsed
					   : vx_memory_pressure_max;
	return (uint32_t)share;
}

static bool differs(const struct vx_memory_report *a, const struct vx_memory_report *b)
{
	uint32_t high = a->available_kib > b->available_kib ? a->available_kib : b->available_kib;
	uint32_t low = a->available_kib > b->available_kib ? b->available_kib : a->available_kib;
	return a->total_kib != b->total_kib || a->pressure > 0 ||
	       high - low > a->total_kib / 1000 * change_permille;
}

/* What the host's half has no room for is not sent: a newer report follows, or it asks. */
static void tell(struct memory *memory)
{
	char text[4096];
	struct vx_memory_report report;
	if (memory->channel == nullptr || !read_proc("/proc/meminfo", text, sizeof(text)) ||
		!memory_parse_meminfo(text, &report)) {
		return;
	}
	report.pressure = take_pressure(memory);
	memory->quiet_reports = differs(&report, &memory->last) ? 0 : memory->quiet_reports + 1;
	uint8_t bytes[vx_memory_report_size];
	vx_memory_encode(&report, bytes);
	if (vx_link_channel_get_credit(memory->channel) >= sizeof(bytes)) {
		(void)vx_link_channel_send(memory->channel, bytes, sizeof(bytes));
		memory->last = report;
	}
}

static int handle_timer(void *data)
{
	struct memory *memory = data;
	tell(memory);
	if (memory->channel != nullptr && memory->quiet_reports < quiet_reports_max) {
		wl_event_source_timer_update(memory->timer, report_ms);
	}
	return 0;
}

static int handle_pressure(int fd, uint32_t mask, void *data)
{
	struct memory *memory = data;
	struct epoll_event event;
	(void)epoll_wait(fd, &event, 1, 0); /* it is readable until it was asked */
	memory->quiet_reports = 0;
	handle_timer(memory);
	return 0;
}

/* libwayland's loop doesn't know the kind of event that the trigger sends; an epoll in it does. */
static bool watch_pressure(struct memory *memory, struct vx_error *err)
{
	memory->pressure_fd = open("/proc/pressure/memory", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (memory->pressure_fd < 0 ||
		write(memory->pressure_fd, trigger, sizeof(trigger)) != sizeof(trigger)) {
		return vx_error_set_errno(err, errno, "the kernel tells of no memory pressure");
	}
	memory->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLPRI | EPOLLET};
	if (memory->epoll_fd < 0 ||
		epoll_ctl(memory->epoll_fd, EPOLL_CTL_ADD, memory->pressure_fd, &event) < 0) {
		return vx_error_set_errno(err, errno, "memory pressure can't be waited for");
	}
	memory->source = wl_event_loop_add_fd(
		memory->loop, memory->epoll_fd, WL_EVENT_READABLE, handle_pressure, memory);
	return memory->source != nullptr;
}

struct memory *memory_create(struct wl_event_loop *loop)
{
	struct memory *memory = vx_new(memory);
	memory->loop = loop;
	memory->pressure_fd = -1;
	memory->epoll_fd = -1;
	memory->timer = wl_event_loop_add_timer(loop, handle_timer, memory);
	vx_cleanup_error struct vx_error err = {};
	if (!watch_pressure(memory, &err)) {
		vx_log_info("%s, the host is told on request only", vx_error_message(&err));
	}
	return memory;
}

void memory_destroy(struct memory *memory)
{
	if (memory == nullptr) {
		return;
	}
	if (memory->channel != nullptr) {
		vx_link_channel_destroy(memory->channel, VX_LINK_REASON_CANCELLED);
	}
	if (memory->source != nullptr) {
		wl_event_source_remove(memory->source);
	}
	wl_event_source_remove(memory->timer);
	vx_replace_fd(&memory->epoll_fd, -1);
	vx_replace_fd(&memory->pressure_fd, -1);
	free(memory);
}

/* The host asks. */
static void handle_received(
	struct vx_link_channel *channel, const uint8_t *bytes, size_t size, void *data)
{
	vx_link_channel_consume(channel, size);
	tell(data);
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
}

static void handle_peer_finished(struct vx_link_channel *channel, void *data)
{
	vx_link_channel_finish(channel);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct memory *memory = data;
	memory->channel = nullptr;
	wl_event_source_timer_update(memory->timer, 0);
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_peer_finished,
	.closed = handle_closed,
};

void memory_accept(struct memory *memory, struct vx_link_channel *channel)
{
	if (memory->channel != nullptr) {
		vx_link_channel_destroy(memory->channel, VX_LINK_REASON_CANCELLED);
	}
	memory->channel = channel;
	vx_link_channel_set_listener(channel, &channel_listener, memory);
	tell(memory);
}
