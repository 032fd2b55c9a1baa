/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "input"

#include "input/input.h"

#include <ctype.h>
#include <wlr/backend.h>
#include <wlr/types/wlr_cursor_shape_v1.h>
#include <wlr/types/wlr_idle_notify_v1.h>
#include <wlr/types/wlr_keyboard_shortcuts_inhibit_v1.h>
#include <wlr/types/wlr_pointer_constraints_v1.h>
#include <wlr/types/wlr_pointer_gestures_v1.h>
#include <wlr/types/wlr_relative_pointer_v1.h>
#include <wlr/types/wlr_switch.h>
#include <wlr/types/wlr_tablet_v2.h>
#include <wlr/types/wlr_transient_seat_v1.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_virtual_pointer_v1.h>

#include "common/error.h"
#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/device_libinput.h"
#include "input/keyboard.h"
#include "input/relay.h"
#include "input/seat.h"
#include "input/seatop.h"
#include "ipc/ipc.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/lock.h"
#include "tree/tree.h"
#include "vm/tag.h"

static constexpr uint32_t cursor_shape_version = 2;
static const char default_seat_name[] = "seat0";

struct seat *input_default_seat(struct input *input)
{
	struct seat *seat;
	return wl_list_empty(&input->seats) ? nullptr
					    : wl_container_of(input->seats.next, seat, link);
}

struct seat *input_seat_by_name(struct input *input, const char *name)
{
	struct seat *seat;
	wl_list_for_each (seat, &input->seats, link) {
		if (strcmp(seat->wlr_seat->name, name) == 0) {
			return seat;
		}
	}
	return nullptr;
}

/* ---- devices ---- */

static char *make_identifier(struct wlr_input_device *wlr_device)
{
	unsigned vendor = 0, product = 0;
	device_libinput_ids(wlr_device, &vendor, &product);
	char *name = vx_strdup(wlr_device->name != nullptr ? wlr_device->name : "");
	for (char *c = name; *c != '\0'; c++) {
		if (*c == ' ' || !isprint((unsigned char)*c)) {
			*c = '_';
		}
	}
	char *identifier = vx_printf("%u:%u:%s", vendor, product, name);
	free(name);
	return identifier;
}

static const char *type_of(struct wlr_input_device *wlr_device)
{
	switch (wlr_device->type) {
	case WLR_INPUT_DEVICE_KEYBOARD:
		return "keyboard";
	case WLR_INPUT_DEVICE_POINTER:
		return device_libinput_is_touchpad(wlr_device) ? "touchpad" : "pointer";
	case WLR_INPUT_DEVICE_TOUCH:
		return "touch";
	case WLR_INPUT_DEVICE_TABLET:
		return "tablet_tool";
	case WLR_INPUT_DEVICE_TABLET_PAD:
		return "tablet_pad";
	case WLR_INPUT_DEVICE_SWITCH:
		return "switch";
	}
	return "unknown";
}

static void emit(struct device *device, const char *change)
{
	struct desktop_input description;
	input_describe(device, &description);
	ipc_event_input(device->input->server->ipc, change, &description);
}

static void handle_device_destroy(struct wl_listener *listener, void *data)
{
	struct device *device = wl_container_of(listener, device, destroy);
	emit(device, "removed");
	listener_remove(&device->destroy);
	listener_remove(&device->toggle);
	wl_list_remove(&device->link);
	if (device->seat != nullptr) {
		seat_remove_device(device->seat, device);
	}
	keyboard_destroy(device->keyboard);
	free(device->identifier);
	device->wlr_device->data = nullptr;
	free(device);
}

static void handle_toggle(struct wl_listener *listener, void *data)
{
	struct device *device = wl_container_of(listener, device, toggle);
	static const enum binding_switch_kind kinds[] = {
		[WLR_SWITCH_TYPE_LID] = BINDING_SWITCH_LID,
		[WLR_SWITCH_TYPE_TABLET_MODE] = BINDING_SWITCH_TABLET,
	};
	const struct wlr_switch_toggle_event *event = data;
	struct server *server = device->input->server;
	if (event->switch_type >= VX_ARRAY_LENGTH(kinds) || device->seat == nullptr) {
		return;
	}
	struct binding *binding = binding_find_switch(server_config(server)->current_mode,
		kinds[event->switch_type],
		event->switch_state == WLR_SWITCH_STATE_ON ? BINDING_SWITCH_ON : BINDING_SWITCH_OFF,
		lock_is_locked(server->lock));
	if (binding != nullptr) {
		seat_run_binding(device->seat, binding);
	}
}

