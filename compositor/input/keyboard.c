/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "keyboard"

#include "input/keyboard.h"

#include <string.h>
#include <wlr/backend/session.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/types/wlr_input_method_v2.h>
#include <wlr/types/wlr_keyboard_shortcuts_inhibit_v1.h>

#include "common/memory.h"
#include "config/bar.h"
#include "config/config.h"
#include "input/input.h"
#include "input/keymap.h"
#include "input/relay.h"
#include "input/seat.h"
#include "ipc/ipc.h"
#include "listener.h"
#include "server.h"
#include "shell/lock.h"
#include "shell/window.h"
#include "ui/modal.h"

static constexpr int default_repeat_rate = 25;   /* Hz */
static constexpr int default_repeat_delay = 600; /* ms */
static constexpr uint32_t evdev_offset = 8;      /* xkb key codes are evdev's plus this */

/* ---- a key event, seen in three ways ---- */

static constexpr size_t syms_max = 32;

struct key {
	struct keyboard *keyboard;
	const struct wlr_keyboard_key_event *event;
	uint32_t code;
	xkb_keysym_t raw[syms_max], translated[syms_max];
	size_t raw_count, translated_count;
	uint32_t modifiers, translated_modifiers;
};

static size_t copy_syms(xkb_keysym_t *to, const xkb_keysym_t *from, int count)
{
	size_t length = count < 0 ? 0 : (size_t)count;
	length = length > syms_max ? syms_max : length;
	if (length > 0) {
		memcpy(to, from, length * sizeof(*to));
	}
	return length;
}

static void key_read(
	struct key *key, struct keyboard *keyboard, const struct wlr_keyboard_key_event *event)
{
	struct wlr_keyboard *wlr_keyboard = keyboard->wlr_keyboard;
	*key = (struct key){
		.keyboard = keyboard,
		.event = event,
		.code = event->keycode + evdev_offset,
		.modifiers = wlr_keyboard_get_modifiers(wlr_keyboard),
	};
	key->translated_modifiers = key->modifiers;
	if (wlr_keyboard->keymap == nullptr) {
		return;
	}
	const xkb_keysym_t *syms;
	xkb_layout_index_t layout = xkb_state_key_get_layout(wlr_keyboard->xkb_state, key->code);
	int count = xkb_keymap_key_get_syms_by_level(
		wlr_keyboard->keymap, key->code, layout, 0, &syms);
	key->raw_count = copy_syms(key->raw, syms, count);
	count = xkb_state_key_get_syms(wlr_keyboard->xkb_state, key->code, &syms);
	key->translated_count = copy_syms(key->translated, syms, count);
	key->translated_modifiers &= ~xkb_state_key_get_consumed_mods2(
		wlr_keyboard->xkb_state, key->code, XKB_CONSUMED_MODE_XKB);
}

static void update_held(struct key *key)
{
	struct keyboard *keyboard = key->keyboard;
	bool pressed = key->event->state == WL_KEYBOARD_KEY_STATE_PRESSED;
	held_keys_update(&keyboard->codes, key->code, pressed, key->code, key->modifiers);
	for (size_t i = 0; i < key->raw_count; i++) {
		held_keys_update(
			&keyboard->raw_syms, key->code, pressed, key->raw[i], key->modifiers);
	}
	for (size_t i = 0; i < key->translated_count; i++) {
		held_keys_update(&keyboard->translated_syms, key->code, pressed, key->translated[i],
			key->modifiers);
	}
}

/* ---- bindings ---- */

static bool shortcuts_inhibited(struct seat *seat)
{
	struct wlr_keyboard_shortcuts_inhibitor_v1 *inhibitor;
	struct wlr_surface *focused = seat->wlr_seat->keyboard_state.focused_surface;
	if (seat->input->shortcut_inhibitors == nullptr || focused == nullptr) {
		return false;
	}
	wl_list_for_each (inhibitor, &seat->input->shortcut_inhibitors->inhibitors, link) {
		if (inhibitor->seat == seat->wlr_seat && inhibitor->surface == focused &&
			inhibitor->active) {
			return true;
		}
	}
	return false;
}

