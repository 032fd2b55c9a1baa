/* SPDX-License-Identifier: MIT */
#include "guest/selection.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "guest/client.h"
#include "guest/drag.h"
#include "guest/selection_objects.h"
#include "guest/server.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

/* More than a client can be offered that has yet to read what came before would be its end. */
static constexpr unsigned types_max = 1024;
static constexpr size_t types_size_max = 64 * 1024;

/* The two protocols differ in numbers only. */
struct selection_protocol {
	uint16_t source_send, source_cancelled;
	uint16_t device_data_offer, device_selection;
	uint16_t offer_offer;
};

static const struct selection_protocol protocols[] = {
	[SELECTION_CLIPBOARD] =
		{
			.source_send = WL_DATA_SOURCE_SEND,
			.source_cancelled = WL_DATA_SOURCE_CANCELLED,
			.device_data_offer = WL_DATA_DEVICE_DATA_OFFER,
			.device_selection = WL_DATA_DEVICE_SELECTION,
			.offer_offer = WL_DATA_OFFER_OFFER,
		},
	[SELECTION_PRIMARY] =
		{
			.source_send = ZWP_PRIMARY_SELECTION_SOURCE_V1_SEND,
			.source_cancelled = ZWP_PRIMARY_SELECTION_SOURCE_V1_CANCELLED,
			.device_data_offer = ZWP_PRIMARY_SELECTION_DEVICE_V1_DATA_OFFER,
			.device_selection = ZWP_PRIMARY_SELECTION_DEVICE_V1_SELECTION,
			.offer_offer = ZWP_PRIMARY_SELECTION_OFFER_V1_OFFER,
		},
};
static_assert(VX_ARRAY_LENGTH(protocols) == SELECTION_KIND_COUNT);

void selection_init(struct guest_selections *selections)
{
	wl_list_init(&selections->devices);
}

static enum selection_kind request_kind(const struct guest_request *request)
{
	return strncmp(request->object->interface->name, "zwp_primary", 11) == 0
		       ? SELECTION_PRIMARY
		       : SELECTION_CLIPBOARD;
}

static void offer_destroy(void *data)
{
	struct selection_offer *offer = data;
	drag_forget_offer(offer);
	wl_list_remove(&offer->link);
	free(offer);
}

uint32_t selection_send_offer(
	const struct selection_device *device, struct selection_source *source)
{
	struct guest_client *client = device->client;
	uint32_t id = guest_objects_add_server(
		&client->objects, device->offer_interface, device->version);
	if (id == 0) {
		return 0;
	}
	struct guest_object *object = guest_objects_get(&client->objects, id);
	struct selection_offer *offer = vx_new(offer);
	offer->kind = device->kind;
	offer->client = client;
	offer->source = source;
	wl_list_insert(&source->offers, &offer->link);
	object->local = true;
	object->data = offer;
	object->destroy_data = offer_destroy;
	const struct selection_protocol *protocol = &protocols[device->kind];
	guest_client_send(client, device->id, protocol->device_data_offer, "n", id);
	for (unsigned i = 0; i < source->type_count; i++) {
		guest_client_send(client, id, protocol->offer_offer, "s", source->types[i]);
	}
	return id;
}

static void device_send_selection(const struct selection_device *device)
{
	struct selection_source *source = device->client->server->selections.current[device->kind];
	uint32_t offer = source == nullptr ? 0 : selection_send_offer(device, source);
	guest_client_send(
		device->client, device->id, protocols[device->kind].device_selection, "o", offer);
}

static void send_to_focus(struct guest_selections *selections, enum selection_kind kind)
{
	const struct selection_device *device;
	wl_list_for_each (device, &selections->devices, link) {
		if (device->client == selections->focus && device->kind == kind) {
			device_send_selection(device);
		}
	}
}

static void set_focus(struct guest_selections *selections, struct guest_client *client)
{
	if (selections->focus == client) {
		return;
	}
	selections->focus = client;
	for (enum selection_kind kind = 0; kind < SELECTION_KIND_COUNT; kind++) {
		send_to_focus(selections, kind);
	}
}

void selection_forget_client(struct guest_client *client)
{
	if (client->server->selections.focus == client) {
		client->server->selections.focus = nullptr;
	}
}

/* The spec has the selection before the focus. */
static bool handle_keyboard_enter(struct guest_client *client, const struct guest_event *event)
{
	set_focus(&client->server->selections, client);
	return true;
}

