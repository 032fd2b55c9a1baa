/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "clipboard"
#include "guest/clipboard.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "guest/selection.h"
#include "guest/server.h"
#include "link/clipboard.h"
#include "link/link.h"

static constexpr int transfers_max = 4; /* with the host */
static constexpr int writers_max = 64;  /* to programs that paste */
static constexpr size_t chunk_size = 16 * 1024;

struct guest_clipboard {
	struct guest_server *server; /* borrowed */
	struct wl_list transfers;    /* struct transfer.link */
	struct wl_list writers;      /* struct writer.link */
	/* What came from outside, as long as it is the selection. */
	struct vx_buffer content;
	enum vx_clipboard_kind kind;   /* NOTHING: none is */
	struct wl_event_source *timer; /* owned; when to forget it */
};

/* One request of the host's. */
struct transfer {
	struct wl_list link; /* guest_clipboard.transfers */
	struct guest_clipboard *clipboard;
	struct vx_link_channel *channel; /* owned */
	struct vx_buffer input;          /* the request, and the content of a PUT */
	bool has_request;
	struct vx_clipboard_request request;
	struct vx_buffer output;        /* what the channel has no credit for yet */
	int fd;                         /* owned; where a program writes; -1: none, or its end */
	struct wl_event_source *source; /* owned; with fd */
	size_t read;                    /* bytes from fd so far */
};

/* A program that pastes what came from outside. */
struct writer {
	struct wl_list link; /* guest_clipboard.writers */
	struct vx_buffer rest;
	int fd;                         /* owned */
	struct wl_event_source *source; /* owned */
};

/* ---- what came from outside ---- */

static void writer_destroy(struct writer *writer)
{
	wl_list_remove(&writer->link);
	wl_event_source_remove(writer->source);
	close(writer->fd);
	vx_buffer_finish(&writer->rest);
	free(writer);
}

static int handle_writable_fd(int fd, uint32_t mask, void *data)
{
	struct writer *writer = data;
	if (!vx_buffer_write(&writer->rest, fd)) {
		writer_destroy(writer);
	}
	return 0;
}

/* A program wants it; the selection's offers have only the types that it can be given as. */
static void handle_send(void *data, const char *type, int fd)
{
	struct guest_clipboard *clipboard = data;
	vx_cleanup_close int owned = fd;
	size_t rank;
	if (vx_clipboard_kind_of_type(type, &rank) != clipboard->kind ||
		wl_list_length(&clipboard->writers) >= writers_max ||
		!vx_fd_set_nonblocking(owned, nullptr)) {
		return;
	}
	struct wl_event_source *source = nullptr;
	struct writer *writer = vx_new(writer);
	source = wl_event_loop_add_fd(
		clipboard->server->loop, owned, WL_EVENT_WRITABLE, handle_writable_fd, writer);
	if (source == nullptr ||
		!vx_buffer_append(&writer->rest, vx_buffer_bytes(&clipboard->content),
			clipboard->content.size)) {
		free(writer); /* a file, say: it can't be waited for */
		return;
	}
	writer->source = source;
	writer->fd = vx_take_fd(owned);
	wl_list_insert(&clipboard->writers, &writer->link);
}

static void handle_dropped(void *data)
{
	struct guest_clipboard *clipboard = data;
	clipboard->kind = VX_CLIPBOARD_NOTHING;
	vx_buffer_finish(&clipboard->content);
	wl_event_source_timer_update(clipboard->timer, 0);
}

static const struct selection_outside outside = {
	.send = handle_send,
	.dropped = handle_dropped,
};

static int handle_timeout(void *data)
{
	struct guest_clipboard *clipboard = data;
	selection_drop_outside(&clipboard->server->selections);
	return 0;
}

