/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "seat"

#include "input/seat.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_idle_notify_v1.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_primary_selection.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/drag_icon.h"
#include "input/input.h"
#include "input/keyboard.h"
#include "input/popup_grab.h"
#include "input/relay.h"
#include "input/seatop.h"
#include "input/tablet.h"
#include "ipc/ipc.h"
#include "listener.h"
#include "server.h"
#include "shell/foreign.h"
#include "shell/layer.h"
#include "shell/lock.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "tree/tree.h"
#include "ui/modal.h"
#include "vm/drag.h"

/* ---- the keyboard's focus ---- */

static void forget_sent(struct seat *seat)
{
	struct device *device;
	wl_list_for_each (device, &seat->input->devices, link) {
		if (device->seat == seat && device->keyboard != nullptr) {
			keyboard_forget_sent(device->keyboard);
		}
	}
}

void seat_clear_keyboard(struct seat *seat)
{
	popup_grab_make_way(seat, nullptr);
	wlr_seat_keyboard_notify_clear_focus(seat->wlr_seat);
	relay_focus(seat->input->relay, seat, nullptr);
	tablets_focus(seat->cursor->tablets, nullptr);
	forget_sent(seat);
}

/* Enters a surface. Clients of VMs don't hear of keys that were pressed before. */
static void enter(struct seat *seat, struct wlr_surface *surface)
{
	struct wlr_keyboard *wlr_keyboard = wlr_seat_get_keyboard(seat->wlr_seat);
	if (seat->wlr_seat->keyboard_state.focused_surface == surface) {
		return;
	}
	struct wl_client *client = wl_resource_get_client(surface->resource);
	if (tag_kind_of_client(seat->server, client, nullptr) != TAG_NONE) {
		forget_sent(seat);
	}
	if (wlr_keyboard == nullptr) {
		wlr_seat_keyboard_notify_enter(seat->wlr_seat, surface, nullptr, 0, nullptr);
		return;
	}
	struct device *device = wlr_keyboard->data;
	uint32_t codes[WLR_KEYBOARD_KEYS_CAP];
	size_t count = 0;
	if (device != nullptr && device->keyboard != nullptr) {
		const struct held_keys *sent = &device->keyboard->sent;
		for (size_t i = 0; i < sent->count && count < VX_ARRAY_LENGTH(codes); i++) {
			codes[count++] = sent->codes[i] - 8;
		}
	}
	wlr_seat_keyboard_notify_enter(
		seat->wlr_seat, surface, codes, count, &wlr_keyboard->modifiers);
}

static struct wlr_surface *focused_window_surface(struct seat *seat)
{
	struct node *node = tree_seat_get_focus(seat->tree_seat);
	struct container *con = node_as_container(node);
	struct window *window = con != nullptr ? window_of_container(con) : nullptr;
	return window != nullptr && window->view.container == con
		       ? window->impl->get_surface(window)
		       : nullptr;
}

static struct wlr_surface *choose_surface(struct seat *seat)
{
	struct server *server = seat->server;
	if (lock_is_locked(server->lock)) {
		return lock_focus(server->lock);
	}
	struct layer_surface *exclusive = layer_exclusive_keyboard(server);
	if (exclusive != nullptr) {
		return exclusive->wlr_surface->surface;
	}
	if (seat->focused_layer != nullptr) {
		return seat->focused_layer->wlr_surface->surface;
	}
	return focused_window_surface(seat);
}

void seat_update_focus(struct seat *seat)
{
	if (modal_is_open(seat->server)) {
		return;
	}
	struct wlr_surface *surface = choose_surface(seat);
	popup_grab_make_way(seat, surface);
	if (surface != nullptr) {
		enter(seat, surface);
	} else {
		wlr_seat_keyboard_notify_clear_focus(seat->wlr_seat);
	}
	relay_focus(seat->input->relay, seat, surface);
	tablets_focus(seat->cursor->tablets, surface);
	cursor_update_constraint(seat->cursor);
}

void seats_update_focus(struct server *server)
{
	if (server->input == nullptr) {
		return;
	}
	struct seat *seat;
	wl_list_for_each (seat, &server->input->seats, link) {
		seat_update_focus(seat);
		cursor_rebase(seat->cursor);
	}
}

static void update_foreign_states(struct server *server)
{
	struct window *window;
	wl_list_for_each (window, &server->shell->windows, link) {
		foreign_update_state(window);
	}
}

static void handle_tree_focus(struct wl_listener *listener, void *data)
{
	struct seat *seat = wl_container_of(listener, seat, tree_focus);
	const struct seat_focus_event *event = data;
	if (event->now != nullptr) {
		seat->focused_layer = nullptr;
	}
	seat_update_focus(seat);
	update_foreign_states(seat->server);
	idle_update(seat->server->shell);
}

