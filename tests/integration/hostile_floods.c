/* SPDX-License-Identifier: MIT */
/*
 * Attacks that are sound messages, and too many of them: what one VM makes the compositor hold or
 * do must not be felt by others.
 */
#include <stdio.h>
#include <time.h>

#include "hostile_guest.h"
#include "wire/opcodes.h"

/* Stripes across stripes: so many rectangles become a quarter of their square. */
static void add_grid(struct guest *guest, uint32_t region, int32_t stripes)
{
	for (int32_t i = 0; i < stripes && !guest_is_over(guest); i++) {
		guest_request(guest, region, 1, "iiii", 0, 2 * i, 16384, 1);
		guest_request(guest, region, 1, "iiii", 2 * i, 0, 1, 16384);
	}
}

static void region_grids(struct guest *guest)
{
	guest_show_window(guest);
	for (uint32_t i = 0; i < 30 && !guest_is_over(guest); i++) {
		uint32_t region = NEXT_ID + 2 * i, surface = region + 1;
		guest_request(guest, COMPOSITOR, 1, "n", region);
		add_grid(guest, region, 600);
		guest_make_surface(guest, surface);
		guest_request(guest, surface, 4, "o", region);
		guest_request(guest, surface, 5, "o", region);
		guest_request(guest, surface, 6, "");
		guest_request(guest, FREE_ID, 4, "o", region);
		guest_request(guest, FREE_ID, 6, "");
	}
}

static void damage_grids(struct guest *guest)
{
	guest_show_window(guest);
	for (int commit = 0; commit < 300 && !guest_is_over(guest); commit++) {
		for (int32_t i = 0; i < 128; i++) {
			guest_request(guest, FREE_ID, 9, "iiii", 0, 2 * i, 16384, 1);
			guest_request(guest, FREE_ID, 9, "iiii", 2 * i, 0, 1, 16384);
		}
		guest_request(guest, FREE_ID, 6, "");
	}
}

/* A synchronized subsurface's commits wait for its parent's, which never comes. */
static void commits_kept(struct guest *guest)
{
	guest_show_window(guest);
	guest_make_surface(guest, NEXT_ID);
	guest_request(guest, SUBCOMPOSITOR, 1, "noo", NEXT_ID + 1, NEXT_ID, (uint32_t)FREE_ID);
	for (int i = 0; i < 300000 && !guest_is_over(guest); i++) {
		guest_request(guest, NEXT_ID, 6, "");
	}
}

/* Hears of a new state each time, and never says so. */
static void states_unacknowledged(struct guest *guest)
{
	guest_show_window(guest);
	for (int i = 0; i < 20000 && !guest_is_over(guest); i++) {
		guest_request(guest, FREE_ID + 2, 11 + i % 2, i % 2 == 0 ? "o" : "", 0u);
		guest_turn(guest, 0);
	}
}

static void title_flood(struct guest *guest)
{
	guest_show_window(guest);
	char title[200];
	for (int i = 0; i < 20000 && !guest_is_over(guest); i++) {
		snprintf(title, sizeof(title), "%0*d", 120, i);
		guest_request(guest, FREE_ID + 2, 2, "s", title);
	}
}

static void map_flood(struct guest *guest)
{
	guest_show_window(guest);
	for (int i = 0; i < 300 && !guest_is_over(guest); i++) {
		guest_request(guest, FREE_ID, 1, "oii", 0u, 0, 0);
		guest_request(guest, FREE_ID, 6, "");
		guest_request(guest, FREE_ID, 6, "");
		guest_sync(guest);
		guest_request(guest, FREE_ID + 1, 4, "u", guest->serial);
		guest_request(guest, FREE_ID, 1, "oii", FREE_ID + 4, 0, 0);
		guest_request(guest, FREE_ID, 6, "");
	}
}

/* All over the same memory, which is there once: a compositor may make a texture of each. */
static void pixels_shown_often(struct guest *guest)
{
	for (uint32_t i = 0; i < 200 && !guest_is_over(guest); i++) {
		guest_make_surface(guest, FREE_ID + i);
		guest_request(guest, 0, VIXOS_FORWARD_V1_PRESENT, "ouuuuuuii", FREE_ID + i, i, 0u,
			8192u, 8192u, 32768u, 1u, 0, 0);
		guest_request(guest, FREE_ID + i, 6, "");
	}
}

const struct attack hostile_floods[] = {
	ATTACK(region_grids, ALIVE),
	ATTACK(damage_grids, ALIVE),
	ATTACK(commits_kept, CLOSED),
	ATTACK(states_unacknowledged, ALIVE),
	ATTACK(title_flood, ALIVE),
	ATTACK(map_flood, ALIVE),
	ATTACK(pixels_shown_often, CLOSED),
	{},
};
