/* SPDX-License-Identifier: MIT */
#include "tool/copy.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "copy/receiver.h"
#include "copy/sender.h"

static constexpr size_t chunk_size = 64 * 1024;
static constexpr size_t input_max = 2 * chunk_size;

static bool write_frame(void *data, const struct copy_frame *frame, struct vx_error *err)
{
	struct vx_buffer *buffer = data;
	bool good = copy_encode(buffer, frame) &&
		    vx_write_all(STDOUT_FILENO, vx_buffer_bytes(buffer), buffer->size, err);
	vx_buffer_consume(buffer, buffer->size);
	return good;
}

int tool_send(char *const *argv)
{
	struct vx_buffer buffer = {};
	struct copy_sink sink = {write_frame, &buffer};
	vx_cleanup_error struct vx_error err = {};
	if (argv[0] == nullptr) {
		return EINVAL;
	}
	const struct copy_source source = {
		.path = argv[0],
		.follows_link = argv[1] != nullptr && strcmp(argv[1], "follow") == 0,
	};
	bool is_unread = false;
	bool good = copy_send(&source, &sink, &is_unread, &err) || is_unread;
	vx_buffer_finish(&buffer);
	return good ? 0 : EIO;
}

static bool read_more(struct vx_buffer *input)
{
	uint8_t *room = vx_buffer_reserve(input, chunk_size);
	ssize_t size;
	do {
		size = room != nullptr ? read(STDIN_FILENO, room, chunk_size) : 0;
	} while (size < 0 && errno == EINTR);
	if (size > 0) {
		vx_buffer_commit(input, (size_t)size);
	}
	return size > 0;
}

/* False where the stream is cut off, broken, or can't be written. */
static bool receive_all(
	struct copy_receiver *receiver, struct vx_buffer *input, struct vx_error *err)
{
	struct copy_checker checker = {};
	vx_cleanup_free struct copy_frame *frame = vx_new(frame);
	while (!checker.has_ended) {
		int result = copy_decode(input, &checker, frame, err);
		if (result < 0 || (result == 0 && !read_more(input)) ||
			(result > 0 && !copy_receiver_take(receiver, frame, err))) {
			return false;
		}
	}
	return true;
}

int tool_receive(char *const *argv)
{
	struct vx_buffer input = {.max_size = input_max};
	struct vx_buffer output = {};
	struct copy_sink problems = {write_frame, &output};
	vx_cleanup_error struct vx_error err = {};
	if (argv[0] == nullptr) {
		return EINVAL;
	}
	/* Where the host goes away, input ends; then what isn't whole is still to be removed. */
	signal(SIGHUP, SIG_IGN);
	const struct copy_receiver_options options = {
		.destination = argv[0],
		.keeps_owner = argv[1] != nullptr && strcmp(argv[1], "owner") == 0,
	};
	struct copy_receiver *receiver = copy_receiver_create(&options, &problems);
	bool good = receive_all(receiver, &input, &err);
	copy_receiver_destroy(receiver);
	vx_buffer_finish(&input);
	vx_buffer_finish(&output);
	return good ? 0 : EIO;
}