static struct binding *find_binding(const struct key *key, bool release)
{
	struct keyboard *keyboard = key->keyboard;
	struct seat *seat = keyboard->device->seat;
	const struct binding_mode *mode = server_config(seat->server)->current_mode;
	struct binding_query query = {
		.modifiers = key->modifiers,
		.release = release,
		.locked = lock_is_locked(seat->server->lock),
		.inhibited = shortcuts_inhibited(seat),
		.input = keyboard->device->identifier,
		.group = keyboard->wlr_keyboard->modifiers.group,
	};
	query.keys = keyboard->codes.ids;
	query.key_count = keyboard->codes.count;
	struct binding *found = binding_find(&mode->keycodes, &query, nullptr);
	query.keys = keyboard->raw_syms.ids;
	query.key_count = keyboard->raw_syms.count;
	found = binding_find(&mode->keysyms, &query, found);
	query.keys = keyboard->translated_syms.ids;
	query.key_count = keyboard->translated_syms.count;
	query.modifiers = key->translated_modifiers;
	return binding_find(&mode->keysyms, &query, found);
}

static void replace_binding(struct binding **slot, const struct binding *binding)
{
	if (*slot != nullptr) {
		binding_destroy(*slot);
	}
	*slot = binding != nullptr ? binding_copy(binding) : nullptr;
}

static bool same_binding(const struct binding *a, const struct binding *b)
{
	return a != nullptr && b != nullptr && a->order == b->order && a->type == b->type;
}

/* --release bindings run when their keys are no longer all held. */
static bool run_released(struct key *key)
{
	struct keyboard *keyboard = key->keyboard;
	struct binding *now = find_binding(key, true);
	bool over = keyboard->held_binding != nullptr && !same_binding(keyboard->held_binding, now);
	bool run = over && key->event->state == WL_KEYBOARD_KEY_STATE_RELEASED;
	struct binding *finished = over ? vx_take_ptr(keyboard->held_binding) : nullptr;
	if (now != nullptr && key->event->state == WL_KEYBOARD_KEY_STATE_PRESSED) {
		replace_binding(&keyboard->held_binding, now);
	}
	if (run) {
		seat_run_binding(keyboard->device->seat, finished);
	}
	if (finished != nullptr) {
		binding_destroy(finished);
	}
	return run;
}

static void stop_repeat(struct keyboard *keyboard)
{
	replace_binding(&keyboard->repeat_binding, nullptr);
	keyboard->menu_repeat_code = 0;
	wl_event_source_timer_update(keyboard->repeat_timer, 0);
}

static bool run_pressed(struct key *key)
{
	struct keyboard *keyboard = key->keyboard;
	if (key->event->state != WL_KEYBOARD_KEY_STATE_PRESSED) {
		stop_repeat(keyboard);
		return false;
	}
	struct binding *binding = find_binding(key, false);
	if (binding == nullptr) {
		stop_repeat(keyboard);
		return false;
	}
	if (!(binding->flags & BINDING_NOREPEAT) && keyboard->wlr_keyboard->repeat_info.delay > 0) {
		replace_binding(&keyboard->repeat_binding, binding);
		wl_event_source_timer_update(
			keyboard->repeat_timer, keyboard->wlr_keyboard->repeat_info.delay);
	} else {
		stop_repeat(keyboard);
	}
	seat_run_binding(keyboard->device->seat, binding);
	return true;
}

static bool switch_vt(const struct key *key)
{
	struct server *server = key->keyboard->device->input->server;
	for (size_t i = 0; i < key->translated_count; i++) {
		xkb_keysym_t sym = key->translated[i];
		if (sym >= XKB_KEY_XF86Switch_VT_1 && sym <= XKB_KEY_XF86Switch_VT_12) {
			if (server->seat_session != nullptr) {
				wlr_session_change_vt(
					server->seat_session, sym - XKB_KEY_XF86Switch_VT_1 + 1);
			}
			return true;
		}
	}
	return false;
}

/* ---- the menu and prompts: no client sees anything of what is typed into it ---- */

static void type_into_modal(struct key *key, bool is_repeated)
{
	struct server *server = key->keyboard->device->input->server;
	char text[16] = "";
	if (!(key->modifiers & (WLR_MODIFIER_CTRL | WLR_MODIFIER_ALT | WLR_MODIFIER_LOGO))) {
		xkb_state_key_get_utf8(
			key->keyboard->wlr_keyboard->xkb_state, key->code, text, sizeof(text));
	}
	for (size_t i = 0; i < key->translated_count; i++) {
		modal_key(server, key->translated[i], key->modifiers, text, is_repeated);
	}
}

