/* SPDX-License-Identifier: MIT */
/*
 * The menu of VMs and their apps, drawn by the compositor itself above everything but the lock.
 * While it is open no client gets any input.
 */
#ifndef UI_MENU_H
#define UI_MENU_H

#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

struct menu;
struct seat;
struct server;

/* Owned by the caller. */
struct menu *menu_create(struct server *server);
void menu_destroy(struct menu *menu);

/* `menu` may be NULL in these. */
bool menu_is_open(const struct menu *menu);
void menu_close(struct menu *menu);

void menu_open(struct menu *menu);

/* A key press; `text` is what it types, or "". */
void menu_key(struct menu *menu, xkb_keysym_t sym, uint32_t modifiers, const char *text);
/* Layout coordinates. */
void menu_pointer_moved(struct menu *menu, double x, double y);
void menu_button(struct menu *menu, double x, double y, bool pressed);
void menu_scroll(struct menu *menu, double delta);

/* Shows one line for a moment, as for a key that can do nothing now. */
void menu_show_message(struct menu *menu, const char *text);

#endif
