/* SPDX-License-Identifier: MIT */
#include "guest/surface.h"

#include <string.h>

#include "common/memory.h"
#include "guest/client.h"
#include "guest/server.h"
#include "guest/shm.h"
#include "pixels/copy.h"
#include "pixels/format.h"
#include "pixels/pool.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

static void handle_slot_available(struct slots *slots, void *data)
{
	struct guest_surface *surface = data;
	guest_outbox_pump(surface->client);
}

static const struct slots_listener slots_listener = {
	.available = handle_slot_available,
};

static void surface_destroy(void *data)
{
	struct guest_surface *surface = data;
	wl_list_remove(&surface->link);
	slots_destroy(surface->slots);
	free(surface);
}

static bool handle_create_surface(struct guest_client *client, struct guest_request *request)
{
	if (!guest_client_forward(client, request)) {
		return false;
	}
	struct guest_object *object = guest_objects_get(&client->objects, request->args[0].u);
	struct guest_surface *surface = vx_new(surface);
	surface->client = client;
	surface->id = request->args[0].u;
	surface->slots = slots_create(client->server->pixels.slots, &slots_listener, surface);
	surface->mapping = (struct damage_mapping){
		.scale = 1,
		.source_width = -1,
		.source_height = -1,
		.destination_width = -1,
		.destination_height = -1,
	};
	wl_list_insert(&client->surfaces, &surface->link);
	object->data = surface;
	object->destroy_data = surface_destroy;
	return true;
}

static bool handle_destroy(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = vx_take_ptr(request->object->data);
	request->object->destroy_data = nullptr;
	if (surface != nullptr) {
		guest_outbox_drop_surface(client, surface);
		surface_destroy(surface);
	}
	return guest_client_forward(client, request);
}

/* A second request after wl_surface.destroy finds no data: the host half will object. */
static struct guest_surface *request_surface(const struct guest_request *request)
{
	return request->object->data;
}

static bool handle_attach(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = request_surface(request);
	if (surface != nullptr) {
		surface->pending.attached = true;
		surface->pending.buffer_id = request->args[0].u;
		surface->pending.x = request->args[1].i;
		surface->pending.y = request->args[2].i;
	}
	return true;
}

static bool handle_damage(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = request_surface(request);
	if (surface != nullptr) {
		const struct wire_value *args = request->args;
		damage_add(&surface->pending.surface_damage, INT32_MAX, INT32_MAX, args[0].i,
			args[1].i, args[2].i, args[3].i);
	}
	return guest_client_forward(client, request);
}

static bool handle_damage_buffer(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = request_surface(request);
	if (surface != nullptr) {
		const struct wire_value *args = request->args;
		damage_add(&surface->pending.damage, INT32_MAX, INT32_MAX, args[0].i, args[1].i,
			args[2].i, args[3].i);
	}
	return guest_client_forward(client, request);
}

static bool handle_set_buffer_scale(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = request_surface(request);
	if (surface != nullptr && request->args[0].i > 0) {
		surface->mapping.scale = request->args[0].i;
	}
	return guest_client_forward(client, request);
}

static bool handle_set_buffer_transform(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = request_surface(request);
	if (surface != nullptr) {
		surface->mapping.transform = request->args[0].u;
	}
	return guest_client_forward(client, request);
}

static struct guest_frame *frame_create(struct guest_surface *surface, struct guest_buffer *buffer)
{
	struct guest_frame *frame = vx_new(frame);
	frame->surface = surface;
	frame->buffer = guest_buffer_ref(buffer);
	frame->x = surface->pending.x;
	frame->y = surface->pending.y;
	return frame;
}

static void take_damage(struct guest_surface *surface, struct guest_frame *frame)
{
	surface->mapping.width = (int32_t)frame->buffer->geometry.width;
	surface->mapping.height = (int32_t)frame->buffer->geometry.height;
	damage_add_damage(&frame->damage, surface->mapping.width, surface->mapping.height,
		&surface->pending.damage);
	damage_add_surface_damage(
		&frame->damage, &surface->mapping, &surface->pending.surface_damage);
	damage_clear(&surface->pending.damage);
	damage_clear(&surface->pending.surface_damage);
}