static bool handle_keyboard_leave(struct guest_client *client, const struct guest_event *event)
{
	if (client->server->selections.focus == client) {
		set_focus(&client->server->selections, nullptr);
	}
	return true;
}

static void source_destroy(void *data)
{
	struct selection_source *source = data;
	struct guest_selections *selections = source->selections;
	drag_forget_source(source);
	struct selection_offer *offer, *next;
	wl_list_for_each_safe (offer, next, &source->offers, link) {
		offer->source = nullptr;
		wl_list_remove(&offer->link);
		wl_list_init(&offer->link);
	}
	if (selections->current[source->kind] == source) {
		selections->current[source->kind] = nullptr;
		send_to_focus(selections, source->kind);
	}
	for (unsigned i = 0; i < source->type_count; i++) {
		free(source->types[i]);
	}
	free(source->types);
	free(source);
}

static bool handle_create_source(struct guest_client *client, struct guest_request *request)
{
	enum selection_kind kind = request_kind(request);
	uint32_t id = request->args[0].u;
	struct guest_object *object = guest_client_add_local(
		client, id, request->message->args[0].interface, request->object->version);
	if (object == nullptr) {
		return false;
	}
	struct selection_source *source = vx_new(source);
	source->kind = kind;
	source->selections = &client->server->selections;
	source->client = client;
	source->id = id;
	wl_list_init(&source->offers);
	object->data = source;
	object->destroy_data = source_destroy;
	return true;
}

static bool handle_source_offer(struct guest_client *client, struct guest_request *request)
{
	struct selection_source *source = request->object->data;
	size_t size = strlen(request->args[0].s) + 1;
	if (source->type_count < types_max && size <= types_size_max - source->types_size) {
		source->types = vx_reallocarray(
			source->types, source->type_count + 1, sizeof(*source->types));
		source->types[source->type_count++] = vx_strdup(request->args[0].s);
		source->types_size += size;
	}
	return true;
}

static void device_destroy(void *data)
{
	struct selection_device *device = data;
	drag_forget_device(device);
	wl_list_remove(&device->link);
	free(device);
}

/* The interface of the offers that a device's data_offer event makes. */
static const struct wire_interface *offer_interface(
	const struct wire_interface *device, enum selection_kind kind)
{
	return device->events[protocols[kind].device_data_offer].args[0].interface;
}

static bool handle_get_device(struct guest_client *client, struct guest_request *request)
{
	enum selection_kind kind = request_kind(request);
	uint32_t version = request->object->version;
	const struct wire_interface *interface = request->message->args[0].interface;
	struct guest_object *object = guest_client_add_local(
		client, request->args[0].u, interface, version);
	if (object == nullptr) {
		return false;
	}
	struct guest_selections *selections = &client->server->selections;
	struct selection_device *device = vx_new(device);
	device->kind = kind;
	device->client = client;
	device->id = request->args[0].u;
	device->version = version;
	device->offer_interface = offer_interface(interface, kind);
	wl_list_insert(&selections->devices, &device->link);
	object->data = device;
	object->destroy_data = device_destroy;
	if (kind == SELECTION_CLIPBOARD) {
		drag_announce_device(device, request->args[1].u);
	}
	if (selections->focus == client) {
		device_send_selection(device);
	}
	return true;
}

/* One that is no program's is gone then. */
static void source_cancel(struct selection_source *source)
{
	if (source->client == nullptr) {
		source->outside->dropped(source->outside_data);
		source_destroy(source);
		return;
	}
	guest_client_send(source->client, source->id, protocols[source->kind].source_cancelled, "");
}

static bool handle_set_selection(struct guest_client *client, struct guest_request *request)
{
	const struct selection_device *device = request->object->data;
	struct guest_selections *selections = &client->server->selections;
	const struct guest_object *object = guest_objects_get(&client->objects, request->args[0].u);
	struct selection_source *source = object == nullptr ? nullptr : object->data;
	if (source != nullptr && source->used) {
		return guest_client_post_error(client, request->id,
			WL_DATA_DEVICE_ERROR_USED_SOURCE, "the source was used before");
	}
	struct selection_source *before = selections->current[device->kind];
	selections->current[device->kind] = source;
	if (source != nullptr) {
		source->used = true;
	}
	if (before != nullptr) {
		source_cancel(before);
	}
	send_to_focus(selections, device->kind);
	return true;
}

