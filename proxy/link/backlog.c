/* SPDX-License-Identifier: MIT */
#include "backlog.h"

#include "link.h"

void vx_link_backlog_init(struct vx_link_backlog *backlog, struct vx_link_channel *const *channel,
	size_t (*take)(void *data, const uint8_t *untrusted_bytes, size_t size), void *data)
{
	*backlog = (struct vx_link_backlog){
		.waiting.max_size = vx_link_window_max,
		.channel = channel,
		.take = take,
		.data = data,
	};
}

void vx_link_backlog_finish(struct vx_link_backlog *backlog)
{
	vx_buffer_finish(&backlog->waiting);
}

/* The channel may be gone once something was taken. */
static size_t take(struct vx_link_backlog *backlog, const uint8_t *untrusted_bytes, size_t size)
{
	size_t done = backlog->take(backlog->data, untrusted_bytes, size);
	if (done > 0 && *backlog->channel != nullptr) {
		vx_link_channel_consume(*backlog->channel, done);
	}
	return done;
}

bool vx_link_backlog_receive(
	struct vx_link_backlog *backlog, const uint8_t *untrusted_bytes, size_t size)
{
	size_t done = 0;
	if (backlog->waiting.size == 0) {
		done = take(backlog, untrusted_bytes, size);
	}
	if (done == size) {
		return true;
	}
	bool is_empty = backlog->waiting.size == 0;
	if (!vx_buffer_append(&backlog->waiting, untrusted_bytes + done, size - done)) {
		return false;
	}
	if (!is_empty) {
		vx_link_backlog_run(backlog);
	}
	return true;
}

void vx_link_backlog_run(struct vx_link_backlog *backlog)
{
	struct vx_buffer *waiting = &backlog->waiting;
	if (waiting->size > 0) {
		size_t done = take(backlog, vx_buffer_bytes(waiting), waiting->size);
		vx_buffer_consume(waiting, done);
	}
}
