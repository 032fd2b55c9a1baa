/* SPDX-License-Identifier: MIT */
#include "desktop.h"

#include <wlr/backend/headless.h>
#include <wlr/backend/wayland.h>
#include <wlr/config.h>
#if WLR_HAS_X11_BACKEND
#include <wlr/backend/x11.h>
#endif
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/types/wlr_keyboard_shortcuts_inhibit_v1.h>
#include <wlr/types/wlr_output.h>

#include "common/error.h"
#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/input.h"
#include "input/keyboard.h"
#include "input/seat.h"
#include "launch.h"
#include "output/output.h"
#include "process.h"
#include "server.h"
#include "shell/launch_place.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/window.h"
#include "tree/tree.h"
#include "ui/menu.h"
#include "ui/text.h"
#include "vm/clipboard.h"
#include "vm/domain.h"
#include "vm/manager.h"

struct server *server_from_desktop(struct desktop *desktop)
{
	struct server *server = wl_container_of(desktop, server, desktop);
	return server;
}

static struct seat *seat_of(struct desktop *desktop, struct tree_seat *tree_seat)
{
	struct server *server = server_from_desktop(desktop);
	return tree_seat != nullptr && tree_seat->shell != nullptr
		       ? tree_seat->shell
		       : input_default_seat(server->input);
}

static void handle_commit(struct desktop *desktop)
{
	struct server *server = server_from_desktop(desktop);
	if (server->transactions != nullptr) {
		transactions_commit(server->transactions);
	}
}

static bool handle_exec(struct desktop *desktop, struct tree_seat *seat, const char *command,
	bool no_startup_id, struct vx_error *err)
{
	return launches_exec(
		server_from_desktop(desktop)->launches, seat, command, no_startup_id, err);
}

static struct workspace *handle_exec_workspace(struct desktop *desktop, struct view *view)
{
	const struct launch_place *place = window_from_view(view)->launch_place;
	return place != nullptr ? launch_place_workspace(place) : nullptr;
}

static void handle_exit(struct desktop *desktop)
{
	server_stop(server_from_desktop(desktop));
}

/* ---- later ---- */

struct callback {
	struct wl_list link; /* server.callbacks */
	struct wl_event_source *source;
	void (*callback)(void *data);
	void *data;
};

static void run_callback(void *data)
{
	struct callback *callback = data;
	wl_list_remove(&callback->link);
	callback->callback(callback->data);
	free(callback);
}

static void handle_call_later(struct desktop *desktop, void (*function)(void *data), void *data)
{
	struct server *server = server_from_desktop(desktop);
	struct callback *callback = vx_new(callback);
	callback->callback = function;
	callback->data = data;
	callback->source = wl_event_loop_add_idle(server->loop, run_callback, callback);
	wl_list_insert(&server->callbacks, &callback->link);
}

void desktop_finish(struct server *server)
{
	struct callback *callback, *next;
	wl_list_for_each_safe (callback, next, &server->callbacks, link) {
		wl_list_remove(&callback->link);
		wl_event_source_remove(callback->source);
		free(callback);
	}
}

/* ---- configuration ---- */

static void handle_measure_font(
	struct desktop *desktop, const char *font, int *ret_height, int *ret_baseline)
{
	text_measure_font(font, ret_height, ret_baseline);
}

static bool handle_font_is_valid(struct desktop *desktop, const char *font, struct vx_error *err)
{
	return text_font_is_valid(font, err);
}

static void forget_bindings(struct server *server)
{
	struct device *device;
	wl_list_for_each (device, &server->input->devices, link) {
		if (device->keyboard != nullptr) {
			keyboard_forget_bindings(device->keyboard);
		}
	}
}

static void handle_bindings_changed(struct desktop *desktop)
{
	struct server *server = server_from_desktop(desktop);
	if (server->input != nullptr) {
		forget_bindings(server);
	}
}

static void configure_seats(struct server *server)
{
	struct seat *seat;
	wl_list_for_each (seat, &server->input->seats, link) {
		seat_configure(seat);
	}
}

static void handle_config_changed(
	struct desktop *desktop, struct config *config, struct config *old)
{
	struct server *server = server_from_desktop(desktop);
	forget_bindings(server);
	outputs_reconfigure(server->outputs);
	input_configure(server->input, nullptr);
	configure_seats(server);
	launches_start_background(server->launches);
	launches_start_bars(server->launches);
}

static void handle_output_changed(struct desktop *desktop, struct output_config *changed)
{
	struct server *server = server_from_desktop(desktop);
	if (server->outputs == nullptr || !server->running) {
		return;
	}
	outputs_configure(server->outputs, changed->name);
	if (changed->background != nullptr) {
		launches_start_background(server->launches);
	}
}

