/* SPDX-License-Identifier: MIT */
/* Private to program.c: the descriptors of a program, and what flows between them and its channel.
 */
#ifndef VX_LAUNCHER_AGENT_PROGRAM_STREAM_H
#define VX_LAUNCHER_AGENT_PROGRAM_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/link/exec.h"

struct program;
struct wl_event_source;

/* An fd on the loop. */
struct program_stream {
	struct program *program;
	int fd;                         /* owned; -1: closed */
	struct wl_event_source *source; /* owned; NULL while not watched */
};

typedef int (*stream_handler)(int fd, uint32_t mask, void *data);

/* Calls `handler` with the stream while `watched` and open. */
void program_stream_watch(
	struct program_stream *stream, bool watched, uint32_t mask, stream_handler handler);
void program_stream_close(struct program_stream *stream);
/* Passes on what can be read at once; closes it where that is all. */
void program_stream_drain(struct program_stream *stream);

/* To the host: a frame, or one of a number, behind which nothing follows; what there is credit for.
 */
void program_send_frame(
	struct program *program, enum vx_exec_frame_type type, const void *payload, size_t size);
void program_send_number(struct program *program, enum vx_exec_frame_type type, unsigned number);
void program_flush_output(struct program *program);
void program_give_credit(struct program *program, size_t size);

/* To the program: what it takes now, the rest when it takes more; or nothing any more. */
void program_flush_input(struct program *program);
void program_drop_input(struct program *program);

/* Reads the program's output while the host takes it. */
void program_watch_output(struct program *program);

/* In program.c: what follows from what has happened. May destroy the program. */
void program_advance(struct program *program);

#endif
