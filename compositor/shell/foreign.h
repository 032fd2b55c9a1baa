/* SPDX-License-Identifier: MIT */
/* Windows as task bars see them: wlr and ext foreign-toplevel, and capture of one window. */
#ifndef SHELL_FOREIGN_H
#define SHELL_FOREIGN_H

struct window;

void foreign_map(struct window *window);
void foreign_unmap(struct window *window);
void foreign_update_title(struct window *window);
/* Activated and fullscreen state, outputs. */
void foreign_update_state(struct window *window);

#endif
