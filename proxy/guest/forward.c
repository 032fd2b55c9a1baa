/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "forward"
#include "guest/forward.h"

#include "common/log.h"
#include "common/memory.h"
#include "guest/client.h"
#include "guest/drag.h"
#include "guest/server.h"
#include "pixels/slots.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

static void handle_released(struct guest_client *client, const struct wire_value *args)
{
	if (!slots_pool_release(client->server->pixels.slots, args[0].u)) {
		vx_log_warn("the host half released slot %u that it did not have", args[0].u);
	}
}

/* By opcode. */
static void (*const handlers[])(struct guest_client *client, const struct wire_value *args) = {
	[VIXOS_FORWARD_V1_RELEASED] = handle_released,
	[VIXOS_FORWARD_V1_KEYMAP_DATA] = keymap_handle_data,
	[VIXOS_FORWARD_V1_KEYMAP] = keymap_handle_keymap,
	[VIXOS_FORWARD_V1_CLOCK] = clock_handle_clock,
	[VIXOS_FORWARD_V1_DRAG_ACTION] = drag_handle_action,
	[VIXOS_FORWARD_V1_DRAG_PERFORMED] = drag_handle_performed,
	[VIXOS_FORWARD_V1_DRAG_FINISHED] = drag_handle_finished,
	[VIXOS_FORWARD_V1_DRAG_CANCELLED] = drag_handle_cancelled,
	[VIXOS_FORWARD_V1_DRAG_ENTER] = drag_handle_enter,
	[VIXOS_FORWARD_V1_DRAG_OFFER_ACTION] = drag_handle_offer_action,
	[VIXOS_FORWARD_V1_DRAG_MOTION] = drag_handle_motion,
	[VIXOS_FORWARD_V1_DRAG_LEAVE] = drag_handle_leave,
	[VIXOS_FORWARD_V1_DRAG_DROP] = drag_handle_drop,
};

void forward_handle_event(
	struct guest_client *client, const struct wire_header *header, const uint8_t *bytes)
{
	const struct wire_interface *forward = client->server->forward;
	struct wire_value args[wire_args_max];
	if (header->opcode < VX_ARRAY_LENGTH(handlers) &&
		wire_decode(&forward->events[header->opcode], bytes, header->size, args, nullptr)) {
		handlers[header->opcode](client, args);
	}
}
