/* SPDX-License-Identifier: MIT */
#include "ui/modal.h"

#include "input/cursor.h"
#include "input/input.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "server.h"
#include "shell/shell.h"
#include "shell/window.h"
#include "ui/menu.h"
#include "ui/prompts.h"

bool modal_is_open(const struct server *server)
{
	return prompts_is_open(server->prompts) || menu_is_open(server->menu);
}

void modal_take_input(struct server *server)
{
	struct window *window;
	wl_list_for_each (window, &server->shell->windows, link) {
		window->view.impl->close_popups(&window->view);
	}
	struct seat *seat;
	wl_list_for_each (seat, &server->input->seats, link) {
		seatop_end(seat);
		seat_clear_keyboard(seat);
		wlr_seat_pointer_notify_clear_focus(seat->wlr_seat);
		cursor_update_constraint(seat->cursor);
		cursor_show_default(seat->cursor);
	}
}

void modal_key(struct server *server, xkb_keysym_t sym, uint32_t modifiers, const char *text,
	bool is_repeated)
{
	if (!prompts_is_open(server->prompts)) {
		menu_key(server->menu, sym, modifiers, text);
	} else if (!is_repeated) {
		prompts_key(server->prompts, sym);
	}
}

void modal_key_released(struct server *server)
{
	prompts_key_released(server->prompts);
}

void modal_pointer_moved(struct server *server, double x, double y)
{
	if (prompts_is_open(server->prompts)) {
		prompts_pointer_moved(server->prompts, x, y);
	} else {
		menu_pointer_moved(server->menu, x, y);
	}
}

void modal_button(struct server *server, double x, double y, bool pressed)
{
	if (prompts_is_open(server->prompts)) {
		prompts_button(server->prompts, x, y, pressed);
	} else {
		menu_button(server->menu, x, y, pressed);
	}
}

void modal_scroll(struct server *server, double delta)
{
	if (!prompts_is_open(server->prompts)) {
		menu_scroll(server->menu, delta);
	}
}
