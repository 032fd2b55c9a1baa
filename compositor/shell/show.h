/* SPDX-License-Identifier: MIT */
/* Brings the scene in line with the tree's current state. */
#ifndef SHELL_SHOW_H
#define SHELL_SHOW_H

struct server;

/* Places, stacks, shows and hides everything that the tree knows of. */
void shell_show(struct server *server);

#endif
