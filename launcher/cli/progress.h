/* SPDX-License-Identifier: MIT */
/*
 * What is being done, on standard error, once it takes longer than a second: on a terminal one line
 * that is kept up to date and vanishes in the end, else a line for each step with the seconds since
 * the start.
 */
#ifndef VX_LAUNCHER_CLI_PROGRESS_H
#define VX_LAUNCHER_CLI_PROGRESS_H

#include <stdint.h>

struct progress {
	bool is_quiet;
	bool is_terminal;
	bool is_shown;
	uint64_t start_ms;
	char *text;   /* owned; may be NULL */
	bool is_told; /* the text has been printed */
};

void progress_init(struct progress *progress, bool is_quiet);
void progress_finish(struct progress *progress); /* takes the line away */

/* `text` is made fit to be shown. */
void progress_set(struct progress *progress, const char *text);

/* Shows what is due. Gives the milliseconds until it is to be called again; -1: not by itself. */
int progress_update(struct progress *progress);

#endif
