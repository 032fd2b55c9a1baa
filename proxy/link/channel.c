/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include <string.h>

#include "state.h"

#include "common/log.h"
#include "common/memory.h"

struct vx_link_channel *link_channel_add(
	struct vx_link *link, uint32_t id, uint32_t send_window, uint32_t receive_window)
{
	vx_assert(id < vx_link_channels_max && link->channels[id] == nullptr);
	struct vx_link_channel *channel = vx_new(channel);
	*channel = (struct vx_link_channel){
		.link = link,
		.id = id,
		.send_window = send_window,
		.receive_window = receive_window,
		.receive_credit = receive_window,
	};
	link->channels[id] = channel;
	return channel;
}

void link_channel_drop_queue(struct vx_link_channel *channel)
{
	struct vx_link *link = channel->link;
	link->queued -= channel->queue.size;
	link->queue_capacity -= channel->queue.capacity;
	link_ring_finish(&channel->queue);
}

static void channel_detach(struct vx_link_channel *channel)
{
	struct vx_link *link = channel->link;
	link_channel_drop_queue(channel);
	link_id_set_remove(&link->active, channel->id);
	link_id_set_remove(&link->events, channel->id);
	link->channels[channel->id] = nullptr;
}

void link_channel_remove(struct vx_link_channel *channel)
{
	channel_detach(channel);
	free(channel);
}

bool link_channel_is_finished(const struct vx_link_channel *channel)
{
	return channel->finish_sent && channel->peer_finished;
}

bool link_channel_credit_is_due(const struct vx_link_channel *channel)
{
	/*
	 * A quarter of the window at a time keeps CREDIT frames rare. Where the peer is about to
	 * run dry every byte counts: our user may be waiting for the rest of a message.
	 */
	uint32_t quarter = channel->receive_window / 4;
	return channel->returnable > 0 && !channel->peer_finished && !channel->told &&
	       (channel->returnable >= quarter || channel->receive_credit <= quarter);
}

void link_channel_want_close(struct vx_link_channel *channel, enum vx_link_reason reason)
{
	channel->close_wanted = true;
	channel->close_reason = reason;
	link_id_set_add(&channel->link->active, channel->id);
}

void link_channel_tell_closed(struct vx_link_channel *channel, enum vx_link_reason reason)
{
	if (channel->told) {
		return;
	}
	const struct vx_link_channel_listener *listener = vx_take_ptr(channel->listener);
	channel->told = true;
	if (listener != nullptr && listener->closed != nullptr) {
		listener->closed(channel, reason, channel->data);
	}
}

void link_channel_lose_all(struct vx_link *link)
{
	for (uint32_t id = 0; id < vx_link_channels_max; id++) {
		/*
		 * The callback may destroy any channel that is still in the table, or the link,
		 * which brings us here a second time: this one must be out of the table by then.
		 */
		struct vx_link_channel *channel = link->channels[id];
		if (channel != nullptr) {
			channel_detach(channel);
			link_channel_tell_closed(channel, VX_LINK_REASON_LINK_LOST);
			free(channel);
		}
	}
}

static void channel_run_event(struct vx_link_channel *channel)
{
	if (channel->told) {
		return;
	}
	if (link_channel_is_finished(channel)) {
		link_channel_want_close(channel, VX_LINK_REASON_NONE);
		link_channel_tell_closed(channel, VX_LINK_REASON_NONE);
		return;
	}
	if (vx_link_channel_get_credit(channel) == 0) {
		/* Where it's the link as a whole that is full, output.c comes back with room. */
		struct vx_link *link = channel->link;
		link->room_wanted |= channel->wants_room && link->queued == link_queued_max;
	} else if (channel->wants_room) {
		channel->wants_room = false;
		if (channel->listener != nullptr && channel->listener->writable != nullptr) {
			channel->listener->writable(channel, channel->data);
		}
	}
}

void link_channel_run_events(struct vx_link *link)
{
	/* One round: what callbacks add behind the cursor waits for the next call. */
	for (uint32_t id = link_id_set_find(&link->events, 0); id != link_id_none;
		id = link_id_set_find(&link->events, id + 1)) {
		link_id_set_remove(&link->events, id);
		channel_run_event(link->channels[id]);
		if (!link_is_alive(link)) {
			return;
		}
	}
}

