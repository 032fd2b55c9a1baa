/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/interrupts.h"
#include "cli/plain_text.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/fd.h"
#include "proxy/link/exec.h"

static constexpr size_t chunk_max = 16 * 1024; /* bytes of one read */
static constexpr size_t send_max = 256 * 1024; /* not yet taken by the link */
static constexpr size_t send_low = 64 * 1024;  /* standard input is read below this */
static constexpr size_t receive_max = 128 * 1024;
static constexpr size_t output_max = 512 * 1024; /* control characters grow when shown */
static constexpr size_t output_low = 64 * 1024;  /* the link is read below this */
static constexpr size_t write_max = 4096; /* what a pipe takes without blocking once it polls */
static constexpr unsigned interrupts_patience = 2;
/* SIGTERM and SIGHUP are for us too, however long the program's answer takes. */
static constexpr unsigned end_grace_ms = 3000;

/* One of our standard outputs. */
struct session_output {
	int fd;
	bool is_plain;  /* a terminal that the program wasn't given */
	bool is_closed; /* nobody reads it any more */
	struct vx_buffer pending;
	struct plain_text plain_text;
};

struct session {
	const struct session_options *options;
	int fd; /* the stream; owned */
	bool has_terminal;
	bool stdin_ended;
	bool has_started; /* STARTED came */
	bool is_over;     /* EXIT or FAILED came */
	bool has_failed;
	int status;
	uint64_t give_up_ms; /* 0: never */
	struct vx_buffer send, receive;
	struct session_output output, error_output;
	struct terminal terminal;
	struct vx_error *err;
};

enum session_slot : unsigned {
	SLOT_STREAM,
	SLOT_STDIN,
	SLOT_STDOUT,
	SLOT_STDERR,
	SLOT_SIGNALS,
	SLOT_WATCH,
	SLOT_COUNT,
};

/* To the guest */

static void session_queue(
	struct session *session, enum vx_exec_frame_type type, const void *payload, size_t size)
{
	/* The bound is far above what is ever queued; a frame that doesn't fit is no great loss. */
	(void)!vx_exec_encode(&session->send, type, payload, size);
}

static void session_queue_resize(struct session *session)
{
	uint16_t columns, rows;
	terminal_get_size(&columns, &rows);
	uint8_t payload[4] = {
		(uint8_t)columns, (uint8_t)(columns >> 8), (uint8_t)rows, (uint8_t)(rows >> 8)};
	session_queue(session, VX_EXEC_RESIZE, payload, sizeof(payload));
}

static void session_queue_signal(struct session *session, int number)
{
	uint8_t payload = (uint8_t)number;
	session_queue(session, VX_EXEC_SIGNAL, &payload, sizeof(payload));
}

static void session_end_stdin(struct session *session)
{
	if (!session->stdin_ended) {
		session->stdin_ended = true;
		session_queue(session, VX_EXEC_STDIN, nullptr, 0);
	}
}

static void session_read_stdin(struct session *session)
{
	uint8_t chunk[chunk_max];
	ssize_t size = read(STDIN_FILENO, chunk, sizeof(chunk));
	if (size > 0) {
		session_queue(session, VX_EXEC_STDIN, chunk, (size_t)size);
	} else if (size == 0 || (errno != EINTR && errno != EAGAIN)) {
		session_end_stdin(session);
	}
}

