/* SPDX-License-Identifier: MIT */
/*
 * Popups that have all input, as menus do (xdg_popup.grab). wlroots grants that to any client at
 * any time, and while it lasts lets no other surface have the keyboard: what the user types goes on
 * to who had it before, whatever has the focus now.
 */
#ifndef INPUT_POPUP_GRAB_H
#define INPUT_POPUP_GRAB_H

struct seat;
struct wlr_surface;

/* A popup of a VM or sandbox has just taken all input: not unless its client has the keyboard. */
void popup_grab_check(struct seat *seat);

/* Call it before the keyboard goes to `next` (NULL: to nobody): ends the grab that is in the way.
 */
void popup_grab_make_way(struct seat *seat, struct wlr_surface *next);

#endif
