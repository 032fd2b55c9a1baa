/* SPDX-License-Identifier: MIT */
#include "guest/display.h"

#include <string.h>

#include "common/memory.h"
#include "guest/client.h"
#include "guest/server.h"
#include "guest/shm.h"
#include "wire/interface.h"
#include "wire/opcodes.h"
#include "wire/protocols.h"

/* Names of our own globals: from here on, by place in the list of protocols. Hosts count from 1. */
static constexpr uint32_t local_name_min = 0xf0000000;

/*
 * Before the host's globals, so that a client that makes a data device for every seat when it sees
 * the seat has the manager by then.
 */
static void announce_local_globals(struct guest_client *client, uint32_t registry)
{
	const struct wire_protocol *protocols = wire_protocols_get();
	for (uint32_t i = 0; protocols[i].interface != nullptr; i++) {
		if (protocols[i].side == WIRE_SIDE_GUEST) {
			guest_client_send(client, registry, WL_REGISTRY_GLOBAL, "usu",
				local_name_min + i, protocols[i].interface->name,
				protocols[i].version);
		}
	}
}

static bool handle_get_registry(struct guest_client *client, struct guest_request *request)
{
	if (!guest_client_forward(client, request)) {
		return false;
	}
	announce_local_globals(client, request->args[0].u);
	return true;
}

static const struct wire_protocol *bind_find(const struct guest_request *request)
{
	const char *interface = request->args[1].s;
	const struct wire_protocol *protocol = interface == nullptr
						       ? nullptr
						       : wire_protocols_find(interface);
	uint32_t name = request->args[0].u, version = request->args[2].u;
	if (protocol == nullptr || version == 0 || version > protocol->version) {
		return nullptr;
	}
	uint32_t local_name = local_name_min + (uint32_t)(protocol - wire_protocols_get());
	if ((protocol->side == WIRE_SIDE_GUEST) != (name == local_name)) {
		return nullptr;
	}
	return protocol;
}

static bool bind_local(struct guest_client *client, const struct guest_request *request,
	const struct wire_interface *interface)
{
	uint32_t id = request->args[3].u;
	if (guest_client_add_local(client, id, interface, request->args[2].u) == nullptr) {
		return false;
	}
	if (interface->source == &wl_shm_interface) {
		guest_shm_announce(client, id);
	}
	return true;
}

static bool handle_bind(struct guest_client *client, struct guest_request *request)
{
	const struct wire_protocol *protocol = bind_find(request);
	if (protocol == nullptr) {
		return guest_client_post_error(client, request->id, WL_DISPLAY_ERROR_INVALID_OBJECT,
			"no global %u of that kind", request->args[0].u);
	}
	const struct wire_interface *interface = wire_interfaces_find(
		client->server->interfaces, protocol->interface->name);
	if (protocol->side == WIRE_SIDE_GUEST) {
		return bind_local(client, request, interface);
	}
	if (guest_objects_add(&client->objects, request->args[3].u, interface,
		    request->args[2].u) == nullptr) {
		return guest_client_post_error(client, 1, WL_DISPLAY_ERROR_INVALID_OBJECT,
			"new id %u is not free", request->args[3].u);
	}
	guest_outbox_add(client, request->bytes, request->size, false);
	return true;
}

static bool handle_delete_id(struct guest_client *client, const struct guest_event *event)
{
	guest_objects_remove(&client->objects, event->args[0].u);
	return true;
}

static const struct guest_request_handler request_handlers[] = {
	{"wl_display", "get_registry", handle_get_registry},
	{"wl_registry", "bind", handle_bind},
};

static const struct guest_event_handler event_handlers[] = {
	{"wl_display", "delete_id", handle_delete_id},
};

void display_install(struct wire_interfaces *interfaces)
{
	guest_install_requests(interfaces, request_handlers, VX_ARRAY_LENGTH(request_handlers));
	guest_install_events(interfaces, event_handlers, VX_ARRAY_LENGTH(event_handlers));
}
