/* SPDX-License-Identifier: MIT */
#include "proxy/host/clipboard_relay.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/clipboard.h"
#include "proxy/link/link.h"

#define VX_LOG_MODULE "clipboard"

/* Bytes that one turn of the event loop moves from a stream. */
static constexpr size_t chunk_size = 16 * 1024;

struct clipboard_relays {
	struct wl_event_loop *loop; /* borrowed; outlives us */
	struct wl_list relays;      /* struct clipboard_relay.link */
};

struct clipboard_relay {
	struct wl_list link;             /* clipboard_relays.relays */
	struct vx_link_channel *channel; /* owned; NULL once the answer is decided */
	struct wl_event_source *source;  /* owned */
	int fd;                          /* owned */
	uint8_t header[vx_clipboard_request_size];
	size_t header_size;                  /* bytes of it that came */
	struct vx_clipboard_request request; /* once the header is whole */
	size_t content_left;                 /* of a PUT: bytes still to be passed on */
	bool starved;                        /* the channel had no credit */
	bool is_sent;                        /* the guest has all that vixosd said */
	bool has_kind;
	uint8_t untrusted_kind;
	struct vx_buffer untrusted_content; /* what the guest sent */
	struct vx_buffer answer;            /* to be written to the stream */
};

static void relay_destroy(struct clipboard_relay *relay)
{
	if (relay->channel != nullptr) {
		vx_link_channel_destroy(relay->channel, VX_LINK_REASON_CANCELLED);
	}
	wl_event_source_remove(relay->source);
	close(relay->fd);
	vx_buffer_finish(&relay->untrusted_content);
	vx_buffer_finish(&relay->answer);
	wl_list_remove(&relay->link);
	free(relay);
}

static bool header_is_whole(const struct clipboard_relay *relay)
{
	return relay->header_size == sizeof(relay->header);
}

static void relay_update_watch(struct clipboard_relay *relay)
{
	uint32_t mask = 0;
	if (relay->channel == nullptr) {
		mask = WL_EVENT_WRITABLE;
	} else if (!relay->starved && (!header_is_whole(relay) || relay->content_left > 0)) {
		mask = WL_EVENT_READABLE;
	}
	wl_event_source_fd_update(relay->source, mask);
}

/* The answer is decided, and the guest is not heard any more. */
static void relay_answer(
	struct clipboard_relay *relay, uint8_t kind, const void *bytes, size_t size)
{
	if (relay->channel != nullptr) {
		vx_link_channel_destroy(vx_take_ptr(relay->channel), VX_LINK_REASON_CANCELLED);
	}
	if (!vx_buffer_append(&relay->answer, &kind, 1) ||
		!vx_buffer_append(&relay->answer, bytes, size)) {
		vx_assert(false);
	}
	relay_update_watch(relay);
}

static void relay_refuse(struct clipboard_relay *relay, const char *why)
{
	vx_log_warn("the guest's clipboard: %s, nothing is taken", why);
	relay_answer(relay, clipboard_relay_refused, why, strlen(why));
}

/* What the guest had to say is complete. */
static void relay_finish(struct clipboard_relay *relay)
{
	const struct vx_clipboard_request *request = &relay->request;
	vx_cleanup_error struct vx_error err = {};
	uint8_t untrusted_kind = relay->untrusted_kind;
	bool is_asked_for = untrusted_kind < VX_CLIPBOARD_KIND_COUNT &&
			    (request->kinds & 1u << untrusted_kind) != 0;
	size_t size = relay->untrusted_content.size;
	if (!relay->has_kind || (untrusted_kind != VX_CLIPBOARD_NOTHING && !is_asked_for)) {
		relay_refuse(relay, "it answered something that was not asked for");
	} else if (request->operation == VX_CLIPBOARD_PUT ||
		   untrusted_kind == VX_CLIPBOARD_NOTHING) {
		if (size > 0) {
			relay_refuse(relay, "it sent what was not asked for");
		} else {
			relay_answer(relay, untrusted_kind, nullptr, 0);
		}
	} else if (!vx_clipboard_clean(&relay->untrusted_content,
			   (enum vx_clipboard_kind)untrusted_kind, request->flags, &err)) {
		relay_refuse(relay, vx_error_message(&err));
	} else {
		relay_answer(relay, untrusted_kind, vx_buffer_bytes(&relay->untrusted_content),
			relay->untrusted_content.size);
	}
}

/* ---- the guest ---- */

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct clipboard_relay *relay = data;
	vx_link_channel_consume(channel, size);
	if (size > 0 && !relay->has_kind) {
		relay->has_kind = true;
		relay->untrusted_kind = untrusted_data[0];
		untrusted_data++;
		size--;
	}
	if (!vx_buffer_append(&relay->untrusted_content, untrusted_data, size)) {
		vx_cleanup_free char *why = vx_printf(
			"it has more than the %u bytes that may be copied", relay->request.size);
		relay_refuse(relay, why);
	}
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
	struct clipboard_relay *relay = data;
	relay->starved = false;
	relay_update_watch(relay);
}

static void handle_peer_finished(struct vx_link_channel *channel, void *data)
{
	relay_finish(data);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct clipboard_relay *relay = data;
	relay->channel = nullptr;
	relay_refuse(relay, reason == VX_LINK_REASON_NO_SERVICE ? "the guest has none"
								: "it broke off in the middle");
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_peer_finished,
	.closed = handle_closed,
};

