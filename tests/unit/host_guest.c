/* SPDX-License-Identifier: MIT */
#include "host_guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/proxy.h"
#include "wire/opcodes.h"
#include "xdg-shell-client-protocol.h"

int guest_setup(void **state)
{
	*state = fixture_create(true);
	return 0;
}

int guest_teardown(void **state)
{
	fixture_destroy(*state);
	return 0;
}

void assert_rejected(struct host_fixture *fixture)
{
	fixture_run(fixture);
	assert_false(fixture_is_alive(fixture));
	assert_int_equal(fixture->closed, VX_LINK_REASON_PROTOCOL);
	assert_false(fixture->proxy->link_lost);
}

void assert_alive(struct host_fixture *fixture)
{
	fixture_run(fixture);
	assert_true(fixture_is_alive(fixture));
}

uint32_t create_surface(struct host_fixture *fixture, uint32_t id)
{
	fixture_send(fixture, ID_COMPOSITOR, WL_COMPOSITOR_CREATE_SURFACE, "n", id);
	return id;
}

void create_toplevel(struct host_fixture *fixture)
{
	create_surface(fixture, surface_id);
	fixture_send(
		fixture, ID_SHELL, XDG_WM_BASE_GET_XDG_SURFACE, "no", xdg_surface_id, surface_id);
	fixture_send(fixture, xdg_surface_id, XDG_SURFACE_GET_TOPLEVEL, "n", toplevel_id);
}

void present(struct host_fixture *fixture, uint32_t surface, uint32_t slot, uint32_t width,
	uint32_t height)
{
	fixture_send(fixture, 0, VIXOS_FORWARD_V1_PRESENT, "ouuuuuuii", surface, slot, 0u, width,
		height, width * 4, 0u, 0, 0);
}
