/* SPDX-License-Identifier: MIT */
#include "host/present.h"

#include <fcntl.h>
#include <string.h>

#include "common/fd.h"
#include "common/memory.h"
#include "host/client.h"
#include "host/keymap.h"
#include "host/proxy.h"
#include "host/surface.h"
#include "pixels/format.h"
#include "pixels/inline.h"
#include "pixels/slots.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

void present_init(struct host_client *client)
{
	wl_list_init(&client->buffers.idle);
}

void present_finish(struct host_client *client)
{
	struct host_buffers *buffers = &client->buffers;
	for (uint32_t i = 0; i < buffers->count; i++) {
		if (buffers->by_slot[i] != nullptr && buffers->by_slot[i]->busy) {
			client->proxy->busy_buffers--;
		}
		free(buffers->by_slot[i]);
	}
	free(buffers->by_slot);
	*buffers = (struct host_buffers){};
}

void present_bind_shm(struct host_client *client, uint32_t name)
{
	const struct host_object *registry = host_objects_get_by_host_id(&client->objects, 2);
	if (client->buffers.shm == nullptr && registry != nullptr) {
		struct host_object *shm = host_client_add_own(client, "wl_shm", 1);
		client->buffers.shm = shm;
		host_client_request(client, registry, WL_REGISTRY_BIND, "usun", name, "wl_shm", 1u,
			shm->host_id);
	}
}

/* One pool over the whole region for all of a client's buffers. */
static bool pool_create(struct host_client *client, struct vx_error *err)
{
	if (client->buffers.pool != nullptr) {
		return true;
	}
	const struct pixel_region *region = client->proxy->region;
	int fd = client->buffers.shm == nullptr ? -1 : fcntl(region->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || !wire_connection_add_fd(&client->connection, fd)) {
		return vx_error_set(err, "the compositor takes no wl_shm pool");
	}
	client->buffers.pool = host_client_add_own(client, "wl_shm_pool", 1);
	host_client_request(client, client->buffers.shm, WL_SHM_CREATE_POOL, "nhi",
		client->buffers.pool->host_id, (int32_t)region->size);
	return true;
}

static struct host_buffer *buffers_get(struct host_buffers *buffers, uint32_t slot)
{
	if (slot >= buffers->count) {
		uint32_t count = buffers->count < 8 ? 8 : buffers->count;
		while (count <= slot) {
			count *= 2;
		}
		buffers->by_slot = vx_reallocarray(
			buffers->by_slot, count, sizeof(*buffers->by_slot));
		memset(buffers->by_slot + buffers->count, 0,
			(count - buffers->count) * sizeof(*buffers->by_slot));
		buffers->count = count;
	}
	if (buffers->by_slot[slot] == nullptr) {
		buffers->by_slot[slot] = vx_new(buffers->by_slot[slot]);
		buffers->by_slot[slot]->slot = slot;
	}
	return buffers->by_slot[slot];
}

static bool geometry_equals(const struct slot_geometry *a, const struct slot_geometry *b)
{
	return a->offset == b->offset && a->width == b->width && a->height == b->height &&
	       a->stride == b->stride && a->format == b->format;
}

static void buffer_unmake(struct host_client *client, struct host_buffer *buffer)
{
	host_client_request(client, buffer->object, WL_BUFFER_DESTROY, "");
	buffer->object->data = nullptr;
	buffer->object = nullptr;
}

/* It waits for its slot's next frame. Slots that an honest guest gives up never have one. */
static void buffer_set_idle(struct host_client *client, struct host_buffer *buffer)
{
	struct host_buffers *buffers = &client->buffers;
	buffer->busy = false;
	client->proxy->busy_buffers--;
	wl_list_insert(buffers->idle.prev, &buffer->link);
	if (++buffers->idle_count > limit_idle_buffers) {
		struct host_buffer *oldest = wl_container_of(buffers->idle.next, oldest, link);
		wl_list_remove(&oldest->link);
		buffers->idle_count--;
		buffer_unmake(client, oldest);
	}
}

static void buffer_set_busy(struct host_client *client, struct host_buffer *buffer)
{
	buffer->busy = true;
	client->proxy->busy_buffers++;
}

/* The slot's wl_buffer, made anew where the slot was something else before. */
static bool buffer_make(struct host_client *client, struct host_buffer *buffer,
	const struct slot_geometry *geometry, struct vx_error *err)
{
	if (buffer->object != nullptr) {
		wl_list_remove(&buffer->link);
		client->buffers.idle_count--;
	}
	if (buffer->object != nullptr && geometry_equals(&buffer->geometry, geometry)) {
		return true;
	}
	if (buffer->object != nullptr) {
		buffer_unmake(client, buffer);
	}
	if (!pool_create(client, err)) {
		return false;
	}
	struct host_object *object = host_client_add_own(client, "wl_buffer", 1);
	object->data = buffer;
	buffer->object = object;
	buffer->geometry = *geometry;
	host_client_request(client, client->buffers.pool, WL_SHM_POOL_CREATE_BUFFER, "niiiiu",
		object->host_id, (int32_t)geometry->offset, (int32_t)geometry->width,
		(int32_t)geometry->height, (int32_t)geometry->stride, geometry->format->code);
	return true;
}

