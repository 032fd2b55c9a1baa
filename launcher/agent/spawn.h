/* SPDX-License-Identifier: MIT */
/* Starts one program without waiting for it. Private to launcher/agent. */
#ifndef VX_LAUNCHER_AGENT_SPAWN_H
#define VX_LAUNCHER_AGENT_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

/* Everything borrowed. */
struct spawn_request {
	const char *program;     /* looked up in the environment's PATH where it has no slash */
	const char *const *argv; /* NULL-terminated */
	const char *const *environment; /* NULL-terminated; all of it */
	const char *directory;
	bool terminal;          /* on a new pseudo-terminal, in a session of its own */
	bool detached;          /* no standard input, one pipe for both outputs */
	uint16_t columns, rows; /* of the terminal */
};

/* What the caller owns. All fds are non-blocking and close-on-exec; -1 where there is none. */
struct spawned {
	pid_t pid; /* also its process group and session */
	int pidfd;
	int status; /* end of file: execve succeeded; else an int: the errno */
	int input;  /* of the program */
	int output; /* or the terminal */
	int errors;
};

/*
 * Forks and returns at once. Returns 0, or the errno of what failed before the fork. A directory
 * that isn't there is reported as ENOTDIR, so that ENOENT means the program.
 */
int spawn(const struct spawn_request *request, struct spawned *ret_spawned);

#endif
