/* SPDX-License-Identifier: MIT */
/* input */
#include <libinput.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "commands/input.h"
#include "common/error.h"

/* A setting whose value is one of a few words (or any boolean). */
struct word_value {
	const char *word;
	int value;
};

struct word_setting {
	const char *name;
	size_t offset;   /* of an int in struct input_config */
	bool is_boolean; /* values[1] for yes, values[0] for no */
	struct word_value values[4];
};

#define OFFSET(field) offsetof(struct input_config, field)

static const struct word_setting word_settings[] = {
	{"accel_profile", OFFSET(accel_profile), false,
		{{"adaptive", LIBINPUT_CONFIG_ACCEL_PROFILE_ADAPTIVE},
			{"flat", LIBINPUT_CONFIG_ACCEL_PROFILE_FLAT}}},
	{"click_method", OFFSET(click_method), false,
		{{"none", LIBINPUT_CONFIG_CLICK_METHOD_NONE},
			{"button_areas", LIBINPUT_CONFIG_CLICK_METHOD_BUTTON_AREAS},
			{"clickfinger", LIBINPUT_CONFIG_CLICK_METHOD_CLICKFINGER}}},
	{"clickfinger_button_map", OFFSET(clickfinger_button_map), false,
		{{"lrm", LIBINPUT_CONFIG_CLICKFINGER_MAP_LRM},
			{"lmr", LIBINPUT_CONFIG_CLICKFINGER_MAP_LMR}}},
	{"drag", OFFSET(drag), true,
		{{"", LIBINPUT_CONFIG_DRAG_DISABLED}, {"", LIBINPUT_CONFIG_DRAG_ENABLED}}},
	{"drag_lock", OFFSET(drag_lock), true,
		{{"", LIBINPUT_CONFIG_DRAG_LOCK_DISABLED},
			{"", LIBINPUT_CONFIG_DRAG_LOCK_ENABLED_TIMEOUT},
			{"enabled_sticky", LIBINPUT_CONFIG_DRAG_LOCK_ENABLED_STICKY}}},
	{"dwt", OFFSET(dwt), true,
		{{"", LIBINPUT_CONFIG_DWT_DISABLED}, {"", LIBINPUT_CONFIG_DWT_ENABLED}}},
	{"dwtp", OFFSET(dwtp), true,
		{{"", LIBINPUT_CONFIG_DWTP_DISABLED}, {"", LIBINPUT_CONFIG_DWTP_ENABLED}}},
	{"events", OFFSET(send_events), false,
		{{"enabled", LIBINPUT_CONFIG_SEND_EVENTS_ENABLED},
			{"disabled", LIBINPUT_CONFIG_SEND_EVENTS_DISABLED},
			{"disabled_on_external_mouse",
				LIBINPUT_CONFIG_SEND_EVENTS_DISABLED_ON_EXTERNAL_MOUSE}}},
	{"left_handed", OFFSET(left_handed), true, {{"", 0}, {"", 1}}},
	{"middle_emulation", OFFSET(middle_emulation), true,
		{{"", LIBINPUT_CONFIG_MIDDLE_EMULATION_DISABLED},
			{"", LIBINPUT_CONFIG_MIDDLE_EMULATION_ENABLED}}},
	{"natural_scroll", OFFSET(natural_scroll), true, {{"", 0}, {"", 1}}},
	{"scroll_button_lock", OFFSET(scroll_button_lock), true,
		{{"", LIBINPUT_CONFIG_SCROLL_BUTTON_LOCK_DISABLED},
			{"", LIBINPUT_CONFIG_SCROLL_BUTTON_LOCK_ENABLED}}},
	{"scroll_method", OFFSET(scroll_method), false,
		{{"none", LIBINPUT_CONFIG_SCROLL_NO_SCROLL},
			{"two_finger", LIBINPUT_CONFIG_SCROLL_2FG},
			{"edge", LIBINPUT_CONFIG_SCROLL_EDGE},
			{"on_button_down", LIBINPUT_CONFIG_SCROLL_ON_BUTTON_DOWN}}},
	{"tap", OFFSET(tap), true,
		{{"", LIBINPUT_CONFIG_TAP_DISABLED}, {"", LIBINPUT_CONFIG_TAP_ENABLED}}},
	{"tap_button_map", OFFSET(tap_button_map), false,
		{{"lrm", LIBINPUT_CONFIG_TAP_MAP_LRM}, {"lmr", LIBINPUT_CONFIG_TAP_MAP_LMR}}},
	{"xkb_capslock", OFFSET(xkb_capslock), true, {{"", 0}, {"", 1}}},
	{"xkb_numlock", OFFSET(xkb_numlock), true, {{"", 0}, {"", 1}}},
};

