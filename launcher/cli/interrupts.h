/* SPDX-License-Identifier: MIT */
/* Signals as input: what ends or resizes a session is read like everything else. */
#ifndef VX_LAUNCHER_CLI_INTERRUPTS_H
#define VX_LAUNCHER_CLI_INTERRUPTS_H

#include "common/error.h"

struct interrupts {
	int fd;         /* owned; readable when a signal has come */
	unsigned count; /* of SIGINT, SIGTERM, SIGHUP and SIGQUIT so far */
	int last;       /* which of them came last */
};

/* From here on SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGWINCH come by the fd only. */
bool interrupts_init(struct interrupts *interrupts, struct vx_error *err);
void interrupts_finish(struct interrupts *interrupts);

/* The next signal that has come, counted; 0 if there is none. */
int interrupts_take(struct interrupts *interrupts);

/* The exit status of what ended because of them. */
int interrupts_status(const struct interrupts *interrupts);

#endif