static void handle_menu_key(struct key *key)
{
	struct keyboard *keyboard = key->keyboard;
	if (key->event->state != WL_KEYBOARD_KEY_STATE_PRESSED) {
		if (keyboard->menu_repeat_code == key->code) {
			stop_repeat(keyboard);
		}
		modal_key_released(keyboard->device->input->server);
		return;
	}
	stop_repeat(keyboard);
	if (keyboard->wlr_keyboard->repeat_info.delay > 0 &&
		keyboard->wlr_keyboard->keymap != nullptr &&
		xkb_keymap_key_repeats(keyboard->wlr_keyboard->keymap, key->code)) {
		keyboard->menu_repeat_code = key->code;
		wl_event_source_timer_update(
			keyboard->repeat_timer, keyboard->wlr_keyboard->repeat_info.delay);
	}
	type_into_modal(key, false);
}

static void repeat_in_menu(struct keyboard *keyboard)
{
	struct wlr_keyboard_key_event event = {
		.keycode = keyboard->menu_repeat_code - evdev_offset,
		.state = WL_KEYBOARD_KEY_STATE_PRESSED,
	};
	struct key key;
	key_read(&key, keyboard, &event);
	type_into_modal(&key, true);
}

/* ---- events ---- */

static void send_key(struct key *key)
{
	struct keyboard *keyboard = key->keyboard;
	struct wlr_seat *wlr_seat = keyboard->device->seat->wlr_seat;
	struct wlr_input_method_keyboard_grab_v2 *grab = relay_keyboard_grab(
		keyboard->device->input->relay, keyboard);
	/* A release goes where the press went. */
	bool was_sent = key->event->state == WL_KEYBOARD_KEY_STATE_RELEASED &&
			held_keys_contain(&keyboard->sent, key->code);
	if (grab != nullptr && !was_sent) {
		wlr_input_method_keyboard_grab_v2_set_keyboard(grab, keyboard->wlr_keyboard);
		wlr_input_method_keyboard_grab_v2_send_key(
			grab, key->event->time_msec, key->event->keycode, key->event->state);
		return;
	}
	if (key->event->state == WL_KEYBOARD_KEY_STATE_PRESSED) {
		held_keys_add(&keyboard->sent, key->code, key->code);
	} else if (!held_keys_remove(&keyboard->sent, key->code)) {
		return; /* the press was not a client's to see */
	}
	wlr_seat_set_keyboard(wlr_seat, keyboard->wlr_keyboard);
	wlr_seat_keyboard_notify_key(
		wlr_seat, key->event->time_msec, key->event->keycode, key->event->state);
}

static void handle_key(struct wl_listener *listener, void *data)
{
	struct keyboard *keyboard = wl_container_of(listener, keyboard, key);
	struct seat *seat = keyboard->device->seat;
	if (seat == nullptr) {
		return;
	}
	struct server *server = seat->server;
	struct key key;
	seat_notify_activity(seat);
	key_read(&key, keyboard, data);
	if (modal_is_open(server)) {
		/* Keep track, so that what is still held afterwards is not taken for a press. */
		update_held(&key);
		handle_menu_key(&key);
		return;
	}
	update_held(&key);
	bool handled = run_released(&key);
	handled |= run_pressed(&key);
	if (!handled && key.event->state == WL_KEYBOARD_KEY_STATE_PRESSED) {
		handled = switch_vt(&key);
	}
	if (!handled || key.event->state == WL_KEYBOARD_KEY_STATE_RELEASED) {
		send_key(&key);
	}
}

/* Bars in mode hide show themselves while their modifier is held. */
static void tell_bars(struct server *server, const struct keyboard *keyboard)
{
	uint32_t modifiers = wlr_keyboard_get_modifiers(keyboard->wlr_keyboard);
	const struct config *config = server_config(server);
	for (int i = 0; i < config->bars.length; i++) {
		if (bar_config_take_modifiers(config->bars.items[i], modifiers)) {
			ipc_event_bar_state(server->ipc, config->bars.items[i]);
		}
	}
}

static void handle_modifiers(struct wl_listener *listener, void *data)
{
	struct keyboard *keyboard = wl_container_of(listener, keyboard, modifiers);
	struct seat *seat = keyboard->device->seat;
	if (seat == nullptr || modal_is_open(seat->server)) {
		return;
	}
	tell_bars(seat->server, keyboard);
	struct wlr_input_method_keyboard_grab_v2 *grab = relay_keyboard_grab(
		keyboard->device->input->relay, keyboard);
	if (grab != nullptr) {
		wlr_input_method_keyboard_grab_v2_set_keyboard(grab, keyboard->wlr_keyboard);
		wlr_input_method_keyboard_grab_v2_send_modifiers(
			grab, &keyboard->wlr_keyboard->modifiers);
		return;
	}
	wlr_seat_set_keyboard(seat->wlr_seat, keyboard->wlr_keyboard);
	wlr_seat_keyboard_notify_modifiers(seat->wlr_seat, &keyboard->wlr_keyboard->modifiers);
}

