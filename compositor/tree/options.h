/* SPDX-License-Identifier: MIT */
/* The part of the configuration that tree and layout obey; config/config.h holds one. */
#ifndef TREE_OPTIONS_H
#define TREE_OPTIONS_H

#include <stdint.h>

#include "tree/container.h"

struct gaps {
	int top, right, bottom, left;
};

enum smart_gaps : unsigned {
	SMART_GAPS_OFF,
	SMART_GAPS_ON,
	SMART_GAPS_INVERSE_OUTER,
};

enum hide_edge_borders : unsigned {
	HIDE_EDGE_NONE,
	HIDE_EDGE_VERTICAL,
	HIDE_EDGE_HORIZONTAL,
	HIDE_EDGE_BOTH,
};

enum smart_borders : unsigned {
	SMART_BORDERS_OFF,
	SMART_BORDERS_ON,
	SMART_BORDERS_NO_GAPS,
};

enum focus_wrapping : unsigned {
	FOCUS_WRAPPING_NO,
	FOCUS_WRAPPING_YES,
	FOCUS_WRAPPING_FORCE,
	FOCUS_WRAPPING_WORKSPACE,
};

enum focus_follows_mouse : unsigned {
	FOCUS_FOLLOWS_MOUSE_NO,
	FOCUS_FOLLOWS_MOUSE_YES,
	FOCUS_FOLLOWS_MOUSE_ALWAYS,
};

enum focus_on_activation : unsigned {
	FOCUS_ON_ACTIVATION_SMART,
	FOCUS_ON_ACTIVATION_URGENT,
	FOCUS_ON_ACTIVATION_FOCUS,
	FOCUS_ON_ACTIVATION_NONE,
};

enum popup_during_fullscreen : unsigned {
	POPUP_SMART,
	POPUP_IGNORE,
	POPUP_LEAVE,
};

enum title_align : unsigned {
	TITLE_ALIGN_LEFT,
	TITLE_ALIGN_CENTER,
	TITLE_ALIGN_RIGHT,
};

struct tree_options {
	/* Title bars. font_height is measured by the desktop for the configured font. */
	int font_height, font_baseline;
	int titlebar_border_thickness, titlebar_h_padding, titlebar_v_padding;
	enum title_align title_align;
	bool show_marks;
	bool pango_markup; /* the font asks for it: titles are markup */

	enum container_border border, floating_border;
	int border_thickness, floating_border_thickness;
	enum hide_edge_borders hide_edge_borders;
	bool hide_lone_tab; /* hide_edge_borders --i3 */
	enum smart_borders smart_borders;

	int gaps_inner;
	struct gaps gaps_outer;
	enum smart_gaps smart_gaps;

	enum container_layout default_layout;      /* workspace_layout; LAYOUT_NONE: default */
	enum container_layout default_orientation; /* LAYOUT_NONE: auto, by the output's shape */

	/* Floating size limits; 0: the default (75 x 50, the whole layout), -1: none. */
	int floating_minimum_width, floating_minimum_height;
	int floating_maximum_width, floating_maximum_height;

	enum focus_wrapping focus_wrapping;
	enum focus_follows_mouse focus_follows_mouse;
	enum focus_on_activation focus_on_activation;
	enum popup_during_fullscreen popup_during_fullscreen;
	bool auto_back_and_forth;
	int urgent_timeout_ms;
	bool tiling_drag;
	int tiling_drag_threshold;
};

/* Every field at sway's default. */
void tree_options_init(struct tree_options *options);

/* The height of one title bar in pixels. */
int tree_options_titlebar_height(const struct tree_options *options);

#endif
