/* SPDX-License-Identifier: MIT */
#include "guest/drag.h"

#include "common/memory.h"
#include "guest/client.h"
#include "guest/selection_objects.h"
#include "guest/server.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

static constexpr unsigned devices_max = 16; /* of a client: what the host half allows */
static constexpr uint32_t actions_version = 3;
static constexpr uint32_t copy = WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY;
static constexpr uint32_t all_actions = WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY |
					WL_DATA_DEVICE_MANAGER_DND_ACTION_MOVE |
					WL_DATA_DEVICE_MANAGER_DND_ACTION_ASK;

void drag_init(struct guest_drags *drags)
{
	wl_list_init(&drags->sources);
	wl_list_init(&drags->offers);
}

static uint32_t next_number(struct guest_drags *drags)
{
	drags->last_number += drags->last_number == UINT32_MAX ? 2 : 1;
	return drags->last_number;
}

/* Does the client's object of that id know of actions? Older ones get none of the newer events. */
static bool has_actions(const struct guest_client *client, uint32_t id)
{
	const struct guest_object *object = guest_objects_get(&client->objects, id);
	return object != nullptr && object->version >= actions_version;
}

/* --- what comes and goes --- */

void drag_announce_device(struct selection_device *device, uint32_t seat_id)
{
	struct guest_client *client = device->client;
	unsigned count = 0;
	const struct selection_device *other;
	wl_list_for_each (other, &client->server->selections.devices, link) {
		count += other->client == client && other->number != 0;
	}
	if (count < devices_max) {
		device->number = next_number(&client->server->drags);
		guest_outbox_write(
			client, 0, VIXOS_FORWARD_V1_DRAG_DEVICE, "uo", device->number, seat_id);
	}
}

/* With the channel of a client that is closed, the host half forgets all of its things. */
void drag_forget_device(struct selection_device *device)
{
	if (device->number != 0 && !device->client->closing) {
		guest_outbox_write(
			device->client, 0, VIXOS_FORWARD_V1_DRAG_DEVICE_GONE, "u", device->number);
	}
}

static void source_end(struct selection_source *source)
{
	source->drag = 0;
	wl_list_remove(&source->drag_link);
}

void drag_forget_source(struct selection_source *source)
{
	if (source->drag == 0) {
		return;
	}
	if (!source->client->closing) {
		guest_outbox_write(
			source->client, 0, VIXOS_FORWARD_V1_DRAG_SOURCE_GONE, "u", source->drag);
	}
	source_end(source);
}

static void offer_end(struct selection_offer *offer)
{
	offer->number = 0;
	wl_list_remove(&offer->drag_link);
}

/* A client that knows no finish request is done when it destroys what was dropped on it. */
void drag_forget_offer(struct selection_offer *offer)
{
	if (offer->number == 0) {
		return;
	}
	struct guest_client *client = offer->client;
	if (!client->closing) {
		bool done = offer->dropped && offer->accepted && offer->is_old;
		guest_outbox_write(client, 0,
			done ? VIXOS_FORWARD_V1_DRAG_FINISH : VIXOS_FORWARD_V1_DRAG_OFFER_GONE, "u",
			offer->number);
	}
	offer_end(offer);
}

/* --- the one who drags --- */

static bool handle_source_set_actions(struct guest_client *client, struct guest_request *request)
{
	struct selection_source *source = request->object->data;
	if ((request->args[0].u & ~all_actions) != 0) {
		return guest_client_post_error(client, request->id,
			WL_DATA_SOURCE_ERROR_INVALID_ACTION_MASK, "actions %u are unknown",
			request->args[0].u);
	}
	if (source->has_actions || source->used) {
		return guest_client_post_error(client, request->id,
			WL_DATA_SOURCE_ERROR_INVALID_SOURCE,
			"actions are set once, and before the drag");
	}
	source->has_actions = true;
	source->actions = request->args[0].u;
	return true;
}

static bool handle_start_drag(struct guest_client *client, struct guest_request *request)
{
	const struct selection_device *device = request->object->data;
	const struct guest_object *object = guest_objects_get(&client->objects, request->args[0].u);
	struct selection_source *source = object == nullptr ? nullptr : object->data;
	if (source != nullptr && source->used) {
		return guest_client_post_error(client, request->id,
			WL_DATA_DEVICE_ERROR_USED_SOURCE, "the source was used before");
	}
	if (source != nullptr) {
		source->used = true;
	}
	if (device->number == 0) {
		if (source != nullptr) {
			guest_client_send(client, source->id, WL_DATA_SOURCE_CANCELLED, "");
		}
		return true;
	}
	struct guest_drags *drags = &client->server->drags;
	if (source != nullptr) {
		source->drag = next_number(drags);
		wl_list_insert(&drags->sources, &source->drag_link);
	}
	guest_outbox_write(client, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", device->number,
		source == nullptr ? 0 : source->drag,
		source != nullptr && source->has_actions ? source->actions : copy,
		request->args[1].u, request->args[2].u, request->args[3].u);
	return true;
}

