/* SPDX-License-Identifier: MIT */
#include "guest/object.h"

#include <string.h>

#include "common/memory.h"
#include "wire/message.h"

static void objects_grow(struct guest_object **array, uint32_t *count, uint32_t needed)
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

struct guest_object *guest_objects_add(struct guest_objects *objects, uint32_t id,
	const struct wire_interface *interface, uint32_t version)
{
	if (id == 0 || id >= guest_objects_max) {
		return nullptr;
	}
	objects_grow(&objects->client, &objects->client_count, id + 1);
	struct guest_object *object = &objects->client[id];
	if (object->interface != nullptr) {
		return nullptr;
	}
	*object = (struct guest_object){.interface = interface, .version = version};
	return object;
}

uint32_t guest_objects_add_server(
	struct guest_objects *objects, const struct wire_interface *interface, uint32_t version)
{
	uint32_t index = 0;
	while (index < objects->server_count && objects->server[index].interface != nullptr) {
		index++;
	}
	if (index >= guest_objects_max) {
		return 0;
	}
	objects_grow(&objects->server, &objects->server_count, index + 1);
	objects->server[index] = (struct guest_object){.interface = interface, .version = version};
	return wire_server_id_min + index;
}

struct guest_object *guest_objects_get(const struct guest_objects *objects, uint32_t id)
{
	struct guest_object *array = objects->client;
	uint32_t count = objects->client_count;
	if (id >= wire_server_id_min) {
		array = objects->server;
		count = objects->server_count;
		id -= wire_server_id_min;
	}
	return id < count && array[id].interface != nullptr ? &array[id] : nullptr;
}

static void object_finish(struct guest_object *object)
{
	struct guest_object finished = *object;
	*object = (struct guest_object){};
	if (finished.destroy_data != nullptr) {
		finished.destroy_data(finished.data);
	}
}

void guest_objects_remove(struct guest_objects *objects, uint32_t id)
{
	struct guest_object *object = guest_objects_get(objects, id);
	if (object != nullptr) {
		object_finish(object);
	}
}

void guest_objects_finish(struct guest_objects *objects)
{
	for (uint32_t i = 0; i < objects->client_count; i++) {
		object_finish(&objects->client[i]);
	}
	for (uint32_t i = 0; i < objects->server_count; i++) {
		object_finish(&objects->server[i]);
	}
	free(objects->client);
	free(objects->server);
	*objects = (struct guest_objects){};
}