static bool session_flush(struct session *session)
{
	ssize_t size = send(session->fd, vx_buffer_bytes(&session->send), session->send.size,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (size > 0) {
		vx_buffer_consume(&session->send, (size_t)size);
	}
	return size > 0 || errno == EAGAIN || errno == EINTR;
}

/* From the guest */

static bool output_append(
	struct session_output *output, const uint8_t *untrusted_bytes, size_t size)
{
	if (output->is_closed) {
		return true;
	}
	return output->is_plain ? plain_text_append(&output->plain_text, untrusted_bytes, size,
					  &output->pending)
				: vx_buffer_append(&output->pending, untrusted_bytes, size);
}

static void output_flush(struct session_output *output)
{
	size_t size = output->pending.size < write_max ? output->pending.size : write_max;
	ssize_t written = write(output->fd, vx_buffer_bytes(&output->pending), size);
	if (written > 0) {
		vx_buffer_consume(&output->pending, (size_t)written);
	} else if (written < 0 && errno != EINTR && errno != EAGAIN) {
		vx_buffer_finish(&output->pending);
		output->is_closed = true;
	}
}

static void report_exec_failure(struct session *session, uint32_t untrusted_errno)
{
	int number = untrusted_errno < 4096 ? (int)untrusted_errno : EIO;
	bool is_missing = number == ENOENT || number == ENOTDIR;
	vx_error_set_kind(session->err, is_missing ? VX_ERROR_NOT_FOUND : VX_ERROR_NOT_EXECUTABLE,
		"cannot run '%s' in the VM: %s", session->options->program, strerror(number));
	session->has_failed = true;
	session->is_over = true;
}

/* Only now, so that a guest that never answers can be left by Ctrl-C. */
static void session_start(struct session *session)
{
	session->has_started = true;
	if (session->has_terminal) {
		terminal_enter_raw(&session->terminal);
	}
}

static bool session_take_frame(struct session *session, const struct vx_exec_frame *frame)
{
	switch (frame->type) {
	case VX_EXEC_STARTED:
		session_start(session);
		return true;
	case VX_EXEC_STDOUT:
		return output_append(&session->output, frame->untrusted_payload, frame->size);
	case VX_EXEC_STDERR:
		return output_append(&session->error_output, frame->untrusted_payload, frame->size);
	case VX_EXEC_EXIT:
		session->status = (int)(vx_exec_frame_get_u32(frame) & 0xff);
		session->is_over = true;
		return true;
	case VX_EXEC_FAILED:
		report_exec_failure(session, vx_exec_frame_get_u32(frame));
		return true;
	case VX_EXEC_START:
	case VX_EXEC_STDIN:
	case VX_EXEC_RESIZE:
	case VX_EXEC_SIGNAL:
	case VX_EXEC_FRAME_TYPE_COUNT:
		break;
	}
	return false;
}

static bool session_decode(struct session *session)
{
	while (!session->is_over) {
		struct vx_exec_frame frame;
		int result = vx_exec_decode(
			&session->receive, VX_EXEC_TO_HOST, &frame, session->err);
		if (result == 0) {
			return true;
		}
		if (result < 0 || !session_take_frame(session, &frame)) {
			return vx_error_set_kind(
				session->err, VX_ERROR_VIXOS, "the VM broke the exec protocol");
		}
	}
	return true;
}

static bool session_receive(struct session *session)
{
	uint8_t *room = vx_buffer_reserve(&session->receive, chunk_max);
	ssize_t size = room != nullptr ? recv(session->fd, room, chunk_max, MSG_DONTWAIT) : 0;
	if (size > 0) {
		vx_buffer_commit(&session->receive, (size_t)size);
		return session_decode(session);
	}
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return true;
	}
	return vx_error_set_kind(session->err, VX_ERROR_VIXOS,
		"the connection to '%s' in the VM was lost", session->options->program);
}

/* Signals */

static bool session_take_signal(struct session *session)
{
	struct interrupts *interrupts = session->options->interrupts;
	int number = interrupts_take(interrupts);
	if (number == SIGWINCH) {
		if (session->has_terminal) {
			session_queue_resize(session);
		}
		return true;
	}
	if (number == 0) {
		return true;
	}
	session_queue_signal(session, number);
	if (!session->has_started) {
		return vx_error_set(session->err, "interrupted");
	}
	unsigned grace_ms = session->options->interrupt_grace_ms;
	if (number == SIGTERM || number == SIGHUP) {
		grace_ms = grace_ms > 0 ? grace_ms : end_grace_ms;
	}
	if (grace_ms > 0 && session->give_up_ms == 0) {
		session->give_up_ms = vx_clock_ms() + grace_ms;
	}
	if (grace_ms > 0 && interrupts->count >= interrupts_patience) {
		return vx_error_set(session->err, "interrupted");
	}
	return true;
}

/* The loop */

static void session_fill_slots(const struct session *session, struct pollfd *slots)
{
	bool has_room = session->output.pending.size < output_low &&
			session->error_output.pending.size < output_low;
	bool reads_stdin = !session->stdin_ended && session->send.size < send_low;
	slots[SLOT_STREAM] = (struct pollfd){.fd = session->fd};
	slots[SLOT_STREAM].events = (short)((has_room ? POLLIN : 0) |
					    (session->send.size > 0 ? POLLOUT : 0));
	if (slots[SLOT_STREAM].events == 0) {
		slots[SLOT_STREAM].fd = -1; /* or a hang-up would wake us again and again */
	}
	slots[SLOT_STDIN] = (struct pollfd){reads_stdin ? STDIN_FILENO : -1, POLLIN, 0};
	slots[SLOT_STDOUT] = (struct pollfd){
		session->output.pending.size > 0 ? STDOUT_FILENO : -1, POLLOUT, 0};
	slots[SLOT_STDERR] = (struct pollfd){
		session->error_output.pending.size > 0 ? STDERR_FILENO : -1, POLLOUT, 0};
	slots[SLOT_SIGNALS] = (struct pollfd){session->options->interrupts->fd, POLLIN, 0};
	const struct session_watch *watch = session->options->watch;
	slots[SLOT_WATCH] = (struct pollfd){watch != nullptr ? watch->fd : -1, POLLIN, 0};
}

