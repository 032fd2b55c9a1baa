/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/slots.h"

#include "common/log.h"
#include "common/memory.h"
#include "proxy/pixels/format.h"
#include "proxy/pixels/slots_pool.h"

/* Rows start at cache lines, which streaming stores want. */
static constexpr uint32_t stride_alignment = 64;

struct slots *slots_create(
	struct slots_pool *pool, const struct slots_listener *listener, void *data)
{
	struct slots *slots = vx_new(slots);
	slots->pool = pool;
	slots->listener = listener;
	slots->data = data;
	slots->next = pool->first;
	if (slots->next != nullptr) {
		slots->next->previous = slots;
	}
	pool->first = slots;
	return slots;
}

void slots_forget(struct slots *slots, struct slot *slot)
{
	unsigned live = slots->count + slots->retired;
	unsigned index = 0;
	while (index < live && slots->slots[index] != slot) {
		index++;
	}
	vx_assert(index < live);
	if (slot->retired) {
		slots->retired--;
	} else {
		slots->count--;
	}
	for (unsigned i = index; i + 1 < live; i++) {
		slots->slots[i] = slots->slots[i + 1];
	}
	slot->slots = nullptr;
}

/* Lets go of a slot: at once where the host doesn't have it, else when it is released. */
static void let_go(struct slots *slots, struct slot *slot)
{
	slots_forget(slots, slot);
	if (slot->state != SLOT_PRESENTED) {
		slots_pool_give(slots->pool, slot);
	}
}

void slots_destroy(struct slots *slots)
{
	if (slots == nullptr) {
		return;
	}
	struct slots_pool *pool = slots->pool;
	while (slots->count + slots->retired > 0) {
		let_go(slots, slots->slots[0]);
	}
	if (slots->next != nullptr) {
		slots->next->previous = slots->previous;
	}
	*(slots->previous != nullptr ? &slots->previous->next : &pool->first) = slots->next;
	free(slots);
}

/* Slots of the old size: free ones go, the others are kept track of until they are free. */
static void retire_all(struct slots *slots)
{
	while (slots->count > 0) {
		struct slot *slot = slots->slots[0];
		slots_forget(slots, slot);
		if (slot->state == SLOT_FREE) {
			slots_pool_give(slots->pool, slot);
			continue;
		}
		slot->slots = slots;
		slot->retired = true;
		slots->slots[slots->count + slots->retired++] = slot;
	}
}

bool slots_configure(
	struct slots *slots, uint32_t width, uint32_t height, uint32_t format, struct vx_error *err)
{
	struct slot_claim claim = {.width = width, .height = height, .format = format};
	const struct pixel_format *known = pixel_format_find(format);
	if (known != nullptr && width <= slot_size_max) {
		uint32_t row = width * known->bytes_per_pixel;
		claim.stride = (row + stride_alignment - 1) / stride_alignment * stride_alignment;
	}
	struct slot_geometry geometry;
	if (!slot_check(&claim, slots->pool->space.size, &geometry, err)) {
		return false;
	}
	if (claim.width == slots->claim.width && claim.height == slots->claim.height &&
		claim.format == slots->claim.format) {
		return true;
	}
	slots->claim = claim;
	retire_all(slots);
	damage_set_all(&slots->frame_damage, (int32_t)width, (int32_t)height);
	return true;
}

void slots_add_damage(struct slots *slots, const struct damage *damage)
{
	int32_t width = (int32_t)slots->claim.width;
	int32_t height = (int32_t)slots->claim.height;
	damage_add_damage(&slots->frame_damage, width, height, damage);
	for (unsigned i = 0; i < slots->count; i++) {
		struct slot *slot = slots->slots[i];
		bool fixed = slot->state == SLOT_ACQUIRED;
		damage_add_damage(
			fixed ? &slot->later_damage : &slot->damage, width, height, damage);
	}
}

/* The free slot that lacks least. */
static struct slot *find_free(struct slots *slots)
{
	struct slot *best = nullptr;
	uint64_t best_area = UINT64_MAX;
	for (unsigned i = 0; i < slots->count; i++) {
		struct slot *slot = slots->slots[i];
		if (slot->state != SLOT_FREE) {
			continue;
		}
		uint64_t area = damage_area(&slot->damage);
		if (area < best_area) {
			best = slot;
			best_area = area;
		}
	}
	return best;
}

static struct slot *add_slot(struct slots *slots)
{
	if (slots->count == slots_per_surface_max ||
		slots->count + slots->retired == slots_live_per_surface_max) {
		return nullptr;
	}
	struct slot *slot = slots_pool_take(slots->pool, &slots->claim);
	if (slot == nullptr) {
		return nullptr;
	}
	slot->slots = slots;
	/* The retired come after those of the present size. */
	slots->slots[slots->count + slots->retired] = slots->slots[slots->count];
	slots->slots[slots->count++] = slot;
	return slot;
}

struct slot *slots_acquire(struct slots *slots)
{
	vx_assert(slots->claim.width > 0);
	struct slot *slot = find_free(slots);
	if (slot == nullptr) {
		slot = add_slot(slots);
	}
	if (slot == nullptr) {
		slots->waiting = true;
		return nullptr;
	}
	slots->waiting = false;
	slot->state = SLOT_ACQUIRED;
	damage_clear(&slot->later_damage);
	slot->frame_damage = slots->frame_damage;
	damage_clear(&slots->frame_damage);
	return slot;
}

void slots_present(struct slots *slots, struct slot *slot, struct damage *ret_frame_damage)
{
	vx_assert(slot->slots == slots && slot->state == SLOT_ACQUIRED);
	slot->state = SLOT_PRESENTED;
	slot->last_presented = ++slots->pool->clock;
	slot->damage = slot->later_damage;
	*ret_frame_damage = slot->frame_damage;
}

void slots_cancel(struct slots *slots, struct slot *slot)
{
	vx_assert(slot->slots == slots && slot->state == SLOT_ACQUIRED);
	slot->state = SLOT_FREE;
	if (slot->retired) {
		let_go(slots, slot);
		return;
	}
	int32_t width = (int32_t)slot->geometry.width;
	int32_t height = (int32_t)slot->geometry.height;
	damage_set_all(&slot->damage, width, height);
	damage_add_damage(&slots->frame_damage, width, height, &slot->frame_damage);
}

void slots_trim(struct slots *slots)
{
	bool gave = false;
	for (unsigned i = slots->count; i-- > 0;) {
		struct slot *slot = slots->slots[i];
		if (slot->state == SLOT_FREE) {
			let_go(slots, slot);
			gave = true;
		}
	}
	if (gave) {
		slots_pool_wake(slots->pool);
	}
}
