/* SPDX-License-Identifier: MIT */
/*
 * Guest: slots of the region, and each surface's swapchain of them.
 *
 * Every slot knows what changed since it was last written: a commit's damage is added to all slots
 * of the surface, and presenting a slot clears its own. So the copy is exact whatever order the
 * host releases slots in, and nobody guesses at the client's buffers.
 *
 * One commit with a new buffer:
 *
 *	slots_configure(slots, width, height, format, &err);  size or format may have changed
 *	slots_add_damage(slots, &damage);                     in buffer coordinates
 *	slot = slots_acquire(slots);                          NULL: keep the client's buffer, wait
 * for the slots_listener's `available`, merge commits pixel_copy_damage(&copy, &slot->damage);
 *         or inline_encoder over the same damage slots_present(slots, slot, &frame_damage);     the
 * slot is the host's now … slots_pool_release(pool, id)                        when the host says
 * so
 */
#ifndef PROXY_PIXELS_SLOTS_H
#define PROXY_PIXELS_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "proxy/pixels/damage.h"
#include "proxy/pixels/slot_check.h"

static constexpr unsigned slots_per_surface_max = 4;
static constexpr unsigned slots_per_vm_max = 4096;

struct slots;      /* one surface's */
struct slots_pool; /* the whole region's */

enum slot_state : unsigned {
	SLOT_FREE,
	SLOT_ACQUIRED,  /* being written */
	SLOT_PRESENTED, /* the host's */
};

struct slot {
	uint32_t id; /* 1 … slots_per_vm_max, unique among live slots; not reused before released */
	struct slot_geometry geometry;
	enum slot_state state;
	struct damage damage; /* what it lacks; fixed while it is acquired */
	struct slots *slots; /* borrowed; NULL once the surface let go of a slot that the host still
				has */
	/* for slots.c and slots_pool.c only */
	struct damage later_damage; /* added since it was acquired */
	struct damage frame_damage; /* the surface's, up to when it was acquired */
	uint64_t region_length;     /* bytes taken from the region */
	uint64_t last_presented;    /* counts presents of the whole region */
	bool retired;               /* of an old size; goes when the host releases it */
};

struct slots_listener {
	/* After slots_acquire() failed: it may succeed now. */
	void (*available)(struct slots *slots, void *data);
};

/* Hands out a region of `region_size` bytes. */
[[nodiscard, gnu::returns_nonnull]] struct slots_pool *slots_pool_create(uint64_t region_size);
/* All surfaces' slots must be destroyed before. NULL is allowed. */
void slots_pool_destroy(struct slots_pool *pool);

/*
 * The host released slot `untrusted_id`. False where there is no such slot with the host: the host
 * is confused, drop the link. May call `available` of the slot's surface and of others that wait
 * for room.
 */
[[nodiscard]] bool slots_pool_release(struct slots_pool *pool, uint32_t untrusted_id);

/* The link was lost: nothing is with the host any more. */
void slots_pool_release_all(struct slots_pool *pool);

/* Bytes of the region in live slots. */
[[nodiscard]] uint64_t slots_pool_get_used(const struct slots_pool *pool);

/* `listener` and `data` outlive the slots. */
[[nodiscard, gnu::returns_nonnull]] struct slots *slots_create(
	struct slots_pool *pool, const struct slots_listener *listener, void *data);
/*
 * Slots that the host has go back to the region when it releases them; an acquired one goes now.
 * NULL is allowed.
 */
void slots_destroy(struct slots *slots);

/*
 * The surface's buffers have this size and format from now on; a change lets the old slots go.
 * False where one such slot can never fit: sizes over slot_size_max, or larger than the region.
 */
bool slots_configure(struct slots *slots, uint32_t width, uint32_t height, uint32_t format,
	struct vx_error *err);

/* Adds damage in buffer coordinates (clipped) to each slot and to the damage of the next frame. */
void slots_add_damage(struct slots *slots, const struct damage *damage);

/*
 * A free slot to write `slot->damage` into; borrowed. NULL when the host has all slots that this
 * surface may have, or the region is full even without other surfaces' idle slots: `available`
 * tells when to try again.
 */
[[nodiscard]] struct slot *slots_acquire(struct slots *slots);

/*
 * The acquired slot was written whole: it is with the host from now on. `ret_frame_damage` gets
 * what changed between the frame before and slots_acquire(), for the host's
 * wl_surface.damage_buffer. Damage that was added after slots_acquire() belongs to the next frame;
 * a new size doesn't touch an acquired slot either.
 */
void slots_present(struct slots *slots, struct slot *slot, struct damage *ret_frame_damage);

/* Writing failed or was given up: the slot is free again and lacks everything. */
void slots_cancel(struct slots *slots, struct slot *slot);

/* Gives idle slots back to the region: for surfaces that were unmapped. */
void slots_trim(struct slots *slots);

#endif
