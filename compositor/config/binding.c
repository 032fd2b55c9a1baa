/* SPDX-License-Identifier: MIT */
#include "config/binding.h"

#include <errno.h>
#include <libevdev/libevdev.h>
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- Names --- */

/* In the order of xkb's modifier indices, which wlroots' bits follow. Aliases behind. */
static const struct {
	const char *name;
	uint32_t bit;
} modifiers[] = {
	{"Shift", 1 << 0},
	{"Lock", 1 << 1},
	{"Control", 1 << 2},
	{"Mod1", 1 << 3},
	{"Mod2", 1 << 4},
	{"Mod3", 1 << 5},
	{"Mod4", 1 << 6},
	{"Mod5", 1 << 7},
	{"Ctrl", 1 << 2},
	{"Alt", 1 << 3},
	{"Super", 1 << 6},
};

uint32_t modifier_by_name(const char *name, size_t length)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(modifiers); i++) {
		if (strlen(modifiers[i].name) == length &&
			strncasecmp(modifiers[i].name, name, length) == 0) {
			return modifiers[i].bit;
		}
	}
	return 0;
}

const char *modifier_name(unsigned index)
{
	return index < modifier_count ? modifiers[index].name : nullptr;
}

/* X11's numbers for buttons and wheels, as in button1. The wheels are sway's own codes. */
static const uint32_t x11_buttons[] = {
	0,
	BTN_LEFT,
	BTN_MIDDLE,
	BTN_RIGHT,
	binding_scroll_up,
	binding_scroll_down,
	binding_scroll_left,
	binding_scroll_right,
	BTN_SIDE,
	BTN_EXTRA,
};

static uint32_t parse_button_code(const char *text, char **ret_error)
{
	char *end;
	errno = 0;
	int code = (int)strtol(text, &end, 10);
	if (end == text) {
		*ret_error = vx_strdup("Button event code must be a positive integer.");
		return 0;
	}
	if (errno == ERANGE) {
		*ret_error = vx_strdup("Button event code out of range.");
		return 0;
	}
	const char *name = libevdev_event_code_get_name(EV_KEY, (unsigned)code);
	if (!name || strncmp(name, "BTN_", 4) != 0) {
		*ret_error = vx_printf(
			"Event code %d (%s) is not a button", code, name ? name : "(null)");
		return 0;
	}
	return (uint32_t)code;
}

uint32_t mouse_button_parse(const char *text, bool is_code, char **ret_error)
{
	*ret_error = nullptr;
	if (is_code) {
		return parse_button_code(text, ret_error);
	}
	static const char prefix[] = "button";
	if (strncasecmp(text, prefix, strlen(prefix)) == 0) {
		const char *number = text + strlen(prefix);
		if (number[0] < '1' || number[0] > '9' || number[1]) {
			*ret_error = vx_strdup("Only buttons 1-9 are supported. For other mouse "
					       "buttons, use the name of the event code.");
			return 0;
		}
		return x11_buttons[number[0] - '0'];
	}
	if (strncmp(text, "BTN_", 4) != 0) {
		return 0;
	}
	int code = libevdev_event_code_from_name(EV_KEY, text);
	if (code < 0) {
		*ret_error = vx_printf("Unknown event %s", text);
		return 0;
	}
	return (uint32_t)code;
}

const char *mouse_button_name(uint32_t button)
{
	/* The names that scripts know from sway's IPC. */
	static const char *const wheels[] = {
		"SWAY_SCROLL_UP", "SWAY_SCROLL_DOWN", "SWAY_SCROLL_LEFT", "SWAY_SCROLL_RIGHT"};
	if (button >= binding_scroll_up && button <= binding_scroll_right) {
		return wheels[button - binding_scroll_up];
	}
	return libevdev_event_code_get_name(EV_KEY, button);
}

/* --- Life --- */

struct binding *binding_copy(const struct binding *binding)
{
	struct binding *copy = vx_memdup(binding, sizeof(*binding));
	copy->input = vx_strdup(binding->input);
	copy->command = vx_strdup(binding->command);
	return copy;
}

void binding_destroy(struct binding *binding)
{
	if (binding) {
		free(binding->input);
		free(binding->command);
		free(binding);
	}
}

static void finish_list(struct binding_list *bindings)
{
	for (int i = 0; i < bindings->list.length; i++) {
		binding_destroy(bindings->list.items[i]);
	}
	list_finish(&bindings->list);
}

void binding_mode_destroy(struct binding_mode *mode)
{
	finish_list(&mode->keysyms);
	finish_list(&mode->keycodes);
	finish_list(&mode->mouse);
	finish_list(&mode->switches);
	finish_list(&mode->gestures);
	free(mode->name);
	free(mode);
}

/* --- Adding and removing --- */

static bool same_keys(const struct binding *one, const struct binding *other)
{
	static constexpr uint32_t flags = BINDING_RELEASE | BINDING_BORDER | BINDING_CONTENTS |
					  BINDING_TITLEBAR | BINDING_LOCKED | BINDING_INHIBITED;
	return strcmp(one->input, other->input) == 0 && one->type == other->type &&
	       (one->flags & flags) == (other->flags & flags) && one->group == other->group &&
	       one->modifiers == other->modifiers && one->key_count == other->key_count &&
	       memcmp(one->keys, other->keys, one->key_count * sizeof(one->keys[0])) == 0;
}

