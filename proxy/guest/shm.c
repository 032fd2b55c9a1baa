/* SPDX-License-Identifier: MIT */
#include "guest/shm.h"

#include "common/fd.h"
#include "common/memory.h"
#include "guest/client.h"
#include "guest/server.h"
#include "pixels/format.h"
#include "pixels/pool.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

struct guest_buffer *guest_buffer_ref(struct guest_buffer *buffer)
{
	buffer->references++;
	return buffer;
}

void guest_buffer_unref(struct guest_buffer *buffer)
{
	if (--buffer->references == 0) {
		pool_unref(buffer->pool);
		free(buffer);
	}
}

static void buffer_forget_object(void *data)
{
	struct guest_buffer *buffer = data;
	buffer->id = 0;
	guest_buffer_unref(buffer);
}

struct guest_buffer *guest_buffer_get(struct guest_client *client, uint32_t id)
{
	const struct guest_object *object = guest_objects_get(&client->objects, id);
	bool is_buffer = object != nullptr && object->destroy_data == buffer_forget_object;
	return is_buffer ? object->data : nullptr;
}

void guest_buffer_release(struct guest_buffer *buffer)
{
	if (buffer->id != 0) {
		guest_client_send(buffer->client, buffer->id, WL_BUFFER_RELEASE, "");
	}
}

void guest_shm_announce(struct guest_client *client, uint32_t id)
{
	for (size_t i = 0; i < pixel_format_count(); i++) {
		guest_client_send(client, id, WL_SHM_FORMAT, "u", pixel_format_at(i)->code);
	}
}

static void pool_forget_object(void *data)
{
	pool_unref(data);
}

static bool handle_create_pool(struct guest_client *client, struct guest_request *request)
{
	vx_cleanup_error struct vx_error err = {};
	struct pool *pool = pool_create(
		client->server->pixels.budget, vx_take_fd(request->fd), request->args[2].i, &err);
	if (pool == nullptr) {
		return guest_client_post_error(
			client, request->id, WL_SHM_ERROR_INVALID_FD, "%s", vx_error_message(&err));
	}
	struct guest_object *object = guest_client_add_local(client, request->args[0].u,
		request->message->args[0].interface, request->object->version);
	if (object == nullptr) {
		pool_unref(pool);
		return false;
	}
	object->data = pool;
	object->destroy_data = pool_forget_object;
	return true;
}

static bool handle_resize(struct guest_client *client, struct guest_request *request)
{
	vx_cleanup_error struct vx_error err = {};
	return pool_resize(request->object->data, request->args[0].i, &err) ||
	       guest_client_post_error(
		       client, request->id, WL_SHM_ERROR_INVALID_FD, "%s", vx_error_message(&err));
}

static bool handle_create_buffer(struct guest_client *client, struct guest_request *request)
{
	const struct wire_value *args = request->args;
	struct pool *pool = request->object->data;
	struct slot_geometry geometry;
	vx_cleanup_error struct vx_error err = {};
	if (!pool_check_buffer(
		    pool, args[1].i, args[2].i, args[3].i, args[4].i, args[5].u, &geometry, &err)) {
		return guest_client_post_error(client, request->id, WL_SHM_ERROR_INVALID_STRIDE,
			"%s", vx_error_message(&err));
	}
	struct guest_object *object = guest_client_add_local(
		client, args[0].u, request->message->args[0].interface, request->object->version);
	if (object == nullptr) {
		return false;
	}
	struct guest_buffer *buffer = vx_new(buffer);
	*buffer = (struct guest_buffer){
		.client = client,
		.id = args[0].u,
		.references = 1,
		.pool = pool_ref(pool),
		.geometry = geometry,
	};
	object->data = buffer;
	object->destroy_data = buffer_forget_object;
	return true;
}

/* wl_buffers of other kinds live on the host. */
static bool handle_destroy(struct guest_client *client, struct guest_request *request)
{
	if (!request->object->local) {
		return guest_client_forward(client, request);
	}
	guest_client_remove_local(client, request->id);
	return true;
}

static const struct guest_request_handler handlers[] = {
	{"wl_shm", "create_pool", handle_create_pool},
	{"wl_shm", "release", handle_destroy},
	{"wl_shm_pool", "create_buffer", handle_create_buffer},
	{"wl_shm_pool", "resize", handle_resize},
	{"wl_shm_pool", "destroy", handle_destroy},
	{"wl_buffer", "destroy", handle_destroy},
};

void guest_shm_install(struct wire_interfaces *interfaces)
{
	guest_install_requests(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
