/* SPDX-License-Identifier: MIT */
/*
 * Surfaces that commit, resize, stall and vanish at random over one small region, against a host
 * that releases at random. After each present the slot must hold the client's buffer to the pixel,
 * and no two live slots may share a byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "proxy/pixels/copy.h"
#include "proxy/pixels/format.h"
#include "proxy/pixels/slots.h"

static constexpr size_t region_size = 96 * 4096;
static constexpr unsigned surfaces_max = 6;
static constexpr uint32_t side_max = 70;
static constexpr unsigned steps = 60'000;

struct surface {
	struct slots *slots; /* NULL: not there */
	uint32_t width, height;
	uint32_t pixels[side_max * side_max]; /* the client's buffer, packed */
	uint32_t frame[side_max * side_max];  /* the buffer when `slot` was acquired */
	struct slot *slot;                    /* being written */
	struct damage expected;               /* since the frame before */
	bool configured, waiting;
};

struct model {
	struct slots_pool *pool;
	uint8_t region[region_size];
	struct surface surfaces[surfaces_max];
	uint32_t presented[slots_per_vm_max]; /* ids with the host */
	unsigned presented_count;
	uint64_t random;
	unsigned woken, presents;
};

static uint32_t next_random(struct model *model, uint32_t below)
{
	model->random = model->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(model->random >> 33) % below;
}

static void handle_available(struct slots *slots, void *data)
{
	struct surface *surface = data;
	assert_ptr_equal(surface->slots, slots);
	surface->waiting = false;
}

static const struct slots_listener listener = {.available = handle_available};

static void surface_resize(struct model *model, struct surface *surface)
{
	surface->width = 1 + next_random(model, side_max);
	surface->height = 1 + next_random(model, side_max);
	for (size_t i = 0; i < side_max * side_max; i++) {
		surface->pixels[i] = next_random(model, UINT32_MAX);
	}
	assert_true(slots_configure(
		surface->slots, surface->width, surface->height, pixel_format_xrgb8888, nullptr));
	surface->configured = true;
}

static void surface_draw(struct model *model, struct surface *surface)
{
	struct damage damage = {};
	for (uint32_t count = next_random(model, 4); count > 0; count--) {
		uint32_t x = next_random(model, surface->width);
		uint32_t y = next_random(model, surface->height);
		uint32_t width = 1 + next_random(model, surface->width - x);
		uint32_t height = 1 + next_random(model, surface->height - y);
		uint32_t colour = next_random(model, UINT32_MAX);
		for (uint32_t row = y; row < y + height; row++) {
			for (uint32_t column = x; column < x + width; column++) {
				surface->pixels[row * surface->width + column] = colour + column;
			}
		}
		damage_add(&damage, (int32_t)surface->width, (int32_t)surface->height, (int32_t)x,
			(int32_t)y, (int32_t)width, (int32_t)height);
	}
	slots_add_damage(surface->slots, &damage);
}

static void surface_acquire(struct model *model, struct surface *surface)
{
	struct slot *slot = slots_acquire(surface->slots);
	if (slot == nullptr) {
		surface->waiting = true;
		return;
	}
	surface->waiting = false;
	assert_int_equal(slot->geometry.width, surface->width);
	assert_int_equal(slot->geometry.height, surface->height);
	memcpy(surface->frame, surface->pixels, sizeof(surface->frame));
	const struct pixel_copy copy = {
		.target = model->region + slot->geometry.offset,
		.source = (const uint8_t *)surface->pixels,
		.target_stride = slot->geometry.stride,
		.source_stride = surface->width * 4,
		.width = surface->width,
		.height = surface->height,
		.bytes_per_pixel = 4,
		.streaming = next_random(model, 2) == 0,
	};
	assert_true(pixel_copy_damage(&copy, &slot->damage));
	for (uint32_t row = 0; row < surface->height; row++) {
		assert_memory_equal(copy.target + row * copy.target_stride,
			&surface->frame[row * surface->width], surface->width * 4);
	}
	surface->slot = slot;
}

