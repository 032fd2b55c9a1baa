/* SPDX-License-Identifier: MIT */
/* The path that a copy was asked for, as the user has named it. */
#ifndef VX_LAUNCHER_COPY_NAMED_PATH_H
#define VX_LAUNCHER_COPY_NAMED_PATH_H

#include <sys/stat.h>

struct copy_source;

/* A path taken apart: what to open it from, and what to call it there. */
struct named_path {
	int parent;      /* owned */
	char *name;      /* owned; to be opened in `parent`; may be ".", ".." */
	char *sent_name; /* owned; what the other side is told */
	bool is_contents, must_be_folder;
};

/* As `source` says; a link that is followed keeps its own name. `path` begins with parent = -1.
 * False with errno. */
[[nodiscard]] bool named_path_init(struct named_path *path, const struct copy_source *source);
void named_path_finish(struct named_path *path);

/* What is there; false with errno. */
[[nodiscard]] bool named_path_stat(const struct named_path *path, struct stat *ret_info);

#endif
