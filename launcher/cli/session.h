/* SPDX-License-Identifier: MIT */
/*
 * One program in a VM and our standard streams: speaks the exec protocol (proxy/link/exec.h) over
 * the stream that vixosd hands out. Nothing is buffered without bound: a slow reader here holds the
 * program up there, and the other way round.
 */
#ifndef VX_LAUNCHER_CLI_SESSION_H
#define VX_LAUNCHER_CLI_SESSION_H

#include "common/error.h"

struct interrupts;
struct vx_exec_request;

/* Something else that is watched meanwhile; `handle` is called when `fd` is readable or hung up. */
struct session_watch {
	int fd; /* -1: nothing; `handle` may change it */
	void (*handle)(struct session_watch *watch);
	void *data;
};

struct session_options {
	const struct vx_exec_request *request; /* flags say whether there is a terminal */
	const char *program;                   /* for messages */
	bool sends_stdin; /* else the program finds its standard input at its end */
	/*
	 * After the first interrupt the program has this long to end before session_run() gives up
	 * on it; 0: as long as it likes, interrupts are the program's affair.
	 */
	unsigned interrupt_grace_ms;
	struct interrupts *interrupts;
	struct session_watch *watch; /* borrowed; may be NULL */
};

/*
 * Takes `fd`. Gives the program's exit status as a shell would (128 + n: killed by signal n), or
 * -1: the program could not be started (NOT_FOUND, NOT_EXECUTABLE), or the connection was lost, or
 * the user wouldn't wait any longer (interrupts->count says so). The terminal is as it was.
 */
int session_run(int fd, const struct session_options *options, struct vx_error *err);

#endif
