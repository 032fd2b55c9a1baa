/* SPDX-License-Identifier: MIT */
/* What flows between a program and its channel. */
#include "agent/program_stream.h"

#include <errno.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "agent/program.h"
#include "common/fd.h"
#include "common/log.h"
#include "proxy/link/exec.h"
#include "proxy/link/link.h"

static int handle_output(int fd, uint32_t mask, void *data);
static int handle_input(int fd, uint32_t mask, void *data);

static constexpr char end_of_file_key = 4; /* what a terminal takes for it: Ctrl-D */

/* Streams */
static void stream_unwatch(struct program_stream *stream)
{
	if (stream->source != nullptr) {
		wl_event_source_remove(stream->source);
		stream->source = nullptr;
	}
}

/* Not watching at all is the only way not to hear of hang-ups, which would spin. */
void program_stream_watch(
	struct program_stream *stream, bool watched, uint32_t mask, stream_handler handler)
{
	if (!watched || stream->fd < 0) {
		stream_unwatch(stream);
	} else if (stream->source == nullptr) {
		stream->source = wl_event_loop_add_fd(
			stream->program->loop, stream->fd, mask, handler, stream);
	}
}

void program_stream_close(struct program_stream *stream)
{
	stream_unwatch(stream);
	vx_replace_fd(&stream->fd, -1);
}

/* To the host */

void program_flush_output(struct program *program)
{
	while (program->channel != nullptr && program->output.size > 0) {
		size_t sent = vx_link_channel_send(
			program->channel, vx_buffer_bytes(&program->output), program->output.size);
		vx_buffer_consume(&program->output, sent);
		if (sent == 0) {
			return;
		}
	}
}

/* There is always room: output is read only while nothing is queued, and the rest is a few words.
 */
void program_send_frame(
	struct program *program, enum vx_exec_frame_type type, const void *payload, size_t size)
{
	if (program->channel != nullptr) {
		vx_assert(vx_exec_encode(&program->output, type, payload, size));
		program_flush_output(program);
	}
}

void program_send_number(struct program *program, enum vx_exec_frame_type type, unsigned number)
{
	const uint8_t payload[] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
		(uint8_t)(number >> 24)};
	program_send_frame(program, type, payload, sizeof(payload));
	program->state = PROGRAM_DONE;
}

void program_give_credit(struct program *program, size_t size)
{
	if (program->channel != nullptr && size > 0) {
		vx_link_channel_consume(program->channel, size);
	}
}

/* Standard input */

void program_drop_input(struct program *program)
{
	program_give_credit(program, program->to_program.size);
	vx_buffer_consume(&program->to_program, program->to_program.size);
	program_stream_close(&program->in);
}

static void end_input(struct program *program)
{
	if (!program->terminal) {
		program_stream_close(&program->in);
	} else if (program->input_ends && program->in.fd >= 0) {
		/* A terminal has no end; it goes on for the program's output and size. */
		ssize_t written = write(program->in.fd, &end_of_file_key, 1);
		program->input_ends = written < 0 && errno == EAGAIN;
	}
}

/* Writes what fits. The host gets credit only for what the program has taken. */
void program_flush_input(struct program *program)
{
	while (program->to_program.size > 0 && program->in.fd >= 0) {
		ssize_t written = write(program->in.fd, vx_buffer_bytes(&program->to_program),
			program->to_program.size);
		if (written < 0 && (errno == EAGAIN || errno == EINTR)) {
			break;
		}
		if (written < 0) {
			program_drop_input(program);
			return;
		}
		vx_buffer_consume(&program->to_program, (size_t)written);
		program_give_credit(program, (size_t)written);
	}
	if (program->to_program.size == 0 && program->input_ends) {
		end_input(program);
	}
	program_stream_watch(&program->in, program->to_program.size > 0 || program->input_ends,
		WL_EVENT_WRITABLE, handle_input);
}

static int handle_input(int fd, uint32_t mask, void *data)
{
	struct program_stream *stream = data;
	program_flush_input(stream->program);
	return 0;
}

/* Output */

static bool may_read_output(const struct program *program)
{
	return program->output.size == 0 && program->state >= PROGRAM_RUNNING &&
	       program->state < PROGRAM_DONE;
}

void program_watch_output(struct program *program)
{
	bool watched = may_read_output(program);
	program_stream_watch(&program->out, watched, WL_EVENT_READABLE, handle_output);
	program_stream_watch(&program->errors, watched, WL_EVENT_READABLE, handle_output);
}

static void pass_output(struct program *program, const struct program_stream *stream,
	const uint8_t *bytes, size_t size)
{
	if (program->detached) {
		log_lines_write(&program->log, bytes, size);
	} else {
		program_send_frame(program,
			stream == &program->errors ? VX_EXEC_STDERR : VX_EXEC_STDOUT, bytes, size);
	}
}

/* One chunk; false at a pause or the end. A terminal's end is EIO: nobody has it open any more. */
static bool read_output(struct program_stream *stream)
{
	uint8_t bytes[vx_exec_payload_max];
	ssize_t count = read(stream->fd, bytes, sizeof(bytes));
	if (count > 0) {
		pass_output(stream->program, stream, bytes, (size_t)count);
		return true;
	}
	bool paused = count < 0 && (errno == EAGAIN || errno == EINTR);
	if (!paused || stream->program->draining) {
		program_stream_close(stream);
	}
	return false;
}

static int handle_output(int fd, uint32_t mask, void *data)
{
	struct program_stream *stream = data;
	struct program *program = stream->program;
	read_output(stream);
	program_advance(program);
	return 0;
}

void program_stream_drain(struct program_stream *stream)
{
	while (stream->fd >= 0 && may_read_output(stream->program) && read_output(stream)) {
	}
}
