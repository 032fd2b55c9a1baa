/* SPDX-License-Identifier: MIT */
/* What slots.c (a surface's swapchain) and slots_pool.c (the region) know of each other. */
#ifndef PROXY_PIXELS_SLOTS_POOL_H
#define PROXY_PIXELS_SLOTS_POOL_H

#include "proxy/pixels/region_space.h"
#include "proxy/pixels/slots.h"

/* Slots of an old size that the host still shows count against a surface, or resizing would hoard.
 */
static constexpr unsigned slots_live_per_surface_max = slots_per_surface_max + 4;

struct slots_pool {
	struct region_space space;
	struct slot *table[slots_per_vm_max]; /* by id - 1; NULL: unused id */
	uint32_t next_id;                     /* where to look for an unused one */
	struct slots *first;                  /* slots.next; may be NULL */
	uint64_t clock; /* counts presents: the idle slot with the lowest is given up first */
	uint64_t pass;  /* of waking those who wait */
};

struct slots {
	struct slots_pool *pool;       /* outlives us */
	struct slots *previous, *next; /* slots_pool.first */
	const struct slots_listener *listener;
	void *data;
	/* Of the present size, count of them; the retired (of an old size, not free) after them. */
	struct slot *slots[slots_live_per_surface_max]; /* owned */
	unsigned count, retired;
	struct slot_claim claim; /* offset unused; width 0: not configured */
	struct damage frame_damage;
	uint64_t pass;
	bool waiting; /* slots_acquire() failed since `available` was last called */
};

/* A new slot with everything damaged, for `claim`; NULL where the region or the ids are full. */
struct slot *slots_pool_take(struct slots_pool *pool, const struct slot_claim *claim);

/* Frees a slot that is in no surface's array any more. */
void slots_pool_give(struct slots_pool *pool, struct slot *slot);

/* Tells every surface that waits. Callbacks may do anything but destroy the pool. */
void slots_pool_wake(struct slots_pool *pool);

/* Takes a slot out of its surface's array. */
void slots_forget(struct slots *slots, struct slot *slot);

#endif
