/* SPDX-License-Identifier: MIT */
/*
 * The whole configuration: filled in by the commands that a file contains. Made and replaced as one
 * object, so that a reload never mixes two of them.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdint.h>

#include "config/binding.h"
#include "config/device.h"
#include "tree/list.h"
#include "tree/options.h"

struct bar_config;
struct criteria;
struct rule;
struct vx_error;
struct xkb_rule_names;
struct xkb_state;

/* Colours as 0xRRGGBBAA. */
struct border_colors {
	uint32_t border, background, text, indicator, child_border;
};

enum mouse_warping : unsigned {
	MOUSE_WARPING_NO,
	MOUSE_WARPING_OUTPUT,
	MOUSE_WARPING_CONTAINER,
};

enum xwayland_mode : unsigned {
	XWAYLAND_DISABLED,
	XWAYLAND_LAZY,
	XWAYLAND_FORCE,
};

struct config_variable {
	char *name, *value; /* owned; name with its $ */
};

/* `workspace NAME output …` and `workspace NAME gaps …`; INT_MIN: not set. */
struct workspace_config {
	char *name;         /* owned */
	LIST(char) outputs; /* owned strings */
	int gaps_inner;
	struct gaps gaps_outer;
};

/* A line that did not work. */
struct config_error {
	char *path; /* owned */
	int line;
	char *text, *message; /* owned */
};

/* A command that waits for the compositor to run. */
struct config_deferred {
	char *command; /* owned */
};

struct config {
	struct tree_options options;

	char *font; /* owned Pango description */
	struct {
		struct border_colors focused, focused_inactive, focused_tab_title, unfocused,
			urgent, placeholder;
	} colors;
	bool has_focused_tab_title;

	LIST(struct config_variable) variables; /* longest name first */
	LIST(struct binding_mode) modes;
	struct binding_mode *current_mode;
	int next_binding_order;

	LIST(struct rule) rules; /* for_window, assign, no_focus; in order */
	LIST(struct workspace_config) workspaces;
	LIST(struct bar_config) bars;
	LIST(struct output_config) outputs;
	LIST(struct input_config) inputs;
	LIST(struct seat_config) seats;
	LIST(struct config_deferred) deferred;

	struct xkb_state *translation; /* owned; for --to-code; made when needed */

	uint32_t floating_modifier; /* modifier bits; 0: none */
	bool floating_modifier_inverse;
	enum mouse_warping mouse_warping;
	enum xwayland_mode xwayland;
	bool primary_selection;
	char *swaybg_command, *swaynag_command; /* owned; NULL: off */

	/* Of GET_CONFIG and GET_VERSION. */
	char *path;       /* owned; the main file */
	char *text;       /* owned; its content */
	LIST(char) files; /* owned; files that were read, against loops */
	LIST(struct config_error) errors;

	struct bar_config *current_bar; /* borrowed; the block being read; may be NULL */
	bool active;                    /* its file has been read: commands run for real */
	bool validating;
	/* While a file is read. */
	const char *reading_path;
	const char *reading_text;
	int reading_line, reading_depth;
};

struct config *config_create(void);
void config_destroy(struct config *config);

/*
 * The file to use: `given` (-c), else the first that exists of
 * $XDG_CONFIG_HOME/vixos/compositor.config, sway's own places, and the installed default. Owned by
 * the caller; NULL: none.
 */
char *config_find_file(const char *given);

/* "path:3: message: 'text'" lines; owned by the caller. */
char *config_format_errors(const struct config *config);

/* What xkbcommon is to make a keymap of; borrowed from `input`. NULL: the default one. */
struct xkb_rule_names input_config_rule_names(const struct input_config *input);

/*
 * --to-code: keysyms become keycodes by the keymap of `input … xkb_layout` lines so far, or the
 * default one. config_translate_bindings() does it anew for all bindings.
 */
void config_translate_binding(struct config *config, struct binding *binding);
void config_translate_bindings(struct config *config);
/* Is there a keymap for what `input`, with what is stored for its devices, asks for? */
bool config_check_keymap(
	const struct config *config, const struct input_config *input, struct vx_error *err);

/* The mode of that name, or NULL. */
struct binding_mode *config_find_mode(const struct config *config, const char *name);
struct workspace_config *config_find_workspace(const struct config *config, const char *name);

/* Sets `$name` (with its $); keeps the order. */
void config_set_variable(struct config *config, const char *name, const char *value);
/* A regular file that can be opened? */
bool config_is_readable(const char *path, struct vx_error *err);
void config_forget_deferred(struct config *config);
/* For warnings about the line that is being read; also from commands. */
[[gnu::format(printf, 2, 3)]] void config_warn(struct config *config, const char *format, ...);

/* `$name` replaced where set, longest names first; `$$` becomes `$`. Owned by the caller. */
char *config_expand_variables(const struct config *config, const char *text);

/* Take what a line says (owned), merged into what is known. */
void config_store_input(struct config *config, struct input_config *input);
void config_store_output(struct config *config, struct output_config *output);
void config_store_seat(struct config *config, struct seat_config *seat);

/*
 * The merged settings that hold for one device or output, or NULL; `identifier` as in GET_INPUTS,
 * `type` as in `type:touchpad`. Owned by the caller: input_config_destroy() and so on.
 */
struct input_config *config_input_for(
	const struct config *config, const char *identifier, const char *type);
struct output_config *config_output_for(
	const struct config *config, const char *name, const char *identifier);
struct seat_config *config_seat_for(const struct config *config, const char *name);

#endif
