/* SPDX-License-Identifier: MIT */
/* Files with holes: where their data is. */
#ifndef VX_LAUNCHER_COPY_HOLES_H
#define VX_LAUNCHER_COPY_HOLES_H

#include <stdint.h>
#include <sys/stat.h>

/* Is it worth looking? */
bool holes_may_be_in(const struct stat *info);

/*
 * Where data begins at or after `offset`, and where it ends; both `size` where there is none. What
 * the file system doesn't know is data.
 */
uint64_t holes_next_data(int fd, uint64_t offset, uint64_t size, uint64_t *ret_end);

/* How many bytes of data a file has. */
uint64_t holes_count_data(int fd, const struct stat *info);

#endif
