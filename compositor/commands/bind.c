/* SPDX-License-Identifier: MIT */
/* bindsym, bindcode, bindswitch, bindgesture and their opposites. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"

/* A binding command while it is parsed. */
struct bind {
	struct command_context *context;
	const char *name;        /* of the command */
	struct binding *binding; /* owned until added */
	bool is_removal, warn, exclude_titlebar;
};

static struct bind bind_begin(
	struct command_context *context, const char *name, enum binding_type type, bool is_removal)
{
	struct bind bind = {
		.context = context, .name = name, .is_removal = is_removal, .warn = true};
	bind.binding = vx_new(bind.binding);
	bind.binding->type = type;
	bind.binding->input = vx_strdup("*");
	bind.binding->group = XKB_LAYOUT_INVALID;
	return bind;
}

static const struct {
	const char *word;
	uint32_t flags;
} flag_words[] = {
	{"--release", BINDING_RELEASE},
	{"--locked", BINDING_LOCKED},
	{"--inhibited", BINDING_INHIBITED},
	{"--whole-window", BINDING_BORDER | BINDING_CONTENTS | BINDING_TITLEBAR},
	{"--border", BINDING_BORDER},
	{"--to-code", BINDING_CODE},
	{"--no-repeat", BINDING_NOREPEAT},
	{"--reload", BINDING_RELOAD},
	{"--exact", BINDING_EXACT},
};

static bool take_flag(struct bind *bind, const char *word, uint32_t allowed)
{
	static const char device[] = "--input-device=";
	if (strncmp(word, device, strlen(device)) == 0) {
		vx_replace_string(&bind->binding->input, word + strlen(device));
		word_strip_quotes(bind->binding->input);
		return true;
	}
	if (strcmp(word, "--no-warn") == 0) {
		bind->warn = false;
		return true;
	}
	if (strcmp(word, "--exclude-titlebar") == 0) {
		bind->exclude_titlebar = true;
		return true;
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(flag_words); i++) {
		if (strcmp(word, flag_words[i].word) == 0 && (flag_words[i].flags & allowed)) {
			bind->binding->flags |= flag_words[i].flags;
			return true;
		}
	}
	return false;
}

/* Takes options off; an error where too few words are left. */
static struct command_result take_flags(struct bind *bind, struct args *args, uint32_t allowed)
{
	while (args->count > 0 && take_flag(bind, args->items[0], allowed)) {
		*args = args_skip(*args, 1);
	}
	int needed = bind->is_removal ? 1 : 2;
	if (args->count < needed) {
		return command_fail(
			"Invalid %s command (expected at least %d non-option arguments, got %d)",
			bind->name, needed, args->count);
	}
	return command_ok();
}

/* Adds or removes what is parsed. Owns the binding. */
static struct command_result bind_finish(struct bind *bind, struct args args, const char *what)
{
	struct binding_mode *mode = bind->context->config->current_mode;
	const char *combination = args.items[0];
	if (bind->is_removal) {
		bool success = binding_mode_remove(mode, bind->binding);
		binding_destroy(bind->binding);
		return success ? command_ok()
			       : command_fail("Could not find %s `%s`%s", what, combination,
					 strcmp(what, "binding") == 0 ? " for the given flags"
								      : "");
	}
	bind->binding->command = args_join(args_skip(args, 1));
	bind->binding->order = bind->context->config->next_binding_order++;
	if (binding_mode_add(mode, bind->binding) && bind->warn) {
		config_warn(bind->context->config, "Overwriting binding '%s'", combination);
	}
	return command_ok();
}

static struct command_result bind_abort(struct bind *bind, struct command_result result)
{
	binding_destroy(bind->binding);
	return result;
}

static void bindings_changed(const struct bind *bind)
{
	if (!bind->context->is_reading) {
		bind->context->desktop->impl->bindings_changed(bind->context->desktop);
	}
}

/* --- Keys and buttons --- */

