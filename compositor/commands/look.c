/* SPDX-License-Identifier: MIT */
/* Settings of how things look: borders, title bars, colours, fonts. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "common/error.h"
#include "tree/arrange.h"

static void arrange_if_running(struct command_context *context)
{
	if (!context->is_reading) {
		arrange_tree(context->tree);
	}
}

static void redraw_if_running(struct command_context *context)
{
	if (!context->is_reading) {
		context->desktop->impl->look_changed(context->desktop);
	}
}

static struct command_result set_border(
	struct args args, enum container_border *border, int *thickness, const char *expected)
{
	static const char *const names[] = {
		[BORDER_NONE] = "none",
		[BORDER_PIXEL] = "pixel",
		[BORDER_NORMAL] = "normal",
		nullptr,
	};
	int index = word_index(args.items[0], names);
	if (index < 0) {
		return command_invalid("%s", expected);
	}
	*border = (enum container_border)index;
	if (args.count == 2) {
		*thickness = pixels_from(atoi(args.items[1]));
	}
	return command_ok();
}

struct command_result cmd_default_border(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	return set_border(args, &options->border, &options->border_thickness,
		"Expected 'default_border <none|normal|pixel>' or 'default_border <normal|pixel> "
		"<px>'");
}

struct command_result cmd_default_floating_border(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	return set_border(args, &options->floating_border, &options->floating_border_thickness,
		"Expected 'default_floating_border <none|normal|pixel>' or "
		"'default_floating_border <normal|pixel> <px>'");
}

struct command_result cmd_hide_edge_borders(struct command_context *context, struct args args)
{
	static const char *const names[] = {
		[HIDE_EDGE_NONE] = "none",
		[HIDE_EDGE_VERTICAL] = "vertical",
		[HIDE_EDGE_HORIZONTAL] = "horizontal",
		[HIDE_EDGE_BOTH] = "both",
		"smart",
		"smart_no_gaps",
		nullptr,
	};
	struct tree_options *options = &context->config->options;
	bool hide_lone_tab = strcmp(args.items[0], "--i3") == 0;
	args = args_skip(args, hide_lone_tab);
	int index = args.count > 0 ? word_index(args.items[0], names) : -1;
	if (index < 0) {
		return command_invalid("Expected 'hide_edge_borders [--i3] "
				       "none|vertical|horizontal|both|smart|smart_no_gaps");
	}
	options->hide_edge_borders = HIDE_EDGE_NONE;
	if (index <= (int)HIDE_EDGE_BOTH) {
		options->hide_edge_borders = (enum hide_edge_borders)index;
	} else {
		options->smart_borders = index == HIDE_EDGE_BOTH + 1 ? SMART_BORDERS_ON
								     : SMART_BORDERS_NO_GAPS;
	}
	options->hide_lone_tab = hide_lone_tab;
	arrange_if_running(context);
	return command_ok();
}

struct command_result cmd_smart_borders(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	if (strcmp(args.items[0], "no_gaps") == 0) {
		options->smart_borders = SMART_BORDERS_NO_GAPS;
	} else {
		options->smart_borders = word_as_boolean(args.items[0], true) ? SMART_BORDERS_ON
									      : SMART_BORDERS_OFF;
	}
	arrange_if_running(context);
	return command_ok();
}

struct command_result cmd_smart_gaps(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	if (strcmp(args.items[0], "inverse_outer") == 0) {
		options->smart_gaps = SMART_GAPS_INVERSE_OUTER;
	} else {
		options->smart_gaps = word_as_boolean(
					      args.items[0], options->smart_gaps != SMART_GAPS_OFF)
					      ? SMART_GAPS_ON
					      : SMART_GAPS_OFF;
	}
	arrange_if_running(context);
	return command_ok();
}

/* --- Colours --- */

