/* SPDX-License-Identifier: MIT */
/*
 * xdg-activation: who may take the focus, and on which workspace a launched program's window opens.
 * A token stands for one launch, by an exec or by a client; it is good for 30 seconds and one
 * window.
 */
#ifndef SHELL_ACTIVATION_H
#define SHELL_ACTIVATION_H

#include <sys/types.h>

struct shell;
struct tree_seat;
struct window;
struct wlr_xdg_activation_token_v1;

bool activation_init(struct shell *shell);
void activation_finish(struct shell *shell);

/* For exec: a token that lets the started program's window take the focus; borrowed, may be NULL.
 */
struct wlr_xdg_activation_token_v1 *activation_begin_exec(
	struct shell *shell, struct tree_seat *seat);
/* The process that it was handed to; windows of its children belong to it, too. */
void activation_set_pid(struct wlr_xdg_activation_token_v1 *token, pid_t pid);

/* Before a window is mapped: looks for its launch by its process, where no token told of it. */
void activation_find_launch(struct window *window);

#endif
