/* SPDX-License-Identifier: MIT */
/*
 * Input methods (input-method-v2, never offered to VMs) for text fields (text-input-v3): carries
 * what one says to the other, for the surface that has the keyboard.
 */
#ifndef INPUT_RELAY_H
#define INPUT_RELAY_H

struct input;
struct keyboard;
struct relay;
struct seat;
struct wlr_input_method_keyboard_grab_v2;
struct wlr_surface;

/* Owned by the caller; NULL on failure. */
struct relay *relay_create(struct input *input);
void relay_destroy(struct relay *relay);

/* The keyboard's focus of a seat has moved; `surface` may be NULL. `relay` may be NULL. */
void relay_focus(struct relay *relay, struct seat *seat, struct wlr_surface *surface);

/* Brings the input method's popups to where the field is now. `relay` may be NULL. */
void relay_place_popups(struct relay *relay);

/* The input method that takes this keyboard's keys, or NULL. */
struct wlr_input_method_keyboard_grab_v2 *relay_keyboard_grab(
	struct relay *relay, const struct keyboard *keyboard);

#endif
