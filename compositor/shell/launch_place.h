/* SPDX-License-Identifier: MIT */
/* Where a program was launched, and its window is to open: a workspace, even if that is gone by
 * then. */
#ifndef SHELL_LAUNCH_PLACE_H
#define SHELL_LAUNCH_PLACE_H

struct launch_place;
struct workspace;

/* Owned by the caller. */
struct launch_place *launch_place_create(struct workspace *ws);
/* NULL allowed. */
void launch_place_destroy(struct launch_place *place);

/* The workspace; made anew under its old name, on its old output, where it has gone meanwhile. */
struct workspace *launch_place_workspace(const struct launch_place *place);

#endif
