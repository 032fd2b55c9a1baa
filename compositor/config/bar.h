/* SPDX-License-Identifier: MIT */
/* What a `bar` block says. */
#ifndef CONFIG_BAR_H
#define CONFIG_BAR_H

#include <stdint.h>

#include "config/binding.h"
#include "tree/options.h"

struct bar_binding {
	uint32_t button; /* evdev code */
	bool release;
	char *command; /* owned */
};

struct bar_tray_binding {
	uint32_t button;
	char *command; /* owned: ContextMenu, Activate, … */
};

/* Colours are owned "#rrggbbaa" strings in the order of bar_color_names[]. */
enum bar_color : unsigned {
	BAR_BACKGROUND,
	BAR_STATUSLINE,
	BAR_SEPARATOR,
	BAR_FOCUSED_BACKGROUND,
	BAR_FOCUSED_STATUSLINE,
	BAR_FOCUSED_SEPARATOR,
	BAR_FOCUSED_WORKSPACE_BORDER,
	BAR_FOCUSED_WORKSPACE_BG,
	BAR_FOCUSED_WORKSPACE_TEXT,
	BAR_INACTIVE_WORKSPACE_BORDER,
	BAR_INACTIVE_WORKSPACE_BG,
	BAR_INACTIVE_WORKSPACE_TEXT,
	BAR_ACTIVE_WORKSPACE_BORDER,
	BAR_ACTIVE_WORKSPACE_BG,
	BAR_ACTIVE_WORKSPACE_TEXT,
	BAR_URGENT_WORKSPACE_BORDER,
	BAR_URGENT_WORKSPACE_BG,
	BAR_URGENT_WORKSPACE_TEXT,
	BAR_BINDING_MODE_BORDER,
	BAR_BINDING_MODE_BG,
	BAR_BINDING_MODE_TEXT,
	BAR_COLOR_COUNT,
};

extern const char *const bar_color_names[BAR_COLOR_COUNT];

static constexpr int bar_pango_markup_default = -1; /* as the configured font says */

struct bar_config {
	char *id;              /* owned */
	char *swaybar_command; /* owned; NULL: swaybar */
	char *status_command;  /* owned; NULL: none */
	char *mode;            /* owned: dock, hide, invisible, overlay */
	char *hidden_state;    /* owned: hide, show */
	bool visible_by_modifier;
	char *position;          /* owned: top, bottom */
	uint32_t modifier;       /* bits */
	char *font;              /* owned; NULL: the config's */
	LIST(char) outputs;      /* owned strings; empty: all */
	LIST(char) tray_outputs; /* owned strings */
	char *icon_theme;        /* owned; may be NULL */
	char *separator_symbol;  /* owned; may be NULL */
	LIST(struct bar_binding) bindings;
	LIST(struct bar_tray_binding) tray_bindings;
	int height, tray_padding, status_padding, status_edge_padding, workspace_min_width;
	struct gaps gaps;
	bool workspace_buttons, wrap_scroll, strip_workspace_numbers, strip_workspace_name;
	bool binding_mode_indicator, verbose;
	int pango_markup;              /* bool or bar_pango_markup_default */
	char *colors[BAR_COLOR_COUNT]; /* owned */
};

struct bar_config *bar_config_create(const char *id);
void bar_config_destroy(struct bar_config *bar);
/* Takes the modifiers that are held. True where a hidden bar is to come or go by them. */
bool bar_config_take_modifiers(struct bar_config *bar, uint32_t modifiers);

#endif
