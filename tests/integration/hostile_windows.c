/* SPDX-License-Identifier: MIT */
/* Attacks by surfaces, windows, drags and their names. */
#include "hostile_guest.h"

#include <string.h>

#include "wire/opcodes.h"

/* --- surfaces and windows --- */

static void commit_flood(struct guest *guest)
{
	guest_show_window(guest);
	for (int i = 0; i < 100000 && !guest_is_over(guest); i++) {
		guest_request(guest, FREE_ID, 6, "");
	}
}

static void subsurfaces_deep(struct guest *guest)
{
	guest_make_surface(guest, FREE_ID);
	for (uint32_t i = 1; i < 20000 && !guest_is_over(guest); i++) {
		guest_make_surface(guest, FREE_ID + 2 * i);
		guest_request(guest, SUBCOMPOSITOR, 1, "noo", FREE_ID + 2 * i + 1, FREE_ID + 2 * i,
			FREE_ID + 2 * i - 2);
	}
}

static void subsurface_cycle(struct guest *guest)
{
	guest_make_surface(guest, FREE_ID);
	guest_make_surface(guest, FREE_ID + 1);
	guest_request(guest, SUBCOMPOSITOR, 1, "noo", FREE_ID + 2, (uint32_t)FREE_ID, FREE_ID + 1);
	guest_request(guest, SUBCOMPOSITOR, 1, "noo", FREE_ID + 3, FREE_ID + 1, (uint32_t)FREE_ID);
}

static void subsurface_outside(struct guest *guest)
{
	guest_show_window(guest);
	guest_make_surface(guest, NEXT_ID);
	guest_request(guest, SUBCOMPOSITOR, 1, "noo", NEXT_ID + 1, NEXT_ID, (uint32_t)FREE_ID);
	guest_request(guest, NEXT_ID + 1, 1, "ii", -4000, -4000);
	guest_request(guest, NEXT_ID + 1, 5, "");
	guest_paint(guest, NEXT_ID, NEXT_ID + 2, 9000, 9000);
	guest_request(guest, NEXT_ID, 6, "");
	guest_request(guest, FREE_ID, 6, "");
}

static void popup_without_parent(struct guest *guest)
{
	guest_make_surface(guest, FREE_ID);
	guest_request(guest, WM_BASE, 2, "no", FREE_ID + 1, (uint32_t)FREE_ID);
	guest_request(guest, WM_BASE, 1, "n", FREE_ID + 2);
	guest_request(guest, FREE_ID + 1, 2, "noo", FREE_ID + 3, 0u, FREE_ID + 2);
}

static void positioner_far(struct guest *guest)
{
	guest_request(guest, WM_BASE, 1, "n", (uint32_t)FREE_ID);
	guest_request(guest, FREE_ID, 2, "iiii", INT32_MIN, INT32_MAX, 1, 1);
}

static void positioner_size_0(struct guest *guest)
{
	guest_request(guest, WM_BASE, 1, "n", (uint32_t)FREE_ID);
	guest_request(guest, FREE_ID, 1, "ii", 0, 0);
}

static void role_change(struct guest *guest)
{
	guest_make_toplevel(guest, FREE_ID);
	guest_request(guest, FREE_ID + 1, 1, "n", FREE_ID + 3);
}

static void ack_unknown(struct guest *guest)
{
	guest_show_window(guest);
	guest_request(guest, FREE_ID + 1, 4, "u", guest->serial + 12345);
}

static void commit_before_configure(struct guest *guest)
{
	guest_make_toplevel(guest, FREE_ID);
	guest_paint(guest, FREE_ID, FREE_ID + 3, 100, 100);
	guest_request(guest, FREE_ID, 6, "");
}

static void bounds_crossed(struct guest *guest)
{
	guest_show_window(guest);
	guest_request(guest, FREE_ID + 2, 8, "ii", 100000, 100000);
	guest_request(guest, FREE_ID + 2, 7, "ii", 1, 1);
	guest_request(guest, FREE_ID, 6, "");
}

static void geometry_negative(struct guest *guest)
{
	guest_show_window(guest);
	guest_request(guest, FREE_ID + 1, 3, "iiii", 0, 0, -1, -1);
}

/* The surface is larger than what it says is the window. */
static void geometry_1x1(struct guest *guest)
{
	guest_show_window(guest);
	guest_request(guest, FREE_ID + 3, 2, "ii", 9000, 9000);
	guest_request(guest, FREE_ID + 1, 3, "iiii", 4000, 4000, 1, 1);
	guest_request(guest, FREE_ID, 6, "");
}

