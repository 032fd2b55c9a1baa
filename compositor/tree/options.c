/* SPDX-License-Identifier: MIT */
#include "tree/options.h"

void tree_options_init(struct tree_options *options)
{
	*options = (struct tree_options){
		.font_height = 17,
		.font_baseline = 13,
		.titlebar_border_thickness = 1,
		.titlebar_h_padding = 5,
		.titlebar_v_padding = 4,
		.title_align = TITLE_ALIGN_LEFT,
		.show_marks = true,
		.border = BORDER_NORMAL,
		.floating_border = BORDER_NORMAL,
		.border_thickness = 2,
		.floating_border_thickness = 2,
		.hide_edge_borders = HIDE_EDGE_NONE,
		.smart_borders = SMART_BORDERS_OFF,
		.smart_gaps = SMART_GAPS_OFF,
		.default_layout = LAYOUT_NONE,
		.default_orientation = LAYOUT_NONE,
		.focus_wrapping = FOCUS_WRAPPING_YES,
		.focus_follows_mouse = FOCUS_FOLLOWS_MOUSE_YES,
		.focus_on_activation = FOCUS_ON_ACTIVATION_URGENT,
		.popup_during_fullscreen = POPUP_SMART,
		.urgent_timeout_ms = 500,
		.tiling_drag = true,
		.tiling_drag_threshold = 9,
	};
}

int tree_options_titlebar_height(const struct tree_options *options)
{
	return options->font_height + options->titlebar_v_padding * 2;
}
