/* SPDX-License-Identifier: MIT */
#include "daemon/clipboard_stream.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/display_string.h"
#include "common/fd.h"
#include "proxy/host/clipboard_relay.h"

static constexpr size_t chunk_size = 16 * 1024;
static constexpr size_t reason_max = 120; /* code points */

struct clipboard_stream {
	struct vx_clipboard_request request;
	clipboard_stream_handler handler;
	void *data;
	int fd;                  /* owned */
	sd_event_source *source; /* owned */
	struct vx_buffer output;
	bool has_kind;
	uint8_t untrusted_kind;
	struct vx_buffer untrusted_content;
};

void clipboard_stream_destroy(struct clipboard_stream *stream)
{
	if (stream == nullptr) {
		return;
	}
	sd_event_source_disable_unref(stream->source);
	vx_replace_fd(&stream->fd, -1);
	vx_buffer_finish(&stream->output);
	vx_buffer_finish(&stream->untrusted_content);
	free(stream);
}

static void stream_end(
	struct clipboard_stream *stream, enum vx_clipboard_kind kind, const struct vx_error *err)
{
	stream->source = sd_event_source_disable_unref(stream->source);
	stream->handler(stream->data, kind, &stream->untrusted_content, err);
}

static void stream_fail(struct clipboard_stream *stream, const char *why)
{
	vx_cleanup_error struct vx_error err = {};
	vx_error_set(&err, "the VM's clipboard can't be used: %s", why);
	stream_end(stream, VX_CLIPBOARD_NOTHING, &err);
}

static void stream_refused(struct clipboard_stream *stream)
{
	struct vx_buffer *reason = &stream->untrusted_content;
	vx_cleanup_free char *text = vx_strndup(
		reason->size > 0 ? (const char *)vx_buffer_bytes(reason) : "", reason->size);
	vx_cleanup_free char *shown = vx_display_string(text, reason_max);
	stream_fail(stream, shown);
}

static void stream_finish(struct clipboard_stream *stream)
{
	const struct vx_clipboard_request *request = &stream->request;
	vx_cleanup_error struct vx_error err = {};
	uint8_t kind = stream->untrusted_kind;
	if (!stream->has_kind) {
		stream_fail(stream, "the connection to the VM was lost");
	} else if (kind == clipboard_relay_refused) {
		stream_refused(stream);
	} else if (kind != VX_CLIPBOARD_NOTHING &&
		   (kind >= VX_CLIPBOARD_KIND_COUNT || (request->kinds & 1u << kind) == 0)) {
		stream_fail(stream, "it is not what was asked for");
	} else if (kind == VX_CLIPBOARD_NOTHING || request->operation == VX_CLIPBOARD_PUT) {
		if (stream->untrusted_content.size > 0) {
			stream_fail(stream, "it is not what was asked for");
		} else {
			stream_end(stream, (enum vx_clipboard_kind)kind, nullptr);
		}
	} else if (!vx_clipboard_clean(&stream->untrusted_content, (enum vx_clipboard_kind)kind,
			   request->flags, &err)) {
		stream_fail(stream, vx_error_message(&err));
	} else {
		stream_end(stream, (enum vx_clipboard_kind)kind, nullptr);
	}
}

static void stream_receive(struct clipboard_stream *stream)
{
	uint8_t untrusted_bytes[chunk_size];
	ssize_t size = recv(stream->fd, untrusted_bytes, sizeof(untrusted_bytes), MSG_DONTWAIT);
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	if (size <= 0) {
		stream_finish(stream);
		return;
	}
	size_t skipped = stream->has_kind ? 0 : 1;
	if (!stream->has_kind) {
		stream->has_kind = true;
		stream->untrusted_kind = untrusted_bytes[0];
	}
	if (!vx_buffer_append(&stream->untrusted_content, untrusted_bytes + skipped,
		    (size_t)size - skipped)) {
		stream_fail(stream, "it is larger than may be copied");
	}
}

static void stream_send(struct clipboard_stream *stream)
{
	ssize_t size = send(stream->fd, vx_buffer_bytes(&stream->output), stream->output.size,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (size > 0) {
		vx_buffer_consume(&stream->output, (size_t)size);
	}
	if (stream->output.size == 0) {
		(void)sd_event_source_set_io_events(stream->source, EPOLLIN);
	}
}

static int handle_stream(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct clipboard_stream *stream = data;
	if ((events & EPOLLOUT) != 0 && stream->output.size > 0) {
		stream_send(stream);
	}
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
		stream_receive(stream);
	}
	return 0;
}

struct clipboard_stream *clipboard_stream_create(sd_event *event, int fd,
	const struct vx_clipboard_request *request, const struct vx_buffer *content,
	clipboard_stream_handler handler, void *data, struct vx_error *err)
{
	struct clipboard_stream *stream = vx_new(stream);
	*stream = (struct clipboard_stream){
		.request = *request,
		.handler = handler,
		.data = data,
		.fd = fd,
		/* Room for a reason at least. */
		.untrusted_content.max_size = request->size > 1024 ? request->size : 1024,
	};
	uint8_t header[vx_clipboard_request_size];
	vx_clipboard_encode_request(request, header);
	bool is_ready = vx_buffer_append(&stream->output, header, sizeof(header)) &&
			(content == nullptr || vx_buffer_append(&stream->output,
						       vx_buffer_bytes(content), content->size));
	int result = sd_event_add_io(
		event, &stream->source, fd, EPOLLIN | EPOLLOUT, handle_stream, stream);
	if (!is_ready || result < 0) {
		clipboard_stream_destroy(stream);
		vx_error_set_errno(err, result < 0 ? -result : ENOMEM,
			"cannot watch the stream to the VM's clipboard");
		return nullptr;
	}
	return stream;
}
