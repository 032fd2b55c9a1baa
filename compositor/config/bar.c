/* SPDX-License-Identifier: MIT */
#include "config/bar.h"

#include <stdlib.h>
#include <string.h>

const char *const bar_color_names[BAR_COLOR_COUNT] = {
	[BAR_BACKGROUND] = "background",
	[BAR_STATUSLINE] = "statusline",
	[BAR_SEPARATOR] = "separator",
	[BAR_FOCUSED_BACKGROUND] = "focused_background",
	[BAR_FOCUSED_STATUSLINE] = "focused_statusline",
	[BAR_FOCUSED_SEPARATOR] = "focused_separator",
	[BAR_FOCUSED_WORKSPACE_BORDER] = "focused_workspace_border",
	[BAR_FOCUSED_WORKSPACE_BG] = "focused_workspace_bg",
	[BAR_FOCUSED_WORKSPACE_TEXT] = "focused_workspace_text",
	[BAR_INACTIVE_WORKSPACE_BORDER] = "inactive_workspace_border",
	[BAR_INACTIVE_WORKSPACE_BG] = "inactive_workspace_bg",
	[BAR_INACTIVE_WORKSPACE_TEXT] = "inactive_workspace_text",
	[BAR_ACTIVE_WORKSPACE_BORDER] = "active_workspace_border",
	[BAR_ACTIVE_WORKSPACE_BG] = "active_workspace_bg",
	[BAR_ACTIVE_WORKSPACE_TEXT] = "active_workspace_text",
	[BAR_URGENT_WORKSPACE_BORDER] = "urgent_workspace_border",
	[BAR_URGENT_WORKSPACE_BG] = "urgent_workspace_bg",
	[BAR_URGENT_WORKSPACE_TEXT] = "urgent_workspace_text",
	[BAR_BINDING_MODE_BORDER] = "binding_mode_border",
	[BAR_BINDING_MODE_BG] = "binding_mode_bg",
	[BAR_BINDING_MODE_TEXT] = "binding_mode_text",
};

/* The others fall back on these. */
static const char *const default_colors[BAR_COLOR_COUNT] = {
	[BAR_BACKGROUND] = "#000000ff",
	[BAR_STATUSLINE] = "#ffffffff",
	[BAR_SEPARATOR] = "#666666ff",
	[BAR_FOCUSED_WORKSPACE_BORDER] = "#4c7899ff",
	[BAR_FOCUSED_WORKSPACE_BG] = "#285577ff",
	[BAR_FOCUSED_WORKSPACE_TEXT] = "#ffffffff",
	[BAR_INACTIVE_WORKSPACE_BORDER] = "#333333ff",
	[BAR_INACTIVE_WORKSPACE_BG] = "#222222ff",
	[BAR_INACTIVE_WORKSPACE_TEXT] = "#888888ff",
	[BAR_ACTIVE_WORKSPACE_BORDER] = "#333333ff",
	[BAR_ACTIVE_WORKSPACE_BG] = "#5f676aff",
	[BAR_ACTIVE_WORKSPACE_TEXT] = "#ffffffff",
	[BAR_URGENT_WORKSPACE_BORDER] = "#2f343aff",
	[BAR_URGENT_WORKSPACE_BG] = "#900000ff",
	[BAR_URGENT_WORKSPACE_TEXT] = "#ffffffff",
};

struct bar_config *bar_config_create(const char *id)
{
	struct bar_config *bar = vx_new(bar);
	bar->id = vx_strdup(id);
	bar->position = vx_strdup("bottom");
	bar->mode = vx_strdup("dock");
	bar->hidden_state = vx_strdup("hide");
	bar->modifier = modifier_by_name("Mod4", 4);
	bar->pango_markup = bar_pango_markup_default;
	bar->workspace_buttons = true;
	bar->binding_mode_indicator = true;
	bar->status_padding = 1;
	bar->status_edge_padding = 3;
	bar->tray_padding = 2;
	for (int i = 0; i < (int)BAR_COLOR_COUNT; i++) {
		bar->colors[i] = vx_strdup(default_colors[i]);
	}
	return bar;
}

void bar_config_destroy(struct bar_config *bar)
{
	if (!bar) {
		return;
	}
	for (int i = 0; i < bar->outputs.length; i++) {
		free(bar->outputs.items[i]);
	}
	for (int i = 0; i < bar->tray_outputs.length; i++) {
		free(bar->tray_outputs.items[i]);
	}
	for (int i = 0; i < bar->bindings.length; i++) {
		free(bar->bindings.items[i]->command);
		free(bar->bindings.items[i]);
	}
	for (int i = 0; i < bar->tray_bindings.length; i++) {
		free(bar->tray_bindings.items[i]->command);
		free(bar->tray_bindings.items[i]);
	}
	list_finish(&bar->outputs);
	list_finish(&bar->tray_outputs);
	list_finish(&bar->bindings);
	list_finish(&bar->tray_bindings);
	for (int i = 0; i < (int)BAR_COLOR_COUNT; i++) {
		free(bar->colors[i]);
	}
	char *strings[] = {bar->id, bar->swaybar_command, bar->status_command, bar->mode,
		bar->hidden_state, bar->position, bar->font, bar->icon_theme,
		bar->separator_symbol};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(strings); i++) {
		free(strings[i]);
	}
	free(bar);
}

bool bar_config_take_modifiers(struct bar_config *bar, uint32_t modifiers)
{
	if (strcmp(bar->mode, "hide") != 0 || strcmp(bar->hidden_state, "hide") != 0) {
		return false;
	}
	bool was_visible = bar->visible_by_modifier;
	bar->visible_by_modifier = (modifiers & bar->modifier) == bar->modifier;
	return bar->visible_by_modifier != was_visible;
}
