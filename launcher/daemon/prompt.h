/* SPDX-License-Identifier: MIT */
/* A question that the compositor asks the user, where no program can answer (vixos-domain-v1). */
#ifndef VX_LAUNCHER_DAEMON_PROMPT_H
#define VX_LAUNCHER_DAEMON_PROMPT_H

struct display;
struct prompt;

/* Once, and never from within prompt_create(). The prompt is still its owner's to destroy. */
typedef void (*prompt_handler)(void *data, bool is_accepted);

/*
 * Asks about the VM `vm`; `accept` is what the button says. NULL where the compositor has no
 * prompts. It is to be destroyed before the display.
 */
[[nodiscard]] struct prompt *prompt_create(struct display *display, const char *vm,
	const char *text, const char *accept, prompt_handler handler, void *data);
/* Takes an unanswered question back. NULL allowed. */
void prompt_destroy(struct prompt *prompt);

#endif
