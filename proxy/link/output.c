/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "state.h"

/* A turn starts only where its control frames and a piece of data that is worth it fit. */
static constexpr size_t turn_room_min = 4096;
/* How long a frame is where others wait: 16 KiB take a virtio-serial port about 0.2 ms. */
static constexpr size_t shared_payload_max = 16 * 1024;
static constexpr unsigned flush_rounds_max = 16;

static size_t stage_room(const struct vx_link *link)
{
	return link_stage_size - link->stage_end;
}

static uint8_t *stage_end(struct vx_link *link)
{
	return link->stage + link->stage_end;
}

void link_output_put_hello(struct vx_link *link)
{
	struct link_hello hello = {
		.magic = link_frame_magic,
		.major = link_version_major,
		.minor = link_version_minor,
		.features = link->features,
		.role = (uint8_t)link->role,
	};
	link->stage_end += link_frame_encode_hello(stage_end(link), &hello);
}

static void put_open(struct vx_link *link, struct vx_link_channel *channel)
{
	channel->open_pending = false;
	link->stage_end += link_frame_encode_open(
		stage_end(link), channel->id, channel->receive_window, channel->service);
}

static void put_credit(struct vx_link *link, struct vx_link_channel *channel)
{
	link->stage_end += link_frame_encode_u32(
		stage_end(link), LINK_FRAME_CREDIT, channel->id, channel->returnable);
	channel->receive_credit += channel->returnable;
	channel->returnable = 0;
}

static void put_data(struct vx_link *link, struct vx_link_channel *channel, size_t payload_max)
{
	size_t room = stage_room(link) - link_frame_header_size;
	size_t size = channel->queue.size;
	size = size < payload_max ? size : payload_max;
	size = size < room ? size : room;
	link->stage_end += link_frame_encode_header(
		stage_end(link), LINK_FRAME_DATA, channel->id, size);
	link_ring_take(&channel->queue, stage_end(link), size);
	link->stage_end += size;
	link->queued -= size;
	channel->in_flight += (uint32_t)size;
	if (channel->queue.size == 0 && link->queue_capacity > link_queued_max) {
		link_channel_drop_queue(channel);
	}
}

static void put_finish(struct vx_link *link, struct vx_link_channel *channel)
{
	channel->finish_sent = true;
	link->stage_end += link_frame_encode_header(
		stage_end(link), LINK_FRAME_FINISH, channel->id, 0);
	if (channel->peer_finished) {
		link_id_set_add(&link->events, channel->id);
	}
}

static void put_close(struct vx_link *link, struct vx_link_channel *channel)
{
	channel->close_sent = true;
	link->stage_end += link_frame_encode_u32(
		stage_end(link), LINK_FRAME_CLOSE, channel->id, channel->close_reason);
}

/*
 * One turn: control frames, one frame of data, and the end of the channel once no data is left.
 * May remove the channel.
 */
static void take_turn(struct vx_link *link, struct vx_link_channel *channel, size_t payload_max)
{
	link_id_set_remove(&link->active, channel->id);
	if (channel->open_pending) {
		put_open(link, channel);
	}
	if (link_channel_credit_is_due(channel)) {
		put_credit(link, channel);
	}
	if (channel->queue.size > 0) {
		put_data(link, channel, payload_max);
	}
	if (channel->queue.size > 0) {
		link_id_set_add(&link->active, channel->id);
		return;
	}
	bool is_reset = channel->close_wanted && channel->close_reason != VX_LINK_REASON_NONE;
	if (channel->finish_wanted && !channel->finish_sent && !is_reset) {
		put_finish(link, channel);
	}
	if (channel->close_wanted && !channel->close_sent) {
		put_close(link, channel);
		if (channel->peer_closed) {
			link_channel_remove(channel);
		}
	}
}

static void put_pings(struct vx_link *link)
{
	if (link->ping_pending) {
		link->ping_pending = false;
		link->stage_end += link_frame_encode_token(
			stage_end(link), LINK_FRAME_PING, link->ping_token);
	}
	if (link->pong_pending) {
		link->pong_pending = false;
		link->stage_end += link_frame_encode_token(
			stage_end(link), LINK_FRAME_PONG, link->pong_token);
	}
}

/* After the queues went down: who was refused room by the link as a whole is told. */
static void offer_room(struct vx_link *link)
{
	if (!link->room_wanted || link->queued > link_queued_max / 2) {
		return;
	}
	link->room_wanted = false;
	for (uint32_t id = 0; id < vx_link_channels_max; id++) {
		if (link->channels[id] != nullptr && link->channels[id]->wants_room) {
			link_id_set_add(&link->events, id);
		}
	}
}

/* Fills the empty stage. */
static void stage_fill(struct vx_link *link)
{
	link->stage_start = 0;
	link->stage_end = 0;
	put_pings(link);
	while (stage_room(link) >= turn_room_min) {
		uint32_t id = link_id_set_next(&link->active, link->turn);
		if (id == link_id_none) {
			break;
		}
		bool is_alone = link_id_set_next(&link->active, id) == id;
		link->turn = id;
		take_turn(link, link->channels[id],
			is_alone ? vx_link_frame_payload_max : shared_payload_max);
	}
	offer_room(link);
}

/* False where the fd takes no more for now, or ever. */
static bool stage_write(struct vx_link *link)
{
	const uint8_t *bytes = link->stage + link->stage_start;
	size_t size = link->stage_end - link->stage_start;
	ssize_t written = link->is_socket ? send(link->fd, bytes, size, MSG_NOSIGNAL)
					  : write(link->fd, bytes, size);
	if (written >= 0) {
		link->stage_start += (size_t)written;
		/* A socket that takes a part is full; a virtio-serial port takes 32 KiB a write. */
		return link->stage_start == link->stage_end || (!link->is_socket && written > 0);
	}
	if (errno != EAGAIN && errno != EINTR) {
		/* What the peer sent before it went is still worth reading; dispatch ends the link.
		 */
		vx_error_set_errno(&link->failure, errno, "can't write to the link");
		link->output_dead = true;
	}
	return false;
}

bool link_output_is_pending(const struct vx_link *link)
{
	return link->stage_start < link->stage_end || link->ping_pending || link->pong_pending ||
	       !link_id_set_is_empty(&link->active);
}

void link_output_flush(struct vx_link *link)
{
	for (unsigned round = 0; round < flush_rounds_max && !link->output_dead; round++) {
		if (link->stage_start == link->stage_end) {
			stage_fill(link);
		}
		if (link->stage_start == link->stage_end || !stage_write(link)) {
			return;
		}
	}
}
