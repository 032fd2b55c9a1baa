/* SPDX-License-Identifier: MIT */
/*
 * Reads a file or a tree and makes a stream of it. Nothing below the path that was named is reached
 * through a symbolic link, also where somebody changes the tree meanwhile.
 */
#ifndef VX_LAUNCHER_COPY_SENDER_H
#define VX_LAUNCHER_COPY_SENDER_H

#include "copy/stream.h"

struct copy_source {
	const char *path;
	bool follows_link; /* where `path` itself is a symbolic link, send what it leads to */
};

/*
 * Sends all of it, BEGIN and END included. What can't be read within the tree is told by PROBLEM
 * frames and left out. False where the sink wants no more, or where `path` itself can't be read: a
 * PROBLEM has been sent then, `*ret_is_unread` is true, and there is no error.
 */
bool copy_send(const struct copy_source *source, struct copy_sink *sink, bool *ret_is_unread,
	struct vx_error *err);

#endif