/* ---- vixosd ---- */

static bool relay_take_header(
	struct clipboard_relay *relay, const uint8_t *bytes, size_t size, struct vx_error *err)
{
	memcpy(relay->header + relay->header_size, bytes, size);
	relay->header_size += size;
	if (!header_is_whole(relay)) {
		return true;
	}
	if (!vx_clipboard_decode_request(relay->header, &relay->request, err)) {
		return false;
	}
	bool is_put = relay->request.operation == VX_CLIPBOARD_PUT;
	relay->content_left = is_put ? relay->request.size : 0;
	/* A bound of 0 would be none; who wants nothing gets a byte too many. */
	relay->untrusted_content.max_size = is_put || relay->request.size == 0
						    ? 1
						    : relay->request.size;
	size_t sent = vx_link_channel_send(relay->channel, relay->header, sizeof(relay->header));
	return sent == sizeof(relay->header) || vx_error_set(err, "the channel takes no request");
}

/* Reads no more than the channel takes. False where the relay is to end. */
static bool relay_read(struct clipboard_relay *relay, struct vx_error *err)
{
	uint8_t bytes[chunk_size];
	bool is_header = !header_is_whole(relay);
	size_t wanted = is_header ? sizeof(relay->header) - relay->header_size
				  : relay->content_left;
	size_t credit = vx_link_channel_get_credit(relay->channel);
	size_t room = is_header ? wanted : credit;
	wanted = wanted > room ? room : wanted;
	wanted = wanted > sizeof(bytes) ? sizeof(bytes) : wanted;
	if (wanted == 0) {
		/* A send that is cut short asks for `writable`. */
		relay->starved = vx_link_channel_send(relay->channel, "", 1) == 0;
		return true;
	}
	ssize_t size = recv(relay->fd, bytes, wanted, MSG_DONTWAIT);
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return true;
	}
	if (size <= 0) {
		return vx_error_set(err, "vixosd gave up");
	}
	if (is_header) {
		return relay_take_header(relay, bytes, (size_t)size, err);
	}
	relay->content_left -= (size_t)size;
	return vx_link_channel_send(relay->channel, bytes, (size_t)size) == (size_t)size ||
	       vx_error_set(err, "the channel takes no content");
}

/* False where all is written, or nobody reads. */
static bool relay_write(struct clipboard_relay *relay)
{
	ssize_t size = send(relay->fd, vx_buffer_bytes(&relay->answer), relay->answer.size,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (size < 0) {
		return errno == EAGAIN || errno == EINTR;
	}
	vx_buffer_consume(&relay->answer, (size_t)size);
	return relay->answer.size > 0;
}

static int handle_stream(int fd, uint32_t mask, void *data)
{
	struct clipboard_relay *relay = data;
	vx_cleanup_error struct vx_error err = {};
	bool goes_on = true;
	if (relay->channel == nullptr) {
		goes_on = (mask & WL_EVENT_WRITABLE) != 0 && relay_write(relay);
	} else if ((mask & WL_EVENT_READABLE) != 0) {
		goes_on = relay_read(relay, &err);
	} else if ((mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) != 0) {
		goes_on = false;
	}
	if (!goes_on) {
		relay_destroy(relay);
		return 0;
	}
	if (relay->channel != nullptr && header_is_whole(relay) && relay->content_left == 0 &&
		!relay->is_sent) {
		relay->is_sent = true;
		vx_link_channel_finish(relay->channel);
	}
	relay_update_watch(relay);
	return 0;
}

/* ---- all of them ---- */

struct clipboard_relays *clipboard_relays_create(struct wl_event_loop *loop)
{
	struct clipboard_relays *relays = vx_new(relays);
	relays->loop = loop;
	wl_list_init(&relays->relays);
	return relays;
}

void clipboard_relays_destroy(struct clipboard_relays *relays)
{
	if (relays == nullptr) {
		return;
	}
	struct clipboard_relay *relay, *next;
	wl_list_for_each_safe (relay, next, &relays->relays, link) {
		relay_destroy(relay);
	}
	free(relays);
}

bool clipboard_relays_open(
	struct clipboard_relays *relays, struct vx_link *link, int fd, struct vx_error *err)
{
	vx_cleanup_close int owned = fd;
	if (wl_list_length(&relays->relays) >= (int)clipboard_relays_max) {
		return vx_error_set(err, "the clipboard is busy");
	}
	if (!vx_link_is_ready(link)) {
		return vx_error_set(err, "the guest isn't ready");
	}
	struct clipboard_relay *relay = vx_new(relay);
	relay->source = wl_event_loop_add_fd(
		relays->loop, owned, WL_EVENT_READABLE, handle_stream, relay);
	relay->channel = relay->source == nullptr
				 ? nullptr
				 : vx_link_channel_open(link, VX_CLIPBOARD_SERVICE,
					   vx_link_window_default, &channel_listener, relay);
	if (relay->channel == nullptr) {
		if (relay->source != nullptr) {
			wl_event_source_remove(relay->source);
		}
		free(relay);
		return vx_error_set(err, "the link to the guest has no channel left");
	}
	relay->fd = vx_take_fd(owned);
	relay->untrusted_content.max_size = 1;
	wl_list_insert(&relays->relays, &relay->link);
	return true;
}