static void handle_input_changed(struct desktop *desktop, struct input_config *changed)
{
	struct server *server = server_from_desktop(desktop);
	if (server->input != nullptr) {
		input_configure(server->input, changed->identifier);
	}
}

static void handle_seat_changed(struct desktop *desktop, struct seat_config *changed)
{
	struct server *server = server_from_desktop(desktop);
	if (server->input != nullptr) {
		configure_seats(server);
	}
}

static void handle_bar_added(struct desktop *desktop, const struct bar_config *bar)
{
	struct server *server = server_from_desktop(desktop);
	if (server->running) {
		launches_start_bar(server->launches, bar);
	}
}

static void handle_look_changed(struct desktop *desktop)
{
	struct server *server = server_from_desktop(desktop);
	if (server->shell != nullptr) {
		shell_update_looks(server->shell);
	}
}

static void handle_show_errors(struct desktop *desktop, const char *message, const char *log)
{
	launches_show_errors(server_from_desktop(desktop)->launches, message, log);
}

/* ---- input ---- */

static bool keyboard_is_meant(const struct device *device, const char *identifier)
{
	return device->keyboard != nullptr &&
	       (strcmp(identifier, "*") == 0 || strcmp(identifier, "type:keyboard") == 0 ||
		       strcmp(identifier, device->identifier) == 0);
}

static void switch_layout(struct wlr_keyboard *keyboard, int index, int relative)
{
	int count = keyboard->keymap != nullptr ? (int)xkb_keymap_num_layouts(keyboard->keymap) : 0;
	if (count == 0 || index >= count) {
		return;
	}
	if (index < 0) {
		index = ((int)keyboard->modifiers.group + relative + count) % count;
	}
	wlr_keyboard_notify_modifiers(keyboard, keyboard->modifiers.depressed,
		keyboard->modifiers.latched, keyboard->modifiers.locked, (xkb_layout_index_t)index);
}

static bool handle_switch_xkb_layout(struct desktop *desktop, const char *identifier, int index,
	int relative, struct vx_error *err)
{
	struct server *server = server_from_desktop(desktop);
	bool found = false;
	struct device *device;
	wl_list_for_each (device, &server->input->devices, link) {
		if (keyboard_is_meant(device, identifier)) {
			switch_layout(device->keyboard->wlr_keyboard, index, relative);
			found = true;
		}
	}
	return found || vx_error_set(err, "there is no such keyboard");
}

static bool handle_cursor_position(
	struct desktop *desktop, struct tree_seat *tree_seat, double *ret_x, double *ret_y)
{
	struct seat *seat = seat_of(desktop, tree_seat);
	if (seat == nullptr) {
		return false;
	}
	*ret_x = seat->cursor->wlr_cursor->x;
	*ret_y = seat->cursor->wlr_cursor->y;
	return true;
}

static void handle_cursor_move(
	struct desktop *desktop, struct tree_seat *tree_seat, double dx, double dy)
{
	cursor_move_by(seat_of(desktop, tree_seat)->cursor, dx, dy);
}

static void handle_cursor_set(
	struct desktop *desktop, struct tree_seat *tree_seat, double x, double y)
{
	cursor_move_to(seat_of(desktop, tree_seat)->cursor, x, y);
}

static void handle_cursor_button(
	struct desktop *desktop, struct tree_seat *tree_seat, uint32_t button, bool pressed)
{
	struct seat *seat = seat_of(desktop, tree_seat);
	cursor_press(seat->cursor, nullptr, 0, button, pressed);
	wlr_seat_pointer_notify_frame(seat->wlr_seat);
}

static struct tree_seat *handle_seat_by_name(struct desktop *desktop, const char *name)
{
	struct server *server = server_from_desktop(desktop);
	struct seat *seat = input_seat_by_name(server->input, name);
	return seat != nullptr ? seat->tree_seat : nullptr;
}

static void handle_idle_wake(struct desktop *desktop)
{
	struct server *server = server_from_desktop(desktop);
	struct seat *seat;
	wl_list_for_each (seat, &server->input->seats, link) {
		seat_notify_activity(seat);
	}
}

static void set_inhibitor(struct wlr_keyboard_shortcuts_inhibitor_v1 *inhibitor, bool active)
{
	if (active) {
		wlr_keyboard_shortcuts_inhibitor_v1_activate(inhibitor);
	} else {
		wlr_keyboard_shortcuts_inhibitor_v1_deactivate(inhibitor);
	}
}

