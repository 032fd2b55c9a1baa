/* SPDX-License-Identifier: MIT */
/*
 * Questions to the user that no program can answer, drawn by the compositor itself above everything
 * but the lock. While one is shown no client gets any input. It can be accepted only once it has
 * been there for a second in which nothing was typed, and all keys are up: nobody says yes by what
 * he was typing anyway.
 */
#ifndef UI_PROMPTS_H
#define UI_PROMPTS_H

#include <xkbcommon/xkbcommon.h>

struct prompt;
struct prompts;
struct server;
struct vm;

/* Owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] struct prompts *prompts_create(struct server *server);
/* All questions are refused first. */
void prompts_destroy(struct prompts *prompts);

/*
 * Asks about `vm`, after those that were asked before. `text` and `accept` (what the button says)
 * are copied and fit for display. NULL where the session is locked or too many questions wait.
 * `answered` is called once, unless the prompt is withdrawn; the prompt is gone then.
 */
[[nodiscard]] struct prompt *prompts_ask(struct prompts *prompts, struct vm *vm, const char *text,
	const char *accept, void (*answered)(void *data, bool accepted), void *data);
void prompts_withdraw(struct prompt *prompt);

/* `prompts` may be NULL. */
bool prompts_is_open(const struct prompts *prompts);
void prompts_refuse_all(struct prompts *prompts);

/* A key press (not a repeated one), and a release of any key. */
void prompts_key(struct prompts *prompts, xkb_keysym_t sym);
void prompts_key_released(struct prompts *prompts);
/* Layout coordinates. */
void prompts_pointer_moved(struct prompts *prompts, double x, double y);
void prompts_button(struct prompts *prompts, double x, double y, bool pressed);

#endif
