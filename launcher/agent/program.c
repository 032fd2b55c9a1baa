/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "agent"
#include "agent/program.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "agent/environment.h"
#include "agent/program_stream.h"
#include "agent/spawn.h"
#include "common/log.h"
#include "proxy/link/exec.h"
#include "proxy/link/link.h"

static constexpr int drain_ms =
	500; /* docs/link.md: how long output may follow the program's end */
static constexpr int hangup_ms = 3000; /* from SIGHUP to SIGKILL */

/* The end */

static void signal_group(const struct program *program, int number)
{
	if (!program->reaped) {
		kill(program->state == PROGRAM_STARTING ? program->pid : -program->pid, number);
	}
}

static void hang_up(struct program *program)
{
	if (program->hung_up) {
		return;
	}
	program->hung_up = true;
	signal_group(program, program->state == PROGRAM_STARTING ? SIGKILL : SIGHUP);
	signal_group(program, SIGCONT); /* one that is stopped couldn't end */
	program_drop_input(program);
	program_stream_close(&program->out);
	program_stream_close(&program->errors);
	wl_event_source_timer_update(program->timer, hangup_ms);
}

static int handle_timer(void *data)
{
	struct program *program = data;
	if (program->hung_up) {
		signal_group(program, SIGKILL);
	} else if (program->state == PROGRAM_EXITED) {
		program->draining = true;
		program_advance(program);
	}
	return 0;
}

static bool output_is_over(const struct program *program)
{
	return program->out.fd < 0 && program->errors.fd < 0;
}

/* What follows from what has happened. May destroy the program. */
void program_advance(struct program *program)
{
	program_flush_output(program);
	if (program->draining) {
		program_stream_drain(&program->out);
		program_stream_drain(&program->errors);
	}
	if (program->state == PROGRAM_EXITED && output_is_over(program) &&
		program->output.size == 0) {
		program_send_number(program, VX_EXEC_EXIT, (unsigned)program->status);
	}
	program_watch_output(program);
	if (program->state == PROGRAM_DONE && program->channel != nullptr &&
		program->output.size == 0) {
		vx_link_channel_finish(program->channel);
	}
	if (program->channel == nullptr && program->reaped &&
		(program->state != PROGRAM_EXITED || program->hung_up)) {
		if (program->owner && program->unheard && program->orphan_ended != nullptr) {
			program->orphan_ended(program->data);
		}
		program_destroy(program);
	}
}

static void reap(struct program *program)
{
	siginfo_t info = {};
	if (program->hung_up) {
		signal_group(program, SIGKILL); /* its group; the leader's id is still taken */
	}
	if (waitid(P_PIDFD, (id_t)program->process.fd, &info, WEXITED | WNOHANG) != 0 ||
		info.si_pid == 0) {
		return;
	}
	program->status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	program->reaped = true;
	program_stream_close(&program->process);
}

/* Is it known by now how execve ended? Reads the pipe that execve closes. */
static void finish_start(struct program *program)
{
	int errnum = 0;
	ssize_t count = read(program->exec_status.fd, &errnum, sizeof(errnum));
	if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	program_stream_close(&program->exec_status);
	if (count == (ssize_t)sizeof(errnum)) {
		program_send_number(program, VX_EXEC_FAILED, (unsigned)errnum);
		program_drop_input(program);
		program_stream_close(&program->out);
		program_stream_close(&program->errors);
		return;
	}
	program->state = PROGRAM_RUNNING;
	program_send_frame(program, VX_EXEC_STARTED, nullptr, 0);
	for (int number = 1; program->waiting_signals != 0 && number <= 64; number++) {
		if ((program->waiting_signals >> (number - 1) & 1) != 0) {
			signal_group(program, number);
		}
	}
	program->waiting_signals = 0;
}

static int handle_exec_status(int fd, uint32_t mask, void *data)
{
	struct program_stream *stream = data;
	finish_start(stream->program);
	program_advance(stream->program);
	return 0;
}

