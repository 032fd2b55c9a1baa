/* SPDX-License-Identifier: MIT */
/* The default mode: what is under the pointer decides what a button does. */
#include "input/seatop.h"

#include <linux/input-event-codes.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_seat.h>

#include "commands/commands.h"
#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/input.h"
#include "input/seat.h"
#include "ipc/ipc.h"
#include "output/output.h"
#include "server.h"
#include "shell/layer.h"
#include "shell/lock.h"
#include "shell/scene.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "tree/tree.h"
#include "vm/drag.h"

/* ---- what is under the pointer ---- */

struct spot {
	struct scene_hit hit;
	struct container *con;
	struct layer_surface *layer;
	struct workspace *ws; /* only where nothing else is */
	uint32_t edge, resize_edge;
	bool on_border, on_contents, on_titlebar;
};

static uint32_t find_edge(
	const struct container *con, const struct scene_hit *hit, double x, double y)
{
	const struct container_state *state = &con->pending;
	if (con->view == nullptr || hit->surface != nullptr || state->border_thickness == 0 ||
		(state->border != BORDER_NORMAL && state->border != BORDER_PIXEL) ||
		state->fullscreen_mode != FULLSCREEN_NONE) {
		return EDGE_NONE;
	}
	uint32_t edge = EDGE_NONE;
	edge |= x < state->x + state->border_thickness ? EDGE_LEFT : 0;
	edge |= y < state->y + state->border_thickness ? EDGE_TOP : 0;
	edge |= x >= state->x + state->width - state->border_thickness ? EDGE_RIGHT : 0;
	edge |= y >= state->y + state->height - state->border_thickness ? EDGE_BOTTOM : 0;
	return edge;
}

/* Does nothing lie beyond that edge, all the way up? */
static bool edge_is_outer(const struct container *con, uint32_t edge)
{
	enum container_layout layout = edge & (EDGE_LEFT | EDGE_RIGHT) ? LAYOUT_HORIZ : LAYOUT_VERT;
	for (; con != nullptr; con = con->pending.parent) {
		const struct container_list *siblings = container_get_siblings(con);
		if (siblings == nullptr || container_parent_layout(con) != layout) {
			continue;
		}
		int index = container_sibling_index(con);
		if (index > 0 && edge & (EDGE_LEFT | EDGE_TOP)) {
			return false;
		}
		if (index < siblings->length - 1 && edge & (EDGE_RIGHT | EDGE_BOTTOM)) {
			return false;
		}
	}
	return true;
}

static struct workspace *workspace_at(struct server *server, double x, double y)
{
	struct tree_output *output = tree_output_at(server->tree, x, y);
	return output != nullptr ? tree_output_active_workspace(output) : nullptr;
}

static struct spot look(struct seat *seat)
{
	double x = seat->cursor->wlr_cursor->x, y = seat->cursor->wlr_cursor->y;
	struct spot spot = {.hit = scene_at(seat->server->scene, x, y)};
	const struct scene_owner *owner = spot.hit.owner;
	if (owner == nullptr) {
		spot.ws = lock_is_locked(seat->server->lock) ? nullptr
							     : workspace_at(seat->server, x, y);
		return spot;
	}
	if (owner->kind == SCENE_OWNER_LAYER_SURFACE) {
		spot.layer = owner->object;
	} else if (owner->kind == SCENE_OWNER_WINDOW) {
		struct window *window = owner->object;
		spot.con = window->view.container;
	} else if (owner->kind == SCENE_OWNER_CONTAINER) {
		spot.con = owner->object;
		spot.con = spot.con->node.destroying ? nullptr : spot.con;
	}
	if (spot.con != nullptr) {
		spot.edge = find_edge(spot.con, &spot.hit, x, y);
		bool outer = spot.edge != EDGE_NONE && !container_is_floating(spot.con) &&
			     edge_is_outer(spot.con, spot.edge);
		spot.resize_edge = outer ? EDGE_NONE : spot.edge;
		spot.on_border = spot.edge != EDGE_NONE;
		spot.on_contents = !spot.on_border && spot.hit.surface != nullptr;
		spot.on_titlebar = !spot.on_border && spot.hit.surface == nullptr;
	}
	return spot;
}

