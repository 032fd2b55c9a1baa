/* SPDX-License-Identifier: MIT */
/* `-` as the source or destination of a copy: a tar archive on standard input or output. */
#ifndef VX_LAUNCHER_CLI_COPY_TAR_H
#define VX_LAUNCHER_CLI_COPY_TAR_H

#include "copy/stream.h"

struct copy_tar_writer;

/* Writes to `fd`, which stays the caller's. Without `keeps_owner` all is the user's own. */
[[nodiscard]] struct copy_tar_writer *copy_tar_writer_create(
	int fd, bool keeps_owner, struct vx_error *err);
bool copy_tar_writer_take(void *writer, const struct copy_frame *frame, struct vx_error *err);
/* Ends the archive, if the stream has come to its end. NULL allowed. */
bool copy_tar_writer_destroy(struct copy_tar_writer *writer, struct vx_error *err);

/*
 * Sends what an archive on `fd` (also a compressed one) has in it, as a stream with many entries.
 * What can't be copied (devices, paths with "..") is told by PROBLEM frames.
 */
bool copy_tar_send(int fd, struct copy_sink *sink, struct vx_error *err);

#endif
