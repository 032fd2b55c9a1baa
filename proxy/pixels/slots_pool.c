/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/slots_pool.h"

#include <string.h>

#include "common/log.h"
#include "common/memory.h"

struct slots_pool *slots_pool_create(uint64_t region_size)
{
	struct slots_pool *pool = vx_new(pool);
	region_space_init(&pool->space, region_size);
	return pool;
}

void slots_pool_destroy(struct slots_pool *pool)
{
	if (pool == nullptr) {
		return;
	}
	vx_assert(pool->first == nullptr);
	for (size_t i = 0; i < slots_per_vm_max; i++) {
		free(pool->table[i]);
	}
	region_space_finish(&pool->space);
	free(pool);
}

uint64_t slots_pool_get_used(const struct slots_pool *pool)
{
	return pool->space.used;
}

/* Index of an unused id, round robin so that a released id rests for a while; or slots_per_vm_max.
 */
static uint32_t find_unused_id(struct slots_pool *pool)
{
	for (uint32_t i = 0; i < slots_per_vm_max; i++) {
		uint32_t index = (pool->next_id + i) % slots_per_vm_max;
		if (pool->table[index] == nullptr) {
			pool->next_id = index + 1;
			return index;
		}
	}
	return slots_per_vm_max;
}

/* The free slot, of any surface, that was presented longest ago. */
static struct slot *find_idle(struct slots_pool *pool)
{
	struct slot *idle = nullptr;
	for (struct slots *slots = pool->first; slots != nullptr; slots = slots->next) {
		for (unsigned i = 0; i < slots->count; i++) {
			struct slot *slot = slots->slots[i];
			if (slot->state == SLOT_FREE &&
				(idle == nullptr || slot->last_presented < idle->last_presented)) {
				idle = slot;
			}
		}
	}
	return idle;
}

/* What an idle slot holds can be copied again, so it yields to a surface that has something to
 * show. */
static bool give_up_idle(struct slots_pool *pool)
{
	struct slot *idle = find_idle(pool);
	if (idle == nullptr) {
		return false;
	}
	slots_forget(idle->slots, idle);
	slots_pool_give(pool, idle);
	return true;
}

struct slot *slots_pool_take(struct slots_pool *pool, const struct slot_claim *claim)
{
	uint64_t length = (uint64_t)claim->stride * claim->height;
	length = (length + slot_alignment - 1) / slot_alignment * slot_alignment;
	uint32_t index = find_unused_id(pool);
	while (index == slots_per_vm_max) {
		if (!give_up_idle(pool)) {
			return nullptr;
		}
		index = find_unused_id(pool);
	}
	struct slot_claim placed = *claim;
	while (!region_space_take(&pool->space, length, &placed.offset)) {
		if (!give_up_idle(pool)) {
			return nullptr;
		}
	}
	struct slot *slot = vx_new(slot);
	slot->id = index + 1;
	slot->region_length = length;
	bool fits = slot_check(&placed, pool->space.size, &slot->geometry, nullptr);
	vx_assert(fits);
	damage_set_all(&slot->damage, (int32_t)claim->width, (int32_t)claim->height);
	pool->table[index] = slot;
	return slot;
}

void slots_pool_give(struct slots_pool *pool, struct slot *slot)
{
	vx_assert(pool->table[slot->id - 1] == slot);
	pool->table[slot->id - 1] = nullptr;
	region_space_give(&pool->space, slot->geometry.offset, slot->region_length);
	free(slot);
}

static struct slots *find_waiting(struct slots_pool *pool)
{
	for (struct slots *slots = pool->first; slots != nullptr; slots = slots->next) {
		if (slots->waiting && slots->pass != pool->pass) {
			return slots;
		}
	}
	return nullptr;
}

void slots_pool_wake(struct slots_pool *pool)
{
	/* Looks from the start each time, because a callback may destroy any surface; asks each
	 * once. */
	pool->pass++;
	for (struct slots *slots = find_waiting(pool); slots != nullptr;
		slots = find_waiting(pool)) {
		slots->pass = pool->pass;
		slots->waiting = false;
		slots->listener->available(slots, slots->data);
	}
}

/* Back from the host: free for its surface, or gone if that has a new size or doesn't exist. */
static void take_back(struct slots_pool *pool, struct slot *slot)
{
	slot->state = SLOT_FREE;
	if (slot->slots == nullptr) {
		slots_pool_give(pool, slot);
	} else if (slot->retired) {
		slots_forget(slot->slots, slot);
		slots_pool_give(pool, slot);
	}
}

bool slots_pool_release(struct slots_pool *pool, uint32_t untrusted_id)
{
	if (untrusted_id == 0 || untrusted_id > slots_per_vm_max) {
		return false;
	}
	struct slot *slot = pool->table[untrusted_id - 1];
	if (slot == nullptr || slot->state != SLOT_PRESENTED) {
		return false;
	}
	take_back(pool, slot);
	slots_pool_wake(pool);
	return true;
}

void slots_pool_release_all(struct slots_pool *pool)
{
	for (size_t i = 0; i < slots_per_vm_max; i++) {
		if (pool->table[i] != nullptr && pool->table[i]->state == SLOT_PRESENTED) {
			take_back(pool, pool->table[i]);
		}
	}
	slots_pool_wake(pool);
}