/* ---- motion ---- */

static void show_image(struct seat *seat, const struct spot *spot)
{
	static const struct {
		uint32_t edge;
		const char *name;
	} images[] = {
		{EDGE_LEFT, "w-resize"},
		{EDGE_RIGHT, "e-resize"},
		{EDGE_TOP, "n-resize"},
		{EDGE_BOTTOM, "s-resize"},
		{EDGE_TOP | EDGE_LEFT, "nw-resize"},
		{EDGE_TOP | EDGE_RIGHT, "ne-resize"},
		{EDGE_BOTTOM | EDGE_LEFT, "sw-resize"},
		{EDGE_BOTTOM | EDGE_RIGHT, "se-resize"},
	};
	const char *name = "default";
	for (size_t i = 0; i < VX_ARRAY_LENGTH(images); i++) {
		if (images[i].edge == spot->resize_edge) {
			name = images[i].name;
		}
	}
	cursor_set_image(seat->cursor, name);
}

static void point_at(struct seat *seat, const struct spot *spot, uint32_t time_ms)
{
	struct wlr_seat *wlr_seat = seat->wlr_seat;
	struct wlr_surface *surface = spot->hit.surface;
	if (surface != nullptr && wlr_seat->drag != nullptr &&
		!vm_drag_may_enter(seat->server, wlr_seat->drag, surface)) {
		surface = nullptr;
	}
	if (surface == nullptr) {
		show_image(seat, spot);
		wlr_seat_pointer_notify_clear_focus(wlr_seat);
		return;
	}
	struct wlr_surface *old = wlr_seat->pointer_state.focused_surface;
	if (old == nullptr || wl_resource_get_client(old->resource) !=
				      wl_resource_get_client(surface->resource)) {
		/* Another client's image must not stay. */
		cursor_set_image(seat->cursor, "default");
	}
	wlr_seat_pointer_notify_enter(wlr_seat, surface, spot->hit.sx, spot->hit.sy);
	wlr_seat_pointer_notify_motion(wlr_seat, time_ms, spot->hit.sx, spot->hit.sy);
}

/* The pointer has come to another output: what had the focus there last gets it. */
static void focus_output_under(
	struct seat *seat, const struct spot *spot, struct tree_output *output)
{
	struct workspace *ws = tree_output_active_workspace(output);
	if (ws != nullptr) {
		tree_seat_set_focus(seat->tree_seat,
			spot->ws != nullptr ? tree_seat_focus_inactive(seat->tree_seat, &ws->node)
					    : &ws->node);
	}
}

/* focus_follows_mouse */
static void follow(struct seat *seat, const struct spot *spot)
{
	const struct cursor *cursor = seat->cursor;
	enum focus_follows_mouse mode = server_config(seat->server)->options.focus_follows_mouse;
	bool moved = cursor->previous_x != cursor->wlr_cursor->x ||
		     cursor->previous_y != cursor->wlr_cursor->y;
	if (mode == FOCUS_FOLLOWS_MOUSE_NO || !moved || seat->focused_layer != nullptr ||
		lock_is_locked(seat->server->lock)) {
		return;
	}
	struct tree_output *output = tree_output_at(
		seat->server->tree, cursor->wlr_cursor->x, cursor->wlr_cursor->y);
	struct workspace *ws = tree_seat_focused_workspace(seat->tree_seat);
	if (spot->con == nullptr) {
		if (output != nullptr && ws != nullptr && ws->output != output) {
			focus_output_under(seat, spot, output);
		}
	} else if (spot->con->view != nullptr && view_is_visible(spot->con->view)) {
		struct scene_hit before = scene_at(
			seat->server->scene, cursor->previous_x, cursor->previous_y);
		if (mode == FOCUS_FOLLOWS_MOUSE_ALWAYS || before.owner != spot->hit.owner) {
			tree_seat_set_focus_container(seat->tree_seat, spot->con);
		}
	}
	transactions_commit(seat->server->transactions);
}

void seatop_motion(struct seat *seat, uint32_t time_ms)
{
	if (seat->seatop != nullptr) {
		seat->seatop->impl->motion(seat, time_ms);
		return;
	}
	struct spot spot = look(seat);
	follow(seat, &spot);
	point_at(seat, &spot, time_ms);
}

