/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "state.h"

#include "common/memory.h"
#include "proxy/link/little_endian.h"

static bool handle_hello(struct vx_link *link, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	struct link_hello untrusted_hello = link_frame_decode_hello(untrusted_payload);
	enum vx_link_role peer_role = link->role == VX_LINK_HOST ? VX_LINK_GUEST : VX_LINK_HOST;
	if (link->ready) {
		return link_break(link, "the peer said hello twice");
	}
	if (untrusted_hello.magic != link_frame_magic) {
		return link_break(link, "the peer does not speak the link protocol (bad magic)");
	}
	if (untrusted_hello.major != link_version_major) {
		return link_break(link,
			"the peer speaks version %u of the link protocol, we speak %u",
			untrusted_hello.major, link_version_major);
	}
	if (untrusted_hello.role != peer_role) {
		return link_break(link, "the peer has the wrong role (is the port echoing?)");
	}
	/* The minor version that counts is the smaller one. There is only 0 so far, so none to
	 * keep. */
	link->ready = true;
	uint32_t common_features = link->features & untrusted_hello.features;
	if (link->listener->ready != nullptr) {
		link->listener->ready(link, common_features, link->data);
	}
	return link_is_alive(link);
}

static bool handle_open(struct vx_link *link, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	uint32_t untrusted_window = vx_get_u32(untrusted_payload);
	const uint8_t *untrusted_name = untrusted_payload + 4;
	size_t name_length = header->length - 4;
	uint32_t peer_parity = link->role == VX_LINK_HOST ? 1 : 0;
	if (header->channel % 2 != peer_parity) {
		return link_break(link, "the peer opened channel %u, which is not its to open",
			header->channel);
	}
	if (link->channels[header->channel] != nullptr) {
		return link_break(
			link, "the peer opened channel %u, which is still in use", header->channel);
	}
	if (untrusted_window == 0 || untrusted_window > vx_link_window_max) {
		return link_break(link, "the peer opened a channel with a window of %u bytes",
			untrusted_window);
	}
	if (!link_service_is_valid(untrusted_name, name_length)) {
		return link_break(
			link, "the peer opened a channel with an impossible service name");
	}

	char service[vx_link_service_max + 1] = {};
	memcpy(service, untrusted_name, name_length);
	struct vx_link_channel *channel = link_channel_add(
		link, header->channel, untrusted_window, vx_link_window_default);
	/* It stays in the table at least until the peer's CLOSE, which cannot come inside this
	 * call. */
	if (link->listener->channel_opened != nullptr) {
		link->listener->channel_opened(link, channel, service, link->data);
	}
	if (!link_is_alive(link)) {
		return false;
	}
	if (channel->listener == nullptr) {
		vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
	}
	return true;
}

static bool handle_credit(struct vx_link_channel *channel, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	uint32_t untrusted_credit = vx_get_u32(untrusted_payload);
	struct vx_link *link = channel->link;
	if (untrusted_credit == 0 || untrusted_credit > channel->in_flight) {
		return link_break(link, "the peer gave %u bytes of credit back on channel %u of %u",
			untrusted_credit, channel->id, channel->in_flight);
	}
	channel->in_flight -= untrusted_credit;
	if (channel->wants_room) {
		link_id_set_add(&link->events, channel->id);
	}
	return true;
}

static bool handle_finish(struct vx_link_channel *channel, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	struct vx_link *link = channel->link;
	if (channel->peer_finished) {
		return link_break(link, "the peer finished channel %u twice", channel->id);
	}
	channel->peer_finished = true;
	link_id_set_add(&link->events, channel->id);
	if (channel->listener != nullptr && channel->listener->peer_finished != nullptr) {
		channel->listener->peer_finished(channel, channel->data);
	}
	return link_is_alive(link);
}

static bool handle_close(struct vx_link_channel *channel, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	uint32_t untrusted_reason = vx_get_u32(untrusted_payload);
	struct vx_link *link = channel->link;
	if (untrusted_reason >= VX_LINK_REASON_LINK_LOST) {
		return link_break(link, "the peer closed channel %u with the unknown reason %u",
			channel->id, untrusted_reason);
	}
	if (untrusted_reason == VX_LINK_REASON_NONE && !link_channel_is_finished(channel)) {
		return link_break(
			link, "the peer closed channel %u before both sides finished", channel->id);
	}
	enum vx_link_reason reason = (enum vx_link_reason)untrusted_reason;
	channel->peer_closed = true;
	link_channel_drop_queue(channel);
	if (channel->close_sent) {
		link_channel_remove(channel);
		return true;
	}
	link_channel_tell_closed(channel, reason);
	if (!link_is_alive(link)) {
		return false;
	}
	/* Only now: a flush inside the callback must not send the CLOSE that frees the channel. */
	link_channel_want_close(channel, reason);
	return true;
}

static bool handle_ping(struct vx_link *link, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	if (link->pong_pending) {
		return link_break(
			link, "the peer sent a ping before it had the answer to the last one");
	}
	link->pong_pending = true;
	link->pong_token = vx_get_u64(untrusted_payload);
	return true;
}

static bool handle_pong(struct vx_link *link, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	if (!link->ping_outstanding || vx_get_u64(untrusted_payload) != link->ping_token) {
		return link_break(link, "the peer answered a ping that we did not send");
	}
	link->ping_outstanding = false;
	return true;
}