static bool same_gesture(const struct gesture *one, const struct gesture *other)
{
	return one->kind == other->kind && one->fingers == other->fingers &&
	       one->directions == other->directions;
}

bool binding_is_same(const struct binding *one, const struct binding *other)
{
	switch (one->type) {
	case BINDING_SWITCH:
		return other->type == BINDING_SWITCH && one->switch_kind == other->switch_kind &&
		       one->switch_state == other->switch_state &&
		       (one->flags & BINDING_LOCKED) == (other->flags & BINDING_LOCKED);
	case BINDING_GESTURE:
		return other->type == BINDING_GESTURE && strcmp(one->input, other->input) == 0 &&
		       same_gesture(&one->gesture, &other->gesture) &&
		       (one->flags & BINDING_EXACT) == (other->flags & BINDING_EXACT);
	case BINDING_KEYCODE:
	case BINDING_KEYSYM:
	case BINDING_MOUSECODE:
	case BINDING_MOUSESYM:
		return same_keys(one, other);
	}
	return false;
}

struct binding_list *binding_mode_list(struct binding_mode *mode, enum binding_type type)
{
	switch (type) {
	case BINDING_KEYCODE:
		return &mode->keycodes;
	case BINDING_KEYSYM:
		return &mode->keysyms;
	case BINDING_MOUSECODE:
	case BINDING_MOUSESYM:
		return &mode->mouse;
	case BINDING_SWITCH:
		return &mode->switches;
	case BINDING_GESTURE:
		break;
	}
	return &mode->gestures;
}

bool binding_mode_add(struct binding_mode *mode, struct binding *binding)
{
	struct binding_list *bindings = binding_mode_list(mode, binding->type);
	for (int i = 0; i < bindings->list.length; i++) {
		if (binding_is_same(bindings->list.items[i], binding)) {
			binding_destroy(bindings->list.items[i]);
			bindings->list.items[i] = binding;
			return true;
		}
	}
	list_append(&bindings->list, binding);
	return false;
}

bool binding_mode_remove(struct binding_mode *mode, const struct binding *binding)
{
	struct binding_list *bindings = binding_mode_list(mode, binding->type);
	for (int i = 0; i < bindings->list.length; i++) {
		if (binding_is_same(bindings->list.items[i], binding)) {
			binding_destroy(bindings->list.items[i]);
			list_remove_at(&bindings->list, i);
			return true;
		}
	}
	return false;
}

/* --- --to-code --- */

struct keycode_search {
	struct xkb_state *state;
	xkb_keysym_t keysym;
	xkb_keycode_t keycode;
	int count;
};

static void look_at_keycode(struct xkb_keymap *keymap, xkb_keycode_t keycode, void *data)
{
	struct keycode_search *search = data;
	if (xkb_state_key_get_one_sym(search->state, keycode) == search->keysym) {
		search->keycode = keycode;
		search->count++;
	}
}

static int compare_keys(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
	return (one > other) - (one < other);
}

void binding_sort_keys(struct binding *binding)
{
	qsort(binding->keys, binding->key_count, sizeof(binding->keys[0]), compare_keys);
}

void binding_translate(struct binding *binding, struct xkb_state *state)
{
	if (!(binding->flags & BINDING_CODE) ||
		(binding->type != BINDING_KEYSYM && binding->type != BINDING_KEYCODE)) {
		return;
	}
	if (binding->type == BINDING_KEYSYM) {
		memcpy(binding->keysyms, binding->keys, sizeof(binding->keys));
		binding->keysym_count = binding->key_count;
	}
	binding->type = BINDING_KEYCODE;
	for (size_t i = 0; i < binding->keysym_count; i++) {
		struct keycode_search search = {.state = state, .keysym = binding->keysyms[i]};
		xkb_keymap_key_for_each(xkb_state_get_keymap(state), look_at_keycode, &search);
		if (search.count != 1) {
			/* Not one key: the keysym stays what is bound. */
			memcpy(binding->keys, binding->keysyms, sizeof(binding->keys));
			binding->type = BINDING_KEYSYM;
			break;
		}
		binding->keys[i] = search.keycode;
	}
	binding->key_count = binding->keysym_count;
	binding_sort_keys(binding);
}

void binding_mode_translate(struct binding_mode *mode, struct xkb_keymap *keymap)
{
	struct xkb_state *state = xkb_state_new(keymap);
	if (!state) {
		return;
	}
	struct binding_list keysyms = mode->keysyms, keycodes = mode->keycodes;
	mode->keysyms = mode->keycodes = (struct binding_list){};
	for (int i = 0; i < keysyms.list.length; i++) {
		binding_translate(keysyms.list.items[i], state);
		binding_mode_add(mode, keysyms.list.items[i]);
	}
	for (int i = 0; i < keycodes.list.length; i++) {
		binding_translate(keycodes.list.items[i], state);
		binding_mode_add(mode, keycodes.list.items[i]);
	}
	list_finish(&keysyms.list);
	list_finish(&keycodes.list);
	xkb_state_unref(state);
}
