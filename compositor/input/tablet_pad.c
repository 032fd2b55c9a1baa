/* SPDX-License-Identifier: MIT */
/* The pads of drawing tablets, buttons, rings and strips: theirs is who has the keyboard. */
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_tablet_pad.h>
#include <wlr/types/wlr_tablet_tool.h>
#include <wlr/types/wlr_tablet_v2.h>

#include "common/memory.h"
#include "input/cursor.h"
#include "input/input.h"
#include "input/seat.h"
#include "input/tablet.h"
#include "listener.h"

struct tablet_pads {
	struct tablets *tablets;
	struct wl_list list;         /* struct pad.link */
	struct wlr_surface *focused; /* has the keyboard; may be NULL */
	struct wl_listener focused_destroy;
};

struct pad {
	struct tablet_pads *pads;
	struct wl_list link;
	struct device *device;
	struct wlr_tablet_v2_tablet_pad *v2; /* owned by the device */
	struct tablet *tablet;               /* of the same housing; may be NULL */
	struct wlr_surface *entered;         /* may be NULL */
	struct wl_listener button, ring, strip;
};

static void leave(struct pad *pad)
{
	if (pad->entered != nullptr) {
		wlr_tablet_v2_tablet_pad_notify_leave(pad->v2, pad->entered);
		pad->entered = nullptr;
	}
}

static void update(struct pad *pad)
{
	struct wlr_surface *surface = pad->pads->focused;
	if (surface == pad->entered) {
		return;
	}
	leave(pad);
	if (surface != nullptr && pad->tablet != nullptr &&
		wlr_surface_accepts_tablet_v2(surface, pad->tablet->v2)) {
		wlr_tablet_v2_tablet_pad_notify_enter(pad->v2, pad->tablet->v2, surface);
		pad->entered = surface;
	}
}

static void update_all(struct tablet_pads *pads)
{
	struct pad *pad;
	wl_list_for_each (pad, &pads->list, link) {
		update(pad);
	}
}

static void handle_focused_destroy(struct wl_listener *listener, void *data)
{
	struct tablet_pads *pads = wl_container_of(listener, pads, focused_destroy);
	tablet_pads_focus(pads, nullptr);
}

void tablet_pads_focus(struct tablet_pads *pads, struct wlr_surface *surface)
{
	if (surface == pads->focused) {
		return;
	}
	listener_remove(&pads->focused_destroy);
	pads->focused = surface;
	if (surface != nullptr) {
		listener_add(
			&pads->focused_destroy, &surface->events.destroy, handle_focused_destroy);
	}
	update_all(pads);
}

/* ---- events ---- */

static void handle_button(struct wl_listener *listener, void *data)
{
	struct pad *pad = wl_container_of(listener, pad, button);
	const struct wlr_tablet_pad_button_event *event = data;
	seat_notify_activity(pad->device->seat);
	if (pad->entered != nullptr) {
		wlr_tablet_v2_tablet_pad_notify_mode(
			pad->v2, event->group, event->mode, event->time_msec);
		wlr_tablet_v2_tablet_pad_notify_button(pad->v2, event->button, event->time_msec,
			(enum zwp_tablet_pad_v2_button_state)event->state);
	}
}

static void handle_ring(struct wl_listener *listener, void *data)
{
	struct pad *pad = wl_container_of(listener, pad, ring);
	const struct wlr_tablet_pad_ring_event *event = data;
	if (pad->entered != nullptr) {
		wlr_tablet_v2_tablet_pad_notify_ring(pad->v2, event->ring, event->position,
			event->source == WLR_TABLET_PAD_RING_SOURCE_FINGER, event->time_msec);
	}
}

static void handle_strip(struct wl_listener *listener, void *data)
{
	struct pad *pad = wl_container_of(listener, pad, strip);
	const struct wlr_tablet_pad_strip_event *event = data;
	if (pad->entered != nullptr) {
		wlr_tablet_v2_tablet_pad_notify_strip(pad->v2, event->strip, event->position,
			event->source == WLR_TABLET_PAD_STRIP_SOURCE_FINGER, event->time_msec);
	}
}

/* ---- coming and going ---- */

void tablet_pads_add(struct tablet_pads *pads, struct device *device)
{
	struct seat *seat = device->seat;
	struct wlr_tablet_v2_tablet_pad *v2 = wlr_tablet_pad_create(
		seat->input->tablet_v2, seat->wlr_seat, device->wlr_device);
	if (v2 == nullptr) {
		return;
	}
	struct pad *pad = vx_new(pad);
	pad->pads = pads;
	pad->device = device;
	pad->v2 = v2;
	pad->tablet = tablets_sibling_of(pads->tablets, device);
	wl_list_insert(&pads->list, &pad->link);
	struct wlr_tablet_pad *wlr_pad = wlr_tablet_pad_from_input_device(device->wlr_device);
	listener_add(&pad->button, &wlr_pad->events.button, handle_button);
	listener_add(&pad->ring, &wlr_pad->events.ring, handle_ring);
	listener_add(&pad->strip, &wlr_pad->events.strip, handle_strip);
	update(pad);
}

static void destroy_pad(struct pad *pad)
{
	leave(pad);
	listener_remove(&pad->button);
	listener_remove(&pad->ring);
	listener_remove(&pad->strip);
	wl_list_remove(&pad->link);
	free(pad);
}

void tablet_pads_remove(struct tablet_pads *pads, struct device *device)
{
	struct pad *pad, *next;
	wl_list_for_each_safe (pad, next, &pads->list, link) {
		if (pad->device == device) {
			destroy_pad(pad);
		}
	}
}

void tablet_pads_tablet_added(struct tablet_pads *pads, struct tablet *tablet)
{
	struct pad *pad;
	wl_list_for_each (pad, &pads->list, link) {
		if (pad->tablet == nullptr) {
			pad->tablet = tablets_sibling_of(pads->tablets, pad->device);
		}
	}
	update_all(pads);
}

void tablet_pads_tablet_gone(struct tablet_pads *pads, struct tablet *tablet)
{
	struct pad *pad;
	wl_list_for_each (pad, &pads->list, link) {
		if (pad->tablet == tablet) {
			leave(pad);
			pad->tablet = nullptr;
		}
	}
}

struct tablet_pads *tablet_pads_create(struct tablets *tablets)
{
	struct tablet_pads *pads = vx_new(pads);
	pads->tablets = tablets;
	wl_list_init(&pads->list);
	return pads;
}

void tablet_pads_destroy(struct tablet_pads *pads)
{
	struct pad *pad, *next;
	wl_list_for_each_safe (pad, next, &pads->list, link) {
		destroy_pad(pad);
	}
	listener_remove(&pads->focused_destroy);
	free(pads);
}