static bool handle_receive(struct guest_client *client, struct guest_request *request)
{
	const struct selection_offer *offer = request->object->data;
	if (offer->source != nullptr && offer->source->client == nullptr) {
		offer->source->outside->send(
			offer->source->outside_data, request->args[0].s, vx_take_fd(request->fd));
	} else if (offer->source != nullptr) {
		guest_client_send_fd(offer->source->client, vx_take_fd(request->fd),
			offer->source->id, protocols[offer->kind].source_send, "sh",
			request->args[0].s);
	}
	return true;
}

/* ---- from outside ---- */

void selection_set_outside(struct guest_selections *selections, const char *const *types,
	size_t count, const struct selection_outside *outside, void *data)
{
	struct selection_source *source = vx_new(source);
	source->kind = SELECTION_CLIPBOARD;
	source->selections = selections;
	source->outside = outside;
	source->outside_data = data;
	source->used = true;
	source->types = vx_calloc(count + 1, sizeof(*source->types));
	source->type_count = (unsigned)count;
	for (size_t i = 0; i < count; i++) {
		source->types[i] = vx_strdup(types[i]);
	}
	wl_list_init(&source->offers);
	struct selection_source *before = selections->current[SELECTION_CLIPBOARD];
	selections->current[SELECTION_CLIPBOARD] = source;
	if (before != nullptr) {
		source_cancel(before);
	}
	send_to_focus(selections, SELECTION_CLIPBOARD);
}

void selection_drop_outside(struct guest_selections *selections)
{
	struct selection_source *source = selections->current[SELECTION_CLIPBOARD];
	if (source != nullptr && source->client == nullptr) {
		source_cancel(source);
	}
}

size_t selection_get_types(const struct guest_selections *selections, const char *const **ret_types)
{
	const struct selection_source *source = selections->current[SELECTION_CLIPBOARD];
	*ret_types = source != nullptr ? (const char *const *)source->types : nullptr;
	return source != nullptr ? source->type_count : 0;
}

int selection_receive(const struct guest_selections *selections, const char *type)
{
	const struct selection_source *source = selections->current[SELECTION_CLIPBOARD];
	int ends[2];
	if (source == nullptr || source->client == nullptr || pipe2(ends, O_CLOEXEC) < 0) {
		return -1;
	}
	guest_client_send_fd(source->client, ends[1], source->id,
		protocols[source->kind].source_send, "sh", type);
	if (!vx_fd_set_nonblocking(ends[0], nullptr)) {
		close(ends[0]);
		return -1;
	}
	return ends[0];
}

static bool handle_destroy(struct guest_client *client, struct guest_request *request)
{
	guest_client_remove_local(client, request->id);
	return true;
}

static const struct guest_request_handler request_handlers[] = {
	{"wl_data_device_manager", "create_data_source", handle_create_source},
	{"wl_data_device_manager", "get_data_device", handle_get_device},
	{"wl_data_source", "offer", handle_source_offer},
	{"wl_data_source", "destroy", handle_destroy},
	{"wl_data_device", "set_selection", handle_set_selection},
	{"wl_data_device", "release", handle_destroy},
	{"wl_data_offer", "receive", handle_receive},
	{"wl_data_offer", "destroy", handle_destroy},
	{"zwp_primary_selection_device_manager_v1", "create_source", handle_create_source},
	{"zwp_primary_selection_device_manager_v1", "get_device", handle_get_device},
	{"zwp_primary_selection_device_manager_v1", "destroy", handle_destroy},
	{"zwp_primary_selection_source_v1", "offer", handle_source_offer},
	{"zwp_primary_selection_source_v1", "destroy", handle_destroy},
	{"zwp_primary_selection_device_v1", "set_selection", handle_set_selection},
	{"zwp_primary_selection_device_v1", "destroy", handle_destroy},
	{"zwp_primary_selection_offer_v1", "receive", handle_receive},
	{"zwp_primary_selection_offer_v1", "destroy", handle_destroy},
};

static const struct guest_event_handler event_handlers[] = {
	{"wl_keyboard", "enter", handle_keyboard_enter},
	{"wl_keyboard", "leave", handle_keyboard_leave},
};

void selection_install(struct wire_interfaces *interfaces)
{
	guest_install_requests(interfaces, request_handlers, VX_ARRAY_LENGTH(request_handlers));
	guest_install_events(interfaces, event_handlers, VX_ARRAY_LENGTH(event_handlers));
}
