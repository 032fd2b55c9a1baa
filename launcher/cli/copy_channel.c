/* SPDX-License-Identifier: MIT */
#include "cli/copy_channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/copy_progress.h"
#include "cli/interrupts.h"
#include "cli/progress.h"
#include "common/clock.h"
#include "common/fd.h"
#include "manager_names.h"
#include "proxy/link/exec.h"

#define GUEST_TOOL "/run/vixos/vixos-tool"

static constexpr size_t chunk_max = 64 * 1024; /* bytes of one read */
static constexpr size_t send_max = 512 * 1024;
static constexpr size_t send_high = 128 * 1024; /* above it, who sends waits */
static constexpr size_t receive_max = 256 * 1024;
static constexpr size_t output_max = 512 * 1024;
static constexpr size_t output_high = 256 * 1024; /* above it, the link isn't read */
static constexpr size_t arguments_max = 8;

static bool broke_protocol(
	const struct copy_channel *channel, const char *how, struct vx_error *err)
{
	return vx_error_set(err, "VM '%s' broke the protocol of copies: %s", channel->vm, how);
}

bool copy_channel_open(struct copy_channel *channel, struct client *client, const char *const *argv,
	struct vx_error *err)
{
	sd_json_variant *parameters = nullptr, *reply;
	const char *words[arguments_max] = {GUEST_TOOL};
	for (size_t i = 0; argv[i] != nullptr && i + 2 < arguments_max; i++) {
		words[i + 1] = argv[i];
	}
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", channel->vm));
	channel->fd = client_call_for_fd(
		client, VX_MANAGER_METHOD("Exec"), parameters, &reply, err);
	if (channel->fd < 0) {
		return false;
	}
	channel->send.max_size = send_max;
	channel->receive.max_size = receive_max;
	channel->output.max_size = output_max;
	const struct vx_exec_request request = {.argv = words};
	return vx_exec_encode_request(&channel->send, &request, err);
}

void copy_channel_finish(struct copy_channel *channel)
{
	vx_replace_fd(&channel->fd, -1);
	vx_buffer_finish(&channel->send);
	vx_buffer_finish(&channel->receive);
	vx_buffer_finish(&channel->output);
}

/* From the VM */

static bool take_exec_frame(
	struct copy_channel *channel, const struct vx_exec_frame *frame, struct vx_error *err)
{
	uint32_t number;
	switch (frame->type) {
	case VX_EXEC_STDOUT:
		return vx_buffer_append(&channel->output, frame->untrusted_payload, frame->size) ||
		       broke_protocol(channel, "too much at once", err);
	case VX_EXEC_EXIT:
		channel->has_exited = true;
		channel->status = vx_exec_frame_get_u32(frame);
		return true;
	case VX_EXEC_FAILED:
		number = vx_exec_frame_get_u32(frame);
		return vx_error_set(err, "VM '%s' can't copy: %s can't be started: %s", channel->vm,
			GUEST_TOOL, number < 4096 ? strerror((int)number) : "unknown error");
	case VX_EXEC_STARTED:
	case VX_EXEC_STDERR: /* for people who look into the VM */
		return true;
	case VX_EXEC_START:
	case VX_EXEC_STDIN:
	case VX_EXEC_RESIZE:
	case VX_EXEC_SIGNAL:
	case VX_EXEC_FRAME_TYPE_COUNT:
		break;
	}
	return broke_protocol(channel, "a frame of the wrong way", err);
}

static bool receive(struct copy_channel *channel, struct vx_error *err)
{
	uint8_t *room = vx_buffer_reserve(&channel->receive, chunk_max);
	ssize_t size = room != nullptr ? recv(channel->fd, room, chunk_max, MSG_DONTWAIT) : 0;
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return true;
	}
	if (size <= 0) {
		return vx_error_set(err, "the connection to VM '%s' was lost", channel->vm);
	}
	vx_buffer_commit(&channel->receive, (size_t)size);
	for (;;) {
		struct vx_exec_frame frame;
		int result = vx_exec_decode(&channel->receive, VX_EXEC_TO_HOST, &frame, err);
		if (result <= 0) {
			return result == 0;
		}
		if (!take_exec_frame(channel, &frame, err)) {
			return false;
		}
	}
}