/* A DATA frame begins; its bytes are handed on as they come. */
static bool handle_data(struct vx_link_channel *channel, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	struct vx_link *link = channel->link;
	if (channel->peer_finished) {
		return link_break(
			link, "the peer sent data on channel %u after it finished", channel->id);
	}
	if (header->length > channel->receive_credit) {
		return link_break(link, "the peer sent %u bytes on channel %u with a credit of %u",
			header->length, channel->id, channel->receive_credit);
	}
	channel->receive_credit -= header->length;
	link->data_channel = channel->id;
	link->data_left = header->length;
	return true;
}

/* Hands on what is there of the DATA frame; returns how many bytes that is. */
static size_t deliver_data(struct vx_link *link, const uint8_t *untrusted_data, size_t size)
{
	size_t piece = size < link->data_left ? size : link->data_left;
	/* It's there: an id is freed by the peer's CLOSE at the earliest, which comes after this
	 * frame. */
	struct vx_link_channel *channel = link->channels[link->data_channel];
	link->data_left -= (uint32_t)piece;
	if (channel->told) {
		return piece;
	}
	channel->unconsumed += (uint32_t)piece;
	if (link_channel_credit_is_due(channel)) {
		link_id_set_add(&link->active, channel->id);
	}
	if (channel->listener != nullptr && channel->listener->received != nullptr) {
		channel->listener->received(channel, untrusted_data, piece, channel->data);
	}
	return piece;
}

static bool (*const link_handlers[])(struct vx_link *link, const struct link_frame_header *header,
	const uint8_t *untrusted_payload) = {
	[LINK_FRAME_HELLO] = handle_hello,
	[LINK_FRAME_OPEN] = handle_open,
	[LINK_FRAME_PING] = handle_ping,
	[LINK_FRAME_PONG] = handle_pong,
};
static_assert(VX_ARRAY_LENGTH(link_handlers) == LINK_FRAME_COUNT);

static bool (*const channel_handlers[])(struct vx_link_channel *channel,
	const struct link_frame_header *header, const uint8_t *untrusted_payload) = {
	[LINK_FRAME_DATA] = handle_data,
	[LINK_FRAME_CREDIT] = handle_credit,
	[LINK_FRAME_FINISH] = handle_finish,
	[LINK_FRAME_CLOSE] = handle_close,
};
static_assert(VX_ARRAY_LENGTH(channel_handlers) == LINK_FRAME_CLOSE + 1);

/* Types are in range: link_frame_decode_header() saw to it. */
static bool handle_frame(struct vx_link *link, const struct link_frame_header *header,
	const uint8_t *untrusted_payload)
{
	if (!link->ready && header->type != LINK_FRAME_HELLO) {
		return link_break(link, "the peer did not say hello first");
	}
	if (link_handlers[header->type] != nullptr) {
		return link_handlers[header->type](link, header, untrusted_payload);
	}
	struct vx_link_channel *channel = link->channels[header->channel];
	if (channel == nullptr || channel->peer_closed || channel->open_pending) {
		return link_break(link, "the peer sent a frame on channel %u, which is not open",
			header->channel);
	}
	return channel_handlers[header->type](channel, header, untrusted_payload);
}

/*
 * Handles one frame, or a part of a DATA frame, at the front of `untrusted_bytes`. Returns how many
 * bytes that took; 0 when there are too few, or the link ended.
 */
static size_t input_step(struct vx_link *link, const uint8_t *untrusted_bytes, size_t size)
{
	if (link->data_left > 0) {
		return deliver_data(link, untrusted_bytes, size);
	}
	if (size < link_frame_header_size) {
		return 0;
	}
	struct link_frame_header header;
	if (!link_frame_decode_header(untrusted_bytes, &header)) {
		link_break(link, link->ready ? "the peer sent a malformed frame"
					     : "the peer does not speak the link protocol");
		return 0;
	}
	size_t whole = link_frame_header_size;
	if (header.type != LINK_FRAME_DATA) {
		whole += header.length;
	}
	if (size < whole) {
		return 0;
	}
	return handle_frame(link, &header, untrusted_bytes + link_frame_header_size) ? whole : 0;
}

static void input_handle(struct vx_link *link)
{
	size_t used = 0;
	while (link_is_alive(link) && used < link->input_used) {
		size_t step = input_step(link, link->input + used, link->input_used - used);
		if (step == 0) {
			break;
		}
		used += step;
	}
	/* What remains is less than a control frame. */
	link->input_used -= used;
	memmove(link->input, link->input + used, link->input_used);
}

/* Returns the number of bytes read and handled; 0 when there are none for now, or the link ended.
 */
static size_t input_read(struct vx_link *link)
{
	ssize_t count = read(
		link->fd, link->input + link->input_used, link_input_size - link->input_used);
	if (count > 0) {
		link->input_used += (size_t)count;
		input_handle(link);
		return (size_t)count;
	}
	if (count == 0) {
		link_break(link, "the other side hung up");
	} else if (errno != EAGAIN && errno != EINTR) {
		link_break(link, "can't read from the link: %s", strerror(errno));
	} else if (link->output_dead) {
		link_break(link, "can't write to the link");
	}
	return 0;
}

void link_input_dispatch(struct vx_link *link)
{
	/* A socket gives all there is at once; a virtio-serial port one page a read, however much
	 * waits. */
	constexpr size_t page = 4096;
	size_t total = 0;
	size_t count;
	do {
		count = input_read(link);
		total += count;
	} while (!link->is_socket && count >= page && total < link_input_size &&
		 link_is_alive(link));
}