static int handle_exit(int fd, uint32_t mask, void *data)
{
	struct program_stream *stream = data;
	struct program *program = stream->program;
	if (program->state == PROGRAM_STARTING) {
		finish_start(program);
	}
	reap(program);
	if (program->reaped && program->state == PROGRAM_RUNNING) {
		program->state = PROGRAM_EXITED;
		program_drop_input(program);
		wl_event_source_timer_update(program->timer, drain_ms);
	}
	program_advance(program);
	return 0;
}

/* From the host */

static void adopt(struct program *program, const struct spawned *spawned)
{
	program->pid = spawned->pid;
	program->reaped = false;
	program->state = PROGRAM_STARTING;
	program->process.fd = spawned->pidfd;
	program->exec_status.fd = spawned->status;
	program->in.fd = spawned->input;
	program->out.fd = spawned->output;
	program->errors.fd = spawned->errors;
	program_stream_watch(&program->process, true, WL_EVENT_READABLE, handle_exit);
	program_stream_watch(&program->exec_status, true, WL_EVENT_READABLE, handle_exec_status);
}

static void start(struct program *program, const struct vx_exec_request *request)
{
	const struct environment *environment = program->environment;
	const char *slash = strrchr(environment->shell, '/');
	vx_cleanup_free char *login_name = vx_printf("-%s", slash == nullptr ? "sh" : slash + 1);
	const char *const login_argv[] = {login_name, nullptr};
	bool login = (request->flags & VX_EXEC_FLAG_LOGIN_SHELL) != 0;
	char **entries = environment_build(environment, request->environment);
	program->terminal = (request->flags & VX_EXEC_FLAG_TERMINAL) != 0;
	program->detached = (request->flags & VX_EXEC_FLAG_DETACHED) != 0;
	program->owner = (request->flags & VX_EXEC_FLAG_OWNER) != 0;
	const struct spawn_request wanted = {
		.program = login ? environment->shell : request->argv[0],
		.argv = login ? login_argv : request->argv,
		.environment = (const char *const *)entries,
		.directory = request->directory == nullptr ? environment->home : request->directory,
		.terminal = program->terminal,
		.detached = program->detached,
		.columns = request->columns,
		.rows = request->rows,
	};
	struct spawned spawned;
	int errnum = spawn(&wanted, &spawned);
	if (errnum == 0) {
		log_lines_init(&program->log, program->log_fd, wanted.program);
		adopt(program, &spawned);
	} else {
		program_send_number(program, VX_EXEC_FAILED, (unsigned)errnum);
	}
	environment_free(entries);
}

static bool take_start(struct program *program, const struct vx_exec_frame *frame)
{
	struct vx_exec_request request;
	void *storage = nullptr;
	if (program->state != PROGRAM_WAITING ||
		!vx_exec_decode_request(
			frame->untrusted_payload, frame->size, &request, &storage, nullptr)) {
		return false;
	}
	program_give_credit(program, frame->size);
	start(program, &request);
	free(storage);
	return true;
}

static bool take_input(struct program *program, const struct vx_exec_frame *frame)
{
	if (program->in.fd < 0 || program->input_ends) {
		program_give_credit(program, frame->size);
		return true;
	}
	program->input_ends = frame->size == 0;
	if (!vx_buffer_append(&program->to_program, frame->untrusted_payload, frame->size)) {
		return false;
	}
	program_flush_input(program);
	return true;
}

static bool take_resize(struct program *program, const struct vx_exec_frame *frame)
{
	struct winsize size = {};
	vx_exec_frame_get_size(frame, &size.ws_col, &size.ws_row);
	program_give_credit(program, frame->size);
	if (program->terminal && program->out.fd >= 0) {
		ioctl(program->out.fd, TIOCSWINSZ, &size);
	}
	return true;
}

static bool take_signal(struct program *program, const struct vx_exec_frame *frame)
{
	int number = (int)vx_exec_frame_get_u32(frame);
	program_give_credit(program, frame->size);
	if (program->state == PROGRAM_STARTING) {
		program->waiting_signals |= UINT64_C(1) << (number - 1);
	} else if (program->state == PROGRAM_RUNNING) {
		signal_group(program, number);
	}
	return true;
}

