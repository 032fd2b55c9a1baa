/* SPDX-License-Identifier: MIT */
/*
 * What commands, configuration and IPC need of the running compositor: everything that touches
 * hardware, clients' surfaces or processes. The server implements it; unit tests fake it. Every
 * function is required. All are called from the event loop's thread.
 */
#ifndef COMMANDS_DESKTOP_H
#define COMMANDS_DESKTOP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bar_config;
struct config;
struct container;
struct desktop;
struct input_config;
struct output_config;
struct seat_config;
struct tree_output;
struct tree_seat;
struct view;
struct vx_error;
struct workspace;

struct desktop_mode {
	int width, height;
	int refresh;           /* mHz */
	unsigned aspect_ratio; /* enum wlr_output_mode_aspect_ratio: none, 4:3, 16:9, 64:27, 256:135
				*/
};

/* One output for GET_OUTPUTS and GET_TREE. Strings and arrays are borrowed until the next call. */
struct desktop_output {
	struct tree_output *output; /* NULL: non-desktop */
	const char *name, *make, *model, *serial;
	bool enabled, non_desktop, power;
	float scale;
	const char *scale_filter; /* "nearest", "linear" */
	const char *transform;    /* sway's word, clockwise: "normal", "90", "flipped-270" */
	const char *subpixel;     /* "unknown", "none", "rgb", … */
	bool adaptive_sync_supported, adaptive_sync, hdr_supported, hdr;
	bool allow_tearing;
	int max_render_time; /* ms; 0: off */
	struct desktop_mode mode;
	const struct desktop_mode *modes;
	size_t mode_count;
};

/* libinput settings; NULL strings and has_… false: the device does not have it. */
struct desktop_libinput {
	const char *send_events, *tap, *tap_button_map, *tap_drag, *tap_drag_lock;
	const char *accel_profile, *natural_scroll, *left_handed, *click_method;
	const char *clickfinger_button_map, *middle_emulation, *scroll_method, *scroll_button_lock;
	const char *dwt, *dwtp;
	bool can_be_off_by_mouse; /* send_events */
	bool has_accel_speed, has_calibration_matrix, has_scroll_button;
	double accel_speed;
	uint32_t scroll_button;
	float calibration_matrix[6];
};

/* One input device for GET_INPUTS and input events. Borrowed likewise. */
struct desktop_input {
	const char *identifier, *name;
	const char *type; /* keyboard, pointer, touchpad, touch, tablet_tool, tablet_pad, switch,
			     unknown */
	bool is_keyboard;
	int repeat_delay, repeat_rate;
	const char *const *layout_names; /* NULL: no keymap */
	size_t layout_count, active_layout;
	bool is_pointer;
	double scroll_factor;
	bool has_libinput;
	unsigned vendor, product;
	struct desktop_libinput libinput;
};

/* One seat for GET_SEATS. */
struct desktop_seat {
	struct tree_seat *seat;
	uint32_t capabilities;     /* wl_seat.capability bits */
	const char *const *inputs; /* identifiers of its devices */
	size_t input_count;
};

enum desktop_clipboard_action : unsigned {
	DESKTOP_CLIPBOARD_COPY,
	DESKTOP_CLIPBOARD_PASTE,
};

struct desktop_impl {
	/* Sends what is dirty in the tree to the clients as one transaction. */
	void (*commit)(struct desktop *desktop);

	/*
	 * Runs `sh -c command` detached, with an activation token, and the same as X11's startup
	 * id unless `no_startup_id`.
	 */
	bool (*exec)(struct desktop *desktop, struct tree_seat *seat, const char *command,
		bool no_startup_id, struct vx_error *err);
	/*
	 * The workspace where the exec happened that started this view's program (by activation
	 * token or process id), or NULL. Each exec counts once.
	 */
	struct workspace *(*exec_workspace)(struct desktop *desktop, struct view *view);
	void (*exit)(struct desktop *desktop);
	/* Calls back from the event loop, later, once. */
	void (*call_later)(struct desktop *desktop, void (*callback)(void *data), void *data);

