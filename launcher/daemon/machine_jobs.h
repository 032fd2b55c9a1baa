/* SPDX-License-Identifier: MIT */
/* The part of a machine that runs programs for vixosd (job.h). */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_JOBS_H
#define VX_LAUNCHER_DAEMON_MACHINE_JOBS_H

struct machine;
struct vx_error;

/* The VM runs: start what waits for that. */
void machine_jobs_begin(struct machine *machine);

/* The link was lost: programs go on in the VM, but we won't hear of them any more. */
void machine_jobs_lost(struct machine *machine);

/* The VM has ended: nobody waits for anything any more. `why` may be empty. */
void machine_jobs_finish(struct machine *machine, const struct vx_error *why);

/* Forgets them without a word. */
void machine_jobs_drop(struct machine *machine);

#endif
