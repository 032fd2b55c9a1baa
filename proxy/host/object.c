/* SPDX-License-Identifier: MIT */
#include "host/object.h"

#include <string.h>

#include "common/memory.h"
#include "host/limits.h"

static void array_grow(struct host_object ***array, uint32_t *count, uint32_t needed)
{
	if (needed <= *count) {
		return;
	}
	uint32_t new_count = *count < 64 ? 64 : *count;
	while (new_count < needed) {
		new_count *= 2;
	}
	*array = vx_reallocarray(*array, new_count, sizeof(**array));
	memset(*array + *count, 0, (new_count - *count) * sizeof(**array));
	*count = new_count;
}

struct host_object *host_objects_get(const struct host_objects *objects, uint32_t untrusted_wire_id)
{
	return untrusted_wire_id < objects->wire_count ? objects->by_wire_id[untrusted_wire_id]
						       : nullptr;
}

struct host_object *host_objects_get_by_host_id(
	const struct host_objects *objects, uint32_t host_id)
{
	return host_id < objects->host_count ? objects->by_host_id[host_id] : nullptr;
}

/* Compositors accept the id that follows the highest so far, or one that they have given back. */
static uint32_t take_host_id(struct host_objects *objects)
{
	if (objects->free_count > 0) {
		return objects->free_ids[--objects->free_count];
	}
	if (objects->host_next == 0) {
		objects->host_next = 1;
	}
	array_grow(&objects->by_host_id, &objects->host_count, objects->host_next + 1);
	return objects->host_next++;
}

static void give_back_host_id(struct host_objects *objects, uint32_t id)
{
	if (objects->free_count == objects->free_capacity) {
		objects->free_capacity = objects->free_capacity == 0 ? 64
								     : 2 * objects->free_capacity;
		objects->free_ids = vx_reallocarray(
			objects->free_ids, objects->free_capacity, sizeof(*objects->free_ids));
	}
	objects->free_ids[objects->free_count++] = id;
}

struct host_object *host_objects_add(struct host_objects *objects, uint32_t untrusted_wire_id,
	const struct wire_interface *interface, uint32_t version)
{
	if (untrusted_wire_id > limit_wire_id ||
		(untrusted_wire_id != 0 &&
			host_objects_get(objects, untrusted_wire_id) != nullptr)) {
		return nullptr;
	}
	struct host_object *object = vx_new(object);
	object->interface = interface;
	object->version = version;
	object->wire_id = untrusted_wire_id;
	object->host_id = take_host_id(objects);
	objects->by_host_id[object->host_id] = object;
	if (untrusted_wire_id != 0) {
		array_grow(&objects->by_wire_id, &objects->wire_count, untrusted_wire_id + 1);
		objects->by_wire_id[untrusted_wire_id] = object;
	}
	return object;
}

static void object_destroy(struct host_object *object)
{
	if (object->destroy_data != nullptr) {
		object->destroy_data(object);
	}
	free(object);
}

void host_objects_remove(struct host_objects *objects, struct host_object *object)
{
	objects->by_host_id[object->host_id] = nullptr;
	give_back_host_id(objects, object->host_id);
	if (object->wire_id != 0) {
		objects->by_wire_id[object->wire_id] = nullptr;
	}
	object_destroy(object);
}

void host_objects_finish(struct host_objects *objects)
{
	for (uint32_t id = 0; id < objects->host_count; id++) {
		if (objects->by_host_id[id] != nullptr) {
			object_destroy(objects->by_host_id[id]);
		}
	}
	free(objects->by_host_id);
	free(objects->by_wire_id);
	free(objects->free_ids);
	*objects = (struct host_objects){};
}