static bool handle_shortcuts_inhibitor(struct desktop *desktop, struct tree_seat *tree_seat,
	const char *action, struct vx_error *err)
{
	struct seat *seat = seat_of(desktop, tree_seat);
	struct wlr_surface *focused = seat->wlr_seat->keyboard_state.focused_surface;
	bool all = strcmp(action, "disable") == 0;
	struct wlr_keyboard_shortcuts_inhibitor_v1 *inhibitor;
	wl_list_for_each (inhibitor, &seat->input->shortcut_inhibitors->inhibitors, link) {
		if ((inhibitor->surface != focused && !all) || inhibitor->seat != seat->wlr_seat ||
			tag_kind_of_client(seat->server,
				wl_resource_get_client(inhibitor->resource), nullptr) != TAG_NONE) {
			continue;
		}
		set_inhibitor(
			inhibitor, strcmp(action, "activate") == 0 ||
					   (strcmp(action, "toggle") == 0 && !inhibitor->active));
		if (!all) {
			return true;
		}
	}
	return all || vx_error_set(err, "No inhibitor found for focused surface");
}

/* ---- outputs ---- */

static bool handle_create_output(struct desktop *desktop, struct vx_error *err)
{
	return outputs_add(server_from_desktop(desktop)->outputs, err);
}

static bool handle_unplug_output(
	struct desktop *desktop, struct tree_output *tree_output, struct vx_error *err)
{
	struct output *output = output_of_tree(server_from_desktop(desktop)->outputs, tree_output);
	bool can = output != nullptr && (wlr_output_is_headless(output->wlr_output) ||
						wlr_output_is_wl(output->wlr_output));
#if WLR_HAS_X11_BACKEND
	can = can || (output != nullptr && wlr_output_is_x11(output->wlr_output));
#endif
	if (!can) {
		return vx_error_set(
			err, "Can only unplug outputs with headless, wayland or x11 backend");
	}
	wlr_output_destroy(output->wlr_output);
	return true;
}

static bool handle_output_is_powered(struct desktop *desktop, struct tree_output *tree_output)
{
	struct output *output = output_of_tree(server_from_desktop(desktop)->outputs, tree_output);
	return output != nullptr && output->wlr_output->enabled;
}

/* ---- beyond sway ---- */

static bool handle_vm_menu(struct desktop *desktop, struct tree_seat *seat, struct vx_error *err)
{
	menu_open(server_from_desktop(desktop)->menu);
	return true;
}

static bool handle_vm_shell(
	struct desktop *desktop, struct tree_seat *seat, struct view *view, struct vx_error *err)
{
	struct server *server = server_from_desktop(desktop);
	struct window *window = view != nullptr ? window_from_view(view) : nullptr;
	if (window == nullptr || window->tag.kind != TAG_VM) {
		menu_show_message(server->menu, "the focused window is not of a VM");
		return vx_error_set(err, "the focused window is not of a VM");
	}
	vm_grant_focus(window->tag.vm);
	domain_server_open_shell(server->domains, window->tag.vm->name);
	manager_ensure(server);
	return true;
}

static bool handle_vm_clipboard(struct desktop *desktop, struct tree_seat *seat, struct view *view,
	enum desktop_clipboard_action action, struct vx_error *err)
{
	return clipboard_transfer(server_from_desktop(desktop), view, action, err);
}

const struct desktop_impl server_desktop_impl = {
	.commit = handle_commit,
	.exec = handle_exec,
	.exec_workspace = handle_exec_workspace,
	.exit = handle_exit,
	.call_later = handle_call_later,
	.measure_font = handle_measure_font,
	.font_is_valid = handle_font_is_valid,
	.config_changed = handle_config_changed,
	.output_changed = handle_output_changed,
	.input_changed = handle_input_changed,
	.seat_changed = handle_seat_changed,
	.bar_added = handle_bar_added,
	.look_changed = handle_look_changed,
	.bindings_changed = handle_bindings_changed,
	.show_errors = handle_show_errors,
	.switch_xkb_layout = handle_switch_xkb_layout,
	.create_output = handle_create_output,
	.unplug_output = handle_unplug_output,
	.output_is_powered = handle_output_is_powered,
	.cursor_position = handle_cursor_position,
	.cursor_move = handle_cursor_move,
	.cursor_set = handle_cursor_set,
	.cursor_button = handle_cursor_button,
	.seat_by_name = handle_seat_by_name,
	.idle_wake = handle_idle_wake,
	.shortcuts_inhibitor = handle_shortcuts_inhibitor,
	.for_each_output = desktop_for_each_output,
	.for_each_input = desktop_for_each_input,
	.for_each_seat = desktop_for_each_seat,
	.vm_menu = handle_vm_menu,
	.vm_shell = handle_vm_shell,
	.vm_clipboard = handle_vm_clipboard,
};
