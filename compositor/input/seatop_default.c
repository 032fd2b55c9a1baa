/* SPDX-License-Identifier: MIT */
/* What a button does in the default mode: bindings, focus, the begin of moves and resizes. */
#include "input/seatop_default.h"

#include <linux/input-event-codes.h>
#include <string.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_seat.h>

#include "commands/commands.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/input.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "input/spot.h"
#include "ipc/ipc.h"
#include "server.h"
#include "shell/layer.h"
#include "shell/lock.h"
#include "shell/transaction.h"
#include "tree/tree.h"

static uint32_t held_modifiers(struct seat *seat)
{
	struct wlr_keyboard *keyboard = wlr_seat_get_keyboard(seat->wlr_seat);
	return keyboard != nullptr ? wlr_keyboard_get_modifiers(keyboard) : 0;
}

static void notify_button(struct seat *seat, uint32_t time_ms, uint32_t button, bool pressed)
{
	wlr_seat_pointer_notify_button(seat->wlr_seat, time_ms, button,
		pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
}

bool seatop_run_mouse_binding(struct seat *seat, struct device *device, const struct spot *spot,
	const uint32_t *buttons, size_t count, bool released)
{
	uint32_t on = (spot->on_titlebar ? BINDING_TITLEBAR : 0) |
		      (spot->on_border ? BINDING_BORDER : 0) |
		      (spot->on_contents || spot->ws != nullptr ? BINDING_CONTENTS : 0);
	if (lock_is_locked(seat->server->lock)) {
		return false;
	}
	struct binding *binding = binding_find_mouse(server_config(seat->server)->current_mode,
		buttons, count, held_modifiers(seat), released, on,
		device != nullptr ? device->identifier : "*");
	if (binding == nullptr) {
		return false;
	}
	struct binding *copy = binding_copy(binding);
	commands_run_quiet(&seat->server->session, copy->command, seat->tree_seat, spot->con);
	ipc_event_binding(seat->server->ipc, copy);
	binding_destroy(copy);
	transactions_commit(seat->server->transactions);
	return true;
}

/* Release bindings are looked up with the button that was let go. */
static bool run_button_binding(struct seat *seat, struct device *device, const struct spot *spot,
	uint32_t button, bool pressed)
{
	uint32_t buttons[cursor_buttons_max + 1];
	size_t count = seat->cursor->button_count;
	memcpy(buttons, seat->cursor->buttons, count * sizeof(buttons[0]));
	if (!pressed) {
		buttons[count++] = button;
		for (size_t i = count - 1; i > 0 && buttons[i] < buttons[i - 1]; i--) {
			uint32_t lower = buttons[i];
			buttons[i] = buttons[i - 1];
			buttons[i - 1] = lower;
		}
	}
	return seatop_run_mouse_binding(seat, device, spot, buttons, count, !pressed);
}

static uint32_t corner(const struct container *con, const struct seat *seat)
{
	double x = seat->cursor->wlr_cursor->x, y = seat->cursor->wlr_cursor->y;
	return (x > con->pending.x + con->pending.width / 2 ? EDGE_RIGHT : EDGE_LEFT) |
	       (y > con->pending.y + con->pending.height / 2 ? EDGE_BOTTOM : EDGE_TOP);
}

static void focus_click(struct seat *seat, struct container *con, bool on_titlebar)
{
	struct node *to_focus = &con->node;
	if (on_titlebar) {
		/* A click on a tab shows its content; one more, the tab itself. */
		struct container *focus = tree_seat_focused_container(seat->tree_seat);
		if (focus == con || focus == nullptr || !container_has_ancestor(focus, con)) {
			to_focus = tree_seat_focus_inactive(seat->tree_seat, &con->node);
		}
	}
	tree_seat_set_focus(seat->tree_seat, to_focus != nullptr ? to_focus : &con->node);
	transactions_commit(seat->server->transactions);
}

struct click {
	struct spot spot;
	uint32_t button;
	bool modifier;         /* floating_modifier is held */
	uint32_t move, resize; /* the buttons that do these with it */
};

static bool begin_tiling_resize(struct seat *seat, const struct click *click)
{
	struct container *con = click->spot.con;
	if (container_is_floating_or_child(con)) {
		return false;
	}
	if (click->spot.resize_edge != EDGE_NONE && click->button == BTN_LEFT) {
		/* Not another tab to the front by the way. */
		enum container_layout layout = container_parent_layout(con);
		struct container *view = (layout == LAYOUT_TABBED || layout == LAYOUT_STACKED) &&
							 con->pending.parent != nullptr
						 ? tree_seat_focus_inactive_view(seat->tree_seat,
							   &con->pending.parent->node)
						 : nullptr;
		tree_seat_set_focus_container(seat->tree_seat, view != nullptr ? view : con);
		seatop_begin_resize_tiling(seat, con, click->spot.resize_edge);
		return true;
	}
	if (click->modifier && click->button == click->resize) {
		tree_seat_set_focus_container(seat->tree_seat, con);
		seatop_begin_resize_tiling(seat, con, corner(con, seat));
		return true;
	}
	return false;
}

/* By the title bar with the left button, whatever floating_modifier says. */
static bool wants_move(const struct click *click)
{
	return (click->modifier && click->button == click->move) ||
	       (click->spot.on_titlebar && click->button == BTN_LEFT);
}

static bool begin_floating(struct seat *seat, const struct click *click)
{
	struct container *con = click->spot.con;
	if (!container_is_floating_or_child(con) || container_is_fullscreen_or_child(con)) {
		return false;
	}
	struct container *floater = container_toplevel_ancestor(con);
	if (wants_move(click)) {
		seatop_begin_move(seat, floater);
		return true;
	}
	if (click->button == BTN_LEFT && click->spot.resize_edge != EDGE_NONE) {
		tree_seat_set_focus_container(seat->tree_seat, con);
		seatop_begin_resize(seat, floater, click->spot.resize_edge);
		return true;
	}
	if (click->modifier && click->button == click->resize) {
		tree_seat_set_focus_container(seat->tree_seat, floater);
		seatop_begin_resize(seat, floater, corner(floater, seat));
		return true;
	}
	return false;
}

static bool begin_tiling_drag(struct seat *seat, const struct click *click)
{
	struct container *con = click->spot.con;
	const struct tree_options *options = &server_config(seat->server)->options;
	if (!options->tiling_drag || !wants_move(click) || container_is_floating_or_child(con) ||
		con->pending.fullscreen_mode != FULLSCREEN_NONE) {
		return false;
	}
	seatop_begin_drag_tiling(seat, con, !click->modifier && options->tiling_drag_threshold > 0);
	return true;
}

static bool press_container(struct seat *seat, const struct click *click)
{
	if (begin_tiling_resize(seat, click)) {
		transactions_commit(seat->server->transactions);
		return true;
	}
	focus_click(seat, click->spot.con, click->spot.on_titlebar);
	if (begin_floating(seat, click) || begin_tiling_drag(seat, click)) {
		transactions_commit(seat->server->transactions);
		return true;
	}
	return false;
}

void seatop_focus_hit(struct seat *seat, const struct scene_hit *hit)
{
	if (hit->owner != nullptr && hit->owner->kind == SCENE_OWNER_LAYER_SURFACE) {
		struct layer_surface *layer = hit->owner->object;
		if (layer->wlr_surface->current.keyboard_interactive) {
			seat_focus_layer(seat, layer);
		}
		return;
	}
	struct container *con = scene_hit_container(hit);
	if (con != nullptr && !con->node.destroying) {
		focus_click(seat, con, false);
	}
}

static void press(struct seat *seat, const struct click *click)
{
	const struct spot *spot = &click->spot;
	if (spot->ws != nullptr) {
		tree_seat_set_focus_workspace(seat->tree_seat, spot->ws);
		transactions_commit(seat->server->transactions);
	} else if (spot->layer != nullptr) {
		seatop_focus_hit(seat, &spot->hit);
	} else if (spot->con != nullptr && press_container(seat, click)) {
		return;
	}
	if (spot->hit.surface != nullptr && seat->seatop == nullptr) {
		seatop_begin_down(seat, spot->hit.surface, spot->hit.sx, spot->hit.sy);
	}
}

void seatop_default_button(
	struct seat *seat, struct device *device, uint32_t time_ms, uint32_t button, bool pressed)
{
	const struct config *config = server_config(seat->server);
	struct click click = {.spot = spot_look(seat), .button = button};
	uint32_t modifiers = held_modifiers(seat);
	click.modifier = config->floating_modifier != 0 &&
			 (modifiers & config->floating_modifier) == config->floating_modifier;
	click.move = config->floating_modifier_inverse ? BTN_RIGHT : BTN_LEFT;
	click.resize = config->floating_modifier_inverse ? BTN_LEFT : BTN_RIGHT;
	if (run_button_binding(seat, device, &click.spot, button, pressed)) {
		return;
	}
	if (pressed) {
		bool had_mode = seat->seatop != nullptr;
		press(seat, &click);
		if (!had_mode && seat->seatop != nullptr &&
			!seat->seatop->impl->allows_client_image) {
			return; /* a move or resize: not for the client */
		}
	}
	notify_button(seat, time_ms, button, pressed);
}