/* The first seat whose configuration names the device, else the default one. */
static struct seat *choose_seat(struct device *device)
{
	struct input *input = device->input;
	struct config *config = server_config(input->server);
	for (int i = 0; i < config->seats.length; i++) {
		const struct seat_config *seat_config = config->seats.items[i];
		for (int j = 0; j < seat_config->attachments.length; j++) {
			const char *wanted = seat_config->attachments.items[j]->identifier;
			if (strcmp(wanted, device->identifier) == 0) {
				struct seat *seat = input_seat_by_name(input, seat_config->name);
				return seat != nullptr ? seat
						       : seat_create(input, seat_config->name);
			}
		}
	}
	return input_default_seat(input);
}

static struct device *add_device(struct input *input, struct wlr_input_device *wlr_device,
	bool is_virtual, struct seat *seat)
{
	struct device *device = vx_new(device);
	device->input = input;
	device->wlr_device = wlr_device;
	device->is_virtual = is_virtual;
	wlr_device->data = device;
	device->identifier = make_identifier(wlr_device);
	device->type = type_of(wlr_device);
	listener_add(&device->destroy, &wlr_device->events.destroy, handle_device_destroy);
	if (wlr_device->type == WLR_INPUT_DEVICE_KEYBOARD) {
		device->keyboard = keyboard_create(device);
		wlr_keyboard_from_input_device(wlr_device)->data = device;
	} else if (wlr_device->type == WLR_INPUT_DEVICE_SWITCH) {
		listener_add(&device->toggle,
			&wlr_switch_from_input_device(wlr_device)->events.toggle, handle_toggle);
	}
	wl_list_insert(input->devices.prev, &device->link);
	device_libinput_configure(device);
	seat_add_device(seat != nullptr ? seat : choose_seat(device), device);
	emit(device, "added");
	return device;
}

static void handle_new_input(struct wl_listener *listener, void *data)
{
	struct input *input = wl_container_of(listener, input, new_input);
	add_device(input, data, false, nullptr);
}

static void handle_new_virtual_keyboard(struct wl_listener *listener, void *data)
{
	struct input *input = wl_container_of(listener, input, new_virtual_keyboard);
	struct wlr_virtual_keyboard_v1 *keyboard = data;
	struct device *device = add_device(input, &keyboard->keyboard.base, true,
		keyboard->seat != nullptr ? keyboard->seat->data : nullptr);
	device->keyboard->virtual_client = wl_resource_get_client(keyboard->resource);
}

static void handle_new_virtual_pointer(struct wl_listener *listener, void *data)
{
	struct input *input = wl_container_of(listener, input, new_virtual_pointer);
	const struct wlr_virtual_pointer_v1_new_pointer_event *event = data;
	struct device *device = add_device(input, &event->new_pointer->pointer.base, true,
		event->suggested_seat != nullptr ? event->suggested_seat->data : nullptr);
	if (event->suggested_output != nullptr && device->seat != nullptr) {
		wlr_cursor_map_input_to_output(device->seat->cursor->wlr_cursor, device->wlr_device,
			event->suggested_output);
	}
}

void input_configure(struct input *input, const char *identifier)
{
	struct device *device;
	wl_list_for_each (device, &input->devices, link) {
		device_libinput_configure(device);
		if (device->keyboard != nullptr) {
			keyboard_configure(device->keyboard);
		}
	}
	input_outputs_changed(input);
}

/* `map_to_output` and `map_to_region`. */
static void map_device(struct device *device)
{
	struct input_config *config = config_input_for(
		server_config(device->input->server), device->identifier, device->type);
	struct wlr_cursor *cursor = device->seat->cursor->wlr_cursor;
	struct output *output;
	if (config != nullptr && config->has_map_target && config->map_target == INPUT_MAP_OUTPUT &&
		config->map_output != nullptr) {
		wl_list_for_each (output, &device->input->server->outputs->list, link) {
			if (tree_output_matches(output->tree_output, config->map_output)) {
				wlr_cursor_map_input_to_output(
					cursor, device->wlr_device, output->wlr_output);
			}
		}
	} else if (config != nullptr && config->has_map_target &&
		   config->map_target == INPUT_MAP_REGION) {
		wlr_cursor_map_input_to_region(cursor, device->wlr_device,
			&(struct wlr_box){config->map_region[0], config->map_region[1],
				config->map_region[2], config->map_region[3]});
	}
	input_config_destroy(config);
}

void input_outputs_changed(struct input *input)
{
	if (input == nullptr) {
		return;
	}
	struct device *device;
	wl_list_for_each (device, &input->devices, link) {
		if (device->seat != nullptr && device->keyboard == nullptr && !device->is_virtual) {
			map_device(device);
		}
	}
}

/* ---- what clients ask of input ---- */

static void handle_new_constraint(struct wl_listener *listener, void *data)
{
	const struct wlr_pointer_constraint_v1 *constraint = data;
	struct seat *seat = constraint->seat->data;
	cursor_update_constraint(seat->cursor);
}

