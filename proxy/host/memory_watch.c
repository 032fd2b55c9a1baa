/* SPDX-License-Identifier: MIT */
#include "proxy/host/memory_watch.h"

#include <string.h>
#include <wayland-server-core.h>

#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/link.h"

#define VX_LOG_MODULE "memory"

/* How often credit is given back: a guest can send no more than the window in that time. */
static constexpr int credit_ms = 250;

struct memory_watch {
	struct vx_link_channel *channel; /* owned; NULL: not open, or not listened to */
	struct wl_event_source *timer;   /* owned; when to give credit back */
	size_t owed;                     /* bytes that came since */
	uint8_t bytes[vx_memory_report_size];
	size_t size; /* of `bytes` that have come */
	struct vx_memory_report report;
	uint32_t count;
};

static int handle_timer(void *data)
{
	struct memory_watch *watch = data;
	if (watch->channel != nullptr && watch->owed > 0) {
		vx_link_channel_consume(watch->channel, watch->owed);
	}
	watch->owed = 0;
	return 0;
}

struct memory_watch *memory_watch_create(struct wl_event_loop *loop)
{
	struct memory_watch *watch = vx_new(watch);
	watch->timer = wl_event_loop_add_timer(loop, handle_timer, watch);
	return watch;
}

void memory_watch_destroy(struct memory_watch *watch)
{
	if (watch == nullptr) {
		return;
	}
	if (watch->channel != nullptr) {
		vx_link_channel_destroy(watch->channel, VX_LINK_REASON_CANCELLED);
	}
	wl_event_source_remove(watch->timer);
	free(watch);
}

static bool take_report(struct memory_watch *watch)
{
	vx_cleanup_error struct vx_error err = {};
	watch->size = 0;
	if (!vx_memory_decode(watch->bytes, &watch->report, &err)) {
		vx_log_warn("the guest sent %s, its memory is not watched any more",
			vx_error_message(&err));
		vx_link_channel_destroy(vx_take_ptr(watch->channel), VX_LINK_REASON_PROTOCOL);
		return false;
	}
	watch->count++;
	return true;
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct memory_watch *watch = data;
	if (watch->owed == 0) {
		wl_event_source_timer_update(watch->timer, credit_ms);
	}
	watch->owed += size;
	while (size > 0) {
		size_t missing = sizeof(watch->bytes) - watch->size;
		size_t part = size < missing ? size : missing;
		memcpy(watch->bytes + watch->size, untrusted_data, part);
		watch->size += part;
		untrusted_data += part;
		size -= part;
		if (watch->size == sizeof(watch->bytes) && !take_report(watch)) {
			return;
		}
	}
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
	struct memory_watch *watch = data;
	watch->channel = nullptr;
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_peer_finished,
	.closed = handle_closed,
};

void memory_watch_start(struct memory_watch *watch, struct vx_link *link)
{
	watch->channel = vx_link_channel_open(
		link, VX_MEMORY_SERVICE, vx_memory_window, &channel_listener, watch);
}

void memory_watch_ask(struct memory_watch *watch)
{
	/* Where the guest doesn't take it, enough were asked for already. */
	if (watch->channel != nullptr) {
		(void)vx_link_channel_send(watch->channel, "?", 1);
	}
}

struct vx_memory_report memory_watch_get(const struct memory_watch *watch, uint32_t *ret_count)
{
	*ret_count = watch->count;
	return watch->report;
}
