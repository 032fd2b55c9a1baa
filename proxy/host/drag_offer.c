/* SPDX-License-Identifier: MIT */
#include "host/drag_offer.h"

#include <string.h>

#include "common/memory.h"
#include "host/client.h"
#include "host/proxy.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

static constexpr uint32_t all_actions = WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY |
					WL_DATA_DEVICE_MANAGER_DND_ACTION_MOVE |
					WL_DATA_DEVICE_MANAGER_DND_ACTION_ASK;

bool drag_offer_are_actions(uint32_t untrusted_actions)
{
	return (untrusted_actions & ~all_actions) == 0;
}

/* --- the table --- */

static struct host_drag_offer *offer_find_host_id(struct host_drags *drags, uint32_t host_id)
{
	for (unsigned i = 0; i < drag_offers_max; i++) {
		if (drags->offers[i].host_id == host_id) {
			return &drags->offers[i];
		}
	}
	return nullptr;
}

/*
 * The offer that the guest means; NULL where it is gone by now, since that of a drag that left ends
 * on both sides at once. False with `err` for a number that was never given.
 */
static bool offer_find(struct host_drags *drags, uint32_t untrusted_number,
	struct host_drag_offer **ret_offer, struct vx_error *err)
{
	if (untrusted_number == 0 || untrusted_number > drags->last_offer) {
		return vx_error_set(err, "there was no offer %u", untrusted_number);
	}
	*ret_offer = nullptr;
	for (unsigned i = 0; i < drag_offers_max; i++) {
		if (drags->offers[i].number == untrusted_number) {
			*ret_offer = &drags->offers[i];
		}
	}
	return true;
}

static struct host_object offer_object(uint32_t host_id)
{
	return (struct host_object){.host_id = host_id};
}

/* Events of it that are on the way are of no known object then, and ignored. */
static void destroy_host_id(struct host_client *client, uint32_t host_id)
{
	const struct host_object object = offer_object(host_id);
	host_client_request(client, &object, WL_DATA_OFFER_DESTROY, "");
}

static void offer_destroy(struct host_client *client, struct host_drag_offer *offer)
{
	for (unsigned i = 0; i < drag_devices_max; i++) {
		if (client->drags.devices[i].offer == offer) {
			client->drags.devices[i].offer = nullptr;
		}
	}
	destroy_host_id(client, offer->host_id);
	*offer = (struct host_drag_offer){};
}

/* --- the compositor's offers --- */

/* What it is of, later events say. */
static bool handle_data_offer(struct host_client *client, struct host_event *event)
{
	struct host_drag_offer *offer = offer_find_host_id(&client->drags, 0);
	if (offer == nullptr || event->object->data == nullptr) {
		destroy_host_id(client, event->args[0].u);
	} else {
		offer->host_id = event->args[0].u;
	}
	return false;
}

static void handle_type(
	struct host_client *client, struct host_drag_offer *offer, const struct wire_value *args)
{
	bool first = !offer->has_type;
	offer->has_type = true;
	offer->drag = 0;
	const struct host_drag *drag;
	wl_list_for_each (drag, &client->proxy->drags, link) {
		if (first && strcmp(drag->type, args[0].s) == 0) {
			offer->drag = drag->number;
		}
	}
}

/* The guest half knows the source's own. */
static void handle_source_actions(
	struct host_client *client, struct host_drag_offer *offer, const struct wire_value *args)
{
}

static void handle_action(
	struct host_client *client, struct host_drag_offer *offer, const struct wire_value *args)
{
	offer->action = args[0].u;
	if (offer->number != 0) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_OFFER_ACTION, "uu",
			offer->number, offer->action);
	}
}

/* By opcode. */
static void (*const offer_events[])(struct host_client *client, struct host_drag_offer *offer,
	const struct wire_value *args) = {
	[WL_DATA_OFFER_OFFER] = handle_type,
	[WL_DATA_OFFER_SOURCE_ACTIONS] = handle_source_actions,
	[WL_DATA_OFFER_ACTION] = handle_action,
};

void drag_offer_handle_event(
	struct host_client *client, const struct wire_header *header, const uint8_t *bytes)
{
	const struct wire_interface *interface = wire_interfaces_find(
		client->proxy->interfaces, "wl_data_offer");
	struct host_drag_offer *offer = offer_find_host_id(&client->drags, header->object);
	struct wire_value args[wire_args_max];
	if (offer != nullptr && header->opcode < VX_ARRAY_LENGTH(offer_events) &&
		wire_decode(
			&interface->events[header->opcode], bytes, header->size, args, nullptr)) {
		offer_events[header->opcode](client, offer, args);
	}
}

/* The host's clipboard. */
static bool handle_selection(struct host_client *client, struct host_event *event)
{
	uint32_t id = event->args[0].u;
	struct host_drag_offer *offer = id == 0 ? nullptr : offer_find_host_id(&client->drags, id);
	if (offer != nullptr) {
		offer_destroy(client, offer);
	}
	return false;
}

/* --- over a surface --- */

/* Of the client's own drag that has no source, or with an offer that is a drag's of this VM? */
static bool is_ours(const struct host_client *client, const struct host_drag_offer *offer)
{
	return offer == nullptr ? client->drags.without_source
				: offer->drag != 0 && offer->number == 0 &&
					  drag_find(client->proxy, offer->drag) != nullptr;
}

