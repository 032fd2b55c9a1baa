/* SPDX-License-Identifier: MIT */
#include "proxy/host/exec_relay.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/exec.h"
#include "proxy/link/link.h"

#define VX_LOG_MODULE "exec-relay"

/* Bytes that one turn of the event loop moves from a stream, so that no stream starves the rest. */
static constexpr size_t chunk_size = 16 * 1024;

struct exec_relays {
	struct wl_event_loop *loop; /* borrowed; outlives us */
	struct wl_list relays;      /* struct exec_relay.link */
	unsigned count;
};

struct exec_relay {
	struct wl_list link; /* exec_relays.relays */
	struct exec_relays *relays;
	struct vx_link_channel *channel; /* NULL once it was closed: what is left is written out */
	struct wl_event_source *source;  /* owned */
	int fd;                          /* owned */
	uint32_t watched;                /* what `source` waits for */
	size_t owed; /* bytes received from the guest and not given back as credit yet */
	struct vx_buffer from_guest; /* as received, whole frames are taken out at once */
	struct vx_buffer to_stream;  /* frames that passed */
	bool starved;                /* the channel had no credit: wait for its `writable` */
	bool finished;               /* the guest will send no more, so nor do we */
};

static void relay_destroy(struct exec_relay *relay, enum vx_link_reason reason)
{
	if (relay->channel != nullptr) {
		vx_link_channel_destroy(relay->channel, reason);
	}
	wl_event_source_remove(relay->source);
	close(relay->fd);
	vx_buffer_finish(&relay->from_guest);
	vx_buffer_finish(&relay->to_stream);
	wl_list_remove(&relay->link);
	relay->relays->count--;
	free(relay);
}

static void relay_update_watch(struct exec_relay *relay)
{
	uint32_t wanted = 0;
	if (relay->channel != nullptr && !relay->starved && !relay->finished) {
		wanted |= WL_EVENT_READABLE;
	}
	if (relay->to_stream.size > 0) {
		wanted |= WL_EVENT_WRITABLE;
	}
	if (wanted != relay->watched) {
		relay->watched = wanted;
		wl_event_source_fd_update(relay->source, wanted);
	}
}

/* Each frame that passes comes out as long as it went in, so what isn't in a buffer has been
 * written. */
static void relay_return_credit(struct exec_relay *relay)
{
	size_t held = relay->from_guest.size + relay->to_stream.size;
	vx_assert(relay->owed >= held);
	if (relay->channel != nullptr && relay->owed > held) {
		vx_link_channel_consume(relay->channel, relay->owed - held);
	}
	relay->owed = held;
}

/* False where the stream failed. */
static bool relay_write(struct exec_relay *relay)
{
	while (relay->to_stream.size > 0) {
		ssize_t written = send(relay->fd, vx_buffer_bytes(&relay->to_stream),
			relay->to_stream.size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (written < 0 && errno == EINTR) {
			continue;
		}
		if (written < 0) {
			return errno == EAGAIN;
		}
		vx_buffer_consume(&relay->to_stream, (size_t)written);
	}
	return true;
}

/* Writes what fits. False where the relay ended and is gone. */
static bool relay_flush(struct exec_relay *relay)
{
	if (!relay_write(relay)) {
		relay_destroy(relay, VX_LINK_REASON_CANCELLED);
		return false;
	}
	if (relay->channel == nullptr && relay->to_stream.size == 0) {
		relay_destroy(relay, VX_LINK_REASON_NONE);
		return false;
	}
	relay_return_credit(relay);
	relay_update_watch(relay);
	return true;
}

/* Moves whole, legal frames on. False where the guest sent something else. */
static bool relay_check_frames(struct exec_relay *relay, struct vx_error *err)
{
	for (;;) {
		struct vx_exec_frame frame;
		int found = vx_exec_decode(&relay->from_guest, VX_EXEC_TO_HOST, &frame, err);
		if (found <= 0) {
			return found == 0;
		}
		if (!vx_exec_encode(
			    &relay->to_stream, frame.type, frame.untrusted_payload, frame.size)) {
			return vx_error_set(err, "more bytes than the window");
		}
	}
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct exec_relay *relay = data;
	vx_cleanup_error struct vx_error err = {};
	relay->owed += size;
	if (!vx_buffer_append(&relay->from_guest, untrusted_data, size)) {
		vx_error_set(&err, "more bytes than the window");
	} else if (relay_check_frames(relay, &err)) {
		relay_flush(relay);
		return;
	}
	vx_log_warn("guest's exec channel: %s, closing it", vx_error_message(&err));
	relay_destroy(relay, VX_LINK_REASON_PROTOCOL);
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
	struct exec_relay *relay = data;
	relay->starved = false;
	relay_update_watch(relay);
}

/* The program is over and all its output came; nobody there reads what we would still send. */
static void handle_peer_finished(struct vx_link_channel *channel, void *data)
{
	struct exec_relay *relay = data;
	relay->finished = true;
	relay_update_watch(relay);
	vx_link_channel_finish(channel);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct exec_relay *relay = data;
	relay->channel = nullptr;
	vx_buffer_consume(&relay->from_guest, relay->from_guest.size);
	relay_flush(relay);
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_peer_finished,
	.closed = handle_closed,
};

/* False where the stream ended and the relay is gone. */
static bool relay_read(struct exec_relay *relay)
{
	uint8_t bytes[chunk_size];
	size_t credit = vx_link_channel_get_credit(relay->channel);
	size_t wanted = credit < sizeof(bytes) ? credit : sizeof(bytes);
	if (wanted == 0) {
		/* A send that is cut short asks for `writable`; nothing is taken without credit. */
		bytes[0] = 0;
		relay->starved = vx_link_channel_send(relay->channel, bytes, 1) == 0;
		vx_assert(relay->starved);
		relay_update_watch(relay);
		return true;
	}
	ssize_t count = recv(relay->fd, bytes, wanted, MSG_DONTWAIT);
	if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
		return true;
	}
	if (count <= 0) {
		relay_destroy(relay, VX_LINK_REASON_CANCELLED);
		return false;
	}
	size_t sent = vx_link_channel_send(relay->channel, bytes, (size_t)count);
	vx_assert(sent == (size_t)count);
	return true;
}

