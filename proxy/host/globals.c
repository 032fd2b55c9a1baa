/* SPDX-License-Identifier: MIT */
#include "host/globals.h"

#include <string.h>

#include "common/memory.h"
#include "host/client.h"
#include "host/proxy.h"
#include "wire/interface.h"
#include "wire/opcodes.h"
#include "wire/protocols.h"

/* Outputs come and go; what is past this isn't shown any more. */
static constexpr size_t globals_max = 4096;

/*
 * A registry of our own: its events come before those of any registry that the guest makes, so that
 * a global is known by the time that the guest can bind it.
 */
void globals_start(struct host_client *client)
{
	const struct host_object *display = host_objects_get(&client->objects, 1);
	const struct host_object *registry = host_client_add_own(client, "wl_registry", 1);
	host_client_request(client, display, WL_DISPLAY_GET_REGISTRY, "n", registry->host_id);
}

void globals_finish(struct host_globals *globals)
{
	free(globals->globals);
	*globals = (struct host_globals){};
}

static const struct host_global *globals_find(const struct host_globals *globals, uint32_t name)
{
	for (size_t i = 0; i < globals->count; i++) {
		if (globals->globals[i].name == name) {
			return &globals->globals[i];
		}
	}
	return nullptr;
}

/* The protocol of a global that the guest may see; NULL for the rest. */
static const struct wire_protocol *offered_protocol(const char *interface)
{
	const struct wire_protocol *protocol = wire_protocols_find(interface);
	return protocol != nullptr && protocol->side == WIRE_SIDE_HOST ? protocol : nullptr;
}

static uint32_t offered_version(const struct wire_protocol *protocol, uint32_t version)
{
	return version < protocol->version ? version : protocol->version;
}

static void globals_add(struct host_client *client, const struct host_event *event)
{
	uint32_t name = event->args[0].u, version = event->args[2].u;
	const char *interface = event->args[1].s;
	struct host_globals *globals = &client->globals;
	if (strcmp(interface, wl_shm_interface.name) == 0) {
		present_bind_shm(client, name);
		return;
	}
	if (strcmp(interface, wl_data_device_manager_interface.name) == 0) {
		drag_note_manager(client, name, version);
		return;
	}
	const struct wire_protocol *protocol = offered_protocol(interface);
	if (protocol == nullptr || globals->count == globals_max) {
		return;
	}
	globals->globals = vx_reallocarray(
		globals->globals, globals->count + 1, sizeof(*globals->globals));
	globals->globals[globals->count++] = (struct host_global){
		.name = name,
		.interface = wire_interfaces_find(client->proxy->interfaces, interface),
		.version = offered_version(protocol, version),
	};
}

static bool handle_global(struct host_client *client, struct host_event *event)
{
	if (event->object->wire_id == 0) {
		globals_add(client, event);
		return false;
	}
	const struct host_global *global = globals_find(&client->globals, event->args[0].u);
	if (global != nullptr) {
		host_client_event(client, event->object->wire_id, WL_REGISTRY_GLOBAL, "usu",
			global->name, global->interface->name, global->version);
	}
	return false;
}

static bool handle_global_remove(struct host_client *client, struct host_event *event)
{
	return globals_find(&client->globals, event->args[0].u) != nullptr;
}

static bool handle_bind(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	const struct wire_value *untrusted_args = request->args;
	const struct host_global *global = globals_find(&client->globals, untrusted_args[0].u);
	const char *untrusted_interface = untrusted_args[1].s;
	uint32_t untrusted_version = untrusted_args[2].u;
	if (global == nullptr || strcmp(global->interface->name, untrusted_interface) != 0) {
		return vx_error_set(err, "no such global %u is offered", untrusted_args[0].u);
	}
	if (untrusted_version == 0 || untrusted_version > global->version) {
		return vx_error_set(err, "version %u of %s isn't offered", untrusted_version,
			global->interface->name);
	}
	if (!limits_add(&client->counts, &client->proxy->counts, global->interface, err)) {
		return false;
	}
	const struct host_object *object = host_objects_add(
		&client->objects, untrusted_args[3].u, global->interface, untrusted_version);
	if (object == nullptr) {
		limits_remove(&client->counts, &client->proxy->counts, global->interface);
		return vx_error_set(err, "new id %u is not free", untrusted_args[3].u);
	}
	host_client_request(client, request->object, WL_REGISTRY_BIND, "usun", global->name,
		global->interface->name, untrusted_version, object->host_id);
	return true;
}

static const struct host_request_handler request_handlers[] = {
	{"wl_registry", "bind", handle_bind},
};

static const struct host_event_handler event_handlers[] = {
	{"wl_registry", "global", handle_global},
	{"wl_registry", "global_remove", handle_global_remove},
};

void globals_install(struct wire_interfaces *interfaces)
{
	host_install_requests(interfaces, request_handlers, VX_ARRAY_LENGTH(request_handlers));
	host_install_events(interfaces, event_handlers, VX_ARRAY_LENGTH(event_handlers));
}
