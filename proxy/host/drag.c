/* SPDX-License-Identifier: MIT */
#include "host/drag.h"

#include <stdio.h>
#include <sys/random.h>

#include "common/memory.h"
#include "host/client.h"
#include "host/proxy.h"
#include "host/surface.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

static constexpr uint32_t manager_version = 3; /* the first that tells when a drag has ended */

void drag_note_manager(struct host_client *client, uint32_t name, uint32_t version)
{
	if (version >= manager_version && client->drags.manager == nullptr) {
		client->drags.manager_name = name;
	}
}

void drag_note_press(struct host_client *client, uint32_t serial)
{
	struct host_drags *drags = &client->drags;
	drags->presses[drags->next_press] = serial;
	drags->next_press = (drags->next_press + 1) % drag_presses_max;
}

/* Each press starts one drag at most. */
static bool take_press(struct host_drags *drags, uint32_t untrusted_serial)
{
	for (unsigned i = 0; i < drag_presses_max; i++) {
		if (untrusted_serial != 0 && drags->presses[i] == untrusted_serial) {
			drags->presses[i] = 0;
			return true;
		}
	}
	return false;
}

static struct host_object *find_object(const struct host_client *client, uint32_t untrusted_id,
	const struct wl_interface *interface, struct vx_error *err)
{
	struct host_object *object = host_objects_get(&client->objects, untrusted_id);
	if (object == nullptr || object->destroyed || object->interface->source != interface) {
		vx_error_set(err, "%u is no %s", untrusted_id, interface->name);
		return nullptr;
	}
	return object;
}

/* --- devices --- */

static bool bind_manager(struct host_client *client)
{
	struct host_drags *drags = &client->drags;
	const struct host_object *registry = host_objects_get_by_host_id(&client->objects, 2);
	if (drags->manager == nullptr && drags->manager_name != 0 && registry != nullptr) {
		drags->manager = host_client_add_own(
			client, "wl_data_device_manager", manager_version);
		host_client_request(client, registry, WL_REGISTRY_BIND, "usun", drags->manager_name,
			"wl_data_device_manager", manager_version, drags->manager->host_id);
	}
	return drags->manager != nullptr;
}

static struct host_drag_device *find_device(struct host_drags *drags, uint32_t untrusted_number)
{
	for (unsigned i = 0; i < drag_devices_max; i++) {
		struct host_drag_device *device = &drags->devices[i];
		if (device->used && device->number == untrusted_number) {
			return device;
		}
	}
	return nullptr;
}

static struct host_drag_device *free_device(struct host_drags *drags)
{
	for (unsigned i = 0; i < drag_devices_max; i++) {
		if (!drags->devices[i].used) {
			return &drags->devices[i];
		}
	}
	return nullptr;
}

bool drag_handle_device(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	const struct host_object *seat = find_object(
		client, untrusted_args[1].u, &wl_seat_interface, err);
	if (seat == nullptr) {
		return false;
	}
	if (find_device(&client->drags, untrusted_args[0].u) != nullptr) {
		return vx_error_set(err, "device %u is there already", untrusted_args[0].u);
	}
	struct host_drag_device *device = free_device(&client->drags);
	if (device == nullptr) {
		return vx_error_set(err, "over the limit of %u devices", drag_devices_max);
	}
	*device = (struct host_drag_device){.used = true, .number = untrusted_args[0].u};
	if (bind_manager(client)) {
		device->object = host_client_add_own(client, "wl_data_device", manager_version);
		device->object->data = device;
		host_client_request(client, client->drags.manager,
			WL_DATA_DEVICE_MANAGER_GET_DATA_DEVICE, "no", device->object->host_id,
			seat->host_id);
	}
	return true;
}

bool drag_handle_device_gone(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	struct host_drag_device *device = find_device(&client->drags, untrusted_args[0].u);
	if (device == nullptr) {
		return vx_error_set(err, "there is no device %u", untrusted_args[0].u);
	}
	if (device->object != nullptr) {
		host_client_request(client, device->object, WL_DATA_DEVICE_RELEASE, "");
		device->object->data = nullptr;
	}
	*device = (struct host_drag_device){};
	return true;
}

/* --- drags --- */

struct host_drag *drag_find(const struct proxy *proxy, uint32_t untrusted_number)
{
	struct host_drag *drag;
	wl_list_for_each (drag, &proxy->drags, link) {
		if (drag->number == untrusted_number) {
			return drag;
		}
	}
	return nullptr;
}

static unsigned count_drags(const struct host_client *client)
{
	unsigned count = 0;
	const struct host_drag *drag;
	wl_list_for_each (drag, &client->proxy->drags, link) {
		count += drag->client == client;
	}
	return count;
}

static void drag_free(struct host_drag *drag)
{
	wl_list_remove(&drag->link);
	free(drag);
}

/* Where the compositor doesn't know of its end, it learns of it. */
static void drag_end(struct host_drag *drag)
{
	host_client_request(drag->client, drag->source, WL_DATA_SOURCE_DESTROY, "");
	drag->source->data = nullptr;
	drag_free(drag);
}

void drag_forget_client(struct host_client *client)
{
	struct host_drag *drag, *next;
	wl_list_for_each_safe (drag, next, &client->proxy->drags, link) {
		if (drag->client == client) {
			drag_free(drag);
		}
	}
}

/* Nobody who hasn't seen the token can make an offer that passes for this drag's. */
static bool make_type(char type[static 64])
{
	uint64_t random[2];
	if (getrandom(random, sizeof(random), GRND_NONBLOCK) != sizeof(random)) {
		return false;
	}
	snprintf(type, 64, "application/x-vixos-drag;token=%016llx%016llx",
		(unsigned long long)random[0], (unsigned long long)random[1]);
	return true;
}