static int handle_stream(int fd, uint32_t mask, void *data)
{
	struct exec_relay *relay = data;
	if ((mask & relay->watched & WL_EVENT_READABLE) != 0 && !relay_read(relay)) {
		return 0;
	}
	if ((mask & WL_EVENT_WRITABLE) != 0 && !relay_flush(relay)) {
		return 0;
	}
	/* Hung up, and no READABLE that recv() could learn it from. */
	if ((mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) != 0 && (mask & WL_EVENT_READABLE) == 0) {
		relay_destroy(relay, VX_LINK_REASON_CANCELLED);
	}
	return 0;
}

struct exec_relays *exec_relays_create(struct wl_event_loop *loop)
{
	struct exec_relays *relays = vx_new(relays);
	relays->loop = loop;
	wl_list_init(&relays->relays);
	return relays;
}

void exec_relays_destroy(struct exec_relays *relays)
{
	if (relays == nullptr) {
		return;
	}
	struct exec_relay *relay, *next;
	wl_list_for_each_safe (relay, next, &relays->relays, link) {
		relay_destroy(relay, VX_LINK_REASON_CANCELLED);
	}
	free(relays);
}

bool exec_relays_open(
	struct exec_relays *relays, struct vx_link *link, int fd, struct vx_error *err)
{
	vx_cleanup_close int owned = fd;
	if (relays->count == exec_relays_max) {
		return vx_error_set(err, "%u programs' streams are open already", exec_relays_max);
	}
	if (!vx_link_is_ready(link)) {
		return vx_error_set(err, "the guest isn't ready");
	}
	struct exec_relay *relay = vx_new(relay);
	relay->channel = vx_link_channel_open(
		link, VX_EXEC_SERVICE, vx_link_window_default, &channel_listener, relay);
	if (relay->channel == nullptr) {
		free(relay);
		return vx_error_set(err, "the link to the guest has no channel left");
	}
	relay->relays = relays;
	relay->fd = vx_take_fd(owned);
	relay->from_guest.max_size = vx_link_window_default;
	relay->to_stream.max_size = vx_link_window_default;
	relay->watched = WL_EVENT_READABLE;
	relay->source = wl_event_loop_add_fd(
		relays->loop, relay->fd, WL_EVENT_READABLE, handle_stream, relay);
	wl_list_insert(&relays->relays, &relay->link);
	relays->count++;
	if (relay->source == nullptr) {
		/* Not a kind of descriptor that can be waited for. */
		vx_link_channel_destroy(relay->channel, VX_LINK_REASON_CANCELLED);
		close(relay->fd);
		wl_list_remove(&relay->link);
		relays->count--;
		free(relay);
		return vx_error_set(err, "the program's stream is no socket");
	}
	return true;
}

unsigned exec_relays_get_count(const struct exec_relays *relays)
{
	return relays->count;
}