static void surface_present(struct model *model, struct surface *surface)
{
	struct damage damage;
	slots_present(surface->slots, vx_take_ptr(surface->slot), &damage);
	model->presents++;
}

static void surface_destroy(struct surface *surface)
{
	slots_destroy(vx_take_ptr(surface->slots));
	*surface = (struct surface){};
}

static void surface_step(struct model *model, struct surface *surface)
{
	uint32_t choice = next_random(model, 100);
	if (surface->slots == nullptr) {
		surface->slots = slots_create(model->pool, &listener, surface);
		surface_resize(model, surface);
	} else if (choice < 3) {
		surface_destroy(surface);
	} else if (choice < 10) {
		surface_resize(model, surface);
	} else if (choice < 14) {
		slots_trim(surface->slots);
	} else if (choice < 40) {
		surface_draw(model, surface);
	} else if (surface->slot == nullptr) {
		surface_acquire(model, surface);
	} else if (choice < 45) {
		slots_cancel(surface->slots, vx_take_ptr(surface->slot));
	} else {
		uint32_t id = surface->slot->id;
		surface_present(model, surface);
		model->presented[model->presented_count++] = id;
	}
}

static void host_release(struct model *model)
{
	if (model->presented_count == 0) {
		assert_false(slots_pool_release(model->pool, 1 + next_random(model, 20)) &&
			     model->presented_count == 0);
		return;
	}
	uint32_t index = next_random(model, model->presented_count);
	uint32_t id = model->presented[index];
	model->presented[index] = model->presented[--model->presented_count];
	assert_true(slots_pool_release(model->pool, id));
	assert_false(slots_pool_release(model->pool, id));
}

/* Live slots seen through surfaces in the making; overlap of any two shows as wrong pixels as well.
 */
static void check_acquired_apart(const struct model *model)
{
	for (unsigned i = 0; i < surfaces_max; i++) {
		const struct slot *a = model->surfaces[i].slot;
		for (unsigned j = i + 1; a != nullptr && j < surfaces_max; j++) {
			const struct slot *b = model->surfaces[j].slot;
			assert_true(b == nullptr ||
				    a->geometry.offset + a->region_length <= b->geometry.offset ||
				    b->geometry.offset + b->region_length <= a->geometry.offset);
			assert_true(b == nullptr || a->id != b->id);
		}
	}
}

/* What the host shows must not change under it: pixels of acquired slots stay until presented too.
 */
static void check_acquired_pixels(const struct model *model)
{
	for (unsigned i = 0; i < surfaces_max; i++) {
		const struct slot *slot = model->surfaces[i].slot;
		for (uint32_t row = 0; slot != nullptr && row < slot->geometry.height; row++) {
			assert_memory_equal(
				model->region + slot->geometry.offset + row * slot->geometry.stride,
				&model->surfaces[i].frame[row * slot->geometry.width],
				slot->geometry.width * 4);
		}
	}
}

static void test_random_surfaces_stay_exact(void **state)
{
	pixel_copy_guard_acquire();
	struct model *model = vx_new(model);
	model->pool = slots_pool_create(region_size);
	model->random = 20261124;
	for (unsigned step = 0; step < steps; step++) {
		surface_step(model, &model->surfaces[next_random(model, surfaces_max)]);
		if (next_random(model, 3) == 0) {
			host_release(model);
		}
		if (step % 16 == 0) {
			check_acquired_apart(model);
			check_acquired_pixels(model);
		}
		assert_true(slots_pool_get_used(model->pool) <= region_size);
	}
	assert_true(model->presents > steps / 20);
	for (unsigned i = 0; i < surfaces_max; i++) {
		surface_destroy(&model->surfaces[i]);
	}
	slots_pool_release_all(model->pool);
	assert_int_equal(slots_pool_get_used(model->pool), 0);
	slots_pool_destroy(model->pool);
	free(model);
	pixel_copy_guard_release();
}

