/* SPDX-License-Identifier: MIT */
#include "host/output.h"

#include "common/memory.h"
#include "host/client.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

static const char hidden[] = "VixOS";

static bool handle_geometry(struct host_client *client, struct host_event *event)
{
	const struct wire_value *args = event->args;
	host_client_event(client, event->object->wire_id, WL_OUTPUT_GEOMETRY, "iiiiissi", args[0].i,
		args[1].i, args[2].i, args[3].i, args[4].i, hidden, hidden, args[7].i);
	return false;
}

static bool handle_description(struct host_client *client, struct host_event *event)
{
	host_client_event(client, event->object->wire_id, event->message->opcode, "s", hidden);
	return false;
}

static const struct host_event_handler handlers[] = {
	{"wl_output", "geometry", handle_geometry},
	{"wl_output", "description", handle_description},
	{"zxdg_output_v1", "description", handle_description},
};

void output_install(struct wire_interfaces *interfaces)
{
	host_install_events(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
