/* SPDX-License-Identifier: MIT */
#include "daemon/job.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "proxy/link/exec.h"

static constexpr size_t output_max = 256 * 1024;
static constexpr size_t input_max = 64 * 1024;

struct job {
	const struct job_listener *listener;
	void *data;
	char *program; /* owned */
	int fd;        /* owned; -1 before job_begin() and after the end */
	bool is_started;
	struct vx_buffer output; /* the request, as long as not all of it is sent */
	struct vx_buffer input;
	sd_event_source *source; /* owned */
};

struct job *job_create(const struct job_program *program, const struct job_listener *listener,
	void *data, struct vx_error *err)
{
	struct job *job = vx_new(job);
	*job = (struct job){
		.listener = listener,
		.data = data,
		.program = vx_strdup(program->argv[0]),
		.fd = -1,
		.output = {.max_size = output_max},
		.input = {.max_size = input_max},
	};
	struct vx_exec_request request = {
		.flags = VX_EXEC_FLAG_DETACHED | (program->is_owner ? VX_EXEC_FLAG_OWNER : 0u),
		.argv = program->argv,
		.environment = program->environment,
	};
	if (!vx_exec_encode_request(&job->output, &request, err)) {
		job_destroy(job);
		return nullptr;
	}
	return job;
}

static void job_close(struct job *job)
{
	job->source = sd_event_source_disable_unref(job->source);
	vx_replace_fd(&job->fd, -1);
}

void job_destroy(struct job *job)
{
	if (job == nullptr) {
		return;
	}
	job_close(job);
	vx_buffer_finish(&job->output);
	vx_buffer_finish(&job->input);
	free(job->program);
	free(job);
}

bool job_has_begun(const struct job *job)
{
	return job->fd >= 0;
}

const char *job_get_program(const struct job *job)
{
	return job->program;
}

bool job_exec_error(const char *program, int errnum, struct vx_error *err)
{
	enum vx_error_kind kind = VX_ERROR_NOT_EXECUTABLE;
	if (errnum == ENOENT || errnum == ENOTDIR) {
		kind = VX_ERROR_NOT_FOUND;
	}
	return vx_error_set_kind(err, kind, "cannot execute '%s' in the VM: %s", program,
		errnum > 0 && errnum < 4096 ? strerror(errnum) : "unknown error");
}

/* The end, as told by the guest or by the loss of the stream. The job may be destroyed after this.
 */
static void job_end(struct job *job, int status, const struct vx_error *err)
{
	job_close(job);
	if (job->is_started) {
		job->listener->ended(job, status, job->data);
	} else {
		job->listener->started(job, err, job->data);
	}
}

static void job_fail(struct job *job, const char *why)
{
	vx_cleanup_error struct vx_error err = {};
	vx_error_set_kind(&err, VX_ERROR_VIXOS, "cannot run '%s': %s", job->program, why);
	job_end(job, -1, &err);
}

/* False when the job has ended (and may be gone). */
static bool job_take_frame(struct job *job, const struct vx_exec_frame *frame)
{
	if (frame->type == VX_EXEC_STARTED && !job->is_started) {
		job->is_started = true;
		job->listener->started(job, nullptr, job->data);
		return true;
	}
	if (frame->type == VX_EXEC_EXIT && job->is_started) {
		job_end(job, (int)vx_exec_frame_get_u32(frame), nullptr);
		return false;
	}
	if (frame->type == VX_EXEC_FAILED && !job->is_started) {
		vx_cleanup_error struct vx_error err = {};
		job_exec_error(job->program, (int)vx_exec_frame_get_u32(frame), &err);
		job_end(job, -1, &err);
		return false;
	}
	if (frame->type == VX_EXEC_STDOUT || frame->type == VX_EXEC_STDERR) {
		return true; /* not asked for; dropped */
	}
	job_fail(job, "the VM broke the exec protocol");
	return false;
}

static void job_decode(struct job *job)
{
	for (;;) {
		struct vx_exec_frame frame;
		vx_cleanup_error struct vx_error err = {};
		int result = vx_exec_decode(&job->input, VX_EXEC_TO_HOST, &frame, &err);
		if (result < 0) {
			job_fail(job, "the VM broke the exec protocol");
			return;
		}
		if (result == 0 || !job_take_frame(job, &frame)) {
			return;
		}
	}
}

static void job_receive(struct job *job)
{
	uint8_t *room = vx_buffer_reserve(&job->input, 16 * 1024);
	ssize_t size = room != nullptr ? recv(job->fd, room, 16 * 1024, MSG_DONTWAIT) : 0;
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	if (size <= 0) {
		job_fail(job, "the connection to the VM was lost");
		return;
	}
	vx_buffer_commit(&job->input, (size_t)size);
	job_decode(job);
}

static void job_send(struct job *job)
{
	ssize_t size = send(job->fd, vx_buffer_bytes(&job->output), job->output.size,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (size > 0) {
		vx_buffer_consume(&job->output, (size_t)size);
	}
	if (job->output.size == 0) {
		(void)sd_event_source_set_io_events(job->source, EPOLLIN);
	}
}

static int handle_stream(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct job *job = data;
	if ((events & EPOLLOUT) != 0 && job->output.size > 0) {
		job_send(job);
	}
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
		job_receive(job);
	}
	return 0;
}

bool job_begin(struct job *job, sd_event *event, int fd, struct vx_error *err)
{
	job->fd = fd;
	int result = sd_event_add_io(
		event, &job->source, fd, EPOLLIN | EPOLLOUT, handle_stream, job);
	if (result < 0) {
		vx_replace_fd(&job->fd, -1);
		return vx_error_set_errno(
			err, -result, "cannot watch the stream of '%s'", job->program);
	}
	return true;
}