static void test_fewer_than_five_slots(void **state)
{
	struct slots_pool *pool = slots_pool_create(1 << 20);
	struct surface surface = {};
	surface.slots = slots_create(pool, &listener, &surface);
	assert_true(slots_configure(surface.slots, 10, 10, pixel_format_argb8888, nullptr));
	uint32_t ids[slots_per_surface_max];
	struct damage damage;
	for (unsigned i = 0; i < slots_per_surface_max; i++) {
		struct slot *slot = slots_acquire(surface.slots);
		assert_non_null(slot);
		ids[i] = slot->id;
		slots_present(surface.slots, slot, &damage);
	}
	assert_null(slots_acquire(surface.slots));
	surface.waiting = true;
	assert_true(slots_pool_release(pool, ids[2]));
	assert_false(surface.waiting);
	struct slot *slot = slots_acquire(surface.slots);
	assert_int_equal(slot->id, ids[2]);
	assert_true(damage_is_empty(&slot->damage));
	slots_destroy(surface.slots);
	assert_false(slots_pool_release(pool, 0));
	assert_false(slots_pool_release(pool, UINT32_MAX));
	assert_false(slots_pool_release(pool, ids[2]));
	slots_pool_release_all(pool);
	assert_int_equal(slots_pool_get_used(pool), 0);
	slots_pool_destroy(pool);
}

/* Damage that comes while a slot is on its way belongs to the next frame, not to that one. */
static void test_damage_during_a_frame_is_kept(void **state)
{
	struct slots_pool *pool = slots_pool_create(1 << 20);
	struct surface surface = {};
	surface.slots = slots_create(pool, &listener, &surface);
	assert_true(slots_configure(surface.slots, 100, 100, pixel_format_argb8888, nullptr));
	struct slot *slot = slots_acquire(surface.slots);
	struct damage late = {};
	damage_add(&late, 100, 100, 5, 5, 10, 10);
	slots_add_damage(surface.slots, &late);
	struct damage frame;
	slots_present(surface.slots, slot, &frame);
	assert_int_equal(damage_area(&frame), 100 * 100);
	assert_int_equal(damage_area(&slot->damage), 100);
	struct slot *second = slots_acquire(surface.slots);
	slots_present(surface.slots, second, &frame);
	assert_int_equal(damage_area(&frame), 100);
	slots_destroy(surface.slots);
	slots_pool_destroy(pool);
}

static void test_idle_slots_yield(void **state)
{
	struct slots_pool *pool = slots_pool_create(8 * 4096);
	struct surface a = {}, b = {};
	struct damage damage;
	a.slots = slots_create(pool, &listener, &a);
	b.slots = slots_create(pool, &listener, &b);
	assert_true(slots_configure(a.slots, 64, 64, pixel_format_argb8888, nullptr));
	assert_true(slots_configure(b.slots, 64, 64, pixel_format_argb8888, nullptr));
	assert_false(slots_configure(b.slots, 128, 128, pixel_format_argb8888, nullptr));
	struct slot *first = slots_acquire(a.slots);
	uint32_t first_id = first->id;
	slots_present(a.slots, first, &damage);
	uint32_t second_id = slots_acquire(a.slots)->id;
	assert_null(slots_acquire(b.slots));
	b.waiting = true;
	assert_true(slots_pool_release(pool, first_id));
	assert_false(b.waiting);
	struct slot *taken = slots_acquire(b.slots);
	assert_non_null(taken);
	assert_int_not_equal(taken->id, second_id);
	slots_destroy(a.slots);
	slots_destroy(b.slots);
	slots_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_surfaces_stay_exact),
		cmocka_unit_test(test_fewer_than_five_slots),
		cmocka_unit_test(test_damage_during_a_frame_is_kept),
		cmocka_unit_test(test_idle_slots_yield),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