static uint32_t link_find_free_id(const struct vx_link *link)
{
	uint32_t parity = link->role == VX_LINK_HOST ? 0 : 1;
	uint32_t id = link->last_opened;
	for (size_t i = 0; i < vx_link_channels_max / 2; i++) {
		/* In a circle, so that an id rests as long as possible: kinder to whoever reads
		 * traces. */
		id = (id + 2) % vx_link_channels_max;
		if (id % 2 != parity) {
			id = parity;
		}
		if (id != 0 && link->channels[id] == nullptr) {
			return id;
		}
	}
	return link_id_none;
}

struct vx_link_channel *vx_link_channel_open(struct vx_link *link, const char *service,
	uint32_t window, const struct vx_link_channel_listener *listener, void *data)
{
	size_t length = strlen(service);
	vx_assert(link_service_is_valid((const uint8_t *)service, length));
	vx_assert(window > 0 && window <= vx_link_window_max);
	if (!link_is_alive(link)) {
		return nullptr;
	}
	uint32_t id = link_find_free_id(link);
	if (id == link_id_none) {
		return nullptr;
	}
	struct vx_link_channel *channel = link_channel_add(
		link, id, vx_link_window_default, window);
	memcpy(channel->service, service, length + 1);
	channel->open_pending = true;
	channel->listener = listener;
	channel->data = data;
	link->last_opened = id;
	link_id_set_add(&link->active, id);
	return link_update_interest(link) ? channel : nullptr;
}

void vx_link_channel_set_listener(struct vx_link_channel *channel,
	const struct vx_link_channel_listener *listener, void *data)
{
	channel->listener = listener;
	channel->data = data;
}

size_t vx_link_channel_get_credit(const struct vx_link_channel *channel)
{
	const struct vx_link *link = channel->link;
	if (channel->told || channel->finish_wanted || !link_is_alive(link)) {
		return 0;
	}
	size_t credit = channel->send_window - channel->in_flight - channel->queue.size;
	size_t room = link_queued_max - link->queued;
	return credit < room ? credit : room;
}

size_t vx_link_channel_send(struct vx_link_channel *channel, const void *bytes, size_t size)
{
	struct vx_link *link = channel->link;
	size_t credit = vx_link_channel_get_credit(channel);
	size_t taken = size < credit ? size : credit;
	if (taken < size) {
		channel->wants_room = true;
		link->room_wanted |= link->queued + taken == link_queued_max;
	}
	if (taken == 0) {
		return 0;
	}
	link->queue_capacity -= channel->queue.capacity;
	link_ring_append(&channel->queue, bytes, taken);
	link->queue_capacity += channel->queue.capacity;
	link->queued += taken;
	link_id_set_add(&link->active, channel->id);
	link_update_interest(link);
	return taken;
}

void vx_link_channel_consume(struct vx_link_channel *channel, size_t size)
{
	vx_assert(size <= channel->unconsumed);
	channel->unconsumed -= (uint32_t)size;
	channel->returnable += (uint32_t)size;
	if (link_channel_credit_is_due(channel)) {
		link_id_set_add(&channel->link->active, channel->id);
		link_update_interest(channel->link);
	}
}

void vx_link_channel_finish(struct vx_link_channel *channel)
{
	if (channel->finish_wanted || channel->told) {
		return;
	}
	channel->finish_wanted = true;
	channel->wants_room = false;
	link_id_set_add(&channel->link->active, channel->id);
	link_update_interest(channel->link);
}

void vx_link_channel_destroy(struct vx_link_channel *channel, enum vx_link_reason reason)
{
	struct vx_link *link = channel->link;
	if (channel->told) {
		return;
	}
	channel->told = true;
	channel->listener = nullptr;
	if (channel->open_pending || link->lost || link->destroyed) {
		/* The peer never heard of it, or never will hear more. */
		link_channel_remove(channel);
	} else if (channel->finish_wanted && channel->peer_finished) {
		link_channel_want_close(channel, VX_LINK_REASON_NONE);
	} else {
		bool sendable = reason != VX_LINK_REASON_NONE && reason < VX_LINK_REASON_LINK_LOST;
		link_channel_drop_queue(channel);
		link_channel_want_close(channel, sendable ? reason : VX_LINK_REASON_CANCELLED);
	}
	link_update_interest(link);
}

struct vx_link *vx_link_channel_get_link(const struct vx_link_channel *channel)
{
	return channel->link;
}

void *vx_link_channel_get_data(const struct vx_link_channel *channel)
{
	return channel->data;
}