/* Takes the transfer's input. */
static void clipboard_put(struct guest_clipboard *clipboard, struct transfer *transfer)
{
	const char *types[8];
	size_t count = 0;
	const struct vx_clipboard_request *request = &transfer->request;
	enum vx_clipboard_kind kind = request->kinds == 1u << VX_CLIPBOARD_PNG ? VX_CLIPBOARD_PNG
									       : VX_CLIPBOARD_TEXT;
	while (count < VX_ARRAY_LENGTH(types) &&
		(types[count] = vx_clipboard_type(kind, count)) != nullptr) {
		count++;
	}
	selection_drop_outside(&clipboard->server->selections);
	clipboard->content = transfer->input;
	transfer->input = (struct vx_buffer){};
	clipboard->kind = kind;
	selection_set_outside(&clipboard->server->selections, types, count, &outside, clipboard);
	wl_event_source_timer_update(clipboard->timer, (int)(request->timeout_s * 1000));
}

/* ---- the host's requests ---- */

static void transfer_close_fd(struct transfer *transfer)
{
	if (transfer->source != nullptr) {
		wl_event_source_remove(vx_take_ptr(transfer->source));
	}
	vx_replace_fd(&transfer->fd, -1);
}

static void transfer_destroy(struct transfer *transfer, enum vx_link_reason reason)
{
	wl_list_remove(&transfer->link);
	transfer_close_fd(transfer);
	if (transfer->channel != nullptr) {
		vx_link_channel_destroy(transfer->channel, reason);
	}
	vx_buffer_finish(&transfer->input);
	vx_buffer_finish(&transfer->output);
	free(transfer);
}

/* Sends what fits; once there is no more to come, says so. */
static void transfer_flush(struct transfer *transfer)
{
	size_t sent = vx_link_channel_send(
		transfer->channel, vx_buffer_bytes(&transfer->output), transfer->output.size);
	vx_buffer_consume(&transfer->output, sent);
	if (transfer->fd >= 0) {
		wl_event_source_fd_update(
			transfer->source, transfer->output.size == 0 ? WL_EVENT_READABLE : 0);
	} else if (transfer->output.size == 0) {
		vx_link_channel_finish(transfer->channel);
	}
}

static void transfer_answer(
	struct transfer *transfer, enum vx_clipboard_kind kind, const void *bytes, size_t size)
{
	uint8_t byte = kind;
	if (vx_buffer_append(&transfer->output, &byte, 1) &&
		vx_buffer_append(&transfer->output, bytes, size)) {
		transfer_flush(transfer);
	}
}

/* What a program writes; a byte more than is wanted is enough to show that it is too much. */
static int handle_readable_fd(int fd, uint32_t mask, void *data)
{
	struct transfer *transfer = data;
	uint8_t bytes[chunk_size];
	size_t left = (size_t)transfer->request.size + 1 - transfer->read;
	ssize_t size = read(fd, bytes, left < sizeof(bytes) ? left : sizeof(bytes));
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	if (size > 0 && !vx_buffer_append(&transfer->output, bytes, (size_t)size)) {
		size = 0;
	}
	transfer->read += size > 0 ? (size_t)size : 0;
	if (size <= 0 || transfer->read > transfer->request.size) {
		transfer_close_fd(transfer);
	}
	transfer_flush(transfer);
	return 0;
}

static void transfer_get(struct transfer *transfer)
{
	struct guest_clipboard *clipboard = transfer->clipboard;
	const struct vx_clipboard_request *request = &transfer->request;
	if ((request->kinds & 1u << clipboard->kind) != 0) {
		transfer_answer(transfer, clipboard->kind, vx_buffer_bytes(&clipboard->content),
			clipboard->content.size);
		return;
	}
	vx_cleanup_free char *type = nullptr;
	const char *const *types;
	size_t rank, count = selection_get_types(&clipboard->server->selections, &types);
	for (size_t i = 0; i < count; i++) {
		vx_clipboard_choose_type(&type, types[i], request->kinds);
	}
	int fd = type != nullptr ? selection_receive(&clipboard->server->selections, type) : -1;
	if (fd < 0) {
		transfer_answer(transfer, VX_CLIPBOARD_NOTHING, nullptr, 0);
		return;
	}
	transfer->fd = fd;
	transfer->source = wl_event_loop_add_fd(
		clipboard->server->loop, fd, WL_EVENT_READABLE, handle_readable_fd, transfer);
	transfer_answer(transfer, vx_clipboard_kind_of_type(type, &rank), nullptr, 0);
}

