/* SPDX-License-Identifier: MIT */
#include "wire/protocols.h"

#include <string.h>
#include <wayland-server-protocol.h>

#include "common/memory.h"
#include "wire/interface.h"

#include "cursor-shape-v1-protocol.h"
#include "fractional-scale-v1-protocol.h"
#include "presentation-time-protocol.h"
#include "primary-selection-unstable-v1-protocol.h"
#include "single-pixel-buffer-v1-protocol.h"
#include "viewporter-protocol.h"
#include "vixos-forward-v1-protocol.h"
#include "xdg-activation-v1-protocol.h"
#include "xdg-decoration-unstable-v1-protocol.h"
#include "xdg-output-unstable-v1-protocol.h"
#include "xdg-shell-protocol.h"

static const struct wire_protocol protocols[] = {
	{&wl_shm_interface, 2, WIRE_SIDE_GUEST},
	{&wl_data_device_manager_interface, 3, WIRE_SIDE_GUEST},
	{&zwp_primary_selection_device_manager_v1_interface, 1, WIRE_SIDE_GUEST},
	{&wl_compositor_interface, 6, WIRE_SIDE_HOST},
	{&wl_subcompositor_interface, 1, WIRE_SIDE_HOST},
	{&wl_seat_interface, 9, WIRE_SIDE_HOST},
	{&wl_output_interface, 4, WIRE_SIDE_HOST},
	{&wl_fixes_interface, 1, WIRE_SIDE_HOST},
	{&xdg_wm_base_interface, 6, WIRE_SIDE_HOST},
	{&zxdg_decoration_manager_v1_interface, 1, WIRE_SIDE_HOST},
	{&zxdg_output_manager_v1_interface, 3, WIRE_SIDE_HOST},
	{&wp_viewporter_interface, 1, WIRE_SIDE_HOST},
	{&wp_fractional_scale_manager_v1_interface, 1, WIRE_SIDE_HOST},
	{&wp_cursor_shape_manager_v1_interface, 2, WIRE_SIDE_HOST},
	{&wp_single_pixel_buffer_manager_v1_interface, 1, WIRE_SIDE_HOST},
	{&wp_presentation_interface, 2, WIRE_SIDE_HOST},
	{&xdg_activation_v1_interface, 1, WIRE_SIDE_HOST},
	{nullptr},
};

const struct wire_protocol *wire_protocols_get(void)
{
	return protocols;
}

const struct wire_protocol *wire_protocols_find(const char *interface_name)
{
	for (const struct wire_protocol *p = protocols; p->interface != nullptr; p++) {
		if (strcmp(p->interface->name, interface_name) == 0) {
			return p;
		}
	}
	return nullptr;
}

struct wire_interfaces *wire_protocols_compile(void)
{
	const struct wl_interface *roots[VX_ARRAY_LENGTH(protocols) + 2] = {
		&vixos_forward_v1_interface,
		&wl_display_interface,
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(protocols) - 1; i++) {
		roots[i + 2] = protocols[i].interface;
	}
	return wire_interfaces_create(roots);
}
