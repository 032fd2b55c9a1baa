/* SPDX-License-Identifier: MIT */
/*
 * The popups of an input method (lists of candidates, hints), shown at the text cursor of the field
 * that it writes into.
 */
#ifndef INPUT_METHOD_POPUP_H
#define INPUT_METHOD_POPUP_H

#include <wayland-server-core.h>

struct relay;
struct server;
struct wlr_input_popup_surface_v2;
struct wlr_text_input_v3;

/* Adds one to `popups` (struct method_popup.link); it leaves the list when its client destroys it.
 */
void method_popup_create(struct wl_list *popups, struct relay *relay, struct server *server,
	struct wlr_input_popup_surface_v2 *wlr_popup);

/* Shows them at the cursor of `text_input`, whose surface has the keyboard; NULL hides them. */
void method_popups_place(struct wl_list *popups, const struct wlr_text_input_v3 *text_input);

#endif
