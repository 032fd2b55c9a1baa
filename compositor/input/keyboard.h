/* SPDX-License-Identifier: MIT */
/* Keyboards: keymaps, bindings, and which keys clients may see. */
#ifndef INPUT_KEYBOARD_H
#define INPUT_KEYBOARD_H

#include <wayland-server-core.h>
#include <wlr/types/wlr_keyboard.h>
#include <xkbcommon/xkbcommon.h>

#include "config/binding.h"
#include "input/held_keys.h"

struct device;
struct seat;

struct keyboard {
	struct device *device;
	struct wlr_keyboard *wlr_keyboard;
	struct held_keys codes, raw_syms, translated_syms;
	struct held_keys sent; /* presses that a client has seen: it will see their releases */
	/* A --release binding that waits for its key. */
	struct binding *held_binding;   /* owned copy; may be NULL */
	struct binding *repeat_binding; /* owned copy; may be NULL */
	struct wl_event_source *repeat_timer;
	uint32_t menu_repeat_code;
	const struct wl_client *virtual_client; /* whose virtual keyboard it is, or NULL */
	struct wl_listener key, modifiers;
};

struct keyboard *keyboard_create(struct device *device);
void keyboard_destroy(struct keyboard *keyboard);

void keyboard_configure(struct keyboard *keyboard);
/* Bindings may have been replaced. */
void keyboard_forget_bindings(struct keyboard *keyboard);
/* No client will see the releases of keys held now. */
void keyboard_forget_sent(struct keyboard *keyboard);

#endif