static struct host_drag *drag_create(struct host_client *client, uint32_t number, uint32_t actions)
{
	vx_cleanup_free struct host_drag *drag = vx_new(drag);
	if (!make_type(drag->type)) {
		return nullptr;
	}
	drag->client = client;
	drag->number = number;
	drag->source = host_client_add_own(client, "wl_data_source", manager_version);
	drag->source->data = drag;
	host_client_request(client, client->drags.manager,
		WL_DATA_DEVICE_MANAGER_CREATE_DATA_SOURCE, "n", drag->source->host_id);
	host_client_request(client, drag->source, WL_DATA_SOURCE_OFFER, "s", drag->type);
	host_client_request(client, drag->source, WL_DATA_SOURCE_SET_ACTIONS, "u", actions);
	wl_list_insert(&client->proxy->drags, &drag->link);
	return vx_take_ptr(drag);
}

struct start {
	const struct host_drag_device *device;
	uint32_t number, actions, serial;
	const struct host_object *origin, *icon; /* no icon: NULL */
};

static bool read_start(struct host_client *client, const struct wire_value *untrusted_args,
	struct start *ret_start, struct vx_error *err)
{
	struct start start = {
		.device = find_device(&client->drags, untrusted_args[0].u),
		.number = untrusted_args[1].u,
		.actions = untrusted_args[2].u,
		.serial = untrusted_args[5].u,
	};
	if (start.device == nullptr) {
		return vx_error_set(err, "there is no device %u", untrusted_args[0].u);
	}
	if (start.number != 0 && drag_find(client->proxy, start.number) != nullptr) {
		return vx_error_set(err, "drag %u is there already", start.number);
	}
	if (!drag_offer_are_actions(start.actions)) {
		return vx_error_set(err, "actions %u are unknown", start.actions);
	}
	start.origin = find_object(client, untrusted_args[3].u, &wl_surface_interface, err);
	if (start.origin == nullptr) {
		return false;
	}
	if (untrusted_args[4].u != 0) {
		struct host_object *icon = find_object(
			client, untrusted_args[4].u, &wl_surface_interface, err);
		bool shown = true;
		if (icon == nullptr || !surface_make_icon(icon, &shown, err)) {
			return false;
		}
		start.icon = shown ? icon : nullptr;
	}
	*ret_start = start;
	return true;
}

/* Is there somebody to ask, and did the user press something? The compositor judges whether it is
 * still down. */
static bool may_start(struct host_client *client, const struct start *start)
{
	return start->device->object != nullptr && take_press(&client->drags, start->serial) &&
	       count_drags(client) < drags_per_client_max;
}

bool drag_handle_start(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	struct start start = {};
	if (!read_start(client, untrusted_args, &start, err)) {
		return false;
	}
	const struct host_drag *drag = nullptr;
	bool may = may_start(client, &start);
	if (may && start.number != 0) {
		drag = drag_create(client, start.number, start.actions);
		may = drag != nullptr;
	}
	if (!may) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_CANCELLED, "u", start.number);
		return true;
	}
	client->drags.without_source = drag == nullptr;
	host_client_request(client, start.device->object, WL_DATA_DEVICE_START_DRAG, "ooou",
		drag == nullptr ? 0 : drag->source->host_id, start.origin->host_id,
		start.icon == nullptr ? 0 : start.icon->host_id, start.serial);
	return true;
}

/* It may have ended on the host before. */
bool drag_handle_source_gone(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	struct host_drag *drag = drag_find(client->proxy, untrusted_args[0].u);
	if (drag != nullptr && drag->client != client) {
		return vx_error_set(err, "drag %u is another client's", untrusted_args[0].u);
	}
	if (drag != nullptr) {
		drag_end(drag);
	}
	return true;
}

/* --- what the compositor says of a source --- */

static bool handle_action(struct host_client *client, struct host_event *event)
{
	const struct host_drag *drag = event->object->data;
	if (drag != nullptr) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_ACTION, "uu", drag->number,
			event->args[0].u);
	}
	return false;
}

static bool handle_performed(struct host_client *client, struct host_event *event)
{
	const struct host_drag *drag = event->object->data;
	if (drag != nullptr) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_PERFORMED, "u", drag->number);
	}
	return false;
}

static bool handle_finished(struct host_client *client, struct host_event *event)
{
	struct host_drag *drag = event->object->data;
	if (drag != nullptr) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_FINISHED, "u", drag->number);
		drag_end(drag);
	}
	return false;
}

static bool handle_cancelled(struct host_client *client, struct host_event *event)
{
	struct host_drag *drag = event->object->data;
	if (drag != nullptr) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_DRAG_CANCELLED, "u", drag->number);
		drag_end(drag);
	}
	return false;
}

/* The guest half knows who accepts what; and whoever wants our token gets nothing: the caller
 * closes the file descriptor. */
static bool handle_ignored(struct host_client *client, struct host_event *event)
{
	return false;
}

static const struct host_event_handler handlers[] = {
	{"wl_data_source", "target", handle_ignored},
	{"wl_data_source", "send", handle_ignored},
	{"wl_data_source", "cancelled", handle_cancelled},
	{"wl_data_source", "dnd_drop_performed", handle_performed},
	{"wl_data_source", "dnd_finished", handle_finished},
	{"wl_data_source", "action", handle_action},
};

void drag_install(struct wire_interfaces *interfaces)
{
	host_install_events(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
