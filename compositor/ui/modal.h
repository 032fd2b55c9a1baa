/* SPDX-License-Identifier: MIT */
/*
 * What the compositor itself shows and takes all input for: a prompt, or else the menu. The input
 * folder asks here who gets a key or a click.
 */
#ifndef UI_MODAL_H
#define UI_MODAL_H

#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

struct server;

bool modal_is_open(const struct server *server);

/* Takes input away from all clients; grabs and popups end. */
void modal_take_input(struct server *server);

/* A key press; `text` is what it types, or "". */
void modal_key(struct server *server, xkb_keysym_t sym, uint32_t modifiers, const char *text,
	bool is_repeated);
void modal_key_released(struct server *server);
/* Layout coordinates. */
void modal_pointer_moved(struct server *server, double x, double y);
void modal_button(struct server *server, double x, double y, bool pressed);
void modal_scroll(struct server *server, double delta);

#endif
