/* SPDX-License-Identifier: MIT */
/*
 * The host's end of the exec service, without vixosd and vixos-proxy: connects to a link socket, runs one
 * program in the guest, copies its output here, and exits as it did (126 and 127 where it could not be
 * started, 125 where the link broke).
 *
 * usage: exec-client SOCKET [--terminal] [--detached] COMMAND [ARGS]
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "proxy/link/exec.h"
#include "proxy/link/link.h"

static constexpr int poll_timeout_ms = 60'000;

struct client {
	struct vx_link *link;
	struct vx_buffer input;
	struct vx_exec_request request;
	int status; /* -1: not known yet */
};

static void take_frame(struct client *client, const struct vx_exec_frame *frame)
{
	switch (frame->type) {
	case VX_EXEC_STDOUT:
		(void)vx_write_all(STDOUT_FILENO, frame->untrusted_payload, frame->size, nullptr);
		break;
	case VX_EXEC_STDERR:
		(void)vx_write_all(STDERR_FILENO, frame->untrusted_payload, frame->size, nullptr);
		break;
	case VX_EXEC_EXIT:
		client->status = (int)vx_exec_frame_get_u32(frame);
		break;
	case VX_EXEC_FAILED:
		client->status = vx_exec_frame_get_u32(frame) == ENOENT ? 127 : 126;
		break;
	case VX_EXEC_STARTED:
	case VX_EXEC_START:
	case VX_EXEC_STDIN:
	case VX_EXEC_RESIZE:
	case VX_EXEC_SIGNAL:
	case VX_EXEC_FRAME_TYPE_COUNT:
	default:
		break;
	}
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct client *client = data;
	struct vx_exec_frame frame;
	(void)vx_buffer_append(&client->input, untrusted_data, size);
	vx_link_channel_consume(channel, size);
	while (vx_exec_decode(&client->input, VX_EXEC_TO_HOST, &frame, nullptr) > 0) {
		take_frame(client, &frame);
	}
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
}

static void handle_finished(struct vx_link_channel *channel, void *data)
{
	vx_link_channel_finish(channel);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct client *client = data;
	if (client->status < 0) {
		fprintf(stderr, "exec-client: the channel closed for reason %u\n", reason);
		client->status = 125;
	}
}

static const struct vx_link_channel_listener channel_listener = {
	handle_received, handle_writable, handle_finished, handle_closed};

static void handle_ready(struct vx_link *link, uint32_t common_features, void *data)
{
	struct client *client = data;
	struct vx_buffer start = {};
	vx_cleanup_error struct vx_error err = {};
	struct vx_link_channel *channel = vx_link_channel_open(
		link, VX_EXEC_SERVICE, vx_link_window_default, &channel_listener, client);
	if (channel == nullptr || !vx_exec_encode_request(&start, &client->request, &err) ||
			!vx_exec_encode(&start, VX_EXEC_STDIN, nullptr, 0) ||
			vx_link_channel_send(channel, vx_buffer_bytes(&start), start.size) != start.size) {
		fprintf(stderr, "exec-client: can't ask: %s\n", vx_error_message(&err));
		client->status = 125;
	}
	vx_buffer_finish(&start);
}

static void handle_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
	struct client *client = data;
	if (client->status < 0) {
		fprintf(stderr, "exec-client: the link is lost: %s\n", vx_error_message(reason));
		client->status = 125;
	}
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready, .channel_opened = handle_opened, .lost = handle_lost};

static int run(struct client *client)
{
	struct pollfd polled = {.fd = vx_link_get_fd(client->link)};
	do {
		polled.events = vx_link_wants_write(client->link) ? POLLIN | POLLOUT : POLLIN;
		if (poll(&polled, 1, poll_timeout_ms) <= 0) {
			fprintf(stderr, "exec-client: no answer\n");
			return 125;
		}
		vx_link_dispatch(client->link);
	} while (client->status < 0);
	return client->status;
}

static const struct option {
	const char *name;
	uint32_t flag;
} options[] = {
	{"--terminal", VX_EXEC_FLAG_TERMINAL},
	{"--detached", VX_EXEC_FLAG_DETACHED},
};

static uint32_t parse_flag(const char *word)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(options); i++) {
		if (strcmp(word, options[i].name) == 0) {
			return options[i].flag;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct client client = {.status = -1};
	int first = 2;
	while (first < argc && parse_flag(argv[first]) != 0) {
		client.request.flags |= parse_flag(argv[first++]);
	}
	if (first >= argc) {
		fprintf(stderr, "usage: exec-client SOCKET [--terminal] [--detached] COMMAND [ARGS]\n");
		return 2;
	}
	client.request.argv = (const char *const *)argv + first;
	if ((client.request.flags & VX_EXEC_FLAG_TERMINAL) != 0) {
		client.request.columns = 80;
		client.request.rows = 24;
	}
	vx_cleanup_error struct vx_error err = {};
	int fd = vx_unix_connect(argv[1], SOCK_STREAM, &err);
	if (fd < 0) {
		fprintf(stderr, "exec-client: %s\n", vx_error_message(&err));
		return 125;
	}
	client.link = vx_link_create(fd, VX_LINK_HOST, 0, &link_listener, &client);
	int status = run(&client);
	vx_link_destroy(client.link);
	vx_buffer_finish(&client.input);
	return status;
}