static const struct {
	const char *name;
	size_t offset;
} string_settings[] = {
	{"xkb_layout", OFFSET(xkb_layout)},
	{"xkb_model", OFFSET(xkb_model)},
	{"xkb_options", OFFSET(xkb_options)},
	{"xkb_rules", OFFSET(xkb_rules)},
	{"xkb_variant", OFFSET(xkb_variant)},
};

static const struct number_setting {
	const char *name, *spoken;
	size_t offset; /* of a float */
	float min, max;
	const char *range_error;
} number_settings[] = {
	{"pointer_accel", "pointer accel", OFFSET(pointer_accel), -1, 1,
		"Input out of range [-1, 1]"},
	{"rotation_angle", "rotation_angle", OFFSET(rotation_angle), 0, 360,
		"Input out of range [0, 360)"},
	{"scroll_factor", "scroll factor", OFFSET(scroll_factor), 0, HUGE_VALF,
		"Scroll factor cannot be negative."},
};

static void *field_at(struct input_config *input, size_t offset)
{
	return (char *)input + offset;
}

static struct command_result wrong_word(const struct word_setting *setting)
{
	char words[128] = "";
	for (size_t i = 0; i < VX_ARRAY_LENGTH(setting->values) && setting->values[i].word; i++) {
		size_t length = strlen(words);
		snprintf(words + length, sizeof(words) - length, "%s%s", i > 0 ? "|" : "",
			setting->values[i].word);
	}
	bool is_toggled = setting->offset == OFFSET(send_events);
	return command_invalid(
		"Expected '%s <%s%s>'", setting->name, words, is_toggled ? "|toggle" : "");
}

static struct command_result set_word(
	struct input_config *input, const struct word_setting *setting, const char *word)
{
	int *field = field_at(input, setting->offset);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(setting->values); i++) {
		const struct word_value *value = &setting->values[i];
		if (value->word && value->word[0] && strcasecmp(word, value->word) == 0) {
			*field = value->value;
			return command_ok();
		}
	}
	if (!setting->is_boolean) {
		return wrong_word(setting);
	}
	*field = setting->values[word_as_boolean(word, true)].value;
	return command_ok();
}

static struct command_result set_number(
	struct input_config *input, const struct number_setting *setting, const char *word)
{
	float value = word_as_float(word);
	if (isnan(value)) {
		return command_invalid("Invalid %s; expected float.", setting->spoken);
	}
	if (value < setting->min || value > setting->max) {
		return command_invalid("%s", setting->range_error);
	}
	*(float *)field_at(input, setting->offset) = value;
	return command_ok();
}

/* One of the settings in the tables above? */
static bool set_from_tables(
	struct input_config *input, struct args args, struct command_result *ret_result)
{
	const char *name = args.items[0];
	const char *value = args.count > 1 ? args.items[1] : nullptr;
	*ret_result = command_invalid(
		"Invalid %s command (expected at least 1 argument, got 0)", name);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(word_settings); i++) {
		if (strcasecmp(name, word_settings[i].name) == 0) {
			if (value) {
				free(ret_result->error);
				*ret_result = set_word(input, &word_settings[i], value);
			}
			return true;
		}
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(number_settings); i++) {
		if (strcasecmp(name, number_settings[i].name) == 0) {
			if (value) {
				free(ret_result->error);
				*ret_result = set_number(input, &number_settings[i], value);
			}
			return true;
		}
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(string_settings); i++) {
		if (strcasecmp(name, string_settings[i].name) == 0) {
			free(ret_result->error);
			*ret_result = command_invalid(
				"Invalid %s command (expected 1 argument, got %d)", name,
				args.count - 1);
			if (args.count == 2) {
				free(ret_result->error);
				*ret_result = command_ok();
				vx_replace_string(
					field_at(input, string_settings[i].offset), value);
			}
			return true;
		}
	}
	free(ret_result->error);
	*ret_result = command_ok();
	return false;
}

/* --- Settings of their own kind --- */

