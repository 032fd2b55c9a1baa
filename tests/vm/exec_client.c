/* SPDX-License-Identifier: MIT */
/*
 * The host's end of the exec service, without vixosd and vixos-proxy. Connects to a link socket and
 * runs, one after another, the programs that it reads from standard input, a line each: words
 * separated by the byte 0x1f, the first of which is "plain", "terminal" or "detached". For each it
 * prints "STATUS OUT ERR\n" and then OUT bytes of the program's output and ERR bytes of its errors.
 * STATUS is as for `vixos exec`: 126 and 127 where it could not be started, 125 where the link
 * broke.
 *
 * usage: exec-client SOCKET
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
static constexpr size_t words_max = 64;
#define SEPARATOR "\x1f"

struct client {
	struct vx_link *link;
	struct vx_link_channel *channel; /* NULL once closed */
	struct vx_buffer input, out, errors;
	int status; /* -1: not known yet */
	bool lost;
};

static void take_frame(struct client *client, const struct vx_exec_frame *frame)
{
	if (frame->type == VX_EXEC_STDOUT) {
		(void)vx_buffer_append(&client->out, frame->untrusted_payload, frame->size);
	} else if (frame->type == VX_EXEC_STDERR) {
		(void)vx_buffer_append(&client->errors, frame->untrusted_payload, frame->size);
	} else if (frame->type == VX_EXEC_EXIT) {
		client->status = (int)vx_exec_frame_get_u32(frame);
	} else if (frame->type == VX_EXEC_FAILED) {
		client->status = vx_exec_frame_get_u32(frame) == ENOENT ? 127 : 126;
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
	client->channel = nullptr;
	client->status = client->status < 0 ? 125 : client->status;
}

static const struct vx_link_channel_listener channel_listener = {
	handle_received, handle_writable, handle_finished, handle_closed};

static void handle_ready(struct vx_link *link, uint32_t common_features, void *data)
{
}

static void handle_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
	struct client *client = data;
	client->lost = true;
	fprintf(stderr, "exec-client: the link is lost: %s\n", vx_error_message(reason));
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready, .channel_opened = handle_opened, .lost = handle_lost};

/* One turn; false where the link is lost or silent. */
static bool turn(struct client *client)
{
	struct pollfd polled = {.fd = vx_link_get_fd(client->link),
		.events = vx_link_wants_write(client->link) ? POLLIN | POLLOUT : POLLIN};
	if (client->lost || poll(&polled, 1, poll_timeout_ms) <= 0) {
		return false;
	}
	vx_link_dispatch(client->link);
	return !client->lost;
}

static bool send_request(struct client *client, const struct vx_exec_request *request)
{
	struct vx_buffer start = {};
	client->channel = vx_link_channel_open(
		client->link, VX_EXEC_SERVICE, vx_link_window_default, &channel_listener, client);
	bool asked = client->channel != nullptr &&
		     vx_exec_encode_request(&start, request, nullptr) &&
		     vx_exec_encode(&start, VX_EXEC_STDIN, nullptr, 0) &&
		     vx_link_channel_send(client->channel, vx_buffer_bytes(&start), start.size) ==
			     start.size;
	vx_buffer_finish(&start);
	return asked;
}

static void run_program(struct client *client, const struct vx_exec_request *request)
{
	client->status = -1;
	while (!vx_link_is_ready(client->link) && turn(client)) {
	}
	if (client->lost || !send_request(client, request)) {
		client->status = 125;
		return;
	}
	/* What a detached program's end means is its status; others close when their output is
	 * over. */
	while (client->channel != nullptr && turn(client)) {
	}
	client->status = client->status < 0 ? 125 : client->status;
}

static void print_result(struct client *client)
{
	printf("%d %zu %zu\n", client->status, client->out.size, client->errors.size);
	if (client->out.size > 0) {
		fwrite(vx_buffer_bytes(&client->out), 1, client->out.size, stdout);
	}
	if (client->errors.size > 0) {
		fwrite(vx_buffer_bytes(&client->errors), 1, client->errors.size, stdout);
	}
	fflush(stdout);
	vx_buffer_finish(&client->input);
	vx_buffer_finish(&client->out);
	vx_buffer_finish(&client->errors);
}

static void run_line(struct client *client, char *line)
{
	const char *words[words_max + 1] = {};
	size_t count = 0;
	line[strcspn(line, "\n")] = '\0';
	for (char *word = strtok(line, SEPARATOR); word != nullptr && count < words_max;
		word = strtok(nullptr, SEPARATOR)) {
		words[count++] = word;
	}
	if (count < 2) {
		return;
	}
	struct vx_exec_request request = {.argv = words + 1};
	if (strcmp(words[0], "terminal") == 0) {
		request.flags = VX_EXEC_FLAG_TERMINAL;
		request.columns = 80;
		request.rows = 24;
	} else if (strcmp(words[0], "detached") == 0) {
		request.flags = VX_EXEC_FLAG_DETACHED;
	}
	run_program(client, &request);
	print_result(client);
}

int main(int argc, char **argv)
{
	vx_cleanup_error struct vx_error err = {};
	int fd = argc == 2 ? vx_unix_connect(argv[1], SOCK_STREAM, &err) : -1;
	if (fd < 0) {
		fprintf(stderr, "exec-client: %s\n",
			argc == 2 ? vx_error_message(&err) : "usage: exec-client SOCKET");
		return 2;
	}
	struct client client = {.status = -1};
	client.link = vx_link_create(fd, VX_LINK_HOST, 0, &link_listener, &client);
	vx_cleanup_free char *line = nullptr;
	size_t capacity = 0;
	while (getline(&line, &capacity, stdin) > 0) {
		run_line(&client, line);
	}
	vx_link_destroy(client.link);
	return 0;
}