static void handle_set_shape(struct wl_listener *listener, void *data)
{
	const struct wlr_cursor_shape_manager_v1_request_set_shape_event *event = data;
	struct seat *seat = event->seat_client->seat->data;
	bool is_focused = seat->wlr_seat->pointer_state.focused_client == event->seat_client;
	if (event->device_type == WLR_CURSOR_SHAPE_MANAGER_V1_DEVICE_TYPE_TABLET_TOOL) {
		const struct wlr_surface *surface = event->tablet_tool->focused_surface;
		is_focused = surface != nullptr && wl_resource_get_client(surface->resource) ==
							   event->seat_client->client;
	}
	if (is_focused && seatop_allows_client_image(seat)) {
		cursor_set_image(seat->cursor, wlr_cursor_shape_v1_name(event->shape));
	}
}

static void handle_new_shortcut_inhibitor(struct wl_listener *listener, void *data)
{
	struct input *input = wl_container_of(listener, input, new_shortcut_inhibitor);
	struct wlr_keyboard_shortcuts_inhibitor_v1 *inhibitor = data;
	struct wl_client *client = wl_resource_get_client(inhibitor->resource);
	/* The global is hidden from VMs; this is the second wall. */
	if (tag_kind_of_client(input->server, client, nullptr) != TAG_NONE) {
		return;
	}
	struct seat_config *config = config_seat_for(
		server_config(input->server), inhibitor->seat->name);
	if (config == nullptr || config->shortcuts_inhibit != 0) {
		wlr_keyboard_shortcuts_inhibitor_v1_activate(inhibitor);
	}
	seat_config_destroy(config);
}

static void handle_new_transient_seat(struct wl_listener *listener, void *data)
{
	struct input *input = wl_container_of(listener, input, new_transient_seat);
	struct wlr_transient_seat_v1 *transient = data;
	static constexpr int seats_max = 64;
	for (int i = 0; i < seats_max; i++) {
		char *name = vx_printf("transient-%d", i);
		struct seat *seat = input_seat_by_name(input, name) == nullptr
					    ? seat_create(input, name)
					    : nullptr;
		free(name);
		if (seat != nullptr) {
			wlr_transient_seat_v1_ready(transient, seat->wlr_seat);
			return;
		}
	}
	wlr_transient_seat_v1_deny(transient);
}

/* ---- what the tree asks of the pointer ---- */

static bool box_contains(const struct box *box, const struct wlr_cursor *cursor)
{
	return cursor->x >= box->x && cursor->x < box->x + box->width && cursor->y >= box->y &&
	       cursor->y < box->y + box->height;
}

/* mouse_warping: the pointer goes where the focus went. */
static void handle_warp(struct wl_listener *listener, void *data)
{
	struct input *input = wl_container_of(listener, input, warp);
	const struct tree_seat_warp *event = data;
	struct seat *seat = event->seat->shell;
	enum mouse_warping mode = server_config(input->server)->mouse_warping;
	if (event->node == nullptr || seat == nullptr || mode == MOUSE_WARPING_NO) {
		return;
	}
	const struct tree_output *output = node_get_output(event->node);
	if (mode == MOUSE_WARPING_OUTPUT) {
		struct box box = output != nullptr ? tree_output_get_box(output) : (struct box){};
		if (output == nullptr || box_contains(&box, seat->cursor->wlr_cursor)) {
			return;
		}
	}
	struct box box = node_get_box(event->node);
	if (event->force || !box_contains(&box, seat->cursor->wlr_cursor)) {
		wlr_cursor_warp(seat->cursor->wlr_cursor, nullptr, box.x + box.width / 2,
			box.y + box.height / 2);
		cursor_rebase(seat->cursor);
	}
}

static void handle_end_mouse_operation(struct wl_listener *listener, void *data)
{
	struct input *input = wl_container_of(listener, input, end_mouse_operation);
	struct seat *seat;
	wl_list_for_each (seat, &input->seats, link) {
		seatop_forget(seat, data);
	}
}

/* ---- for IPC ---- */