static void flush(struct copy_channel *channel)
{
	ssize_t size = send(channel->fd, vx_buffer_bytes(&channel->send), channel->send.size,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (size > 0) {
		vx_buffer_consume(&channel->send, (size_t)size);
	}
	/* Why it fails is for receive() to find. */
}

static bool take_interrupt(struct copy_channel *channel, struct vx_error *err)
{
	unsigned before = channel->interrupts->count;
	(void)interrupts_take(channel->interrupts);
	return channel->interrupts->count == before || vx_error_set(err, "interrupted");
}

static int next_timeout_ms(struct copy_channel *channel, uint64_t end_ms)
{
	uint64_t now_ms = vx_clock_ms();
	int left_ms = end_ms > now_ms ? (int)(end_ms - now_ms) : 0;
	int due_ms = channel->progress != nullptr ? copy_progress_update(channel->progress) : -1;
	return due_ms >= 0 && due_ms < left_ms ? due_ms : left_ms;
}

/* Waits until some bytes have moved. */
static bool pump(struct copy_channel *channel, struct vx_error *err)
{
	uint64_t end_ms = vx_clock_ms() + (uint64_t)copy_channel_patience_ms;
	struct pollfd fds[] = {
		{.fd = channel->fd}, {.fd = channel->interrupts->fd, .events = POLLIN}};
	for (;;) {
		fds[0].events = (short)((channel->output.size < output_high ? POLLIN : 0) |
					(channel->send.size > 0 ? POLLOUT : 0));
		int count = poll(fds, VX_ARRAY_LENGTH(fds), next_timeout_ms(channel, end_ms));
		if (count > 0 && fds[1].revents != 0 && !take_interrupt(channel, err)) {
			return false;
		}
		if (count > 0 && (fds[0].revents & POLLOUT) != 0) {
			flush(channel);
		}
		if (count > 0 && (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
			return receive(channel, err);
		}
		if (count > 0 && fds[0].revents != 0) {
			return true;
		}
		if (vx_clock_ms() >= end_ms) {
			return vx_error_set(err, "VM '%s' did not answer for %d s", channel->vm,
				copy_channel_patience_ms / 1000);
		}
	}
}

/* To the VM */

bool copy_channel_put(
	struct copy_channel *channel, const struct copy_frame *frame, struct vx_error *err)
{
	struct vx_buffer encoded = {};
	bool good = copy_encode(&encoded, frame) &&
		    vx_exec_encode(
			    &channel->send, VX_EXEC_STDIN, vx_buffer_bytes(&encoded), encoded.size);
	vx_buffer_finish(&encoded);
	if (!good) {
		return vx_error_set(err, "a frame that is too large");
	}
	while (channel->send.size > send_high && !channel->has_exited) {
		if (!pump(channel, err)) {
			return false;
		}
	}
	/* Its last words say why; who reads them tells. */
	return !channel->has_exited ||
	       vx_error_set(err, "the copy in VM '%s' ended early", channel->vm);
}

bool copy_channel_end_input(struct copy_channel *channel, struct vx_error *err)
{
	return vx_exec_encode(&channel->send, VX_EXEC_STDIN, nullptr, 0) ||
	       vx_error_set(err, "a frame that is too large");
}

int copy_channel_peek(
	struct copy_channel *channel, struct copy_frame *ret_frame, struct vx_error *err)
{
	vx_cleanup_error struct vx_error reason = {};
	int result = copy_decode(&channel->output, &channel->checker, ret_frame, &reason);
	if (result < 0) {
		broke_protocol(channel, vx_error_message(&reason), err);
	}
	return result;
}

int copy_channel_get(
	struct copy_channel *channel, struct copy_frame *ret_frame, struct vx_error *err)
{
	for (;;) {
		int result = copy_channel_peek(channel, ret_frame, err);
		if (result != 0 || channel->has_exited) {
			return result;
		}
		if (!pump(channel, err)) {
			return -1;
		}
	}
}
