/* SPDX-License-Identifier: MIT */
/* bar: the settings that are one field of struct bar_config, by table. */
#include "commands/bar_fields.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/bar.h"

#define OFFSET(field) offsetof(struct bar_config, field)

static const struct {
	const char *name;
	size_t offset; /* of a bool */
} switches[] = {
	{"binding_mode_indicator", OFFSET(binding_mode_indicator)},
	{"strip_workspace_name", OFFSET(strip_workspace_name)},
	{"strip_workspace_numbers", OFFSET(strip_workspace_numbers)},
	{"workspace_buttons", OFFSET(workspace_buttons)},
	{"wrap_scroll", OFFSET(wrap_scroll)},
};

static bool ends_anywhere(const char *rest)
{
	(void)rest;
	return true;
}

static bool ends_here(const char *rest)
{
	return *rest == '\0';
}

static bool ends_as_pixels(const char *rest)
{
	return *rest == '\0' || strcasecmp(rest, "px") == 0;
}

/* Each is as strict, and complains in the same words, as in sway. */
static const struct number {
	const char *name;
	size_t offset;                     /* of an int */
	bool (*may_end)(const char *rest); /* of what is behind the digits */
	const char *complaint;
	int max_args; /* where it isn't 1, a second word can be "px" */
} numbers[] = {
	{"height", OFFSET(height), ends_anywhere, "Invalid height value: ", 1},
	{"status_edge_padding", OFFSET(status_edge_padding), ends_here, nullptr, 1},
	{"status_padding", OFFSET(status_padding), ends_here, nullptr, 1},
	{"tray_padding", OFFSET(tray_padding), ends_as_pixels, "Invalid tray padding value: ", 2},
	{"workspace_min_width", OFFSET(workspace_min_width), ends_as_pixels,
		"Invalid minimum workspace button width value: ", -1},
};

static void *field_at(struct bar_config *bar, size_t offset)
{
	return (char *)bar + offset;
}

/* One name or the other is stripped, not both. */
static void settle_stripping(struct bar_config *bar, const bool *changed)
{
	if (*changed && changed == &bar->strip_workspace_name) {
		bar->strip_workspace_numbers = false;
	}
	if (*changed && changed == &bar->strip_workspace_numbers) {
		bar->strip_workspace_name = false;
	}
}

static struct command_result set_switch(
	struct bar_config *bar, const char *name, size_t offset, struct args args)
{
	struct command_result result = command_check_count(name, args, 1, 1);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	bool *field = field_at(bar, offset);
	*field = word_as_boolean(args.items[0], *field);
	settle_stripping(bar, field);
	return command_ok();
}

static struct command_result complain(
	const struct bar_config *bar, const struct number *number, const char *word)
{
	if (!number->complaint) {
		return command_invalid("Padding must be a positive integer");
	}
	return number->max_args == 1
		       ? command_invalid("%s%s", number->complaint, word)
		       : command_invalid("[Bar %s] %s%s", bar->id, number->complaint, word);
}

static struct command_result set_number(
	struct bar_config *bar, const struct number *number, struct args args)
{
	struct command_result result = command_check_count(number->name, args, 1, number->max_args);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	char *end;
	int value = (int)strtol(args.items[0], &end, 10);
	if (value < 0 || !number->may_end(end)) {
		return complain(bar, number, args.items[0]);
	}
	if (args.count == 2 && strcasecmp(args.items[1], "px") != 0) {
		return command_invalid("Expected '%s <px> [px]'", number->name);
	}
	*(int *)field_at(bar, number->offset) = value;
	return command_ok();
}

bool bar_is_field(const char *name)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(switches); i++) {
		if (strcasecmp(name, switches[i].name) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(numbers); i++) {
		if (strcasecmp(name, numbers[i].name) == 0) {
			return true;
		}
	}
	return false;
}

struct command_result bar_set_field(struct bar_config *bar, const char *name, struct args args)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(switches); i++) {
		if (strcasecmp(name, switches[i].name) == 0) {
			return set_switch(bar, switches[i].name, switches[i].offset, args);
		}
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(numbers); i++) {
		if (strcasecmp(name, numbers[i].name) == 0) {
			return set_number(bar, &numbers[i], args);
		}
	}
	return command_invalid("Unknown/invalid command '%s'", name);
}

static const struct color_setting {
	const char *name;
	enum bar_color first;
	int count;
} color_settings[] = {
	{"active_workspace", BAR_ACTIVE_WORKSPACE_BORDER, 3},
	{"background", BAR_BACKGROUND, 1},
	{"binding_mode", BAR_BINDING_MODE_BORDER, 3},
	{"focused_background", BAR_FOCUSED_BACKGROUND, 1},
	{"focused_separator", BAR_FOCUSED_SEPARATOR, 1},
	{"focused_statusline", BAR_FOCUSED_STATUSLINE, 1},
	{"focused_workspace", BAR_FOCUSED_WORKSPACE_BORDER, 3},
	{"inactive_workspace", BAR_INACTIVE_WORKSPACE_BORDER, 3},
	{"separator", BAR_SEPARATOR, 1},
	{"statusline", BAR_STATUSLINE, 1},
	{"urgent_workspace", BAR_URGENT_WORKSPACE_BORDER, 3},
};

static struct command_result set_colors(
	struct bar_config *bar, const struct color_setting *setting, struct args args)
{
	uint32_t values[3];
	struct command_result result = command_check_count(
		setting->name, args, setting->count, setting->count);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	for (int i = 0; i < setting->count; i++) {
		if (!word_as_color(args.items[i], &values[i])) {
			return command_invalid("Invalid color: %s", args.items[i]);
		}
	}
	for (int i = 0; i < setting->count; i++) {
		char **color = &bar->colors[setting->first + (unsigned)i];
		free(*color);
		*color = vx_printf("#%08x", values[i]);
	}
	return command_ok();
}

struct command_result bar_colors(struct command_context *context, struct args args)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(color_settings); i++) {
		if (strcasecmp(args.items[0], color_settings[i].name) == 0) {
			return set_colors(context->bar, &color_settings[i], args_skip(args, 1));
		}
	}
	return command_invalid("Unknown/invalid command '%s'", args.items[0]);
}
