/* SPDX-License-Identifier: MIT */
/* Every command, in the order that bsearch() needs. */
#include <stdlib.h>
#include <strings.h>

#include "commands/command.h"

static constexpr unsigned anywhere = COMMAND_ANYWHERE;
static constexpr unsigned in_config = COMMAND_IN_CONFIG;
static constexpr unsigned at_runtime = COMMAND_AT_RUNTIME;
static constexpr unsigned on_output = COMMAND_NEEDS_OUTPUT;
static constexpr unsigned quotes = COMMAND_KEEPS_QUOTES;
static constexpr unsigned file_quotes = COMMAND_KEEPS_QUOTES_IN_FILE;

static const struct command commands[] = {
	{"allow_tearing", cmd_allow_tearing, 1, -1, at_runtime},
	{"assign", cmd_assign, 2, -1, anywhere},
	{"bar", cmd_bar, 0, -1, anywhere},
	{"bindcode", cmd_bindcode, 2, -1, anywhere | file_quotes},
	{"bindgesture", cmd_bindgesture, 2, -1, anywhere | file_quotes},
	{"bindswitch", cmd_bindswitch, 2, -1, anywhere | file_quotes},
	{"bindsym", cmd_bindsym, 2, -1, anywhere | file_quotes},
	{"border", cmd_border, 1, -1, at_runtime},
	{"client.background", cmd_client_ignored, -1, -1, anywhere},
	{"client.focused", cmd_client_focused, 3, 5, anywhere},
	{"client.focused_inactive", cmd_client_focused_inactive, 3, 5, anywhere},
	{"client.focused_tab_title", cmd_client_focused_tab_title, 3, 5, anywhere},
	{"client.placeholder", cmd_client_ignored, -1, -1, anywhere},
	{"client.unfocused", cmd_client_unfocused, 3, 5, anywhere},
	{"client.urgent", cmd_client_urgent, 3, 5, anywhere},
	{"create_output", cmd_create_output, -1, -1, at_runtime},
	{"default_border", cmd_default_border, 1, -1, anywhere},
	{"default_floating_border", cmd_default_floating_border, 1, -1, anywhere},
	{"default_orientation", cmd_default_orientation, 1, 1, in_config},
	{"exec", cmd_exec, 1, -1, anywhere | quotes},
	{"exec_always", cmd_exec_always, 1, -1, anywhere | quotes},
	{"exit", cmd_exit, 0, 0, at_runtime},
	{"floating", cmd_floating, 1, 1, at_runtime | on_output},
	{"floating_maximum_size", cmd_floating_maximum_size, 3, 3, anywhere},
	{"floating_minimum_size", cmd_floating_minimum_size, 3, 3, anywhere},
	{"floating_modifier", cmd_floating_modifier, 1, -1, anywhere},
	{"focus", cmd_focus, -1, -1, anywhere | on_output},
	{"focus_follows_mouse", cmd_focus_follows_mouse, 1, 1, anywhere},
	{"focus_on_window_activation", cmd_focus_on_window_activation, 1, 1, anywhere},
	{"focus_wrapping", cmd_focus_wrapping, 1, 1, anywhere},
	{"font", cmd_font, 1, -1, anywhere},
	{"for_window", cmd_for_window, 2, -1, anywhere | file_quotes},
	{"force_display_urgency_hint", cmd_force_display_urgency_hint, 1, -1, anywhere},
	{"force_focus_wrapping", cmd_force_focus_wrapping, 1, 1, anywhere},
	{"fullscreen", cmd_fullscreen, 0, 2, anywhere},
	{"gaps", cmd_gaps, 2, -1, anywhere},
	{"hide_edge_borders", cmd_hide_edge_borders, 1, -1, anywhere},
	{"include", cmd_include, 1, -1, in_config},
	{"inhibit_idle", cmd_inhibit_idle, 1, 1, at_runtime},
	{"input", cmd_input, 2, -1, anywhere},
	{"kill", cmd_kill, -1, -1, at_runtime | on_output},
	{"layout", cmd_layout, 1, -1, at_runtime | on_output},
	{"mark", cmd_mark, 1, -1, at_runtime},
	{"max_render_time", cmd_max_render_time, -1, -1, at_runtime},
	{"mode", cmd_mode, 1, -1, anywhere | quotes},
	{"mouse_warping", cmd_mouse_warping, 1, 1, anywhere},
	{"move", cmd_move, 1, -1, at_runtime | on_output},
	{"new_float", cmd_default_floating_border, 1, -1, anywhere},
	{"new_window", cmd_default_border, 1, -1, anywhere},
	{"no_focus", cmd_no_focus, 1, -1, anywhere},
	{"nop", cmd_nop, -1, -1, at_runtime},
	{"opacity", cmd_opacity, 1, -1, at_runtime},
	{"output", cmd_output, 1, -1, anywhere},
	{"popup_during_fullscreen", cmd_popup_during_fullscreen, 1, 1, anywhere},
	{"primary_selection", cmd_primary_selection, 1, 1, in_config},
	{"reload", cmd_reload, 0, 0, at_runtime},
	{"rename", cmd_rename, 3, -1, at_runtime | on_output},
	{"resize", cmd_resize, -1, -1, at_runtime | on_output},
	{"scratchpad", cmd_scratchpad, 1, 1, at_runtime},
	{"seat", cmd_seat, 2, -1, anywhere},
	{"set", cmd_set, 2, -1, anywhere | file_quotes | COMMAND_KEEPS_FIRST_WORD},
	{"shortcuts_inhibitor", cmd_shortcuts_inhibitor, 1, 1, at_runtime},
	{"show_marks", cmd_show_marks, 1, -1, anywhere},
	{"smart_borders", cmd_smart_borders, 1, 1, anywhere},
	{"smart_gaps", cmd_smart_gaps, 1, -1, anywhere},
	{"split", cmd_split, 1, 1, at_runtime | on_output},
	{"splith", cmd_splith, 0, 0, at_runtime},
	{"splitt", cmd_splitt, 0, 0, at_runtime},
	{"splitv", cmd_splitv, 0, 0, at_runtime},
	{"sticky", cmd_sticky, 1, 1, at_runtime},
	{"swap", cmd_swap, 4, -1, at_runtime | on_output},
	{"swaybg_command", cmd_swaybg_command, 1, -1, in_config},
	{"swaynag_command", cmd_swaynag_command, 1, -1, in_config},
	{"tiling_drag", cmd_tiling_drag, 1, 1, anywhere},
	{"tiling_drag_threshold", cmd_tiling_drag_threshold, 1, 1, anywhere},
	{"title_align", cmd_title_align, 1, -1, anywhere},
	{"title_format", cmd_title_format, 1, -1, at_runtime},
	{"titlebar_border_thickness", cmd_titlebar_border_thickness, 1, 1, anywhere},
	{"titlebar_padding", cmd_titlebar_padding, 1, -1, anywhere},
	{"unbindcode", cmd_unbindcode, 1, -1, anywhere},
	{"unbindgesture", cmd_unbindgesture, 1, -1, anywhere},
	{"unbindswitch", cmd_unbindswitch, 1, -1, anywhere},
	{"unbindsym", cmd_unbindsym, 1, -1, anywhere},
	{"unmark", cmd_unmark, -1, -1, at_runtime},
	{"urgent", cmd_urgent, 1, 1, at_runtime},
	{"vm_clipboard", cmd_vm_clipboard, 1, 1, at_runtime},
	{"vm_menu", cmd_vm_menu, 0, 0, at_runtime},
	{"vm_shell", cmd_vm_shell, 0, 0, at_runtime},
	{"workspace", cmd_workspace, 1, -1, anywhere},
	{"workspace_auto_back_and_forth", cmd_workspace_auto_back_and_forth, 1, 1, anywhere},
	{"workspace_layout", cmd_workspace_layout, 1, 1, in_config},
	{"xwayland", cmd_xwayland, 1, 1, in_config},
};

