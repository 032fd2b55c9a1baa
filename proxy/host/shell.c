/* SPDX-License-Identifier: MIT */
#include "host/shell.h"

#include "common/memory.h"
#include "host/client.h"
#include "host/proxy.h"
#include "host/surface.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

static bool is_size(int32_t width, int32_t height)
{
	return width >= 1 && height >= 1 && width <= limit_size && height <= limit_size;
}

static bool refuse_numbers(struct vx_error *err)
{
	return vx_error_set(err, "a size or position is out of range");
}

/* --- sizes and places --- */

/* Arguments are width and height. */
static bool handle_size(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	if (!is_size(request->args[0].i, request->args[1].i)) {
		return refuse_numbers(err);
	}
	return host_client_pass(client, request, nullptr, err);
}

/* 0 stands for no bound; a larger one than any window can be, for the largest. */
static bool handle_bounds(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	int32_t width = request->args[0].i, height = request->args[1].i;
	if (width < 0 || height < 0) {
		return refuse_numbers(err);
	}
	host_client_request(client, request->object, request->message->opcode, "ii",
		width < limit_size ? width : limit_size, height < limit_size ? height : limit_size);
	return true;
}

/* Arguments are x and y. */
static bool handle_place(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	if (!surface_position_is_sane(request->args[0].i, request->args[1].i)) {
		return refuse_numbers(err);
	}
	return host_client_pass(client, request, nullptr, err);
}

/* Arguments are x, y, width and height. */
static bool handle_geometry(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	if (!is_size(request->args[2].i, request->args[3].i)) {
		return refuse_numbers(err);
	}
	return handle_place(client, request, err);
}

/* The same, but an anchor may be a line or a point. */
static bool handle_anchor_rect(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	int32_t width = request->args[2].i, height = request->args[3].i;
	if (width < 0 || height < 0 || width > limit_size || height > limit_size) {
		return refuse_numbers(err);
	}
	return handle_place(client, request, err);
}

/* --- decoration: the compositor draws the frame, whatever the program likes --- */

static bool handle_get_decoration(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_object *decoration = nullptr;
	if (!host_client_pass(client, request, &decoration, err)) {
		return false;
	}
	host_client_request(client, decoration, ZXDG_TOPLEVEL_DECORATION_V1_SET_MODE, "u",
		(uint32_t)ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	return true;
}

static bool handle_ignored(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	return true;
}

static const struct host_request_handler handlers[] = {
	{"xdg_toplevel", "set_min_size", handle_bounds},
	{"xdg_toplevel", "set_max_size", handle_bounds},
	{"xdg_surface", "set_window_geometry", handle_geometry},
	{"xdg_positioner", "set_size", handle_size},
	{"xdg_positioner", "set_anchor_rect", handle_anchor_rect},
	{"xdg_positioner", "set_offset", handle_place},
	{"xdg_positioner", "set_parent_size", handle_size},
	{"zxdg_decoration_manager_v1", "get_toplevel_decoration", handle_get_decoration},
	{"zxdg_toplevel_decoration_v1", "set_mode", handle_ignored},
	{"zxdg_toplevel_decoration_v1", "unset_mode", handle_ignored},
};

void shell_install(struct wire_interfaces *interfaces)
{
	host_install_requests(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