void seatop_rebase(struct seat *seat, uint32_t time_ms)
{
	if (seat->seatop == nullptr && seat->wlr_seat->drag == nullptr) {
		struct spot spot = look(seat);
		point_at(seat, &spot, time_ms);
	}
}

/* ---- buttons ---- */

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

static bool run_mouse_binding(struct seat *seat, struct device *device, const struct spot *spot,
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
	return run_mouse_binding(seat, device, spot, buttons, count, !pressed);
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

static void handle_default_button(
	struct seat *seat, struct device *device, uint32_t time_ms, uint32_t button, bool pressed)
{
	const struct config *config = server_config(seat->server);
	struct click click = {.spot = look(seat), .button = button};
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

void seatop_button(
	struct seat *seat, struct device *device, uint32_t time_ms, uint32_t button, bool pressed)
{
	if (seat->seatop != nullptr) {
		seat->seatop->impl->button(seat, time_ms, button, pressed);
	} else {
		handle_default_button(seat, device, time_ms, button, pressed);
	}
}

/* Wheel steps are buttons too, for bindings; and on tabs they go through the tabs. */
static uint32_t wheel_button(const struct wlr_pointer_axis_event *event)
{
	if (event->orientation == WL_POINTER_AXIS_VERTICAL_SCROLL) {
		return event->delta < 0 ? KEY_MAX + 1 : KEY_MAX + 2;
	}
	return event->delta < 0 ? KEY_MAX + 3 : KEY_MAX + 4;
}

static bool scroll_tabs(
	struct seat *seat, const struct spot *spot, const struct wlr_pointer_axis_event *event)
{
	if (spot->con == nullptr || !spot->on_titlebar) {
		return false;
	}
	enum container_layout layout = container_parent_layout(spot->con);
	struct container_list *siblings = container_get_siblings(spot->con);
	struct node *parent = node_get_parent(&spot->con->node);
	if ((layout != LAYOUT_TABBED && layout != LAYOUT_STACKED) || siblings == nullptr ||
		parent == nullptr) {
		return false;
	}
	struct container *active = node_as_container(
		tree_seat_active_child(seat->tree_seat, parent));
	int index = list_index(siblings, active) + (event->delta < 0 ? -1 : 1);
	index = index < 0 ? 0 : index >= siblings->length ? siblings->length - 1 : index;
	struct node *to_focus = tree_seat_focus_inactive(
		seat->tree_seat, &siblings->items[index]->node);
	tree_seat_set_focus(seat->tree_seat, to_focus);
	transactions_commit(seat->server->transactions);
	return true;
}

static double scroll_factor(struct seat *seat, struct device *device)
{
	struct input_config *config = device != nullptr
					      ? config_input_for(server_config(seat->server),
							device->identifier, device->type)
					      : nullptr;
	double factor = config != nullptr && config->scroll_factor != unset_float
				? (double)config->scroll_factor
				: 1;
	input_config_destroy(config);
	return factor;
}

void seatop_axis(
	struct seat *seat, struct device *device, const struct wlr_pointer_axis_event *event)
{
	if (seat->seatop == nullptr) {
		struct spot spot = look(seat);
		uint32_t button = wheel_button(event);
		if (run_mouse_binding(seat, device, &spot, &button, 1, false) ||
			scroll_tabs(seat, &spot, event)) {
			return;
		}
	}
	double factor = scroll_factor(seat, device);
	wlr_seat_pointer_notify_axis(seat->wlr_seat, event->time_msec, event->orientation,
		factor * event->delta, (int32_t)(factor * event->delta_discrete), event->source,
		event->relative_direction);
}

/* ---- modes in general ---- */

void seatop_forget(struct seat *seat, struct container *con)
{
	if (seat->seatop != nullptr && seat->seatop->impl->forget != nullptr) {
		seat->seatop->impl->forget(seat, con);
	}
}

bool seatop_allows_client_image(const struct seat *seat)
{
	return seat->seatop == nullptr || seat->seatop->impl->allows_client_image;
}

void seatop_end(struct seat *seat)
{
	if (seat->seatop != nullptr) {
		seat->seatop->impl->end(seat);
		seat->seatop = nullptr;
	}
}
