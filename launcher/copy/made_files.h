/* SPDX-License-Identifier: MIT */
/* Files that a stream has made, by what the kernel knows them by, whatever their names are. */
#ifndef VX_LAUNCHER_COPY_MADE_FILES_H
#define VX_LAUNCHER_COPY_MADE_FILES_H

#include <stddef.h>
#include <sys/stat.h>

struct made_file {
	dev_t device;
	ino_t inode; /* 0: no file */
};

/* Zeroed to begin with. */
struct made_files {
	struct made_file *slots; /* owned; by hash, at least half of them empty */
	size_t capacity, count;  /* a power of two, or 0 */
};

void made_files_add(struct made_files *files, const struct stat *info);
bool made_files_has(const struct made_files *files, const struct stat *info);
void made_files_finish(struct made_files *files);

#endif