static bool is_code(const struct bind *bind)
{
	return bind->binding->type == BINDING_KEYCODE || bind->binding->type == BINDING_MOUSECODE;
}

static bool is_mouse(const struct bind *bind)
{
	return bind->binding->type == BINDING_MOUSECODE || bind->binding->type == BINDING_MOUSESYM;
}

static void become_mouse(struct bind *bind)
{
	bind->binding->type = is_code(bind) ? BINDING_MOUSECODE : BINDING_MOUSESYM;
}

/* "GroupN" or "Mode_switch"; `*ret_is_group` says whether it is one. */
static struct command_result take_group(struct bind *bind, const char *word, bool *ret_is_group)
{
	static const char prefix[] = "Group";
	bool is_switch = strcmp(word, "Mode_switch") == 0;
	*ret_is_group = is_switch || strncmp(word, prefix, strlen(prefix)) == 0;
	if (!*ret_is_group) {
		return command_ok();
	}
	if (bind->binding->group != XKB_LAYOUT_INVALID) {
		return command_fail("Only one group can be specified");
	}
	int group = 2;
	if (!is_switch && (!word_as_int(word + strlen(prefix), &group) || group < 1 || group > 4)) {
		return command_fail("Invalid group");
	}
	bind->binding->group = (xkb_layout_index_t)group - 1;
	return command_ok();
}

static struct command_result add_key(struct bind *bind, uint32_t key)
{
	struct binding *binding = bind->binding;
	if (binding->key_count >= binding_max_keys) {
		return command_fail("Too many keys in one binding");
	}
	binding->keys[binding->key_count++] = key;
	return command_ok();
}

static struct command_result take_button(struct bind *bind, const char *word)
{
	vx_cleanup_free char *error = nullptr;
	uint32_t button = mouse_button_parse(word, is_code(bind), &error);
	if (button) {
		return add_key(bind, button);
	}
	return error           ? command_invalid("%s", error)
	       : is_code(bind) ? command_invalid("Unknown button code %s", word)
			       : command_invalid("Unknown button %s", word);
}

/* The first key decides whether keys or buttons are bound. */
static bool take_first_as_button(struct bind *bind, const char *word, struct command_result *result)
{
	vx_cleanup_free char *error = nullptr;
	uint32_t button = mouse_button_parse(word, is_code(bind), &error);
	if (button) {
		become_mouse(bind);
		*result = add_key(bind, button);
		return true;
	}
	if (error && !is_code(bind)) {
		*result = command_invalid("%s", error);
		return true;
	}
	return false;
}

static struct command_result take_key(struct bind *bind, const char *word)
{
	bool is_first = bind->binding->key_count == 0;
	struct command_result result = command_ok();
	if (is_mouse(bind)) {
		return take_button(bind, word);
	}
	if (is_first && take_first_as_button(bind, word, &result)) {
		return result;
	}
	if (is_code(bind)) {
		xkb_keycode_t keycode = (xkb_keycode_t)strtol(word, nullptr, 10);
		if (!xkb_keycode_is_legal_ext(keycode)) {
			return is_first ? command_invalid(
						  "Invalid keycode or button code '%s'", word)
					: command_invalid("Invalid keycode '%s'", word);
		}
		return add_key(bind, keycode);
	}
	xkb_keysym_t keysym = xkb_keysym_from_name(word, XKB_KEYSYM_CASE_INSENSITIVE);
	if (keysym == XKB_KEY_NoSymbol) {
		return is_first ? command_invalid("Unknown key or button '%s'", word)
				: command_invalid("Unknown key '%s'", word);
	}
	return add_key(bind, keysym);
}

static struct command_result take_part(struct bind *bind, const char *word)
{
	bool is_group;
	struct command_result result = take_group(bind, word, &is_group);
	if (is_group) {
		return result;
	}
	uint32_t modifier = modifier_by_name(word, strlen(word));
	if (modifier) {
		bind->binding->modifiers |= modifier;
		return command_ok();
	}
	return take_key(bind, word);
}