static bool commit_pixels(
	struct guest_client *client, struct guest_surface *surface, struct guest_buffer *buffer)
{
	struct guest_frame *frame = frame_create(surface, buffer);
	take_damage(surface, frame);
	guest_outbox_add_frame(client, frame);
	return !client->closing;
}

void guest_frame_supersede(struct guest_frame *frame, const struct guest_frame *superseded)
{
	damage_add_damage(&frame->damage, INT32_MAX, INT32_MAX, &superseded->damage);
}

static void commit_attached(struct guest_client *client, struct guest_surface *surface)
{
	uint32_t id = surface->pending.buffer_id;
	const struct guest_object *object = guest_objects_get(&client->objects, id);
	if (id != 0 && (object == nullptr || object->local)) {
		return; /* destroyed since */
	}
	guest_outbox_write(client, surface->id, WL_SURFACE_ATTACH, "oii", id, surface->pending.x,
		surface->pending.y);
	if (id == 0) {
		slots_trim(surface->slots);
	}
}

static bool handle_commit(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = request_surface(request);
	if (surface != nullptr && surface->pending.attached) {
		surface->pending.attached = false;
		struct guest_buffer *buffer = guest_buffer_get(client, surface->pending.buffer_id);
		if (buffer != nullptr) {
			return commit_pixels(client, surface, buffer);
		}
		commit_attached(client, surface);
	}
	guest_outbox_add(client, request->bytes, request->size, true);
	return true;
}

static void frame_release_buffer(struct guest_frame *frame)
{
	struct guest_buffer *buffer = vx_take_ptr(frame->buffer);
	if (buffer != nullptr) {
		guest_buffer_release(buffer);
		guest_buffer_unref(buffer);
	}
}

static bool frame_copy_pixels(struct guest_frame *frame, struct slot *slot, struct vx_error *err)
{
	const struct guest_pixels *pixels = &frame->surface->client->server->pixels;
	const struct slot_geometry *source = &frame->buffer->geometry;
	const uint8_t *first = pool_map_buffer(frame->buffer->pool, source, err);
	if (first == nullptr) {
		return false;
	}
	const struct pixel_copy copy = {
		.target = pixels->region->data + slot->geometry.offset,
		.source = first,
		.target_stride = slot->geometry.stride,
		.source_stride = source->stride,
		.width = source->width,
		.height = source->height,
		.bytes_per_pixel = source->format->bytes_per_pixel,
		.streaming = pixels->region->streaming,
	};
	return pixel_copy_damage(&copy, &slot->damage) ||
	       vx_error_set(err, "the buffer's file is shorter than its pool");
}

/*
 * Slots take a frame's size and damage on when its turn comes, not when it is committed: frames of
 * the same surface may be waiting ahead of it, of another size.
 */
static bool frame_copy(struct guest_frame *frame, struct vx_error *err)
{
	struct slots *slots = frame->surface->slots;
	const struct slot_geometry *source = &frame->buffer->geometry;
	if (!slots_configure(slots, source->width, source->height, source->format->code, err)) {
		return false;
	}
	slots_add_damage(slots, &frame->damage);
	damage_clear(&frame->damage);
	struct slot *slot = slots_acquire(slots);
	if (slot == nullptr) {
		return true;
	}
	if (!frame_copy_pixels(frame, slot, err)) {
		slots_cancel(slots, slot);
		return false;
	}
	frame->slot = slot;
	inline_cursor_init(&frame->cursor, &slot->geometry, &slot->damage);
	frame_release_buffer(frame);
	return true;
}

enum guest_frame_state guest_frame_copy(struct guest_frame *frame)
{
	struct guest_client *client = frame->surface->client;
	vx_cleanup_error struct vx_error err = {};
	if (frame->slot == nullptr && !frame_copy(frame, &err)) {
		guest_client_post_error(client, frame->buffer->id, WL_SHM_ERROR_INVALID_FD, "%s",
			vx_error_message(&err));
		return GUEST_FRAME_FAILED;
	}
	if (frame->slot == nullptr) {
		return GUEST_FRAME_WAITING;
	}
	return client->server->pixels.encoder == nullptr ? GUEST_FRAME_COMPLETE
							 : GUEST_FRAME_COPIED;
}