	/* Height and baseline in pixels of a line in this Pango font. */
	void (*measure_font)(
		struct desktop *desktop, const char *font, int *ret_height, int *ret_baseline);
	/* Does the font description (as after "pango:") name a family and a size? Says what lacks.
	 */
	bool (*font_is_valid)(struct desktop *desktop, const char *font, struct vx_error *err);

	/* The configuration was replaced (reload); apply input, seat, output, cursor, bars, swaybg,
	 * colours. */
	void (*config_changed)(struct desktop *desktop, struct config *config, struct config *old);
	/* One runtime command changed the configuration; `config` has it stored and merged already.
	 */
	void (*output_changed)(struct desktop *desktop, struct output_config *changed);
	void (*input_changed)(struct desktop *desktop, struct input_config *changed);
	void (*seat_changed)(struct desktop *desktop, struct seat_config *changed);
	/* There is one bar more; those that changed hear of it over IPC. */
	void (*bar_added)(struct desktop *desktop, const struct bar_config *bar);
	/* Fonts, colours, paddings: title bars must be drawn anew. */
	void (*look_changed)(struct desktop *desktop);
	/* Bindings or modes changed: keyboard code forgets what it has looked up. */
	void (*bindings_changed)(struct desktop *desktop);
	/* Shows configuration errors (swaynag); `log` has one line an error. */
	void (*show_errors)(struct desktop *desktop, const char *message, const char *log);

	/* False where there is no such index. Index < 0: next (relative 1) or previous (-1). */
	bool (*switch_xkb_layout)(struct desktop *desktop, const char *input_identifier, int index,
		int relative, struct vx_error *err);
	bool (*create_output)(struct desktop *desktop, struct vx_error *err);
	bool (*unplug_output)(
		struct desktop *desktop, struct tree_output *output, struct vx_error *err);
	/* Power of outputs, for `output X power toggle`. */
	bool (*output_is_powered)(struct desktop *desktop, struct tree_output *output);

	bool (*cursor_position)(
		struct desktop *desktop, struct tree_seat *seat, double *ret_x, double *ret_y);
	void (*cursor_move)(struct desktop *desktop, struct tree_seat *seat, double dx, double dy);
	void (*cursor_set)(struct desktop *desktop, struct tree_seat *seat, double x, double y);
	void (*cursor_button)(
		struct desktop *desktop, struct tree_seat *seat, uint32_t button, bool pressed);
	/* The seat of that name ("-" was resolved), or NULL. */
	struct tree_seat *(*seat_by_name)(struct desktop *desktop, const char *name);
	void (*idle_wake)(struct desktop *desktop);
	/* `seat SEAT shortcuts_inhibitor activate|deactivate|toggle`; false: none exists. */
	bool (*shortcuts_inhibitor)(struct desktop *desktop, struct tree_seat *seat,
		const char *action, struct vx_error *err);

	/* For IPC: calls `visit` for every output (enabled ones first), input, seat. */
	void (*for_each_output)(struct desktop *desktop,
		void (*visit)(const struct desktop_output *output, void *data), void *data);
	void (*for_each_input)(struct desktop *desktop,
		void (*visit)(const struct desktop_input *input, void *data), void *data);
	void (*for_each_seat)(struct desktop *desktop,
		void (*visit)(const struct desktop_seat *seat, void *data), void *data);

	/* Beyond sway. */
	bool (*vm_menu)(struct desktop *desktop, struct tree_seat *seat, struct vx_error *err);
	/* A shell in the VM of `view`, or (NULL) in one the user chooses. */
	bool (*vm_shell)(struct desktop *desktop, struct tree_seat *seat, struct view *view,
		struct vx_error *err);
	bool (*vm_clipboard)(struct desktop *desktop, struct tree_seat *seat, struct view *view,
		enum desktop_clipboard_action action, struct vx_error *err);
};

struct desktop {
	const struct desktop_impl *impl;
};

#endif