void seat_focus_layer(struct seat *seat, struct layer_surface *layer)
{
	if (seat->focused_layer == layer) {
		return;
	}
	seat->focused_layer = layer;
	if (layer == nullptr) {
		struct node *node = tree_seat_focus_inactive(
			seat->tree_seat, &seat->server->tree->node);
		tree_seat_set_focus(seat->tree_seat, nullptr);
		tree_seat_set_focus(seat->tree_seat, node);
		transactions_commit(seat->server->transactions);
	}
	seat_update_focus(seat);
}

void seats_layer_mapped(struct server *server, struct layer_surface *layer)
{
	const struct wlr_layer_surface_v1_state *state = &layer->wlr_surface->current;
	bool above = state->layer >= ZWLR_LAYER_SHELL_V1_LAYER_TOP;
	struct seat *seat;
	wl_list_for_each (seat, &server->input->seats, link) {
		if (state->keyboard_interactive != 0 && above) {
			seat_focus_layer(seat, layer);
		}
		cursor_rebase(seat->cursor);
	}
}

void seats_layer_unmapped(struct server *server, struct layer_surface *layer)
{
	if (server->input == nullptr) {
		return;
	}
	struct seat *seat;
	wl_list_for_each (seat, &server->input->seats, link) {
		if (seat->focused_layer == layer) {
			seat_focus_layer(seat, nullptr);
		} else {
			seat_update_focus(seat);
		}
		cursor_rebase(seat->cursor);
	}
}

void seat_notify_activity(struct seat *seat)
{
	wlr_idle_notifier_v1_notify_activity(seat->input->idle_notifier, seat->wlr_seat);
}

void seat_run_binding(struct seat *seat, const struct binding *binding)
{
	struct server *server = seat->server;
	struct binding *copy = binding_copy(binding);
	commands_run_quiet(&server->session, copy->command, seat->tree_seat, nullptr);
	ipc_event_binding(server->ipc, copy);
	binding_destroy(copy);
	transactions_commit(server->transactions);
}

/* ---- devices ---- */

void seat_update_capabilities(struct seat *seat)
{
	uint32_t capabilities = 0;
	struct device *device;
	wl_list_for_each (device, &seat->input->devices, link) {
		if (device->seat != seat) {
			continue;
		}
		switch (device->wlr_device->type) {
		case WLR_INPUT_DEVICE_KEYBOARD:
			capabilities |= WL_SEAT_CAPABILITY_KEYBOARD;
			break;
		case WLR_INPUT_DEVICE_POINTER:
		case WLR_INPUT_DEVICE_TABLET:
			capabilities |= WL_SEAT_CAPABILITY_POINTER;
			break;
		case WLR_INPUT_DEVICE_TOUCH:
			capabilities |= WL_SEAT_CAPABILITY_TOUCH;
			break;
		case WLR_INPUT_DEVICE_TABLET_PAD:
		case WLR_INPUT_DEVICE_SWITCH:
			break;
		}
	}
	bool had_pointer = seat->wlr_seat->capabilities & WL_SEAT_CAPABILITY_POINTER;
	wlr_seat_set_capabilities(seat->wlr_seat, capabilities);
	if (!had_pointer && capabilities & WL_SEAT_CAPABILITY_POINTER) {
		cursor_show_default(seat->cursor);
	}
}

void seat_add_device(struct seat *seat, struct device *device)
{
	device->seat = seat;
	if (device->keyboard != nullptr) {
		keyboard_configure(device->keyboard);
		if (wlr_seat_get_keyboard(seat->wlr_seat) == nullptr || !device->is_virtual) {
			wlr_seat_set_keyboard(seat->wlr_seat, device->keyboard->wlr_keyboard);
		}
		seat_update_focus(seat);
	} else {
		cursor_attach(seat->cursor, device);
	}
	seat_update_capabilities(seat);
}

/* Without one, who asks for the seat's keyboard now would get no keymap. */
static void choose_keyboard(struct seat *seat)
{
	struct device *device;
	wl_list_for_each (device, &seat->input->devices, link) {
		if (device->seat == seat && device->keyboard != nullptr) {
			wlr_seat_set_keyboard(seat->wlr_seat, device->keyboard->wlr_keyboard);
			return;
		}
	}
}

void seat_remove_device(struct seat *seat, struct device *device)
{
	if (device->keyboard == nullptr) {
		cursor_detach(seat->cursor, device);
	}
	device->seat = nullptr;
	const struct wlr_keyboard *used = wlr_seat_get_keyboard(seat->wlr_seat);
	if (device->keyboard != nullptr && (used == nullptr || used->data == device)) {
		choose_keyboard(seat);
	}
	seat_update_capabilities(seat);
}

void seat_configure(struct seat *seat)
{
	cursor_reload_theme(seat->cursor);
}

/* ---- clipboard and drags ---- */

static void handle_request_set_selection(struct wl_listener *listener, void *data)
{
	struct seat *seat = wl_container_of(listener, seat, request_set_selection);
	const struct wlr_seat_request_set_selection_event *event = data;
	wlr_seat_set_selection(seat->wlr_seat, event->source, event->serial);
}

