/* SPDX-License-Identifier: MIT */
/* seat */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "common/error.h"

/* --- The pointer --- */

static const char expected_cursor[] =
	"Expected 'cursor <move> <x> <y>' or 'cursor <set> <x> <y>' or 'cursor <press|release> "
	"<button[1-9]|event-name-or-code>'";

static struct command_result press_or_release(
	struct command_context *context, struct tree_seat *seat, struct args args)
{
	bool is_press = args_is(args, 0, "press");
	if (!is_press && !args_is(args, 0, "release")) {
		return command_invalid("%s", expected_cursor);
	}
	vx_cleanup_free char *error = nullptr;
	uint32_t button = mouse_button_parse(args.items[1], false, &error);
	if (!button && !error) {
		button = mouse_button_parse(args.items[1], true, &error);
	}
	if (error) {
		return command_invalid("%s", error);
	}
	context->desktop->impl->cursor_button(context->desktop, seat, button, is_press);
	return command_ok();
}

static struct command_result use_cursor(
	struct command_context *context, struct tree_seat *seat, struct args args)
{
	bool is_move = args_is(args, 0, "move"), is_set = args_is(args, 0, "set");
	if (!is_move && !is_set) {
		return press_or_release(context, seat, args);
	}
	if (args.count < 3) {
		return command_invalid("%s", expected_cursor);
	}
	double x = strtod(args.items[1], nullptr), y = strtod(args.items[2], nullptr);
	if (is_move) {
		context->desktop->impl->cursor_move(context->desktop, seat, (int)x, (int)y);
	} else {
		context->desktop->impl->cursor_set(context->desktop, seat, x, y);
	}
	return command_ok();
}

typedef struct command_result seat_action(
	struct command_context *context, struct tree_seat *seat, struct args args);

/* On the named seat, or on all. */
static struct command_result for_seats(
	struct command_context *context, struct args args, seat_action *action)
{
	const char *name = context->seat_config->name;
	if (strcmp(name, "*") != 0) {
		struct tree_seat *seat = context->desktop->impl->seat_by_name(
			context->desktop, name);
		return seat ? action(context, seat, args)
			    : command_fail("Seat %s does not exist", name);
	}
	struct command_result result = command_ok();
	struct tree_seat *seat;
	wl_list_for_each (seat, &context->tree->seats, link) {
		free(result.error);
		result = action(context, seat, args);
		if (result.status != COMMAND_SUCCESS) {
			break;
		}
	}
	return result;
}

static struct command_result seat_cursor(struct command_context *context, struct args args)
{
	return context->is_reading ? command_defer() : for_seats(context, args, use_cursor);
}

/* --- Settings --- */

static struct command_result seat_attach(struct command_context *context, struct args args)
{
	struct seat_attachment *attachment = vx_new(attachment);
	attachment->identifier = vx_strdup(args.items[0]);
	list_append(&context->seat_config->attachments, attachment);
	return command_ok();
}

static struct command_result seat_fallback(struct command_context *context, struct args args)
{
	context->seat_config->fallback = word_as_boolean(args.items[0], false);
	return command_ok();
}

static struct command_result seat_hide_cursor(struct command_context *context, struct args args)
{
	struct seat_config *config = context->seat_config;
	if (args.count == 1) {
		int timeout;
		if (!word_as_int(args.items[0], &timeout)) {
			return command_invalid("Expected an integer timeout");
		}
		config->hide_cursor_timeout = timeout != 0 && timeout < 100 ? 100 : timeout;
		return command_ok();
	}
	if (strcmp(args.items[0], "when-typing") != 0) {
		return command_invalid(
			"Expected 'hide_cursor <timeout>|when-typing [enable|disable]'");
	}
	config->hide_cursor_when_typing = word_as_boolean(args.items[1], true)
						  ? HIDE_WHEN_TYPING_ENABLE
						  : HIDE_WHEN_TYPING_DISABLE;
	return command_ok();
}

static struct command_result parse_sources(struct args args, uint32_t *ret_sources)
{
	static const char *const names[] = {
		"keyboard", "pointer", "touch", "tablet_pad", "tablet_tool", "switch", nullptr};
	*ret_sources = 0;
	for (int i = 0; i < args.count; i++) {
		int index = word_index(args.items[i], names);
		if (index < 0) {
			*ret_sources = UINT32_MAX;
			return command_fail("Invalid idle source");
		}
		*ret_sources |= 1u << index;
	}
	return command_ok();
}

static struct command_result seat_idle_inhibit(struct command_context *context, struct args args)
{
	return parse_sources(args, &context->seat_config->idle_inhibit_sources);
}

