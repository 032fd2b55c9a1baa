/* SPDX-License-Identifier: MIT */
/*
 * A link against an arbitrary peer. Input: u8 (bit 0: our role, bit 1: leave the peer's hello to
 * the input, bit 2: the peer doesn't read), u8 size of the pieces in which the stream comes, u8
 * seed of what we do meanwhile; then the peer's stream.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/link.h"
#include "proxy/link/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static constexpr size_t prefix_size = 3;

struct fuzz {
	struct vx_link *link; /* NULL once destroyed */
	uint32_t random;
	unsigned lost_count;
	struct vx_buffer output; /* what the link wrote and was not yet looked at; owned */
};

static uint32_t fuzz_random(struct fuzz *fuzz)
{
	fuzz->random = fuzz->random * 1664525 + 1013904223;
	return fuzz->random >> 16;
}

/* What a user may do at any time with a channel. */
static void act(struct fuzz *fuzz, struct vx_link_channel *channel)
{
	static const uint8_t bytes[70000];
	switch (fuzz_random(fuzz) % 8) {
	case 0:
	case 1:
		(void)vx_link_channel_send(channel, bytes, fuzz_random(fuzz) % 64);
		break;
	case 2:
		(void)vx_link_channel_send(channel, bytes, sizeof(bytes));
		break;
	case 3:
		vx_link_channel_finish(channel);
		break;
	case 4:
		vx_link_flush(fuzz->link);
		break;
	case 5:
		if (fuzz_random(fuzz) % 4 == 0) {
			vx_link_channel_destroy(
				channel, (enum vx_link_reason)(fuzz_random(fuzz) % 8));
		}
		break;
	case 6:
		if (fuzz_random(fuzz) % 64 == 0) {
			vx_link_destroy(vx_take_ptr(fuzz->link));
		}
		break;
	default:
		(void)vx_link_ping(fuzz->link);
		break;
	}
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct fuzz *fuzz = data;
	uint8_t sum = 0;
	for (size_t i = 0; i < size; i++) {
		sum ^= untrusted_data[i];
	}
	fuzz->random += sum;
	if (fuzz_random(fuzz) % 2 == 0) {
		vx_link_channel_consume(channel, size);
	}
	act(fuzz, channel);
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
	act(data, channel);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct fuzz *fuzz = data;
	if (fuzz->link != nullptr) {
		act(fuzz, channel);
	}
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_writable,
	.closed = handle_closed,
};

static void handle_ready(struct vx_link *link, uint32_t common_features, void *data)
{
	(void)vx_link_channel_open(
		link, "mine", 1 + common_features % 4096, &channel_listener, data);
}

static void handle_channel_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	struct fuzz *fuzz = data;
	vx_assert(
		strlen(untrusted_service) > 0 && strlen(untrusted_service) <= vx_link_service_max);
	if (fuzz_random(fuzz) % 8 != 0) {
		vx_link_channel_set_listener(channel, &channel_listener, fuzz);
		act(fuzz, channel);
	}
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
	struct fuzz *fuzz = data;
	vx_assert(reason->message != nullptr);
	fuzz->lost_count++;
	vx_assert(fuzz->lost_count == 1);
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready,
	.channel_opened = handle_channel_opened,
	.lost = handle_lost,
};

static void check_channel(const struct vx_link *link, const struct vx_link_channel *channel)
{
	bool is_arriving = link->data_left > 0 && link->data_channel == channel->id;
	vx_assert(channel->in_flight + channel->queue.size <= channel->send_window);
	vx_assert(channel->told || channel->receive_credit + channel->unconsumed +
						   channel->returnable +
						   (is_arriving ? link->data_left : 0) ==
					   channel->receive_window);
	vx_assert(!(channel->close_sent && channel->peer_closed));
}

static void check_link(const struct vx_link *link)
{
	size_t queued = 0;
	for (uint32_t id = 0; id < vx_link_channels_max; id++) {
		if (link->channels[id] != nullptr) {
			check_channel(link, link->channels[id]);
			queued += link->channels[id]->queue.size;
		}
	}
	vx_assert(queued == link->queued && queued <= link_queued_max);
}

/* Whatever the peer does, what we send is well-formed. */
static void check_output(struct fuzz *fuzz, int peer)
{
	uint8_t bytes[65536];
	for (ssize_t count = read(peer, bytes, sizeof(bytes)); count > 0;
		count = read(peer, bytes, sizeof(bytes))) {
		vx_assert(vx_buffer_append(&fuzz->output, bytes, (size_t)count));
	}
	while (fuzz->output.size >= link_frame_header_size) {
		struct link_frame_header header;
		vx_assert(link_frame_decode_header(vx_buffer_bytes(&fuzz->output), &header));
		if (fuzz->output.size < link_frame_header_size + header.length) {
			return;
		}
		vx_buffer_consume(&fuzz->output, link_frame_header_size + header.length);
	}
}

static void feed(struct fuzz *fuzz, int peer, const uint8_t *bytes, size_t size, bool reads)
{
	ssize_t written = send(peer, bytes, size, MSG_NOSIGNAL);
	(void)written;
	vx_link_dispatch(fuzz->link);
	if (fuzz->link != nullptr && fuzz->lost_count == 0) {
		check_link(fuzz->link);
	}
	if (reads) {
		check_output(fuzz, peer);
	}
}

/* Once the peer has read everything and is silent, the link rests: it must not keep its owner busy.
 */
static void check_rest(struct fuzz *fuzz, int peer)
{
	static constexpr unsigned turns_max = 1024;
	unsigned turns = 0;
	while (fuzz->link != nullptr && fuzz->lost_count == 0 && vx_link_wants_write(fuzz->link)) {
		vx_link_dispatch(fuzz->link);
		check_output(fuzz, peer);
		vx_assert(++turns < turns_max);
	}
}

static void feed_hello(struct fuzz *fuzz, int peer, enum vx_link_role role)
{
	uint8_t frame[link_frame_control_max];
	struct link_hello hello = {
		.magic = link_frame_magic,
		.major = link_version_major,
		.features = UINT32_MAX,
		.role = role == VX_LINK_HOST ? VX_LINK_GUEST : VX_LINK_HOST,
	};
	feed(fuzz, peer, frame, link_frame_encode_hello(frame, &hello), true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[2];
	if (size < prefix_size ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0) {
		return 0;
	}
	enum vx_link_role role = (data[0] & 1) != 0 ? VX_LINK_GUEST : VX_LINK_HOST;
	bool reads = (data[0] & 4) == 0;
	size_t piece = 1 + (size_t)data[1] * 4;
	struct fuzz fuzz = {.random = data[2]};
	fuzz.link = vx_link_create(fds[0], role, VX_LINK_FEATURE_LZ4, &link_listener, &fuzz);
	if ((data[0] & 2) == 0) {
		feed_hello(&fuzz, fds[1], role);
	}
	for (size_t i = prefix_size; i < size && fuzz.link != nullptr && fuzz.lost_count == 0;
		i += piece) {
		feed(&fuzz, fds[1], data + i, size - i < piece ? size - i : piece, reads);
	}
	if (reads) {
		check_rest(&fuzz, fds[1]);
	}
	close(fds[1]);
	for (unsigned i = 0; i < 16 && fuzz.link != nullptr && fuzz.lost_count == 0; i++) {
		vx_link_dispatch(fuzz.link);
	}
	vx_assert(fuzz.link == nullptr || fuzz.lost_count == 1);
	vx_link_destroy(fuzz.link);
	vx_buffer_finish(&fuzz.output);
	return 0;
}
