/* SPDX-License-Identifier: MIT */
#include "input/popup_grab.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "input/seat.h"
#include "server.h"
#include "shell/lock.h"
#include "vm/tag.h"

/* NULL where no popup has all input. */
static struct wl_client *grabbing_client(const struct wlr_seat *wlr_seat)
{
	const struct wlr_seat_keyboard_grab *grab = wlr_seat->keyboard_state.grab;
	if (grab == wlr_seat->keyboard_state.default_grab) {
		return nullptr;
	}
	/* Only for a popup's is that what the grab was given as its data; drags have other. */
	const struct wlr_xdg_popup_grab *popup_grab = wl_container_of(
		grab, popup_grab, keyboard_grab);
	return grab->data == popup_grab ? popup_grab->client : nullptr;
}

static bool is_tagged(const struct seat *seat, const struct wl_client *client)
{
	return tag_kind_of_client(seat->server, client, nullptr) != TAG_NONE;
}

static void end_grab(struct wlr_seat *wlr_seat)
{
	wlr_seat_pointer_end_grab(wlr_seat);
	wlr_seat_keyboard_end_grab(wlr_seat);
	wlr_seat_touch_end_grab(wlr_seat);
}

void popup_grab_check(struct seat *seat)
{
	const struct wl_client *client = grabbing_client(seat->wlr_seat);
	const struct wlr_seat_client *focused = seat->wlr_seat->keyboard_state.focused_client;
	if (client != nullptr && is_tagged(seat, client) &&
		(focused == nullptr || focused->client != client)) {
		end_grab(seat->wlr_seat);
	}
}

/* Menus of the host's own programs stay open while its own windows change. */
static bool may_stay(
	const struct seat *seat, const struct wl_client *client, const struct wlr_surface *next)
{
	const struct wl_client *to = next != nullptr ? wl_resource_get_client(next->resource)
						     : nullptr;
	if (to == client) {
		return true;
	}
	return to != nullptr && !lock_is_locked(seat->server->lock) && !is_tagged(seat, client) &&
	       !is_tagged(seat, to);
}

void popup_grab_make_way(struct seat *seat, struct wlr_surface *next)
{
	const struct wl_client *client = grabbing_client(seat->wlr_seat);
	if (client != nullptr && !may_stay(seat, client, next)) {
		end_grab(seat->wlr_seat);
	}
}
