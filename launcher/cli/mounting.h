/* SPDX-License-Identifier: MIT */
/* Folders of the host in a VM: what mount, umount and run have in common. */
#ifndef VX_LAUNCHER_CLI_MOUNTING_H
#define VX_LAUNCHER_CLI_MOUNTING_H

#include "common/error.h"

struct client;

/* Strings are borrowed, but for those that say otherwise. */
struct mounting {
	char *source;       /* owned; as given, relative to the working folder too */
	const char *target; /* in the VM; NULL: as the source */
	bool writable;
	bool force;
	bool is_quiet; /* no progress */
};

/* SRC[:DST][:ro|rw], as docker's --volume, but read-only unless rw is said. */
bool mounting_parse(struct mounting *mounting, const char *text, struct vx_error *err);

/* Shows the folder in the VM, which runs. */
bool mounting_add(struct client *client, const char *vm, const struct mounting *mounting,
	struct vx_error *err);

void mounting_finish(struct mounting *mounting);

/* The absolute path of a folder here, owned by the caller; it needn't be there. */
[[nodiscard, gnu::returns_nonnull]] char *mounting_absolute(const char *path);

#endif