static int handle_repeat(void *data)
{
	struct keyboard *keyboard = data;
	struct seat *seat = keyboard->device->seat;
	int rate = keyboard->wlr_keyboard->repeat_info.rate;
	if (seat == nullptr || rate <= 0) {
		return 0;
	}
	wl_event_source_timer_update(keyboard->repeat_timer, 1000 / rate);
	if (keyboard->menu_repeat_code != 0 && modal_is_open(seat->server)) {
		repeat_in_menu(keyboard);
	} else if (keyboard->repeat_binding != nullptr) {
		struct binding *binding = binding_copy(keyboard->repeat_binding);
		seat_run_binding(seat, binding);
		binding_destroy(binding);
	} else {
		stop_repeat(keyboard);
	}
	return 0;
}

/* ---- configuration ---- */

static void set_lock_modifier(struct keyboard *keyboard, const char *name, int on)
{
	struct wlr_keyboard *wlr_keyboard = keyboard->wlr_keyboard;
	xkb_mod_index_t index = xkb_map_mod_get_index(wlr_keyboard->keymap, name);
	if (on != 1 || index == XKB_MOD_INVALID) {
		return;
	}
	wlr_keyboard_notify_modifiers(wlr_keyboard, wlr_keyboard->modifiers.depressed,
		wlr_keyboard->modifiers.latched,
		wlr_keyboard->modifiers.locked | (xkb_mod_mask_t)1 << index,
		wlr_keyboard->modifiers.group);
}

static int configured(int value, int fallback)
{
	return value != unset ? value : fallback;
}

void keyboard_configure(struct keyboard *keyboard)
{
	struct device *device = keyboard->device;
	struct input_config *config = config_input_for(
		server_config(device->input->server), device->identifier, device->type);
	/* A virtual keyboard brings its own. */
	struct xkb_keymap *keymap = device->is_virtual ? nullptr : keymap_create(config);
	struct wlr_keyboard *wlr_keyboard = keyboard->wlr_keyboard;
	if (keymap != nullptr &&
		(wlr_keyboard->keymap == nullptr ||
			!wlr_keyboard_keymaps_match(wlr_keyboard->keymap, keymap))) {
		wlr_keyboard_set_keymap(wlr_keyboard, keymap);
		if (config != nullptr) {
			set_lock_modifier(keyboard, XKB_MOD_NAME_NUM, config->xkb_numlock);
			set_lock_modifier(keyboard, XKB_MOD_NAME_CAPS, config->xkb_capslock);
		}
	}
	xkb_keymap_unref(keymap);
	wlr_keyboard_set_repeat_info(wlr_keyboard,
		configured(config != nullptr ? config->repeat_rate : unset, default_repeat_rate),
		configured(config != nullptr ? config->repeat_delay : unset, default_repeat_delay));
	input_config_destroy(config);
}

void keyboard_forget_bindings(struct keyboard *keyboard)
{
	replace_binding(&keyboard->held_binding, nullptr);
	stop_repeat(keyboard);
}

void keyboard_forget_sent(struct keyboard *keyboard)
{
	keyboard->sent = (struct held_keys){};
}

struct keyboard *keyboard_create(struct device *device)
{
	struct keyboard *keyboard = vx_new(keyboard);
	keyboard->device = device;
	keyboard->wlr_keyboard = wlr_keyboard_from_input_device(device->wlr_device);
	keyboard->repeat_timer = wl_event_loop_add_timer(
		device->input->server->loop, handle_repeat, keyboard);
	listener_add(&keyboard->key, &keyboard->wlr_keyboard->events.key, handle_key);
	listener_add(
		&keyboard->modifiers, &keyboard->wlr_keyboard->events.modifiers, handle_modifiers);
	return keyboard;
}

void keyboard_destroy(struct keyboard *keyboard)
{
	if (keyboard == nullptr) {
		return;
	}
	listener_remove(&keyboard->key);
	listener_remove(&keyboard->modifiers);
	replace_binding(&keyboard->held_binding, nullptr);
	replace_binding(&keyboard->repeat_binding, nullptr);
	wl_event_source_remove(keyboard->repeat_timer);
	free(keyboard);
}