static void tell_enter(struct host_client *client, const struct host_drag_device *device,
	const struct wire_value *args, uint32_t surface)
{
	const struct host_drag_offer *offer = device->offer;
	host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_ENTER, "uuuuoff", device->number,
		offer == nullptr ? 0 : offer->drag, offer == nullptr ? 0 : offer->number, args[0].u,
		surface, args[2].i, args[3].i);
	if (offer != nullptr && offer->action != 0) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_OFFER_ACTION, "uu",
			offer->number, offer->action);
	}
}

/*
 * Any other drag is none for the guest. Its offer is kept until it leaves all the same: wlroots
 * ends the drag, the host's or another VM's, of whose offer nobody wants to know.
 */
static bool handle_enter(struct host_client *client, struct host_event *event)
{
	struct host_drag_device *device = event->object->data;
	const struct wire_value *args = event->args;
	uint32_t id = args[4].u;
	const struct host_object *surface = host_objects_get_by_host_id(
		&client->objects, args[1].u);
	if (device == nullptr) {
		return false;
	}
	device->offer = id == 0 ? nullptr : offer_find_host_id(&client->drags, id);
	bool known = id == 0 || device->offer != nullptr;
	device->inside = known && is_ours(client, device->offer) && surface != nullptr &&
			 surface->wire_id != 0;
	if (device->inside && device->offer != nullptr) {
		device->offer->number = ++client->drags.last_offer;
	}
	if (device->inside) {
		tell_enter(client, device, args, surface->wire_id);
	}
	return false;
}

static bool handle_motion(struct host_client *client, struct host_event *event)
{
	const struct host_drag_device *device = event->object->data;
	if (device != nullptr && device->inside && !client->congested) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_MOTION, "uuff", device->number,
			event->args[0].u, event->args[1].i, event->args[2].i);
	}
	return false;
}

static bool handle_leave(struct host_client *client, struct host_event *event)
{
	struct host_drag_device *device = event->object->data;
	if (device == nullptr) {
		return false;
	}
	if (device->inside) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_LEAVE, "u", device->number);
	}
	device->inside = false;
	struct host_drag_offer *offer = vx_take_ptr(device->offer);
	if (offer != nullptr && !offer->dropped) {
		offer_destroy(client, offer);
	}
	return false;
}

static bool handle_drop(struct host_client *client, struct host_event *event)
{
	struct host_drag_device *device = event->object->data;
	if (device == nullptr || !device->inside) {
		return false;
	}
	if (device->offer != nullptr) {
		device->offer->dropped = true;
	}
	host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_DROP, "u", device->number);
	return false;
}

/* --- what the guest answers --- */

bool drag_offer_handle_accept(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	struct host_drag_offer *offer = nullptr;
	if (!offer_find(&client->drags, untrusted_args[0].u, &offer, err)) {
		return false;
	}
	const struct host_drag *drag = offer == nullptr ? nullptr
							: drag_find(client->proxy, offer->drag);
	if (drag != nullptr) {
		const struct host_object object = offer_object(offer->host_id);
		offer->accepted = untrusted_args[2].u != 0;
		host_client_request(client, &object, WL_DATA_OFFER_ACCEPT, "us",
			untrusted_args[1].u, offer->accepted ? drag->type : nullptr);
	}
	return true;
}

bool drag_offer_handle_set_actions(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	uint32_t actions = untrusted_args[1].u, preferred = untrusted_args[2].u;
	struct host_drag_offer *offer = nullptr;
	if (!offer_find(&client->drags, untrusted_args[0].u, &offer, err)) {
		return false;
	}
	bool one = (preferred & (preferred - 1)) == 0;
	if (!drag_offer_are_actions(actions) || (preferred & ~actions) != 0 || !one) {
		return vx_error_set(
			err, "actions %u, preferred %u make no sense", actions, preferred);
	}
	if (offer != nullptr) {
		const struct host_object object = offer_object(offer->host_id);
		host_client_request(
			client, &object, WL_DATA_OFFER_SET_ACTIONS, "uu", actions, preferred);
	}
	return true;
}

bool drag_offer_handle_finish(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	struct host_drag_offer *offer = nullptr;
	if (!offer_find(&client->drags, untrusted_args[0].u, &offer, err)) {
		return false;
	}
	if (offer != nullptr && (!offer->dropped || !offer->accepted)) {
		return vx_error_set(err, "offer %u wasn't dropped and accepted", offer->number);
	}
	if (offer != nullptr) {
		const struct host_object object = offer_object(offer->host_id);
		host_client_request(client, &object, WL_DATA_OFFER_FINISH, "");
		offer_destroy(client, offer);
	}
	return true;
}

bool drag_offer_handle_gone(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	struct host_drag_offer *offer = nullptr;
	if (!offer_find(&client->drags, untrusted_args[0].u, &offer, err)) {
		return false;
	}
	if (offer != nullptr) {
		offer_destroy(client, offer);
	}
	return true;
}

static const struct host_event_handler handlers[] = {
	{"wl_data_device", "data_offer", handle_data_offer},
	{"wl_data_device", "enter", handle_enter},
	{"wl_data_device", "leave", handle_leave},
	{"wl_data_device", "motion", handle_motion},
	{"wl_data_device", "drop", handle_drop},
	{"wl_data_device", "selection", handle_selection},
};

void drag_offer_install(struct wire_interfaces *interfaces)
{
	host_install_events(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