static struct selection_source *find_source(const struct guest_drags *drags, uint32_t number)
{
	struct selection_source *source;
	wl_list_for_each (source, &drags->sources, drag_link) {
		if (source->drag == number) {
			return source;
		}
	}
	return nullptr;
}

/* That of a drag which the client itself started. */
static struct selection_source *own_source(const struct guest_client *client, uint32_t number)
{
	struct selection_source *source = find_source(&client->server->drags, number);
	return source != nullptr && source->client == client ? source : nullptr;
}

void drag_handle_action(struct guest_client *client, const struct wire_value *args)
{
	const struct selection_source *source = own_source(client, args[0].u);
	if (source != nullptr && has_actions(client, source->id)) {
		guest_client_send(client, source->id, WL_DATA_SOURCE_ACTION, "u", args[1].u);
	}
}

void drag_handle_performed(struct guest_client *client, const struct wire_value *args)
{
	const struct selection_source *source = own_source(client, args[0].u);
	if (source != nullptr && has_actions(client, source->id)) {
		guest_client_send(client, source->id, WL_DATA_SOURCE_DND_DROP_PERFORMED, "");
	}
}

void drag_handle_finished(struct guest_client *client, const struct wire_value *args)
{
	struct selection_source *source = own_source(client, args[0].u);
	if (source == nullptr) {
		return;
	}
	source_end(source);
	if (has_actions(client, source->id)) {
		guest_client_send(client, source->id, WL_DATA_SOURCE_DND_FINISHED, "");
	}
}

void drag_handle_cancelled(struct guest_client *client, const struct wire_value *args)
{
	struct selection_source *source = own_source(client, args[0].u);
	if (source != nullptr) {
		source_end(source);
		guest_client_send(client, source->id, WL_DATA_SOURCE_CANCELLED, "");
	}
}

/* --- the one dragged over --- */

static struct selection_device *find_device(const struct guest_client *client, uint32_t number)
{
	struct selection_device *device;
	wl_list_for_each (device, &client->server->selections.devices, link) {
		if (device->client == client && device->number == number) {
			return device;
		}
	}
	return nullptr;
}

static struct selection_offer *find_offer(const struct guest_client *client, uint32_t number)
{
	struct selection_offer *offer;
	wl_list_for_each (offer, &client->server->drags.offers, drag_link) {
		if (offer->client == client && offer->number == number) {
			return offer;
		}
	}
	return nullptr;
}

/* What is over the client, as the device sees it. */
static struct selection_offer *device_offer(const struct selection_device *device)
{
	struct selection_offer *offer;
	wl_list_for_each (offer, &device->client->server->drags.offers, drag_link) {
		if (offer->client == device->client && offer->device == device->number) {
			return offer;
		}
	}
	return nullptr;
}

static struct selection_offer *make_offer(
	const struct selection_device *device, struct selection_source *source, uint32_t number)
{
	struct guest_client *client = device->client;
	uint32_t id = selection_send_offer(device, source);
	if (id == 0) {
		return nullptr;
	}
	struct selection_offer *offer = guest_objects_get(&client->objects, id)->data;
	offer->of_drag = true;
	offer->id = id;
	offer->is_old = !has_actions(client, id);
	offer->number = number;
	offer->device = device->number;
	wl_list_insert(&client->server->drags.offers, &offer->drag_link);
	if (offer->is_old) {
		guest_outbox_write(
			client, 0, VIXOS_FORWARD_V1_DRAG_SET_ACTIONS, "uuu", number, copy, copy);
	} else {
		guest_client_send(client, id, WL_DATA_OFFER_SOURCE_ACTIONS, "u",
			source->has_actions ? source->actions : copy);
	}
	return offer;
}

static bool has_surface(const struct guest_client *client, uint32_t id)
{
	const struct guest_object *object = guest_objects_get(&client->objects, id);
	return object != nullptr && object->interface->source == &wl_surface_interface &&
	       object->data != nullptr;
}

/* The source, the device or the surface may be gone since: then there is nothing to enter. */
void drag_handle_enter(struct guest_client *client, const struct wire_value *args)
{
	uint32_t number = args[2].u;
	struct selection_device *device = find_device(client, args[0].u);
	struct selection_source *source = number == 0
						  ? nullptr
						  : find_source(&client->server->drags, args[1].u);
	const struct selection_offer *offer = nullptr;
	bool possible = device != nullptr && !device->inside && has_surface(client, args[4].u);
	if (possible && source != nullptr) {
		offer = make_offer(device, source, number);
	}
	if (number != 0 && offer == nullptr) {
		guest_outbox_write(client, 0, VIXOS_FORWARD_V1_DRAG_OFFER_GONE, "u", number);
		return;
	}
	if (possible) {
		device->inside = true;
		guest_client_send(client, device->id, WL_DATA_DEVICE_ENTER, "uoffo", args[3].u,
			args[4].u, args[5].i, args[6].i, offer == nullptr ? 0 : offer->id);
	}
}

