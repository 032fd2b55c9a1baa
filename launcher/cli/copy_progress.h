/* SPDX-License-Identifier: MIT */
/* How far a copy is: on a terminal a bar, after the first second. */
#ifndef VX_LAUNCHER_CLI_COPY_PROGRESS_H
#define VX_LAUNCHER_CLI_COPY_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/progress.h"

struct copy_progress {
	struct progress progress;
	uint64_t total; /* bytes; UINT64_MAX: not known; a claim, where the sender is a VM */
	uint64_t done;
	uint64_t drawn_ms;
};

void copy_progress_init(struct copy_progress *progress, bool is_quiet);
void copy_progress_finish(struct copy_progress *progress);

/* Also draws, now and then, so that a copy which never has to wait is seen too. */
void copy_progress_add(struct copy_progress *progress, size_t bytes);

/* As progress_update(). */
int copy_progress_update(struct copy_progress *progress);

/* "1.5 GiB"; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *copy_progress_size(uint64_t bytes);

#endif