bool guest_frame_encode(struct guest_frame *frame, struct vx_buffer *output)
{
	struct guest_pixels *pixels = &frame->surface->client->server->pixels;
	const struct slot_geometry *geometry = &frame->cursor.geometry;
	size_t size = inline_encode(
		pixels->encoder, &frame->cursor, pixels->region->data, pixels->chunk);
	return size > 0 &&
	       wire_write(output, 0, VIXOS_FORWARD_V1_PIXELS, "uuuuua", geometry->offset,
		       geometry->width, geometry->height, geometry->stride, geometry->format->code,
		       size, (const void *)pixels->chunk);
}

void guest_frame_present(struct guest_frame *frame, struct vx_buffer *output)
{
	struct guest_surface *surface = frame->surface;
	struct slot *slot = vx_take_ptr(frame->slot);
	const struct slot_geometry *geometry = &slot->geometry;
	struct damage damage;
	slots_present(surface->slots, slot, &damage);
	(void)wire_write(output, 0, VIXOS_FORWARD_V1_PRESENT, "ouuuuuuii", surface->id, slot->id,
		geometry->offset, geometry->width, geometry->height, geometry->stride,
		geometry->format->code, frame->x, frame->y);
	(void)wire_write(output, surface->id, WL_SURFACE_COMMIT, "");
}

void guest_frame_destroy(struct guest_frame *frame)
{
	if (frame == nullptr) {
		return;
	}
	if (frame->slot != nullptr) {
		slots_cancel(frame->surface->slots, frame->slot);
	}
	frame_release_buffer(frame);
	free(frame);
}

/* A viewport's surface is looked up when it is used: either may be destroyed first. */
static bool handle_get_viewport(struct guest_client *client, struct guest_request *request)
{
	if (!guest_client_forward(client, request)) {
		return false;
	}
	struct guest_object *object = guest_objects_get(&client->objects, request->args[0].u);
	uint32_t *surface_id = vx_new(surface_id);
	*surface_id = request->args[1].u;
	object->data = surface_id;
	object->destroy_data = free;
	return true;
}

static struct guest_surface *viewport_surface(
	const struct guest_client *client, const struct guest_request *request)
{
	const uint32_t *id = request->object->data;
	const struct guest_object *object = id == nullptr
						    ? nullptr
						    : guest_objects_get(&client->objects, *id);
	return object != nullptr && strcmp(object->interface->name, "wl_surface") == 0
		       ? object->data
		       : nullptr;
}

static bool handle_viewport_set_source(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = viewport_surface(client, request);
	if (surface != nullptr) {
		bool unset = request->args[2].i < 0;
		surface->mapping.source_x = request->args[0].i;
		surface->mapping.source_y = request->args[1].i;
		surface->mapping.source_width = unset ? -1 : request->args[2].i;
		surface->mapping.source_height = unset ? -1 : request->args[3].i;
	}
	return guest_client_forward(client, request);
}

static bool handle_viewport_set_destination(
	struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = viewport_surface(client, request);
	if (surface != nullptr) {
		surface->mapping.destination_width = request->args[0].i;
		surface->mapping.destination_height = request->args[1].i;
	}
	return guest_client_forward(client, request);
}

static bool handle_viewport_destroy(struct guest_client *client, struct guest_request *request)
{
	struct guest_surface *surface = viewport_surface(client, request);
	if (surface != nullptr) {
		surface->mapping.source_width = surface->mapping.source_height = -1;
		surface->mapping.destination_width = surface->mapping.destination_height = -1;
	}
	return guest_client_forward(client, request);
}

static const struct guest_request_handler handlers[] = {
	{"wl_compositor", "create_surface", handle_create_surface},
	{"wl_surface", "destroy", handle_destroy},
	{"wl_surface", "attach", handle_attach},
	{"wl_surface", "damage", handle_damage},
	{"wl_surface", "damage_buffer", handle_damage_buffer},
	{"wl_surface", "set_buffer_scale", handle_set_buffer_scale},
	{"wl_surface", "set_buffer_transform", handle_set_buffer_transform},
	{"wl_surface", "commit", handle_commit},
	{"wp_viewporter", "get_viewport", handle_get_viewport},
	{"wp_viewport", "set_source", handle_viewport_set_source},
	{"wp_viewport", "set_destination", handle_viewport_set_destination},
	{"wp_viewport", "destroy", handle_viewport_destroy},
};

void guest_surface_install(struct wire_interfaces *interfaces)
{
	guest_install_requests(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
