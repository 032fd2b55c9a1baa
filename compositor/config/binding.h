/* SPDX-License-Identifier: MIT */
/* Key, button, switch and gesture bindings, and which of them fits what was pressed. */
#ifndef CONFIG_BINDING_H
#define CONFIG_BINDING_H

#include <stddef.h>
#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

#include "tree/list.h"

enum binding_type : unsigned {
	BINDING_KEYCODE,
	BINDING_KEYSYM,
	BINDING_MOUSECODE, /* evdev button by bindcode */
	BINDING_MOUSESYM,  /* button by bindsym */
	BINDING_SWITCH,
	BINDING_GESTURE,
};

enum binding_flag : unsigned {
	BINDING_RELEASE = 1 << 0,
	BINDING_LOCKED = 1 << 1,
	BINDING_BORDER = 1 << 2,
	BINDING_CONTENTS = 1 << 3,
	BINDING_TITLEBAR = 1 << 4,
	BINDING_CODE = 1 << 5, /* --to-code */
	BINDING_RELOAD = 1 << 6,
	BINDING_INHIBITED = 1 << 7,
	BINDING_NOREPEAT = 1 << 8,
	BINDING_EXACT = 1 << 9,
};

enum binding_switch_kind : unsigned {
	BINDING_SWITCH_LID,
	BINDING_SWITCH_TABLET,
	BINDING_SWITCH_KEYPAD_SLIDE,
};

enum binding_switch_state : unsigned {
	BINDING_SWITCH_OFF,
	BINDING_SWITCH_ON,
	BINDING_SWITCH_TOGGLE,
};

enum gesture_kind : unsigned {
	GESTURE_NONE,
	GESTURE_HOLD,
	GESTURE_PINCH,
	GESTURE_SWIPE,
};

enum gesture_direction : unsigned {
	GESTURE_DIRECTION_NONE = 0,
	GESTURE_DIRECTION_UP = 1 << 0,
	GESTURE_DIRECTION_DOWN = 1 << 1,
	GESTURE_DIRECTION_LEFT = 1 << 2,
	GESTURE_DIRECTION_RIGHT = 1 << 3,
	GESTURE_DIRECTION_INWARD = 1 << 4,
	GESTURE_DIRECTION_OUTWARD = 1 << 5,
	GESTURE_DIRECTION_CLOCKWISE = 1 << 6,
	GESTURE_DIRECTION_COUNTERCLOCKWISE = 1 << 7,
};

/* Codes of the wheel in mouse bindings, beyond evdev's: button4 to button7. */
static constexpr uint32_t binding_scroll_up = 0x300;
static constexpr uint32_t binding_scroll_down = 0x301;
static constexpr uint32_t binding_scroll_left = 0x302;
static constexpr uint32_t binding_scroll_right = 0x303;

static constexpr uint8_t gesture_fingers_any = 0;

struct gesture {
	enum gesture_kind kind;
	uint8_t fingers;
	uint32_t directions; /* enum gesture_direction bits; 0: any */
};

static constexpr size_t binding_max_keys = 16;

struct binding {
	enum binding_type type;
	int order; /* rises with each binding; the first one that runs a command on release wins */
	char *input; /* owned; "*" for all devices */
	uint32_t flags;
	/*
	 * Sorted, without doubles: keysyms for BINDING_KEYSYM (lower-case as xkb gives them), xkb
	 * keycodes for BINDING_KEYCODE, evdev button codes for mouse bindings.
	 */
	uint32_t keys[binding_max_keys];
	size_t key_count;
	/* The keys as typed, for BINDING_KEYSYM with --to-code, where translated to keycodes. */
	uint32_t keysyms[binding_max_keys];
	size_t keysym_count;
	uint32_t modifiers;       /* enum wlr_keyboard_modifier bits */
	xkb_layout_index_t group; /* XKB_LAYOUT_INVALID: any */
	enum binding_switch_kind switch_kind;
	enum binding_switch_state switch_state;
	struct gesture gesture;
	char *command; /* owned */
};

struct binding_list {
	LIST(struct binding) list; /* owns the bindings */
};

struct binding_mode {
	char *name; /* owned */
	bool pango_markup;
	struct binding_list keysyms, keycodes, mouse, switches, gestures;
};

/* What the keyboard code asks: keys are held ones, sorted. */
struct binding_query {
	const uint32_t *keys;
	size_t key_count;
	uint32_t current_key; /* the one just pressed or released: alone, it matches bindings of one
				 key */
	uint32_t modifiers;
	bool release, locked, inhibited;
	const char *input; /* identifier of the device */
	bool exact_input;
	xkb_layout_index_t group;
};

/*
 * The best fitting keyboard binding of `bindings`, which is compared with `current` (a match of
 * another list, may be NULL): device before "*", group before any, locked and inhibited exactly.
 * `*ret_has_conflict` may be NULL.
 */
struct binding *binding_find(const struct binding_list *bindings, const struct binding_query *query,
	struct binding *current);

/* `flags`: BINDING_TITLEBAR, BINDING_BORDER, BINDING_CONTENTS of what is under the pointer; 0 keys:
 * none. */
struct binding *binding_find_mouse(const struct binding_mode *mode, const uint32_t *buttons,
	size_t button_count, uint32_t modifiers, bool release, uint32_t on, const char *input);
struct binding *binding_find_switch(const struct binding_mode *mode, enum binding_switch_kind kind,
	enum binding_switch_state state, bool locked);

/* Keycodes for the --to-code bindings by a new keymap; conflicts are logged. */
void binding_mode_translate(struct binding_mode *mode, struct xkb_keymap *keymap);

void binding_translate(struct binding *binding, struct xkb_state *state);

/* Bound to the same thing? */
bool binding_is_same(const struct binding *one, const struct binding *other);
void binding_sort_keys(struct binding *binding);
struct binding_list *binding_mode_list(struct binding_mode *mode, enum binding_type type);
/* Takes `binding`; true where it has replaced one for the same keys. */
bool binding_mode_add(struct binding_mode *mode, struct binding *binding);
/* False: there is none for these keys. */
bool binding_mode_remove(struct binding_mode *mode, const struct binding *binding);

struct binding *binding_copy(const struct binding *binding);
void binding_destroy(struct binding *binding);
void binding_mode_destroy(struct binding_mode *mode);

/* Bits for "Mod4", "Shift", …; 0 where unknown. The names of bits for IPC come from
 * modifier_name(). */
uint32_t modifier_by_name(const char *name, size_t length);
const char *modifier_name(unsigned index);
static constexpr unsigned modifier_count = 8;

/* "button3", "BTN_LEFT", or a number where `is_code`; 0 where unknown, with `*ret_error` set
 * (owned). */
uint32_t mouse_button_parse(const char *text, bool is_code, char **ret_error);
const char *mouse_button_name(uint32_t button);

#endif