static bool (*const takers[])(struct program *program, const struct vx_exec_frame *frame) = {
	[VX_EXEC_START] = take_start,
	[VX_EXEC_STDIN] = take_input,
	[VX_EXEC_RESIZE] = take_resize,
	[VX_EXEC_SIGNAL] = take_signal,
};

/* START must be first. False where the host broke the protocol. */
static bool take_frames(struct program *program)
{
	static constexpr size_t header_size = 8;
	struct vx_exec_frame frame;
	int result;
	while ((result = vx_exec_decode(&program->input, VX_EXEC_TO_GUEST, &frame, nullptr)) > 0) {
		if (program->state == PROGRAM_WAITING && frame.type != VX_EXEC_START) {
			return false;
		}
		program_give_credit(program, header_size);
		if (!takers[frame.type](program, &frame)) {
			return false;
		}
	}
	return result == 0;
}

static void lose_channel(struct program *program, enum vx_link_reason reason)
{
	program->channel = nullptr;
	program->unheard = reason != VX_LINK_REASON_NONE || program->state != PROGRAM_DONE ||
			   program->output.size > 0;
	vx_buffer_consume(&program->output, program->output.size);
	if (!program->detached && program->state < PROGRAM_DONE) {
		hang_up(program);
	}
	program_advance(program);
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct program *program = data;
	if (vx_buffer_append(&program->input, untrusted_data, size) && take_frames(program)) {
		program_advance(program);
		return;
	}
	vx_log_warn("the host broke the exec protocol; its program is ended");
	vx_link_channel_destroy(channel, VX_LINK_REASON_PROTOCOL);
	lose_channel(program, VX_LINK_REASON_PROTOCOL);
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
	program_advance(data);
}

/* A host that has no more to say closes standard input; it still gets the output. */
static void handle_peer_finished(struct vx_link_channel *channel, void *data)
{
	struct program *program = data;
	program->input_ends = true;
	program_flush_input(program);
	program_advance(program);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	lose_channel(data, reason);
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_peer_finished,
	.closed = handle_closed,
};

static void init_stream(struct program *program, struct program_stream *stream)
{
	*stream = (struct program_stream){.program = program, .fd = -1};
}

struct program *program_create(struct wl_event_loop *loop, const struct environment *environment,
	int log_fd, struct vx_link_channel *channel)
{
	struct program *program = vx_new(program);
	wl_list_init(&program->link);
	program->loop = loop;
	program->environment = environment;
	program->log_fd = log_fd;
	program->channel = channel;
	program->reaped = true;
	program->input.max_size = vx_link_window_default;
	program->to_program.max_size = vx_link_window_default;
	program->output.max_size = 2 * vx_exec_payload_max;
	init_stream(program, &program->process);
	init_stream(program, &program->exec_status);
	init_stream(program, &program->in);
	init_stream(program, &program->out);
	init_stream(program, &program->errors);
	program->timer = wl_event_loop_add_timer(loop, handle_timer, program);
	vx_link_channel_set_listener(channel, &channel_listener, program);
	return program;
}

void program_destroy(struct program *program)
{
	if (!program->detached) {
		signal_group(program, SIGHUP);
		signal_group(program, SIGCONT);
	}
	if (program->channel != nullptr) {
		vx_link_channel_destroy(program->channel, VX_LINK_REASON_CANCELLED);
	}
	program_stream_close(&program->process);
	program_stream_close(&program->exec_status);
	program_stream_close(&program->in);
	program_stream_close(&program->out);
	program_stream_close(&program->errors);
	wl_event_source_remove(program->timer);
	log_lines_finish(&program->log);
	vx_buffer_finish(&program->input);
	vx_buffer_finish(&program->to_program);
	vx_buffer_finish(&program->output);
	wl_list_remove(&program->link);
	free(program);
}