static struct command_result set_repeat(struct args args, int *field, const char *what)
{
	int value = atoi(args.items[0]); /* lint: atoi allowed, sway reads it so */
	if (value < 0) {
		return command_invalid("Repeat %s cannot be negative", what);
	}
	*field = value;
	return command_ok();
}

static struct command_result input_repeat_delay(struct command_context *context, struct args args)
{
	return set_repeat(args, &context->input->repeat_delay, "delay");
}

static struct command_result input_repeat_rate(struct command_context *context, struct args args)
{
	return set_repeat(args, &context->input->repeat_rate, "rate");
}

static struct command_result input_calibration_matrix(
	struct command_context *context, struct args args)
{
	struct input_config *input = context->input;
	for (int i = 0; i < args.count; i++) {
		float value = word_as_float(args.items[i]);
		if (isnan(value)) {
			return command_fail(
				"calibration_matrix: unable to parse float: %s", args.items[i]);
		}
		input->calibration_matrix[i] = value;
	}
	input->has_calibration_matrix = true;
	return command_ok();
}

static struct command_result input_map_to_output(struct command_context *context, struct args args)
{
	struct input_config *input = context->input;
	input->has_map_target = true;
	input->map_target = INPUT_MAP_OUTPUT;
	vx_replace_string(&input->map_output, args.items[0]);
	return command_ok();
}

static struct command_result input_map_to_region(struct command_context *context, struct args args)
{
	static const char *const names[] = {"X", "Y", "width", "height"};
	struct input_config *input = context->input;
	for (int i = 0; i < 4; i++) {
		bool is_size = i >= 2;
		if (!word_as_int(args.items[i], &input->map_region[i]) ||
			(is_size && input->map_region[i] < 1)) {
			return command_fail(
				is_size ? "Invalid %s" : "Invalid %s coordinate", names[i]);
		}
	}
	input->has_map_target = true;
	input->map_target = INPUT_MAP_REGION;
	return command_ok();
}

/* "XxY" or "XxYmm" */
static bool parse_coordinates(const char *word, double *ret_x, double *ret_y, bool *ret_is_mm)
{
	const char *separator = strchr(word, 'x');
	if (!separator) {
		return false;
	}
	vx_cleanup_free char *x = vx_strndup(word, (size_t)(separator - word));
	char *end;
	*ret_x = strtod(x, &end);
	if (*end || end == x) {
		return false;
	}
	*ret_y = strtod(separator + 1, &end);
	*ret_is_mm = strcmp(end, "mm") == 0;
	return end != separator + 1 && (*end == '\0' || *ret_is_mm);
}

static struct command_result input_map_from_region(
	struct command_context *context, struct args args)
{
	struct input_config *input = context->input;
	double *region = input->map_from_region;
	bool first_mm, second_mm;
	if (!parse_coordinates(args.items[0], &region[0], &region[1], &first_mm)) {
		return command_fail("Invalid top-left coordinates");
	}
	if (!parse_coordinates(args.items[1], &region[2], &region[3], &second_mm)) {
		return command_fail("Invalid bottom-right coordinates");
	}
	if (region[0] > region[2] || region[1] > region[3]) {
		return command_fail("Invalid rectangle");
	}
	if (first_mm != second_mm) {
		return command_fail("Both coordinates must be in the same unit");
	}
	input->map_from_region_is_mm = first_mm;
	input->has_map_from_region = true;
	return command_ok();
}

static struct command_result input_scroll_button(struct command_context *context, struct args args)
{
	if (strcmp(args.items[0], "disable") == 0) {
		context->input->scroll_button = 0;
		return command_ok();
	}
	vx_cleanup_free char *error = nullptr;
	uint32_t button = mouse_button_parse(args.items[0], false, &error);
	if (!button && !error) {
		button = mouse_button_parse(args.items[0], true, &error);
	}
	if (error) {
		return command_invalid("%s", error);
	}
	if (button >= binding_scroll_up && button <= binding_scroll_right) {
		return command_invalid("X11 axis buttons are not supported for scroll_button");
	}
	context->input->scroll_button = (int)button;
	return command_ok();
}

