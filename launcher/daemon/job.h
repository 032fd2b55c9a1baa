/* SPDX-License-Identifier: MIT */
/*
 * A program that vixosd itself runs in a VM: of `vixos run --background`, of the menu, of the shell
 * key. It has no stdio here (the VM's log has its output); vixosd hears whether it could be started
 * and when it ends.
 */
#ifndef VX_LAUNCHER_DAEMON_JOB_H
#define VX_LAUNCHER_DAEMON_JOB_H

#include <systemd/sd-event.h>

#include "common/error.h"

struct job;

struct job_listener {
	/* It runs (`err` is NULL), or can't: then nothing more is heard, and the owner destroys the
	 * job. */
	void (*started)(struct job *job, const struct vx_error *err, void *data);
	/* It has ended with `status` as of a shell, or was lost with its VM or proxy (-1). */
	void (*ended)(struct job *job, int status, void *data);
};

/* What is to run; all is copied. */
struct job_program {
	const char *const *argv;
	const char *const *environment; /* may be NULL */
	bool is_owner; /* the VM ends by itself with a program whose end can't be told any more */
};

/* Fails where the program's strings are too large for a request. */
[[nodiscard]] struct job *job_create(const struct job_program *program,
	const struct job_listener *listener, void *data, struct vx_error *err);
/* The program, if it runs, goes on. NULL allowed. */
void job_destroy(struct job *job);

/* Speaks on `fd`, a non-blocking stream to an exec channel, which the job then owns. Once. */
bool job_begin(struct job *job, sd_event *event, int fd, struct vx_error *err);

bool job_has_begun(const struct job *job);
const char *job_get_program(const struct job *job); /* argv[0]; borrowed */

/* "cannot execute 'x' in the VM: No such file …" with the kind that the errno of execve() stands
 * for. */
bool job_exec_error(const char *program, int errnum, struct vx_error *err);

#endif
