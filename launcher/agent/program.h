/* SPDX-License-Identifier: MIT */
/* One program that the host asked for, and the channel it asked on. Private to launcher/agent. */
#ifndef VX_LAUNCHER_AGENT_PROGRAM_H
#define VX_LAUNCHER_AGENT_PROGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-util.h>

#include "agent/log_lines.h"
#include "agent/program_stream.h"
#include "common/buffer.h"

struct environment;
struct program;
struct vx_link_channel;
struct wl_event_loop;
struct wl_event_source;

enum program_state : unsigned {
	PROGRAM_WAITING,  /* for START */
	PROGRAM_STARTING, /* forked; not known yet whether execve succeeds */
	PROGRAM_RUNNING,
	PROGRAM_EXITED, /* reaped; output may be left */
	PROGRAM_DONE,   /* EXIT or FAILED is queued: nothing follows */
};

struct program {
	struct wl_list link;                   /* agent.programs */
	struct wl_event_loop *loop;            /* borrowed */
	const struct environment *environment; /* borrowed */
	int log_fd;                            /* borrowed */
	struct vx_link_channel *channel;       /* owned; NULL once it is gone */
	enum program_state state;
	bool terminal, detached, owner;
	bool reaped;   /* or never forked */
	bool hung_up;  /* told to end, because its channel is gone */
	bool unheard;  /* the channel went before it had told the end */
	bool draining; /* the program has ended and so does its output, at the first pause */
	pid_t pid;
	int status;                  /* for EXIT */
	uint64_t waiting_signals;    /* bit n - 1: signal n came while STARTING */
	struct vx_buffer input;      /* from the channel, less than a frame */
	struct vx_buffer to_program; /* standard input that it hasn't read; bounded by the window */
	bool input_ends;             /* and then end of file */
	struct vx_buffer output;     /* frames for which there was no credit; at most a few */
	struct program_stream process, exec_status, in, out, errors;
	struct wl_event_source *timer;    /* owned */
	struct log_lines log;             /* of a detached program */
	void (*orphan_ended)(void *data); /* an owner has ended without a channel; may be NULL */
	void *data;
};

/* Accepts `channel`; the program starts when the host's START has come. */
[[nodiscard, gnu::returns_nonnull]] struct program *program_create(struct wl_event_loop *loop,
	const struct environment *environment, int log_fd, struct vx_link_channel *channel);

/* Also removes it from the agent's list. A program that runs and isn't detached gets SIGHUP. */
void program_destroy(struct program *program);

#endif
