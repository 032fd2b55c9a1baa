/* SPDX-License-Identifier: MIT */
/* Starting programs: by argv, with our environment and no signal blocked. */
#ifndef VX_COMMON_PROGRAM_H
#define VX_COMMON_PROGRAM_H

#include <sys/types.h>

/* Instead of a descriptor: /dev/null, and what we have ourselves. */
static constexpr int vx_program_null = -1;
static constexpr int vx_program_inherit = -2;

struct vx_program {
	const char *path;  /* sought in PATH where it has no '/' */
	char *const *argv; /* ends in NULL */
	/* Its standard streams; borrowed */
	int input, output, error;
	bool has_own_session;
};

/* 0, or the number of the error, as in errno. */
[[nodiscard]] int vx_program_start(const struct vx_program *program, pid_t *ret_pid);

/*
 * The line that says why a program has failed: the last that it wrote, or the one about an option,
 * which begins with its name and is followed by all options. Borrowed from `said`, which it cuts
 * up; NULL where it said nothing.
 */
const char *vx_program_reason(char *said, const char *name);

#endif