/* False where the host broke the protocol. */
static bool transfer_read_request(struct transfer *transfer)
{
	if (transfer->has_request || transfer->input.size < vx_clipboard_request_size) {
		return true;
	}
	uint8_t header[vx_clipboard_request_size];
	memcpy(header, vx_buffer_bytes(&transfer->input), sizeof(header));
	vx_buffer_consume(&transfer->input, sizeof(header));
	if (!vx_clipboard_decode_request(header, &transfer->request, nullptr)) {
		return false;
	}
	transfer->has_request = true;
	if (transfer->request.operation == VX_CLIPBOARD_GET) {
		transfer_get(transfer);
	}
	return true;
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *bytes, size_t size, void *data)
{
	struct transfer *transfer = data;
	vx_link_channel_consume(channel, size);
	if (!vx_buffer_append(&transfer->input, bytes, size) || !transfer_read_request(transfer)) {
		transfer_destroy(transfer, VX_LINK_REASON_PROTOCOL);
	}
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
	transfer_flush(data);
}

static void handle_peer_finished(struct vx_link_channel *channel, void *data)
{
	struct transfer *transfer = data;
	if (!transfer->has_request) {
		transfer_destroy(transfer, VX_LINK_REASON_PROTOCOL);
	} else if (transfer->request.operation == VX_CLIPBOARD_PUT) {
		if (transfer->input.size != transfer->request.size) {
			transfer_destroy(transfer, VX_LINK_REASON_PROTOCOL);
			return;
		}
		clipboard_put(transfer->clipboard, transfer);
		transfer_answer(transfer, transfer->clipboard->kind, nullptr, 0);
	}
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct transfer *transfer = data;
	transfer->channel = nullptr;
	transfer_destroy(transfer, reason);
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_peer_finished,
	.closed = handle_closed,
};

void guest_clipboard_accept(struct guest_clipboard *clipboard, struct vx_link_channel *channel)
{
	if (wl_list_length(&clipboard->transfers) >= transfers_max) {
		vx_link_channel_destroy(channel, VX_LINK_REASON_REFUSED);
		return;
	}
	struct transfer *transfer = vx_new(transfer);
	transfer->clipboard = clipboard;
	transfer->channel = channel;
	transfer->fd = -1;
	transfer->input.max_size = vx_clipboard_request_size + vx_clipboard_size_max;
	transfer->output.max_size = vx_clipboard_size_max + 1 + chunk_size;
	wl_list_insert(&clipboard->transfers, &transfer->link);
	vx_link_channel_set_listener(channel, &channel_listener, transfer);
}

struct guest_clipboard *guest_clipboard_create(struct guest_server *server)
{
	struct guest_clipboard *clipboard = vx_new(clipboard);
	clipboard->server = server;
	wl_list_init(&clipboard->transfers);
	wl_list_init(&clipboard->writers);
	clipboard->timer = wl_event_loop_add_timer(server->loop, handle_timeout, clipboard);
	return clipboard;
}

void guest_clipboard_destroy(struct guest_clipboard *clipboard)
{
	if (clipboard == nullptr) {
		return;
	}
	struct transfer *transfer, *next_transfer;
	wl_list_for_each_safe (transfer, next_transfer, &clipboard->transfers, link) {
		transfer_destroy(transfer, VX_LINK_REASON_CANCELLED);
	}
	struct writer *writer, *next_writer;
	wl_list_for_each_safe (writer, next_writer, &clipboard->writers, link) {
		writer_destroy(writer);
	}
	selection_drop_outside(&clipboard->server->selections);
	wl_event_source_remove(clipboard->timer);
	free(clipboard);
}