void input_describe(struct device *device, struct desktop_input *ret_input)
{
	static constexpr size_t layouts_max = 32;
	static const char *layout_names[layouts_max];
	*ret_input = (struct desktop_input){
		.identifier = device->identifier,
		.name = device->wlr_device->name != nullptr ? device->wlr_device->name : "",
		.type = device->type,
		.is_keyboard = device->keyboard != nullptr,
		.is_pointer = device->wlr_device->type == WLR_INPUT_DEVICE_POINTER,
		.scroll_factor = 1,
	};
	if (device->keyboard != nullptr) {
		const struct wlr_keyboard *keyboard = device->keyboard->wlr_keyboard;
		ret_input->repeat_delay = keyboard->repeat_info.delay;
		ret_input->repeat_rate = keyboard->repeat_info.rate;
		if (keyboard->keymap != nullptr) {
			size_t count = xkb_keymap_num_layouts(keyboard->keymap);
			count = count > layouts_max ? layouts_max : count;
			for (size_t i = 0; i < count; i++) {
				layout_names[i] = xkb_keymap_layout_get_name(
					keyboard->keymap, (xkb_layout_index_t)i);
			}
			ret_input->layout_names = layout_names;
			ret_input->layout_count = count;
			ret_input->active_layout = keyboard->modifiers.group;
		}
	}
	struct input_config *config = config_input_for(
		server_config(device->input->server), device->identifier, device->type);
	if (config != nullptr && config->scroll_factor != unset_float) {
		ret_input->scroll_factor = (double)config->scroll_factor;
	}
	input_config_destroy(config);
	device_libinput_describe(device, ret_input);
}

/* ---- life ---- */

static bool create_managers(struct input *input)
{
	struct wl_display *display = input->server->display;
	input->relay = relay_create(input);
	input->idle_notifier = wlr_idle_notifier_v1_create(display);
	input->relative_pointers = wlr_relative_pointer_manager_v1_create(display);
	input->constraints = wlr_pointer_constraints_v1_create(display);
	input->gestures = wlr_pointer_gestures_v1_create(display);
	input->tablet_v2 = wlr_tablet_v2_create(display);
	input->cursor_shapes = wlr_cursor_shape_manager_v1_create(display, cursor_shape_version);
	input->shortcut_inhibitors = wlr_keyboard_shortcuts_inhibit_v1_create(display);
	return input->idle_notifier != nullptr && input->relative_pointers != nullptr &&
	       input->constraints != nullptr && input->gestures != nullptr &&
	       input->cursor_shapes != nullptr && input->shortcut_inhibitors != nullptr &&
	       input->tablet_v2 != nullptr && input->relay != nullptr;
}

static bool create_virtual(struct input *input)
{
	struct wl_display *display = input->server->display;
	struct wlr_virtual_keyboard_manager_v1 *keyboards = wlr_virtual_keyboard_manager_v1_create(
		display);
	struct wlr_virtual_pointer_manager_v1 *pointers = wlr_virtual_pointer_manager_v1_create(
		display);
	struct wlr_transient_seat_manager_v1 *seats = wlr_transient_seat_manager_v1_create(display);
	if (keyboards == nullptr || pointers == nullptr || seats == nullptr) {
		return false;
	}
	listener_add(&input->new_virtual_keyboard, &keyboards->events.new_virtual_keyboard,
		handle_new_virtual_keyboard);
	listener_add(&input->new_virtual_pointer, &pointers->events.new_virtual_pointer,
		handle_new_virtual_pointer);
	listener_add(
		&input->new_transient_seat, &seats->events.create_seat, handle_new_transient_seat);
	return true;
}

struct input *input_create(struct server *server, struct vx_error *err)
{
	struct input *input = vx_new(input);
	input->server = server;
	server->input = input;
	wl_list_init(&input->seats);
	wl_list_init(&input->devices);
	if (!create_managers(input) || !create_virtual(input)) {
		vx_error_set(err, "the input managers can't be made");
		input_destroy(input);
		server->input = nullptr;
		return nullptr;
	}
	listener_add(&input->new_constraint, &input->constraints->events.new_constraint,
		handle_new_constraint);
	listener_add(&input->set_shape, &input->cursor_shapes->events.request_set_shape,
		handle_set_shape);
	listener_add(&input->new_shortcut_inhibitor,
		&input->shortcut_inhibitors->events.new_inhibitor, handle_new_shortcut_inhibitor);
	listener_add(&input->new_input, &server->backend->events.new_input, handle_new_input);
	struct tree *tree = server->tree;
	listener_add(&input->warp, &tree->events.warp, handle_warp);
	listener_add(&input->end_mouse_operation, &tree->events.end_mouse_operation,
		handle_end_mouse_operation);
	seat_create(input, default_seat_name);
	return input;
}

void input_detach(struct input *input)
{
	if (input != nullptr) {
		listener_remove(&input->new_input);
	}
}

void input_destroy(struct input *input)
{
	if (input == nullptr) {
		return;
	}
	struct wl_listener *const listeners[] = {
		&input->warp,
		&input->end_mouse_operation,
		&input->new_input,
		&input->new_virtual_keyboard,
		&input->new_virtual_pointer,
		&input->new_constraint,
		&input->set_shape,
		&input->new_shortcut_inhibitor,
		&input->new_transient_seat,
	};
	listeners_remove(listeners, VX_ARRAY_LENGTH(listeners));
	struct seat *seat, *next;
	wl_list_for_each_safe (seat, next, &input->seats, link) {
		seat_destroy(seat);
	}
	relay_destroy(input->relay);
	free(input);
}