static bool read_claim(const struct host_client *client, const struct wire_value *untrusted_args,
	struct slot_geometry *ret_geometry, struct vx_error *err)
{
	const struct slot_claim untrusted_claim = {
		.offset = untrusted_args[0].u,
		.width = untrusted_args[1].u,
		.height = untrusted_args[2].u,
		.stride = untrusted_args[3].u,
		.format = untrusted_args[4].u,
	};
	return slot_check(&untrusted_claim, client->proxy->region->size, ret_geometry, err);
}

static bool handle_present(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	struct host_object *object = host_objects_get(&client->objects, untrusted_args[0].u);
	uint32_t slot = untrusted_args[1].u;
	int32_t x = untrusted_args[7].i, y = untrusted_args[8].i;
	struct slot_geometry geometry;
	if (object == nullptr || object->interface->source != &wl_surface_interface) {
		return vx_error_set(err, "%u is no surface", untrusted_args[0].u);
	}
	if (slot > slots_per_vm_max) {
		return vx_error_set(err, "slot %u is out of range", slot);
	}
	if (!read_claim(client, untrusted_args + 2, &geometry, err)) {
		return false;
	}
	struct host_buffer *buffer = buffers_get(&client->buffers, slot);
	if (buffer->busy || client->proxy->busy_buffers >= limit_busy_buffers) {
		return vx_error_set(err, "slot %u is with the compositor, or too many are", slot);
	}
	if (!surface_check_attach(object, &x, &y, err)) {
		return false;
	}
	if (!surface_takes_size(object, geometry.width, geometry.height)) {
		host_client_event(client, 0, VIXOS_FORWARD_V1_RELEASED, "u", slot);
		return true;
	}
	if (!buffer_make(client, buffer, &geometry, err)) {
		return false;
	}
	buffer_set_busy(client, buffer);
	host_client_request(
		client, object, WL_SURFACE_ATTACH, "oii", buffer->object->host_id, x, y);
	proxy_note_frame(client->proxy);
	return true;
}

static bool handle_pixels(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	struct slot_geometry geometry;
	if (client->proxy->decoder == nullptr) {
		return vx_error_set(err, "pixels came through the channel beside a shared region");
	}
	return read_claim(client, untrusted_args, &geometry, err) &&
	       inline_decode(client->proxy->decoder, untrusted_args[5].a, untrusted_args[5].size,
		       &geometry, client->proxy->region->data, err);
}

static bool handle_keymap_known(
	struct host_client *client, const struct wire_value *untrusted_args, struct vx_error *err)
{
	keymaps_set_known(&client->proxy->keymaps, untrusted_args[0].u);
	return true;
}

/* By opcode. */
static bool (*const handlers[])(struct host_client *client, const struct wire_value *untrusted_args,
	struct vx_error *err) = {
	[VIXOS_FORWARD_V1_PIXELS] = handle_pixels,
	[VIXOS_FORWARD_V1_PRESENT] = handle_present,
	[VIXOS_FORWARD_V1_KEYMAP_KNOWN] = handle_keymap_known,
	[VIXOS_FORWARD_V1_DRAG_DEVICE] = drag_handle_device,
	[VIXOS_FORWARD_V1_DRAG_DEVICE_GONE] = drag_handle_device_gone,
	[VIXOS_FORWARD_V1_DRAG_START] = drag_handle_start,
	[VIXOS_FORWARD_V1_DRAG_SOURCE_GONE] = drag_handle_source_gone,
	[VIXOS_FORWARD_V1_DRAG_ACCEPT] = drag_offer_handle_accept,
	[VIXOS_FORWARD_V1_DRAG_SET_ACTIONS] = drag_offer_handle_set_actions,
	[VIXOS_FORWARD_V1_DRAG_FINISH] = drag_offer_handle_finish,
	[VIXOS_FORWARD_V1_DRAG_OFFER_GONE] = drag_offer_handle_gone,
};

bool present_handle(struct host_client *client, const struct wire_header *header,
	const uint8_t *untrusted_bytes, struct vx_error *err)
{
	if (header->opcode >= VX_ARRAY_LENGTH(handlers)) {
		return vx_error_set(err, "vixos_forward_v1 has no request %u", header->opcode);
	}
	const struct wire_message *message = &client->proxy->forward->requests[header->opcode];
	struct wire_value args[wire_args_max];
	return (wire_decode(message, untrusted_bytes, header->size, args, err) &&
		       handlers[header->opcode](client, args, err)) ||
	       vx_error_wrap(err, "vixos_forward_v1.%s", message->name);
}

/* Our buffers know their slot; those of other kinds are the guest's to hear about. */
static bool handle_release(struct host_client *client, struct host_event *event)
{
	if (event->object->wire_id != 0) {
		return true;
	}
	struct host_buffer *buffer = event->object->data;
	if (buffer != nullptr && buffer->busy) {
		buffer_set_idle(client, buffer);
		host_client_event(client, 0, VIXOS_FORWARD_V1_RELEASED, "u", buffer->slot);
	}
	return false;
}

static const struct host_event_handler event_handlers[] = {
	{"wl_buffer", "release", handle_release},
};

void present_install(struct wire_interfaces *interfaces)
{
	host_install_events(interfaces, event_handlers, VX_ARRAY_LENGTH(event_handlers));
}