static struct command_result take_combination(struct bind *bind, const char *combination)
{
	vx_cleanup_free char *copy = vx_strdup(combination);
	char *rest = copy, *word;
	while ((word = strsep(&rest, "+"))) {
		if (*word == '\0') {
			continue;
		}
		struct command_result result = take_part(bind, word);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
	}
	binding_sort_keys(bind->binding);
	return command_ok();
}

static struct command_result bind_keys(
	struct command_context *context, struct args args, enum binding_type type, const char *name)
{
	static constexpr uint32_t places = BINDING_BORDER | BINDING_CONTENTS | BINDING_TITLEBAR;
	struct bind bind = bind_begin(context, name, type, name[0] == 'u');
	uint32_t allowed = BINDING_RELEASE | BINDING_LOCKED | BINDING_INHIBITED | places |
			   BINDING_CODE | BINDING_NOREPEAT;
	struct command_result result = take_flags(&bind, &args, allowed);
	if (result.status != COMMAND_SUCCESS) {
		return bind_abort(&bind, result);
	}
	if (type == BINDING_KEYCODE) {
		bind.binding->flags &= ~(uint32_t)BINDING_CODE;
	}
	if ((bind.binding->flags & places) || bind.exclude_titlebar) {
		become_mouse(&bind);
	}
	result = take_combination(&bind, args.items[0]);
	if (result.status != COMMAND_SUCCESS) {
		return bind_abort(&bind, result);
	}
	if (bind.exclude_titlebar) {
		bind.binding->flags &= ~(uint32_t)BINDING_TITLEBAR;
	} else if (is_mouse(&bind)) {
		bind.binding->flags |= BINDING_TITLEBAR;
	}
	if (bind.binding->flags & BINDING_CODE) {
		config_translate_binding(context->config, bind.binding);
	}
	result = bind_finish(&bind, args, "binding");
	bindings_changed(&bind);
	return result;
}

struct command_result cmd_bindsym(struct command_context *context, struct args args)
{
	return bind_keys(context, args, BINDING_KEYSYM, "bindsym");
}

struct command_result cmd_bindcode(struct command_context *context, struct args args)
{
	return bind_keys(context, args, BINDING_KEYCODE, "bindcode");
}

struct command_result cmd_unbindsym(struct command_context *context, struct args args)
{
	return bind_keys(context, args, BINDING_KEYSYM, "unbindsym");
}

struct command_result cmd_unbindcode(struct command_context *context, struct args args)
{
	return bind_keys(context, args, BINDING_KEYCODE, "unbindcode");
}

/* --- Switches --- */

static struct command_result take_switch(struct bind *bind, const char *text)
{
	static const char *const kinds[] = {
		[BINDING_SWITCH_LID] = "lid",
		[BINDING_SWITCH_TABLET] = "tablet",
		[BINDING_SWITCH_KEYPAD_SLIDE] = "keypad_slide",
		nullptr,
	};
	static const char *const states[] = {
		[BINDING_SWITCH_OFF] = "off",
		[BINDING_SWITCH_ON] = "on",
		[BINDING_SWITCH_TOGGLE] = "toggle",
		nullptr,
	};
	vx_cleanup_free char *kind = vx_strdup(text);
	char *state = strchr(kind, ':');
	if (!state || strchr(state + 1, ':')) {
		return command_fail("Invalid %s command (expected binding with the form "
				    "<switch>:<state>)",
			bind->name);
	}
	*state++ = '\0';
	int kind_index = word_index(kind, kinds), state_index = word_index(state, states);
	if (kind_index < 0) {
		return command_fail(
			"Invalid %s command (expected switch binding: unknown switch %s)",
			bind->name, kind);
	}
	if (state_index < 0) {
		return command_fail("Invalid %s command (expected switch state: unknown state %s)",
			bind->name, state);
	}
	bind->binding->switch_kind = (enum binding_switch_kind)kind_index;
	bind->binding->switch_state = (enum binding_switch_state)state_index;
	return command_ok();
}

