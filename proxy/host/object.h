/* SPDX-License-Identifier: MIT */
/*
 * The objects of one guest client. Each has two ids: the one that the guest's program chose, which
 * stands on the link, and one on the connection to the compositor. An object lives until the
 * compositor says delete_id; only then does the guest hear that its id is free.
 */
#ifndef VX_PROXY_HOST_OBJECT_H
#define VX_PROXY_HOST_OBJECT_H

#include <stdint.h>

struct wire_interface;

struct host_object {
	const struct wire_interface *interface;
	uint32_t version;
	uint32_t wire_id;    /* on the link; 0: ours, the guest doesn't know it */
	uint32_t host_id;    /* on the connection to the compositor */
	bool destroyed;      /* the guest asked for its end; delete_id is still to come */
	bool unframed;       /* wl_pointer: events were passed on since its last frame event */
	uint32_t related_id; /* host id of the surface that a viewport, subsurface or popup is of */
	uint32_t uses;       /* wl_region: rectangles so far; xdg_surface: how deep a popup it is */
	void *data;          /* what the interface's handlers keep; may be NULL */
	void (*destroy_data)(struct host_object *object); /* may be NULL */
};

struct host_objects {
	struct host_object **by_wire_id,
		**by_host_id;            /* arrays owned, by_host_id owns the objects */
	uint32_t wire_count, host_count; /* entries */
	uint32_t host_next;              /* the lowest host id never used; 0: as 1 */
	uint32_t *free_ids;              /* owned; host ids that the compositor gave back */
	uint32_t free_count, free_capacity;
};

/* NULL where there is none. */
[[nodiscard]] struct host_object *host_objects_get(
	const struct host_objects *objects, uint32_t untrusted_wire_id);
[[nodiscard]] struct host_object *host_objects_get_by_host_id(
	const struct host_objects *objects, uint32_t host_id);

/*
 * Adds an object under the lowest free id of the connection. NULL where `untrusted_wire_id` (0 for
 * one of ours) is out of range or taken.
 */
[[nodiscard]] struct host_object *host_objects_add(struct host_objects *objects,
	uint32_t untrusted_wire_id, const struct wire_interface *interface, uint32_t version);

void host_objects_remove(struct host_objects *objects, struct host_object *object);

void host_objects_finish(struct host_objects *objects);

#endif