static struct command_result input_tool_mode(struct command_context *context, struct args args)
{
	/* In the order of wlroots' tool types, which begin with 1. */
	static const char *const tools[] = {
		"*", "pen", "eraser", "brush", "pencil", "airbrush", nullptr};
	static const char *const modes[] = {"absolute", "relative", nullptr};
	int tool = word_index(args.items[0], tools), mode = word_index(args.items[1], modes);
	if (tool < 0 || mode < 0) {
		return command_invalid("Expected 'tool_mode <tool> <absolute|relative>'");
	}
	int *tool_mode = context->input->tool_mode;
	for (int i = 1; i < (int)VX_ARRAY_LENGTH(context->input->tool_mode); i++) {
		if (tool == 0 || tool == i) {
			tool_mode[i] = mode;
		}
	}
	return command_ok();
}

static struct command_result input_xkb_file(struct command_context *context, struct args args)
{
	bool is_none = strcmp(args.items[0], "-") == 0;
	vx_replace_string(&context->input->xkb_file, is_none ? nullptr : args.items[0]);
	return command_ok();
}

static struct command_result input_xkb_switch_layout(
	struct command_context *context, struct args args)
{
	if (context->is_reading) {
		return command_defer();
	}
	int index = -1, relative = 0;
	if (strcmp(args.items[0], "next") == 0) {
		relative = 1;
	} else if (strcmp(args.items[0], "prev") == 0) {
		relative = -1;
	} else if (!word_as_int(args.items[0], &index)) {
		return command_fail("Invalid argument.");
	} else if (index < 0) {
		return command_fail("Invalid layout index.");
	}
	struct vx_error err = {};
	return command_from_error(context->desktop->impl->switch_xkb_layout(context->desktop,
					  context->input->identifier, index, relative, &err),
		&err);
}

static const struct command input_commands[] = {
	{"calibration_matrix", input_calibration_matrix, 6, 6},
	{"map_from_region", input_map_from_region, 2, 2},
	{"map_to_output", input_map_to_output, 1, 1},
	{"map_to_region", input_map_to_region, 4, 4},
	{"repeat_delay", input_repeat_delay, 1, 1},
	{"repeat_rate", input_repeat_rate, 1, 1},
	{"scroll_button", input_scroll_button, 1, -1},
	{"tool_mode", input_tool_mode, 2, -1},
	{"xkb_file", input_xkb_file, 1, 1},
	{"xkb_switch_layout", input_xkb_switch_layout, 1, 1},
};

static bool is_only_for_config(const char *name)
{
	return strcasecmp(name, "xkb_capslock") == 0 || strcasecmp(name, "xkb_numlock") == 0;
}

/* A layout that doesn't exist is not stored. */
static struct command_result check_keymap(
	const struct config *config, const struct input_config *input)
{
	struct vx_error err = {};
	return command_from_error(config_check_keymap(config, input, &err), &err);
}

static bool changes_keymap(const struct input_config *input)
{
	return input->xkb_layout || input->xkb_file || input->xkb_variant || input->xkb_options ||
	       input->xkb_model || input->xkb_rules;
}

void input_store(struct command_context *context, struct input_config *input)
{
	struct config *config = context->config;
	bool changes_keys = changes_keymap(input);
	vx_cleanup_free char *identifier = vx_strdup(input->identifier);
	config_store_input(config, input);
	for (int i = 0; i < config->inputs.length; i++) {
		struct input_config *stored = config->inputs.items[i];
		if (!context->is_reading && strcmp(stored->identifier, identifier) == 0) {
			context->desktop->impl->input_changed(context->desktop, stored);
		}
	}
	if (changes_keys) {
		config_translate_bindings(config);
	}
}

struct command_result cmd_input(struct command_context *context, struct args args)
{
	const char *name = args.items[1];
	if (is_only_for_config(name) && !context->is_reading) {
		return command_fail("Can only be used in config file.");
	}
	struct input_config *input = input_config_create(args.items[0]);
	context->input = input;
	struct command_result result;
	args = args_skip(args, 1);
	if (!context->is_reading && strcasecmp(name, "events") == 0 && args_is(args, 1, "toggle")) {
		result = input_toggle_events(context, args_skip(args, 2));
	} else if (!set_from_tables(input, args, &result)) {
		result = command_call_sub(
			input_commands, VX_ARRAY_LENGTH(input_commands), context, args);
	}
	if (result.status == COMMAND_SUCCESS && changes_keymap(input)) {
		result = check_keymap(context->config, input);
	}
	if (result.status == COMMAND_SUCCESS && strcasecmp(name, "xkb_switch_layout") != 0) {
		input_store(context, input);
	} else {
		input_config_destroy(input);
	}
	context->input = nullptr;
	return result;
}
