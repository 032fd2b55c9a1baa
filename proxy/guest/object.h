/* SPDX-License-Identifier: MIT */
/* The objects of one guest client, by their Wayland id. */
#ifndef VX_PROXY_GUEST_OBJECT_H
#define VX_PROXY_GUEST_OBJECT_H

#include <stdint.h>

struct wire_interface;

static constexpr uint32_t guest_objects_max = 64 *
					      1024; /* per client; the host half may allow fewer */

struct guest_object {
	const struct wire_interface *interface; /* NULL: no object has this id */
	uint32_t version;
	bool local; /* lives in the guest half: the host half doesn't know the id */
	void *data; /* what the interface's handlers keep; may be NULL */
	void (*destroy_data)(void *data); /* may be NULL */
};

struct guest_objects {
	struct guest_object *client;         /* owned; by id */
	struct guest_object *server;         /* owned; by id - wire_server_id_min */
	uint32_t client_count, server_count; /* entries, used or not */
};

/*
 * Room for a new object with an id that its client chose; NULL where the id is taken or out of
 * range. Pointers to objects are good until the next add.
 */
[[nodiscard]] struct guest_object *guest_objects_add(struct guest_objects *objects, uint32_t id,
	const struct wire_interface *interface, uint32_t version);

/* The same with an id that we choose, for objects that events create; 0 where there are too many.
 */
[[nodiscard]] uint32_t guest_objects_add_server(
	struct guest_objects *objects, const struct wire_interface *interface, uint32_t version);

/* NULL where there is none. */
[[nodiscard]] struct guest_object *guest_objects_get(
	const struct guest_objects *objects, uint32_t id);

/* Frees the object's data and its id. */
void guest_objects_remove(struct guest_objects *objects, uint32_t id);

void guest_objects_finish(struct guest_objects *objects);

#endif
