/* SPDX-License-Identifier: MIT */
/*
 * What a guest may do with popups. One that asks for all input (xdg_popup.grab) gets it where the
 * keyboard is with its own window: compositors ask for no more than a number, and while the grab
 * lasts keep the keyboard where it is, whatever the user does.
 */
#ifndef VX_PROXY_HOST_POPUP_H
#define VX_PROXY_HOST_POPUP_H

struct wire_interfaces;

void popup_install(struct wire_interfaces *interfaces);

#endif
