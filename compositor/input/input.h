/* SPDX-License-Identifier: MIT */
/* Input devices and the seats that they belong to. */
#ifndef INPUT_INPUT_H
#define INPUT_INPUT_H

#include <wayland-server-core.h>

struct desktop_input;
struct keyboard;
struct relay;
struct seat;
struct server;
struct vx_error;
struct wlr_cursor_shape_manager_v1;
struct wlr_idle_notifier_v1;
struct wlr_input_device;
struct wlr_keyboard_shortcuts_inhibit_manager_v1;
struct wlr_pointer_constraints_v1;
struct wlr_pointer_gestures_v1;
struct wlr_relative_pointer_manager_v1;
struct wlr_tablet_manager_v2;

struct input {
	struct server *server;
	struct wl_list seats;   /* struct seat.link; the first is the default */
	struct wl_list devices; /* struct device.link */
	struct relay *relay;    /* owned */
	struct wlr_idle_notifier_v1 *idle_notifier;
	struct wlr_relative_pointer_manager_v1 *relative_pointers;
	struct wlr_pointer_constraints_v1 *constraints;
	struct wlr_pointer_gestures_v1 *gestures;
	struct wlr_tablet_manager_v2 *tablet_v2;
	struct wlr_cursor_shape_manager_v1 *cursor_shapes;
	struct wlr_keyboard_shortcuts_inhibit_manager_v1 *shortcut_inhibitors;
	struct wl_listener new_input, new_virtual_keyboard, new_virtual_pointer;
	struct wl_listener warp, end_mouse_operation; /* of the tree */
	struct wl_listener new_constraint, set_shape, new_shortcut_inhibitor, new_transient_seat;
};

struct device {
	struct input *input;
	struct wl_list link;
	struct wlr_input_device *wlr_device;
	char *identifier; /* owned; "vendor:product:name" */
	const char *type; /* "keyboard", … as in GET_INPUTS */
	bool is_virtual;
	struct seat *seat;         /* NULL: none takes it */
	struct keyboard *keyboard; /* owned; NULL for others */
	struct wl_listener destroy, toggle;
};

/* Owned by the caller; NULL on failure. */
struct input *input_create(struct server *server, struct vx_error *err);
/* Hears nothing new of the backend, which is about to be destroyed. `input` may be NULL. */
void input_detach(struct input *input);
/* After the backend: all devices are gone. */
void input_destroy(struct input *input);

struct seat *input_default_seat(struct input *input);
struct seat *input_seat_by_name(struct input *input, const char *name);

/* Applies the configuration to all devices, or (`identifier` not NULL) to those it names. */
void input_configure(struct input *input, const char *identifier);
void input_outputs_changed(struct input *input);

/* For IPC; strings and arrays live until the next call. */
void input_describe(struct device *device, struct desktop_input *ret_input);

#endif
