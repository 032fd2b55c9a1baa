/* SPDX-License-Identifier: MIT */
#include "host/region.h"

#include "common/memory.h"
#include "host/limits.h"
#include "wire/interface.h"

bool region_pass_rect(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	int32_t x = request->args[0].i, y = request->args[1].i;
	int32_t width = request->args[2].i, height = request->args[3].i;
	if (width <= 0 || height <= 0) {
		return true;
	}
	if (x <= INT32_MAX - width && y <= INT32_MAX - height) {
		return host_client_pass(client, request, nullptr, err);
	}
	width = x > INT32_MAX - width ? INT32_MAX - x : width;
	height = y > INT32_MAX - height ? INT32_MAX - y : height;
	if (width > 0 && height > 0) {
		host_client_request(client, request->object, request->message->opcode, "iiii", x, y,
			width, height);
	}
	return true;
}

/* Past the limit nothing is added: the region is too fine to be used. */
static bool handle_rect(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	if (request->object->uses > limit_region_rects) {
		return true;
	}
	request->object->uses++;
	return region_pass_rect(client, request, err);
}

/*
 * Where a region is too fine, the surface gets none: it is drawn as one that may be seen through,
 * and takes input everywhere. Nobody else notices.
 */
static bool handle_set_region(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	const struct host_object *region = request->objects[0];
	if (region == nullptr || region->uses <= limit_region_rects) {
		return host_client_pass(client, request, nullptr, err);
	}
	host_client_request(client, request->object, request->message->opcode, "o", 0u);
	return true;
}

static const struct host_request_handler handlers[] = {
	{"wl_region", "add", handle_rect},
	{"wl_region", "subtract", handle_rect},
	{"wl_surface", "set_opaque_region", handle_set_region},
	{"wl_surface", "set_input_region", handle_set_region},
};

void region_install(struct wire_interfaces *interfaces)
{
	host_install_requests(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
