/* SPDX-License-Identifier: MIT */
/* What tests of messages of a guest to the host half have in common. */
#ifndef VX_TESTS_HOST_GUEST_H
#define VX_TESTS_HOST_GUEST_H

#include "host_fixture.h"

/* The guest's first objects. */
static constexpr uint32_t surface_id = ID_FREE;
static constexpr uint32_t xdg_surface_id = ID_FREE + 1;
static constexpr uint32_t toplevel_id = ID_FREE + 2;

/* cmocka's: the state is a host_fixture with a region. */
int guest_setup(void **state);
int guest_teardown(void **state);

/* After all that was sent: its program has lost its connection, and nobody else anything. */
void assert_rejected(struct host_fixture *fixture);
void assert_alive(struct host_fixture *fixture);

/* Sends wl_compositor.create_surface; returns `id`. */
uint32_t create_surface(struct host_fixture *fixture, uint32_t id);
/* Sends what makes surface_id a window: xdg_surface_id and toplevel_id. */
void create_toplevel(struct host_fixture *fixture);
/* Sends what shows the pixels of a slot of the region on a surface; in pixels. */
void present(struct host_fixture *fixture, uint32_t surface, uint32_t slot, uint32_t width,
	uint32_t height);

#endif
