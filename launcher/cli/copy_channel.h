/* SPDX-License-Identifier: MIT */
/*
 * One end of a copy that is in a VM: vixos-tool there, at the other end of an exec channel. Speaks
 * the exec protocol around the frames of copy/stream.h. What waits here waits for the VM, for the
 * user's interrupt, and at most copy_channel_patience_ms without a byte.
 */
#ifndef VX_LAUNCHER_CLI_COPY_CHANNEL_H
#define VX_LAUNCHER_CLI_COPY_CHANNEL_H

#include "copy/stream.h"

struct client;
struct copy_progress;
struct interrupts;

static constexpr int copy_channel_patience_ms = 60'000;

struct copy_channel {
	const char *vm; /* borrowed */
	struct interrupts *interrupts;
	struct copy_progress *progress; /* may be NULL */
	int fd;                         /* owned; -1: not open */
	struct vx_buffer send;          /* exec frames that the link hasn't taken */
	struct vx_buffer receive;       /* less than an exec frame */
	struct vx_buffer output;        /* what vixos-tool has written, less than a copy frame */
	struct copy_checker checker;    /* of `output` */
	bool has_exited;
	uint32_t status; /* then */
};

/* Runs `vixos-tool` with `argv` (NULL-terminated, from its name on) in the VM, which runs. */
bool copy_channel_open(struct copy_channel *channel, struct client *client, const char *const *argv,
	struct vx_error *err);
void copy_channel_finish(struct copy_channel *channel);

/* Sends a frame; waits while much is queued. */
bool copy_channel_put(
	struct copy_channel *channel, const struct copy_frame *frame, struct vx_error *err);

/* After the last frame: ends vixos-tool's input. */
bool copy_channel_end_input(struct copy_channel *channel, struct vx_error *err);

/*
 * The next frame of vixos-tool's. 1; 0 once it has exited; -1 with an error. What the frame borrows
 * is valid until the next call.
 */
int copy_channel_get(
	struct copy_channel *channel, struct copy_frame *ret_frame, struct vx_error *err);

/* The same without waiting: 0 also where none is there. */
int copy_channel_peek(
	struct copy_channel *channel, struct copy_frame *ret_frame, struct vx_error *err);

#endif