static void parent_loop(struct guest *guest)
{
	guest_make_toplevel(guest, FREE_ID);
	guest_make_toplevel(guest, FREE_ID + 3);
	guest_request(guest, FREE_ID + 2, 1, "o", FREE_ID + 5);
	guest_request(guest, FREE_ID + 5, 1, "o", FREE_ID + 2);
}

static void state_toggled(struct guest *guest)
{
	guest_show_window(guest);
	for (int i = 0; i < 2000 && !guest_is_over(guest); i++) {
		guest_request(guest, FREE_ID + 2, i % 2 == 0 ? 9 : 10, "");
		guest_request(guest, FREE_ID + 2, 13, "");
	}
}

/* --- drags --- */

static void make_drag_device(struct guest *guest)
{
	guest_show_window(guest);
	guest_request(guest, 0, VIXOS_FORWARD_V1_DRAG_DEVICE, "uo", 1u, (uint32_t)SEAT);
}

static void drag_serials_guessed(struct guest *guest)
{
	make_drag_device(guest);
	for (uint32_t serial = 0; serial < 5000 && !guest_is_over(guest); serial++) {
		guest_request(guest, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", 1u, serial % 2, 1u,
			(uint32_t)FREE_ID, 0u, serial);
	}
}

static void drag_icon_is_a_window(struct guest *guest)
{
	make_drag_device(guest);
	guest_request(guest, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", 1u, 1u, 1u,
		(uint32_t)FREE_ID, (uint32_t)FREE_ID, guest->serial);
}

static void drag_actions_unknown(struct guest *guest)
{
	make_drag_device(guest);
	guest_request(guest, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", 1u, 1u, 0x80000001u,
		(uint32_t)FREE_ID, 0u, guest->serial);
}

static void drag_offer_invented(struct guest *guest)
{
	make_drag_device(guest);
	guest_request(guest, 0, VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu", 1u, 1u, 1u);
}

static void drag_devices_without_end(struct guest *guest)
{
	for (uint32_t i = 0; i < 1000 && !guest_is_over(guest); i++) {
		guest_request(guest, 0, VIXOS_FORWARD_V1_DRAG_DEVICE, "uo", i, (uint32_t)SEAT);
	}
}

/* --- strings --- */

static void set_title(struct guest *guest, const char *title)
{
	guest_show_window(guest);
	guest_request(guest, FREE_ID + 2, 2, "s", title);
	guest_request(guest, FREE_ID + 2, 3, "s", "../%s<b>&\"'/\x1b]52;c;eA==\x07");
	guest_request(guest, FREE_ID, 6, "");
}

static void title_bidi(struct guest *guest)
{
	set_title(guest, "\u202e[work] \u2066\u200dx\n\x1b[31m\x07\xff\xc0\x80\xed\xa0\x80");
}

static void title_long(struct guest *guest)
{
	char title[4097];
	memset(title, 'x', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	set_title(guest, title);
}

static void title_too_long(struct guest *guest)
{
	static char title[60001];
	memset(title, '\x1b', sizeof(title) - 1);
	set_title(guest, title);
}

const struct attack hostile_windows[] = {
	ATTACK(commit_flood, ALIVE),
	ATTACK(subsurfaces_deep, CLOSED),
	ATTACK(subsurface_cycle, CLOSED),
	ATTACK(subsurface_outside, ALIVE),
	ATTACK(popup_without_parent, CLOSED),
	ATTACK(positioner_far, CLOSED),
	ATTACK(positioner_size_0, CLOSED),
	ATTACK(role_change, CLOSED),
	ATTACK(ack_unknown, CLOSED),
	ATTACK(commit_before_configure, CLOSED),
	ATTACK(bounds_crossed, CLOSED),
	ATTACK(geometry_negative, CLOSED),
	ATTACK(geometry_1x1, ALIVE),
	ATTACK(parent_loop, ALIVE),
	ATTACK(state_toggled, ALIVE),
	ATTACK(drag_serials_guessed, ALIVE),
	ATTACK(drag_icon_is_a_window, CLOSED),
	ATTACK(drag_actions_unknown, CLOSED),
	ATTACK(drag_offer_invented, CLOSED),
	ATTACK(drag_devices_without_end, CLOSED),
	ATTACK(title_bidi, ALIVE),
	ATTACK(title_long, ALIVE),
	ATTACK(title_too_long, CLOSED),
	{},
};
