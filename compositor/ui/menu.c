/* SPDX-License-Identifier: MIT */
#include "ui/menu.h"

#include "common/memory.h"
#include "server.h"

struct menu {
	struct server *server;
	bool open;
};

struct menu *menu_create(struct server *server)
{
	struct menu *menu = vx_new(menu);
	menu->server = server;
	return menu;
}
void menu_destroy(struct menu *menu) { free(menu); }
bool menu_is_open(const struct menu *menu) { return menu != nullptr && menu->open; }
void menu_close(struct menu *menu) { }
void menu_open(struct menu *menu) { }
void menu_key(struct menu *menu, xkb_keysym_t sym, uint32_t modifiers, const char *text) {}
void menu_pointer_moved(struct menu *menu, double x, double y) {}
void menu_button(struct menu *menu, double x, double y, bool pressed) {}
void menu_scroll(struct menu *menu, double delta) {}
void menu_show_message(struct menu *menu, const char *text) {}