static struct command_result seat_idle_wake(struct command_context *context, struct args args)
{
	config_warn(context->config, "seat idle_wake is deprecated. Only seat idle_inhibit is "
				     "supported.");
	return parse_sources(args, &context->seat_config->idle_wake_sources);
}

static struct command_result seat_keyboard_grouping(
	struct command_context *context, struct args args)
{
	static const char *const modes[] = {"none", "smart", nullptr};
	int mode = word_index(args.items[0], modes);
	if (mode < 0) {
		return command_invalid("Expected syntax `keyboard_grouping none|smart`");
	}
	context->seat_config->keyboard_grouping = mode;
	return command_ok();
}

static struct command_result seat_pointer_constraint(
	struct command_context *context, struct args args)
{
	static const char *const modes[] = {"disable", "enable", "escape", nullptr};
	int mode = word_index(args.items[0], modes);
	if (mode < 0) {
		return command_fail("Expected enable|disable|escape");
	}
	if (mode == 2 && context->is_reading) {
		return command_fail("Can only escape at runtime.");
	}
	if (mode < 2) {
		context->seat_config->allow_constrain = mode;
	}
	context->seat_config->escape_constraint = mode != 1;
	return command_ok();
}

static struct command_result act_on_inhibitor(
	struct command_context *context, struct tree_seat *seat, struct args args)
{
	const char *action = args.items[0];
	if (strcmp(action, "disable") == 0) {
		context->seat_config->shortcuts_inhibit = 0;
	}
	struct vx_error err = {};
	return command_from_error(
		context->desktop->impl->shortcuts_inhibitor(context->desktop, seat, action, &err),
		&err);
}

static struct command_result seat_shortcuts_inhibitor(
	struct command_context *context, struct args args)
{
	static const char *const actions[] = {
		"disable", "enable", "activate", "deactivate", "toggle", nullptr};
	int action = word_index(args.items[0], actions);
	if (action == 0 || action == 1) {
		context->seat_config->shortcuts_inhibit = action;
	}
	if (action == 1 || (action == 0 && context->is_reading)) {
		return command_ok();
	}
	if (context->is_reading) {
		return command_invalid("only enable and disable can be used in the config");
	}
	if (action < 0) {
		return command_invalid("Expected enable|disable|activate|deactivate|toggle");
	}
	return for_seats(context, args, act_on_inhibitor);
}

static struct command_result seat_xcursor_theme(struct command_context *context, struct args args)
{
	int size = 24;
	if (args.count == 2 && (!word_as_int(args.items[1], &size) || size <= 0)) {
		return command_invalid("Expected a positive integer size");
	}
	vx_replace_string(&context->seat_config->xcursor_theme, args.items[0]);
	context->seat_config->xcursor_size = size;
	return command_ok();
}

static const struct command seat_commands[] = {
	{"attach", seat_attach, 1, -1},
	{"cursor", seat_cursor, 2, -1},
	{"fallback", seat_fallback, 1, 1},
	{"hide_cursor", seat_hide_cursor, 1, 2},
	{"idle_inhibit", seat_idle_inhibit, 1, -1},
	{"idle_wake", seat_idle_wake, 1, -1},
	{"keyboard_grouping", seat_keyboard_grouping, 1, 1},
	{"pointer_constraint", seat_pointer_constraint, 1, 1},
	{"shortcuts_inhibitor", seat_shortcuts_inhibitor, 1, 1},
	{"xcursor_theme", seat_xcursor_theme, 1, 2},
};

struct command_result cmd_seat(struct command_context *context, struct args args)
{
	const char *name = args.items[0];
	if (strcmp(name, "-") == 0) {
		if (context->is_reading) {
			return command_fail("Current seat alias (-) cannot be used in the config");
		}
		name = context->seat->name;
	}
	struct seat_config *seat = seat_config_create(name);
	context->seat_config = seat;
	struct command_result result = command_call_sub(
		seat_commands, VX_ARRAY_LENGTH(seat_commands), context, args_skip(args, 1));
	context->seat_config = nullptr;
	bool is_action = args_is(args, 1, "cursor");
	if (result.status != COMMAND_SUCCESS || is_action) {
		seat_config_destroy(seat);
		return result;
	}
	struct seat_config *copy = seat_config_create(seat->name);
	seat_config_merge(copy, seat);
	copy->escape_constraint = seat->escape_constraint;
	config_store_seat(context->config, seat);
	if (!context->is_reading) {
		context->desktop->impl->seat_changed(context->desktop, copy);
	}
	seat_config_destroy(copy);
	return result;
}
