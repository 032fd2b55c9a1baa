/* SPDX-License-Identifier: MIT */
#include "host/popup.h"

#include "common/memory.h"
#include "host/client.h"
#include "host/surface.h"

/* A popup's depth is kept with the xdg_surface that it gives a role. */
static bool handle_get_popup(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	const struct host_object *parent = request->objects[1];
	struct host_object *popup = nullptr;
	if (parent == nullptr) {
		return vx_error_set(err, "a popup without a parent");
	}
	if (parent->uses >= limit_popup_depth) {
		return vx_error_set(err, "popups are nested deeper than %u", limit_popup_depth);
	}
	if (!host_client_pass(client, request, &popup, err)) {
		return false;
	}
	request->object->uses = parent->uses + 1;
	popup->related_id = request->object->related_id;
	struct host_surface *surface = surface_find(client, popup->related_id);
	const struct host_surface *above = surface_find(client, parent->related_id);
	if (surface != nullptr) {
		surface->root_id = above != nullptr ? above->root_id : 0;
	}
	return true;
}

static bool handle_grab(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	const struct host_surface *focused = surface_find(client, client->keyboard_focus);
	const struct host_surface *surface = surface_find(client, request->object->related_id);
	if (focused == nullptr || surface == nullptr || surface->root_id == 0 ||
		surface->root_id != focused->root_id) {
		return true; /* it is shown without */
	}
	return host_client_pass(client, request, nullptr, err);
}

static bool handle_enter(struct host_client *client, struct host_event *event)
{
	client->keyboard_focus = event->args[1].u;
	return true;
}

static bool handle_leave(struct host_client *client, struct host_event *event)
{
	client->keyboard_focus = 0;
	return true;
}

static const struct host_request_handler request_handlers[] = {
	{"xdg_surface", "get_popup", handle_get_popup},
	{"xdg_popup", "grab", handle_grab},
};

static const struct host_event_handler event_handlers[] = {
	{"wl_keyboard", "enter", handle_enter},
	{"wl_keyboard", "leave", handle_leave},
};

void popup_install(struct wire_interfaces *interfaces)
{
	host_install_requests(interfaces, request_handlers, VX_ARRAY_LENGTH(request_handlers));
	host_install_events(interfaces, event_handlers, VX_ARRAY_LENGTH(event_handlers));
}