static struct command_result bind_switch(
	struct command_context *context, struct args args, const char *name)
{
	struct bind bind = bind_begin(context, name, BINDING_SWITCH, name[0] == 'u');
	struct command_result result = take_flags(&bind, &args, BINDING_LOCKED | BINDING_RELOAD);
	if (result.status == COMMAND_SUCCESS) {
		result = take_switch(&bind, args.items[0]);
	}
	if (result.status != COMMAND_SUCCESS) {
		return bind_abort(&bind, result);
	}
	return bind_finish(&bind, args, "switch binding");
}

struct command_result cmd_bindswitch(struct command_context *context, struct args args)
{
	return bind_switch(context, args, "bindswitch");
}

struct command_result cmd_unbindswitch(struct command_context *context, struct args args)
{
	return bind_switch(context, args, "unbindswitch");
}

/* --- Gestures --- */

/* "up+left"; false with the wrong word in `*ret_word`. */
static bool parse_directions(char *text, uint32_t *ret_directions, const char **ret_word)
{
	static const char *const names[] = {"up", "down", "left", "right", "inward", "outward",
		"clockwise", "counterclockwise", nullptr};
	char *word;
	while ((word = strsep(&text, "+"))) {
		if (*word == '\0' || strcmp(word, "any") == 0) {
			continue;
		}
		int index = word_index(word, names);
		if (index < 0) {
			*ret_word = word;
			return false;
		}
		*ret_directions |= 1u << index;
	}
	return true;
}

static struct command_result take_gesture(struct bind *bind, const char *text)
{
	static const char *const kinds[] = {
		[GESTURE_NONE] = "",
		[GESTURE_HOLD] = "hold",
		[GESTURE_PINCH] = "pinch",
		[GESTURE_SWIPE] = "swipe",
		nullptr,
	};
	vx_cleanup_free char *copy = vx_strdup(text);
	char *rest = copy;
	const char *kind = strsep(&rest, ":");
	struct gesture *gesture = &bind->binding->gesture;
	int index = word_index(kind, kinds);
	if (index <= 0) {
		return command_fail(
			"Invalid %s command (expected hold|pinch|swipe, got %s)", bind->name, kind);
	}
	gesture->kind = (enum gesture_kind)index;
	if (!rest) {
		return command_ok();
	}
	char *first = strsep(&rest, ":");
	if (first[0] >= '1' && first[0] <= '9' && first[1] == '\0') {
		gesture->fingers = (uint8_t)(first[0] - '0');
		first = rest;
	} else if (rest) {
		return command_fail("Invalid %s command (expected 1-9, got %s)", bind->name, first);
	}
	const char *wrong = nullptr;
	if (first && !parse_directions(first, &gesture->directions, &wrong)) {
		return command_fail(
			"Invalid %s command (expected direction, got %s)", bind->name, wrong);
	}
	return command_ok();
}

static struct command_result bind_gesture(
	struct command_context *context, struct args args, const char *name)
{
	struct bind bind = bind_begin(context, name, BINDING_GESTURE, name[0] == 'u');
	struct command_result result = take_flags(&bind, &args, BINDING_EXACT);
	if (result.status == COMMAND_SUCCESS) {
		result = take_gesture(&bind, args.items[0]);
	}
	if (result.status != COMMAND_SUCCESS) {
		return bind_abort(&bind, result);
	}
	return bind_finish(&bind, args, "gesture binding");
}

struct command_result cmd_bindgesture(struct command_context *context, struct args args)
{
	return bind_gesture(context, args, "bindgesture");
}

struct command_result cmd_unbindgesture(struct command_context *context, struct args args)
{
	return bind_gesture(context, args, "unbindgesture");
}