static struct command_result set_colors(struct command_context *context, struct args args,
	struct border_colors *colors, const char *default_indicator)
{
	static const char *const names[] = {
		"border", "background", "text", "indicator", "child_border"};
	const char *words[] = {args.items[0], args.items[1], args.items[2],
		args.count > 3 ? args.items[3] : default_indicator,
		args.count > 4 ? args.items[4] : args.items[1]};
	uint32_t values[VX_ARRAY_LENGTH(words)];
	for (size_t i = 0; i < VX_ARRAY_LENGTH(words); i++) {
		if (!word_as_color(words[i], &values[i])) {
			return command_invalid("Invalid %s color %s", names[i], words[i]);
		}
	}
	*colors = (struct border_colors){values[0], values[1], values[2], values[3], values[4]};
	redraw_if_running(context);
	return command_ok();
}

struct command_result cmd_client_focused(struct command_context *context, struct args args)
{
	return set_colors(context, args, &context->config->colors.focused, "#2e9ef4ff");
}

struct command_result cmd_client_focused_inactive(struct command_context *context, struct args args)
{
	return set_colors(context, args, &context->config->colors.focused_inactive, "#484e50ff");
}

struct command_result cmd_client_unfocused(struct command_context *context, struct args args)
{
	return set_colors(context, args, &context->config->colors.unfocused, "#292d2eff");
}

struct command_result cmd_client_urgent(struct command_context *context, struct args args)
{
	return set_colors(context, args, &context->config->colors.urgent, "#900000ff");
}

struct command_result cmd_client_focused_tab_title(
	struct command_context *context, struct args args)
{
	struct command_result result = set_colors(
		context, args, &context->config->colors.focused_tab_title, "#2e9ef4ff");
	context->config->has_focused_tab_title |= result.status == COMMAND_SUCCESS;
	return result;
}

struct command_result cmd_client_ignored(struct command_context *context, struct args args)
{
	return command_ok();
}

/* --- Title bars --- */

struct command_result cmd_font(struct command_context *context, struct args args)
{
	static const char prefix[] = "pango:";
	struct config *config = context->config;
	vx_cleanup_free char *font = args_join(args);
	bool is_markup = strncmp(font, prefix, strlen(prefix)) == 0;
	const char *description = is_markup ? font + strlen(prefix) : font;
	struct vx_error err = {};
	if (!context->desktop->impl->font_is_valid(context->desktop, description, &err)) {
		return command_from_error(false, &err);
	}
	vx_replace_string(&config->font, description);
	config->options.pango_markup = is_markup;
	session_measure_font(context->session);
	arrange_if_running(context);
	redraw_if_running(context);
	return command_ok();
}

struct command_result cmd_titlebar_border_thickness(
	struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	int value;
	if (!word_as_int(args.items[0], &value) || value < 0 ||
		value > options->titlebar_v_padding) {
		return command_fail("Invalid size specified");
	}
	options->titlebar_border_thickness = value;
	arrange_if_running(context);
	redraw_if_running(context);
	return command_ok();
}

struct command_result cmd_titlebar_padding(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	int horizontal, vertical;
	if (!word_as_int(args.items[0], &horizontal) || horizontal < 0) {
		return command_fail("Invalid size specified");
	}
	vertical = horizontal;
	if (args.count > 1 && (!word_as_int(args.items[1], &vertical) ||
				      vertical < options->titlebar_border_thickness)) {
		return command_fail("Invalid size specified");
	}
	if (args.count == 1 && vertical < options->titlebar_border_thickness) {
		return command_fail("Invalid size specified");
	}
	options->titlebar_h_padding = horizontal;
	options->titlebar_v_padding = vertical;
	arrange_if_running(context);
	redraw_if_running(context);
	return command_ok();
}

struct command_result cmd_title_align(struct command_context *context, struct args args)
{
	static const char *const names[] = {
		[TITLE_ALIGN_LEFT] = "left",
		[TITLE_ALIGN_CENTER] = "center",
		[TITLE_ALIGN_RIGHT] = "right",
		nullptr,
	};
	int index = word_index(args.items[0], names);
	if (index < 0) {
		return command_invalid("Expected 'title_align left|center|right'");
	}
	context->config->options.title_align = (enum title_align)index;
	redraw_if_running(context);
	return command_ok();
}

struct command_result cmd_show_marks(struct command_context *context, struct args args)
{
	struct tree_options *options = &context->config->options;
	options->show_marks = word_as_boolean(args.items[0], options->show_marks);
	redraw_if_running(context);
	return command_ok();
}