static void handle_request_set_primary_selection(struct wl_listener *listener, void *data)
{
	struct seat *seat = wl_container_of(listener, seat, request_set_primary_selection);
	const struct wlr_seat_request_set_primary_selection_event *event = data;
	wlr_seat_set_primary_selection(seat->wlr_seat, event->source, event->serial);
}

static void handle_request_start_drag(struct wl_listener *listener, void *data)
{
	struct seat *seat = wl_container_of(listener, seat, request_start_drag);
	const struct wlr_seat_request_start_drag_event *event = data;
	struct wlr_touch_point *point = nullptr;
	if (wlr_seat_validate_pointer_grab_serial(seat->wlr_seat, event->origin, event->serial)) {
		wlr_seat_start_pointer_drag(seat->wlr_seat, event->drag, event->serial);
	} else if (wlr_seat_validate_touch_grab_serial(
			   seat->wlr_seat, event->origin, event->serial, &point)) {
		wlr_seat_start_touch_drag(seat->wlr_seat, event->drag, event->serial, point);
	} else {
		wlr_data_source_destroy(event->drag->source);
	}
}

static void handle_drag_destroy(struct wl_listener *listener, void *data)
{
	struct seat *seat = wl_container_of(listener, seat, drag_destroy);
	listener_remove(&seat->drag_destroy);
	seatop_end(seat);
	cursor_rebase(seat->cursor);
	/* While it lasted nobody could be given the keyboard. */
	seat_update_focus(seat);
}

/* The last of three that a popup takes one after another. */
static void handle_touch_grab(struct wl_listener *listener, void *data)
{
	struct seat *seat = wl_container_of(listener, seat, touch_grab);
	popup_grab_check(seat);
}

static void handle_start_drag(struct wl_listener *listener, void *data)
{
	struct seat *seat = wl_container_of(listener, seat, start_drag);
	struct wlr_drag *drag = data;
	listener_remove(&seat->drag_destroy);
	listener_add(&seat->drag_destroy, &drag->events.destroy, handle_drag_destroy);
	seatop_end(seat);
	vm_drag_follow(seat->server->drags, drag);
	struct wlr_surface *icon = drag->icon != nullptr ? drag->icon->surface : vm_drag_icon(drag);
	if (icon != nullptr) {
		drag_icon_create(seat, drag, icon);
	}
}

/* ---- life ---- */

static void remove_listeners(struct seat *seat)
{
	struct wl_listener *const listeners[] = {
		&seat->tree_focus,
		&seat->destroy,
		&seat->request_set_selection,
		&seat->request_set_primary_selection,
		&seat->request_start_drag,
		&seat->start_drag,
		&seat->drag_destroy,
		&seat->touch_grab,
	};
	listeners_remove(listeners, VX_ARRAY_LENGTH(listeners));
}

static void free_seat(struct seat *seat)
{
	struct device *device;
	wl_list_for_each (device, &seat->input->devices, link) {
		if (device->seat == seat) {
			device->seat = nullptr;
		}
	}
	seatop_end(seat);
	remove_listeners(seat);
	cursor_destroy(seat->cursor);
	tree_seat_destroy(seat->tree_seat);
	wl_list_remove(&seat->link);
	free(seat);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct seat *seat = wl_container_of(listener, seat, destroy);
	free_seat(seat);
}

void seat_destroy(struct seat *seat)
{
	wlr_seat_destroy(seat->wlr_seat);
}

struct seat *seat_create(struct input *input, const char *name)
{
	struct seat *seat = vx_new(seat);
	seat->input = input;
	seat->server = input->server;
	seat->wlr_seat = wlr_seat_create(input->server->display, name);
	seat->wlr_seat->data = seat;
	seat->tree_seat = tree_seat_create(input->server->tree, name, seat);
	seat->cursor = cursor_create(seat);
	wl_list_insert(input->seats.prev, &seat->link);
	struct wlr_seat *wlr_seat = seat->wlr_seat;
	listener_add(&seat->tree_focus, &seat->tree_seat->events.focus, handle_tree_focus);
	listener_add(&seat->destroy, &wlr_seat->events.destroy, handle_destroy);
	listener_add(&seat->request_set_selection, &wlr_seat->events.request_set_selection,
		handle_request_set_selection);
	listener_add(&seat->request_set_primary_selection,
		&wlr_seat->events.request_set_primary_selection,
		handle_request_set_primary_selection);
	listener_add(&seat->request_start_drag, &wlr_seat->events.request_start_drag,
		handle_request_start_drag);
	listener_add(&seat->start_drag, &wlr_seat->events.start_drag, handle_start_drag);
	listener_add(&seat->touch_grab, &wlr_seat->events.touch_grab_begin, handle_touch_grab);
	seat_configure(seat);
	return seat;
}
