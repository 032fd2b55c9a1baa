/* SPDX-License-Identifier: MIT */
/*
 * Writes what a stream brings, by docker cp's rules on where it goes. The stream is not believed:
 * it can make files, folders and symbolic links in the destination and nowhere else. Every entry is
 * made in the folder that the frames before it entered, whose descriptor is held; nothing below the
 * destination is reached through a symbolic link, an entry never replaces a folder, and a file has
 * its name only once it is whole. Archives can make hard links, to files that they have made.
 */
#ifndef VX_LAUNCHER_COPY_RECEIVER_H
#define VX_LAUNCHER_COPY_RECEIVER_H

#include "copy/stream.h"

struct copy_receiver;

struct copy_receiver_options {
	const char *destination; /* a path, which is the user's own: links in it are followed */
	bool keeps_owner;        /* try to */
	/* The folder `fd` is where all is written from here on; called before anything is. May be
	 * NULL; false with an error ends it. */
	bool (*confine)(int fd, struct vx_error *err);
};

/* `problems` hears, by PROBLEM frames, what could not be written; borrowed, outlives it. */
[[nodiscard, gnu::returns_nonnull]] struct copy_receiver *copy_receiver_create(
	const struct copy_receiver_options *options, struct copy_sink *problems);

/* Removes a file that isn't whole. NULL allowed. */
void copy_receiver_destroy(struct copy_receiver *receiver);

/*
 * Frames that copy_decode() accepted, in order. False: nothing can be written at all (a PROBLEM has
 * said why, and there is no error), or `problems` wants no more (with an error).
 */
bool copy_receiver_take(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err);

#endif
