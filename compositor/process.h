/* SPDX-License-Identifier: MIT */
/* Starting programs, and ending those that the compositor runs for its own sake. */
#ifndef COMPOSITOR_PROCESS_H
#define COMPOSITOR_PROCESS_H

#include <sys/types.h>

struct server;
struct vx_error;

/* The activation token that a program finds in XDG_ACTIVATION_TOKEN and DESKTOP_STARTUP_ID. */
struct process_token {
	const char *name; /* NULL: none */
	bool is_without_startup_id;
};

/*
 * Runs a program in a session of its own, with default signals. Returns its process id, or 0. It
 * goes on when the compositor ends.
 */
pid_t process_spawn(struct server *server, const char *const argv[],
	const struct process_token *token, struct vx_error *err);

/* Asks a program that process_spawn() started to end; nothing if it has, whoever may have its id
 * now. */
void process_end(struct server *server, pid_t pid);

/* Reaps what has ended; of SIGCHLD. */
void processes_reap(struct server *server);
/* Forgets all of them. */
void processes_finish(struct server *server);

/* Is `pid` the process `ancestor`, or started by it, directly or not? */
bool process_descends_from(pid_t pid, pid_t ancestor);

#endif