static int compare_names(const void *a, const void *b)
{
	return strcasecmp(((const struct command *)a)->name, ((const struct command *)b)->name);
}

const struct command *command_find(const char *name, bool in_file)
{
	struct command key = {.name = name};
	const struct command *found = bsearch(
		&key, commands, VX_ARRAY_LENGTH(commands), sizeof(commands[0]), compare_names);
	unsigned needed = in_file ? in_config : at_runtime;
	return found && (found->flags & needed) ? found : nullptr;
}

const struct command *command_at(size_t index)
{
	return index < VX_ARRAY_LENGTH(commands) ? &commands[index] : nullptr;
}

struct command_result command_check_count(const char *name, struct args args, int min, int max)
{
	if ((min < 0 || args.count >= min) && (max < 0 || args.count <= max)) {
		return command_ok();
	}
	int expected = min >= 0 && args.count < min ? min : max;
	const char *bound = min == max ? "" : args.count < min ? "at least " : "at most ";
	return command_invalid("Invalid %s command (expected %s%d argument%s, got %d)", name, bound,
		expected, expected == 1 ? "" : "s", args.count);
}

struct command_result command_call(
	const struct command *command, struct command_context *context, struct args args)
{
	struct command_result result = command_check_count(
		command->name, args, command->min_args, command->max_args);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	if ((command->flags & COMMAND_NEEDS_OUTPUT) && !context->is_reading &&
		context->tree->outputs.length == 0) {
		return command_invalid(
			"Can't run this command while there's no outputs connected.");
	}
	return command->handler(context, args);
}

struct command_result command_call_sub(const struct command *table, size_t length,
	struct command_context *context, struct args args)
{
	struct command key = {.name = args.items[0]};
	const struct command *found = bsearch(&key, table, length, sizeof(table[0]), compare_names);
	if (!found) {
		return command_invalid("Unknown/invalid command '%s'", args.items[0]);
	}
	return command_call(found, context, args_skip(args, 1));
}
