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

static const struct {
	const char *name;
	size_t offset; /* of an int */
} numbers[] = {
	{"height", OFFSET(height)},
	{"status_edge_padding", OFFSET(status_edge_padding)},
	{"status_padding", OFFSET(status_padding)},
	{"tray_padding", OFFSET(tray_padding)},
	{"workspace_min_width", OFFSET(workspace_min_width)},
};

static void *field_at(struct bar_config *bar, size_t offset)
{
	return (char *)bar + offset;
}

static struct command_result wrong_count(const char *name, int count)
{
	return command_invalid("Invalid %s command (expected 1 argument, got %d)", name, count);
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

static struct command_result set_switch(struct bar_config *bar, size_t offset, struct args args)
{
	bool *field = field_at(bar, offset);
	*field = word_as_boolean(args.items[0], *field);
	settle_stripping(bar, field);
	return command_ok();
}

static struct command_result set_pixels(struct bar_config *bar, size_t offset, struct args args)
{
	char *end;
	long value = strtol(args.items[0], &end, 10);
	if ((*end && strcasecmp(end, "px") != 0) || value < 0 || value > 1'000'000) {
		return command_invalid("Invalid value: %s", args.items[0]);
	}
	*(int *)field_at(bar, offset) = (int)value;
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
	if (args.count < 1 || args.count > 2) {
		return wrong_count(name, args.count);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(switches); i++) {
		if (strcasecmp(name, switches[i].name) == 0) {
			return args.count == 1 ? set_switch(bar, switches[i].offset, args)
					       : wrong_count(name, args.count);
		}
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(numbers); i++) {
		if (strcasecmp(name, numbers[i].name) == 0) {
			return set_pixels(bar, numbers[i].offset, args);
		}
	}
	return command_invalid("Unknown/invalid command '%s'", name);
}

static const struct {
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
	struct bar_config *bar, enum bar_color first, int count, struct args args)
{
	uint32_t values[3];
	if (args.count != count) {
		return command_invalid("Invalid color command (expected %d argument%s, got %d)",
			count, count == 1 ? "" : "s", args.count);
	}
	for (int i = 0; i < count; i++) {
		if (!word_as_color(args.items[i], &values[i])) {
			return command_invalid("Invalid color: %s", args.items[i]);
		}
	}
	for (int i = 0; i < count; i++) {
		free(bar->colors[first + (unsigned)i]);
		bar->colors[first + (unsigned)i] = vx_printf("#%08x", values[i]);
	}
	return command_ok();
}

struct command_result bar_colors(struct command_context *context, struct args args)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(color_settings); i++) {
		if (strcasecmp(args.items[0], color_settings[i].name) == 0) {
			return set_colors(context->bar, color_settings[i].first,
				color_settings[i].count, args_skip(args, 1));
		}
	}
	return command_invalid("Unknown/invalid command '%s'", args.items[0]);
}