/* As for a program here whose reader has gone; closing the stream ends the one in the VM. */
static void session_end_by_pipe(struct session *session)
{
	session->status = 128 + SIGPIPE;
	session->is_over = true;
}

static bool session_handle_slots(struct session *session, const struct pollfd *slots)
{
	if (slots[SLOT_SIGNALS].revents != 0 && !session_take_signal(session)) {
		return false;
	}
	if (slots[SLOT_WATCH].revents != 0) {
		session->options->watch->handle(session->options->watch);
	}
	if (slots[SLOT_STDIN].revents != 0) {
		session_read_stdin(session);
	}
	if (slots[SLOT_STDOUT].revents != 0) {
		output_flush(&session->output);
	}
	if (slots[SLOT_STDERR].revents != 0) {
		output_flush(&session->error_output);
	}
	if (session->output.is_closed) {
		session_end_by_pipe(session);
		return true;
	}
	if ((slots[SLOT_STREAM].revents & POLLOUT) != 0 && !session_flush(session)) {
		/* Reading tells why. */
		vx_buffer_finish(&session->send);
	}
	short readable = POLLIN | POLLHUP | POLLERR;
	return (slots[SLOT_STREAM].revents & readable) == 0 || session_receive(session);
}

static int session_timeout_ms(const struct session *session)
{
	if (session->give_up_ms == 0) {
		return -1;
	}
	uint64_t now_ms = vx_clock_ms();
	return session->give_up_ms > now_ms ? (int)(session->give_up_ms - now_ms) : 0;
}

static bool session_loop(struct session *session)
{
	while (!session->is_over) {
		struct pollfd slots[SLOT_COUNT];
		session_fill_slots(session, slots);
		int count = poll(slots, SLOT_COUNT, session_timeout_ms(session));
		if (count == 0) {
			return vx_error_set(session->err, "'%s' did not end when asked to",
				session->options->program);
		}
		if (count > 0 && !session_handle_slots(session, slots)) {
			return false;
		}
	}
	return !session->has_failed;
}

/* What the program has written before its end still belongs to the user; a reader may be slow. */
static void session_drain(struct session *session)
{
	struct session_output *outputs[] = {&session->output, &session->error_output};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(outputs); i++) {
		while (outputs[i]->pending.size > 0) {
			struct pollfd fds[] = {{outputs[i]->fd, POLLOUT, 0},
				{session->options->interrupts->fd, POLLIN, 0}};
			if (poll(fds, 2, -1) < 0 && errno != EINTR) {
				return;
			}
			if (fds[1].revents != 0 &&
				interrupts_take(session->options->interrupts) != SIGWINCH) {
				return;
			}
			if (fds[0].revents != 0) {
				output_flush(outputs[i]);
			}
		}
	}
}

static bool session_begin(struct session *session)
{
	if (!vx_exec_encode_request(&session->send, session->options->request, session->err)) {
		session->err->kind = VX_ERROR_USAGE;
		return false;
	}
	if (!session->options->sends_stdin) {
		session_end_stdin(session);
	}
	signal(SIGPIPE, SIG_IGN);
	return true;
}

static void session_output_init(struct session_output *output, int fd, bool has_terminal)
{
	*output = (struct session_output){
		.fd = fd,
		.is_plain = !has_terminal && isatty(fd),
		.pending = {.max_size = output_max},
	};
}

int session_run(int fd, const struct session_options *options, struct vx_error *err)
{
	struct session session = {
		.options = options,
		.fd = fd,
		.has_terminal = (options->request->flags & VX_EXEC_FLAG_TERMINAL) != 0,
		.send = {.max_size = send_max},
		.receive = {.max_size = receive_max},
		.err = err,
	};
	session_output_init(&session.output, STDOUT_FILENO, session.has_terminal);
	session_output_init(&session.error_output, STDERR_FILENO, session.has_terminal);
	bool has_ended = session_begin(&session) && session_loop(&session);
	session_drain(&session);
	terminal_leave_raw(&session.terminal);
	vx_buffer_finish(&session.send);
	vx_buffer_finish(&session.receive);
	vx_buffer_finish(&session.output.pending);
	vx_buffer_finish(&session.error_output.pending);
	close(session.fd);
	return has_ended ? session.status : -1;
}