void drag_handle_offer_action(struct guest_client *client, const struct wire_value *args)
{
	const struct selection_offer *offer = find_offer(client, args[0].u);
	if (offer != nullptr && !offer->is_old) {
		guest_client_send(client, offer->id, WL_DATA_OFFER_ACTION, "u", args[1].u);
	}
}

void drag_handle_motion(struct guest_client *client, const struct wire_value *args)
{
	const struct selection_device *device = find_device(client, args[0].u);
	if (device != nullptr && device->inside) {
		guest_client_send(client, device->id, WL_DATA_DEVICE_MOTION, "uff", args[1].u,
			args[2].i, args[3].i);
	}
}

static void tell_target(const struct selection_offer *offer, const char *type)
{
	if (offer->source != nullptr && offer->source->client != nullptr) {
		guest_client_send(
			offer->source->client, offer->source->id, WL_DATA_SOURCE_TARGET, "s", type);
	}
}

void drag_handle_leave(struct guest_client *client, const struct wire_value *args)
{
	struct selection_device *device = find_device(client, args[0].u);
	if (device == nullptr || !device->inside) {
		return;
	}
	device->inside = false;
	guest_client_send(client, device->id, WL_DATA_DEVICE_LEAVE, "");
	struct selection_offer *offer = device_offer(device);
	if (offer == nullptr) {
		return;
	}
	offer->device = 0;
	if (!offer->dropped) {
		if (offer->accepted) {
			tell_target(offer, nullptr);
		}
		offer_end(offer);
	}
}

void drag_handle_drop(struct guest_client *client, const struct wire_value *args)
{
	const struct selection_device *device = find_device(client, args[0].u);
	if (device == nullptr || !device->inside) {
		return;
	}
	struct selection_offer *offer = device_offer(device);
	if (offer != nullptr) {
		offer->dropped = true;
	}
	guest_client_send(client, device->id, WL_DATA_DEVICE_DROP, "");
}

static bool handle_accept(struct guest_client *client, struct guest_request *request)
{
	struct selection_offer *offer = request->object->data;
	const char *type = request->args[1].s;
	if (offer->number != 0) {
		offer->accepted = type != nullptr;
		guest_outbox_write(client, 0, VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu", offer->number,
			request->args[0].u, offer->accepted ? 1u : 0u);
		tell_target(offer, type);
	}
	return true;
}

static bool handle_offer_set_actions(struct guest_client *client, struct guest_request *request)
{
	const struct selection_offer *offer = request->object->data;
	uint32_t actions = request->args[0].u, preferred = request->args[1].u;
	if (!offer->of_drag) {
		return guest_client_post_error(client, request->id,
			WL_DATA_OFFER_ERROR_INVALID_OFFER, "nothing was dragged");
	}
	if ((actions & ~all_actions) != 0) {
		return guest_client_post_error(client, request->id,
			WL_DATA_OFFER_ERROR_INVALID_ACTION_MASK, "actions %u are unknown", actions);
	}
	if ((preferred & ~actions) != 0 || (preferred & (preferred - 1)) != 0) {
		return guest_client_post_error(client, request->id,
			WL_DATA_OFFER_ERROR_INVALID_ACTION, "action %u can't be preferred",
			preferred);
	}
	if (offer->number != 0) {
		guest_outbox_write(client, 0, VIXOS_FORWARD_V1_DRAG_SET_ACTIONS, "uuu",
			offer->number, actions, preferred);
	}
	return true;
}

/* Of a drag that ended meanwhile, nobody is left to hear of it. */
static bool handle_finish(struct guest_client *client, struct guest_request *request)
{
	struct selection_offer *offer = request->object->data;
	bool may = offer->of_drag && (offer->number == 0 || (offer->dropped && offer->accepted));
	if (!may) {
		return guest_client_post_error(client, request->id,
			WL_DATA_OFFER_ERROR_INVALID_FINISH, "nothing was dropped and accepted");
	}
	if (offer->number != 0) {
		guest_outbox_write(client, 0, VIXOS_FORWARD_V1_DRAG_FINISH, "u", offer->number);
		offer_end(offer);
	}
	return true;
}

static const struct guest_request_handler request_handlers[] = {
	{"wl_data_source", "set_actions", handle_source_set_actions},
	{"wl_data_device", "start_drag", handle_start_drag},
	{"wl_data_offer", "accept", handle_accept},
	{"wl_data_offer", "finish", handle_finish},
	{"wl_data_offer", "set_actions", handle_offer_set_actions},
};

void drag_install(struct wire_interfaces *interfaces)
{
	guest_install_requests(interfaces, request_handlers, VX_ARRAY_LENGTH(request_handlers));
}
