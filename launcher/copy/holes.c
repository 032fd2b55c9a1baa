/* SPDX-License-Identifier: MIT */
#include "copy/holes.h"

#include <errno.h>
#include <unistd.h>

/* Smaller files are sent as they are, holes and all. */
static constexpr int64_t sparse_size_min = 64 * 1024;
static constexpr int64_t block_size = 512; /* of st_blocks, whatever the file system's is */

bool holes_may_be_in(const struct stat *info)
{
	return info->st_size >= sparse_size_min && info->st_blocks < info->st_size / block_size;
}

uint64_t holes_next_data(int fd, uint64_t offset, uint64_t size, uint64_t *ret_end)
{
	off_t begin = lseek(fd, (off_t)offset, SEEK_DATA);
	if (begin < 0 && errno == ENXIO) {
		*ret_end = size;
		return size;
	}
	off_t end = begin >= (off_t)offset ? lseek(fd, begin, SEEK_HOLE) : -1;
	if (end <= begin) {
		*ret_end = size;
		return offset;
	}
	*ret_end = (uint64_t)end < size ? (uint64_t)end : size;
	return (uint64_t)begin < size ? (uint64_t)begin : size;
}

uint64_t holes_count_data(int fd, const struct stat *info)
{
	uint64_t size = (uint64_t)info->st_size;
	uint64_t sum = 0;
	if (!holes_may_be_in(info)) {
		return size;
	}
	for (uint64_t offset = 0; offset < size;) {
		uint64_t begin = holes_next_data(fd, offset, size, &offset);
		sum += offset - begin;
	}
	return sum;
}
