/* SPDX-License-Identifier: MIT */
/* Damage, checks of slots, the guarded copy, pools, regions and inline chunks. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fd.h"
#include "common/memory.h"
#include "proxy/pixels/copy.h"
#include "proxy/pixels/damage.h"
#include "proxy/pixels/format.h"
#include "proxy/pixels/inline.h"
#include "proxy/pixels/pool.h"
#include "proxy/pixels/region.h"
#include "proxy/pixels/slot_check.h"

static uint32_t next_random(uint64_t *random, uint32_t below)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*random >> 33) % below;
}

/* --- damage --- */

static constexpr int32_t grid = 48;

static void assert_covers(const struct damage *damage, const bool (*dirty)[grid])
{
	assert_true(damage->count <= damage_rects_max);
	for (int32_t y = 0; y < grid; y++) {
		for (int32_t x = 0; x < grid; x++) {
			bool covered = false;
			for (uint32_t i = 0; i < damage->count; i++) {
				const struct damage_rect *r = &damage->rects[i];
				covered |= x >= r->x1 && x < r->x2 && y >= r->y1 && y < r->y2;
			}
			assert_true(covered || !dirty[y][x]);
		}
	}
	for (uint32_t i = 0; i < damage->count; i++) {
		const struct damage_rect *r = &damage->rects[i];
		assert_true(0 <= r->x1 && r->x1 < r->x2 && r->x2 <= grid);
		assert_true(0 <= r->y1 && r->y1 < r->y2 && r->y2 <= grid);
	}
}

static void test_damage_covers_what_was_added(void **state)
{
	uint64_t random = 7;
	for (unsigned round = 0; round < 300; round++) {
		struct damage damage = {};
		bool dirty[grid][grid] = {};
		for (unsigned i = 0; i < 60; i++) {
			int32_t x = (int32_t)next_random(&random, 80) - 16;
			int32_t y = (int32_t)next_random(&random, 80) - 16;
			int32_t width = (int32_t)next_random(&random, 12) - 2;
			int32_t height = (int32_t)next_random(&random, 12) - 2;
			damage_add(&damage, grid, grid, x, y, width, height);
			for (int32_t v = y; v < y + height; v++) {
				for (int32_t u = x; u < x + width; u++) {
					if (u >= 0 && v >= 0 && u < grid && v < grid) {
						dirty[v][u] = true;
					}
				}
			}
		}
		assert_covers(&damage, dirty);
	}
}

static void test_damage_takes_any_numbers(void **state)
{
	static const int32_t values[] = {
		INT32_MIN, INT32_MIN + 1, -1, 0, 1, 99, 100, INT32_MAX - 1, INT32_MAX};
	static constexpr size_t count = VX_ARRAY_LENGTH(values);
	for (size_t i = 0; i < count * count * count * count; i++) {
		struct damage damage = {};
		damage_add(&damage, 100, 100, values[i % count], values[i / count % count],
			values[i / count / count % count], values[i / count / count / count]);
		assert_true(damage_area(&damage) <= 100 * 100);
	}
	struct damage damage = {};
	damage_add(&damage, 100, 50, 0, 0, INT32_MAX, INT32_MAX);
	assert_int_equal(damage_area(&damage), 5000);
	damage_clear(&damage);
	damage_add(&damage, 100, 50, INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX);
	assert_true(damage_is_empty(&damage));
	damage_add(&damage, INT32_MAX, INT32_MAX, 0, 0, INT32_MAX, INT32_MAX);
	damage_add(&damage, INT32_MAX, INT32_MAX, INT32_MAX - 1, 0, INT32_MAX, INT32_MAX);
	assert_int_equal(damage.count, 1);
}

/* Where a pixel of the buffer shows on the surface, the slow way. */
static void buffer_to_surface(
	const struct damage_mapping *mapping, double x, double y, double *ret_x, double *ret_y)
{
	double w = mapping->width, h = mapping->height;
	/* The compositor applies the inverse of the transform that the client applied. */
	const double transformed[8][2] = {{x, y}, {h - y, x}, {w - x, h - y}, {y, w - x},
		{w - x, y}, {y, x}, {x, h - y}, {h - y, w - x}};
	*ret_x = transformed[mapping->transform][0] / mapping->scale;
	*ret_y = transformed[mapping->transform][1] / mapping->scale;
	bool turned = mapping->transform % 2 == 1;
	double source_x = 0, source_y = 0;
	double source_w = (turned ? h : w) / mapping->scale;
	double source_h = (turned ? w : h) / mapping->scale;
	if (mapping->source_width > 0) {
		source_x = mapping->source_x / 256.0;
		source_y = mapping->source_y / 256.0;
		source_w = mapping->source_width / 256.0;
		source_h = mapping->source_height / 256.0;
	}
	double wide = mapping->destination_width > 0 ? mapping->destination_width : source_w;
	double high = mapping->destination_width > 0 ? mapping->destination_height : source_h;
	*ret_x = (*ret_x - source_x) * wide / source_w;
	*ret_y = (*ret_y - source_y) * high / source_h;
	/* What a viewport cuts off shows nowhere. */
	if (*ret_x > wide || *ret_y > high) {
		*ret_x = *ret_y = -1;
	}
}

static struct damage_mapping random_mapping(uint64_t *random)
{
	struct damage_mapping mapping = {
		.width = 8 + (int32_t)next_random(random, 32),
		.height = 8 + (int32_t)next_random(random, 32),
		.scale = 1 + (int32_t)next_random(random, 3),
		.transform = next_random(random, 8),
		.source_width = -1,
		.source_height = -1,
		.destination_width = -1,
		.destination_height = -1,
	};
	if (next_random(random, 2) == 0) {
		mapping.source_x = (int32_t)next_random(random, 256);
		mapping.source_y = (int32_t)next_random(random, 256);
		mapping.source_width = 64 + (int32_t)next_random(random, 256);
		mapping.source_height = 64 + (int32_t)next_random(random, 256);
		mapping.destination_width = 1 + (int32_t)next_random(random, 60);
		mapping.destination_height = 1 + (int32_t)next_random(random, 60);
	}
	return mapping;
}

/* A buffer pixel whose middle shows inside a damaged rectangle of the surface has to be damaged. */
static void check_mapping(const struct damage_mapping *mapping, const struct damage_rect *rect)
{
	struct damage surface_damage = {}, damage = {};
	damage_add(&surface_damage, INT32_MAX, INT32_MAX, rect->x1, rect->y1, rect->x2 - rect->x1,
		rect->y2 - rect->y1);
	damage_add_surface_damage(&damage, mapping, &surface_damage);
	bool dirty[grid][grid] = {};
	for (int32_t y = 0; y < mapping->height; y++) {
		for (int32_t x = 0; x < mapping->width; x++) {
			double u, v;
			buffer_to_surface(mapping, x + 0.5, y + 0.5, &u, &v);
			dirty[y][x] = u > rect->x1 && u < rect->x2 && v > rect->y1 && v < rect->y2;
		}
	}
	assert_covers(&damage, dirty);
	for (uint32_t i = 0; i < damage.count; i++) {
		assert_true(damage.rects[i].x2 <= mapping->width);
		assert_true(damage.rects[i].y2 <= mapping->height);
	}
}

static void test_surface_damage_reaches_the_buffer(void **state)
{
	uint64_t random = 11;
	for (unsigned round = 0; round < 20'000; round++) {
		struct damage_mapping mapping = random_mapping(&random);
		int32_t x = (int32_t)next_random(&random, 50);
		int32_t y = (int32_t)next_random(&random, 50);
		struct damage_rect rect = {x, y, x + 1 + (int32_t)next_random(&random, 20),
			y + 1 + (int32_t)next_random(&random, 20)};
		check_mapping(&mapping, &rect);
	}
}

static void test_hostile_mappings_damage_all_or_less(void **state)
{
	static const int32_t values[] = {INT32_MIN, -1, 0, 1, 256, INT32_MAX};
	static constexpr size_t count = VX_ARRAY_LENGTH(values);
	for (size_t i = 0; i < count * count * count * count; i++) {
		struct damage_mapping mapping = {
			.width = 100,
			.height = 60,
			.scale = values[i % count],
			.transform = (uint32_t)values[i / count % count],
			.source_x = values[i / count / count % count],
			.source_y = 256,
			.source_width = values[i / count / count / count],
			.source_height = INT32_MAX,
			.destination_width = values[i % count],
			.destination_height = INT32_MAX,
		};
		struct damage surface_damage = {}, damage = {};
		damage_add(&surface_damage, INT32_MAX, INT32_MAX, 0, 0, INT32_MAX, INT32_MAX);
		damage_add_surface_damage(&damage, &mapping, &surface_damage);
		assert_true(damage_area(&damage) <= 100 * 60);
	}
}

/* --- what guests and clients claim --- */

static void test_slot_claims(void **state)
{
	static constexpr uint64_t size = 1024 * 1024;
	static const struct {
		struct slot_claim claim;
		bool good;
	} cases[] = {
		{{0, 100, 100, 400, 0}, true},
		{{4096, 100, 100, 448, 1}, true},
		{{size - 4096, 32, 32, 128, 1}, true},
		{{size, 32, 32, 128, 1}, false},
		{{size - 4096, 33, 32, 132, 1}, false},
		{{1, 100, 100, 400, 0}, false},
		{{0, 0, 100, 400, 0}, false},
		{{0, 100, 0, 400, 0}, false},
		{{0, 100, 100, 399, 0}, false},
		{{0, 100, 100, 402, 0}, false},
		{{0, 100, 100, 400, 0x20202020}, false},
		{{0, 16385, 1, 65540, 0}, false},
		{{0, 1, 16385, 4, 0}, false},
		{{0, UINT32_MAX, UINT32_MAX, UINT32_MAX, 0}, false},
		{{0, 1, 16384, UINT32_MAX - 3, 0}, false},
		{{0, 1, 16384, 0x40000, 0}, false},
		{{UINT64_MAX - 4095, 1, 1, 4, 0}, false},
		{{(UINT64_C(1) << 32), 1, 1, 4, 0}, false},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct slot_geometry geometry;
		assert_int_equal(
			slot_check(&cases[i].claim, size, &geometry, nullptr), cases[i].good);
	}
	struct slot_geometry geometry;
	struct slot_claim beyond = {UINT64_C(0x7ffff000), 2, 1024, 8, 0};
	assert_false(slot_check(&beyond, UINT64_MAX, &geometry, nullptr));
	for (size_t i = 0; i < pixel_format_count(); i++) {
		assert_ptr_equal(pixel_format_find(pixel_format_at(i)->code), pixel_format_at(i));
	}
}

static int make_memfd(size_t size)
{
	int fd = memfd_create("client", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static void test_pools_map_little_and_late(void **state)
{
	struct pool_budget *budget = pool_budget_create(64 << 20);
	int fd = make_memfd(512 << 20);
	assert_int_equal(pwrite(fd, "pixels", 6, (128 << 20) + 4), 6);
	struct pool *pool = pool_create(budget, fd, 512 << 20, nullptr);
	assert_int_equal(pool_budget_get_mapped(budget), 0);
	struct slot_geometry geometry;
	assert_true(
		pool_check_buffer(pool, (128 << 20) + 4, 1000, 1000, 4000, 0, &geometry, nullptr));
	char bytes[6];
	const uint8_t *first = pool_map_buffer(pool, &geometry, nullptr);
	pixel_copy_guard_acquire();
	assert_true(pixel_copy_bytes(bytes, first, 6));
	pixel_copy_guard_release();
	assert_memory_equal(bytes, "pixels", 6);
	assert_true(pool_budget_get_mapped(budget) <= 16 << 20);
	for (int32_t offset = 0; offset < 500 << 20; offset += 9 << 20) {
		assert_true(
			pool_check_buffer(pool, offset, 1000, 1000, 4000, 0, &geometry, nullptr));
		assert_non_null(pool_map_buffer(pool, &geometry, nullptr));
		assert_true(pool_budget_get_mapped(budget) <= 64 << 20);
	}
	assert_true(pool_check_buffer(pool, 4096, 8000, 3000, 32000, 0, &geometry, nullptr));
	assert_null(pool_map_buffer(pool, &geometry, nullptr));
	pool_unref(pool_ref(pool));
	pool_unref(pool);
	assert_int_equal(pool_budget_get_mapped(budget), 0);
	pool_budget_destroy(budget);
}

static void test_pools_refuse_nonsense(void **state)
{
	struct pool_budget *budget = pool_budget_create(pool_mapped_max);
	assert_null(pool_create(budget, make_memfd(100), 0, nullptr));
	assert_null(pool_create(budget, make_memfd(100), -1, nullptr));
	assert_null(pool_create(budget, open("/dev/zero", O_RDONLY | O_CLOEXEC), 100, nullptr));
	assert_null(pool_create(budget, open("/", O_RDONLY | O_CLOEXEC), 100, nullptr));
	struct pool *pool = pool_create(budget, make_memfd(4000), 4000, nullptr);
	static const struct {
		int32_t offset, width, height, stride;
		bool good;
	} cases[] = {
		{0, 10, 100, 40, true},
		{1, 10, 99, 40, true},
		{1, 10, 100, 40, false},
		{-1, 10, 1, 40, false},
		{0, 11, 1, 40, false},
		{0, 0, 1, 40, false},
		{0, INT32_MAX, 1, INT32_MAX, false},
		{0, 1, INT32_MAX, 4, false},
		{INT32_MAX, 1, 1, INT32_MAX, false},
		{0, 1, 16384, INT32_MAX, false},
		{0, 1, 1, -4, false},
		{INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN, false},
	};
	struct slot_geometry geometry;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		assert_int_equal(pool_check_buffer(pool, cases[i].offset, cases[i].width,
					 cases[i].height, cases[i].stride, 0, &geometry, nullptr),
			cases[i].good);
	}
	assert_false(pool_check_buffer(pool, 0, 1, 1, 4, 12345, &geometry, nullptr));
	assert_false(pool_resize(pool, 3999, nullptr));
	assert_false(pool_resize(pool, -1, nullptr));
	assert_true(pool_resize(pool, 8000, nullptr));
	assert_true(pool_check_buffer(pool, 4000, 10, 100, 40, 0, &geometry, nullptr));
	pool_unref(pool);
	pool_budget_destroy(budget);
}

/* --- the copy --- */

static bool copy_whole(uint8_t *target, const uint8_t *source, bool streaming)
{
	const struct pixel_copy copy = {
		.target = target,
		.source = source,
		.target_stride = 4096,
		.source_stride = 4096,
		.width = 1024,
		.height = 8,
		.bytes_per_pixel = 4,
		.streaming = streaming,
	};
	struct damage damage = {};
	damage_set_all(&damage, INT32_MAX, INT32_MAX);
	return pixel_copy_damage(&copy, &damage);
}

static void test_a_truncated_pool_is_the_client_s_fault(void **state)
{
	static constexpr size_t size = 8 * 4096;
	uint8_t target[size];
	vx_cleanup_close int fd = make_memfd(size);
	uint8_t *source = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
	struct sigaction before, after;
	sigaction(SIGBUS, nullptr, &before);
	pixel_copy_guard_acquire();
	for (unsigned streaming = 0; streaming < 2; streaming++) {
		assert_int_equal(ftruncate(fd, size), 0);
		assert_true(copy_whole(target, source, streaming));
		assert_int_equal(ftruncate(fd, 2 * 4096), 0);
		assert_false(copy_whole(target, source, streaming));
		assert_false(copy_whole(target, source, streaming));
		assert_true(pixel_copy_bytes(target, source, 2 * 4096));
		assert_false(pixel_copy_bytes(target, source, 2 * 4096 + 1));
	}
	pixel_copy_guard_release();
	sigaction(SIGBUS, nullptr, &after);
	assert_ptr_equal(before.sa_sigaction, after.sa_sigaction);
	munmap(source, size);
}

static void test_rows_of_any_alignment(void **state)
{
	uint8_t source[2048], target[2048];
	for (size_t i = 0; i < sizeof(source); i++) {
		source[i] = (uint8_t)(i * 7 + i / 256);
	}
	for (size_t offset = 0; offset < 70; offset++) {
		for (size_t size = 200; size < 700; size += 13) {
			memset(target, 0xee, sizeof(target));
			pixel_copy_row(target + offset, source + 3, size, true);
			assert_memory_equal(target + offset, source + 3, size);
			assert_true(offset == 0 || target[offset - 1] == 0xee);
			assert_int_equal(target[offset + size], 0xee);
		}
	}
}

/* --- regions --- */

static void write_file(const char *folder, const char *name, const char *text)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, name);
	vx_cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(vx_write_all(fd, text, strlen(text), nullptr));
}

static void test_the_device_is_found(void **state)
{
	char folder[] = "/tmp/test-pixels-XXXXXX";
	assert_non_null(mkdtemp(folder));
	vx_cleanup_free char *other = vx_printf("%s/0000:00:01.0", folder);
	vx_cleanup_free char *device = vx_printf("%s/0000:00:02.0", folder);
	struct pixel_region region = pixel_region_unset;
	vx_cleanup_error struct vx_error err = {};
	assert_false(pixel_region_map_device(&region, folder, &err));
	assert_int_equal(mkdir(other, 0700) | mkdir(device, 0700), 0);
	write_file(other, "vendor", "0x1af4\n");
	write_file(other, "device", "0x1000\n");
	write_file(device, "vendor", "0x1af4\n");
	write_file(device, "device", "0x1110\n");
	write_file(device, "resource", "0x00 0x00 0x00\n");
	assert_false(pixel_region_map_device(&region, folder, &err));
	write_file(device, "resource",
		"0x00000000febd0000 0x00000000febd00ff 0x0000000000040200\n"
		"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		"0x0000000100000000 0x00000001000fffff 0x000000000014220c\n");
	assert_false(pixel_region_map_device(&region, folder, &err));
	write_file(device, "resource2", "");
	vx_cleanup_free char *bar = vx_printf("%s/resource2", device);
	assert_int_equal(truncate(bar, 1 << 20), 0);
	assert_true(pixel_region_map_device(&region, folder, &err));
	assert_int_equal(region.size, 1 << 20);
	assert_true(region.write_mb_per_s > 0);
	region.data[region.size - 1] = 1;
	pixel_region_finish(&region);
	vx_cleanup_free char *command = vx_printf("rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void test_the_region_s_file_is_checked(void **state)
{
	char path[] = "/tmp/test-region-XXXXXX";
	vx_cleanup_close int fd = mkstemp(path);
	struct pixel_region region = pixel_region_unset;
	assert_false(pixel_region_open(&region, path, nullptr));
	assert_int_equal(ftruncate(fd, 4095), 0);
	assert_false(pixel_region_open(&region, path, nullptr));
	assert_int_equal(ftruncate(fd, (off_t)pixel_region_size_max + 4096), 0);
	assert_false(pixel_region_open(&region, path, nullptr));
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_int_equal(fchmod(fd, 0620), 0);
	assert_false(pixel_region_open(&region, path, nullptr));
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_true(pixel_region_open(&region, path, nullptr));
	assert_null(region.data);
	pixel_region_finish(&region);
	assert_true(pixel_region_map_shared(&region, path, nullptr));
	pixel_region_finish(&region);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(pixel_region_open(&region, path, nullptr));
	unlink(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_false(pixel_region_open(&region, path, nullptr));
	unlink(path);
}

/* --- inline chunks --- */

static void fill(uint8_t *bytes, size_t size, uint64_t *random, bool noise)
{
	for (size_t i = 0; i < size; i++) {
		bytes[i] = noise ? (uint8_t)next_random(random, 256) : (uint8_t)(i / 4096);
	}
}

static void check_round_trip(uint64_t *random, bool lz4)
{
	static constexpr size_t size = 4 << 20;
	struct pixel_region from = pixel_region_unset, to = pixel_region_unset;
	assert_true(pixel_region_create_private(&from, size, nullptr));
	assert_true(pixel_region_create_private(&to, size, nullptr));
	struct inline_encoder *encoder = inline_encoder_create(lz4);
	struct inline_decoder *decoder = inline_decoder_create();
	vx_cleanup_free uint8_t *chunk = vx_calloc(inline_chunk_max, 1);
	for (unsigned round = 0; round < 40; round++) {
		bool wide = round % 10 == 0;
		struct slot_claim claim = {.offset = 4096,
			.width = wide ? 16384 : 1 + next_random(random, 600),
			.height = wide ? 3 : 1 + next_random(random, 600),
			.format = pixel_format_at(next_random(random, 8))->code};
		claim.stride = claim.width * 4 + 64 * next_random(random, 2);
		struct slot_geometry geometry;
		assert_true(slot_check(&claim, size, &geometry, nullptr));
		fill(from.data, size, random, round % 2 == 0);
		memcpy(to.data, from.data, size);
		struct damage damage = {};
		for (unsigned i = 0; i < 3; i++) {
			uint32_t x = next_random(random, claim.width);
			uint32_t y = next_random(random, claim.height);
			uint32_t width = 1 + next_random(random, claim.width - x);
			uint32_t height = 1 + next_random(random, claim.height - y);
			damage_add(&damage, INT32_MAX, INT32_MAX, (int32_t)x, (int32_t)y,
				(int32_t)width, (int32_t)height);
			for (uint32_t row = y; row < y + height; row++) {
				memset(to.data + geometry.offset + row * geometry.stride + x * 4, 0,
					width * 4);
			}
		}
		struct inline_cursor cursor;
		inline_cursor_init(&cursor, &geometry, &damage);
		for (size_t bytes = inline_encode(encoder, &cursor, from.data, chunk); bytes > 0;
			bytes = inline_encode(encoder, &cursor, from.data, chunk)) {
			assert_true(bytes <= inline_chunk_max);
			assert_true(
				inline_decode(decoder, chunk, bytes, &geometry, to.data, nullptr));
		}
		assert_memory_equal(from.data, to.data, size);
	}
	inline_encoder_destroy(encoder);
	inline_decoder_destroy(decoder);
	pixel_region_finish(&from);
	pixel_region_finish(&to);
}

static void test_chunks_carry_the_damage(void **state)
{
	uint64_t random = 3;
	check_round_trip(&random, true);
	check_round_trip(&random, false);
}

static uint32_t chunk_encoding(const uint8_t *chunk)
{
	return (uint32_t)(chunk[8] | chunk[9] << 8);
}

/* Noise and then even colour, 64 chunks of each: the one is soon no longer tried, the other is. */
static void test_what_does_not_shrink_goes_raw(void **state)
{
	static constexpr size_t size = 8 << 20;
	static constexpr size_t half = 64 * inline_raw_max;
	struct slot_claim claim = {.width = 1024, .height = 2 * half / 4096, .stride = 4096};
	struct slot_geometry geometry;
	assert_true(slot_check(&claim, size, &geometry, nullptr));
	vx_cleanup_free uint8_t *region = vx_calloc(size, 1);
	vx_cleanup_free uint8_t *chunk = vx_calloc(inline_chunk_max, 1);
	uint64_t random = 5;
	fill(region, half, &random, true);
	struct damage damage = {};
	damage_set_all(&damage, 1024, (int32_t)claim.height);
	struct inline_encoder *encoder = inline_encoder_create(true);
	struct inline_cursor cursor;
	inline_cursor_init(&cursor, &geometry, &damage);
	unsigned packed[2] = {};
	for (unsigned i = 0; i < 128; i++) {
		assert_true(inline_encode(encoder, &cursor, region, chunk) > inline_header_size);
		packed[i / 64] += chunk_encoding(chunk) == INLINE_LZ4;
	}
	assert_int_equal(inline_encode(encoder, &cursor, region, chunk), 0);
	assert_int_equal(packed[0], 0);
	assert_true(packed[1] >= 64 - 16);
	inline_encoder_destroy(encoder);
}

static void test_hostile_chunks(void **state)
{
	struct slot_claim claim = {.width = 16, .height = 16, .stride = 64};
	struct slot_geometry geometry;
	assert_true(slot_check(&claim, 4096, &geometry, nullptr));
	uint8_t region[1024] = {};
	struct inline_decoder *decoder = inline_decoder_create();
	static const struct {
		uint16_t header[6];
		size_t data;
		bool good;
	} cases[] = {
		{{0, 0, 16, 16, 0, 0}, 1024, true},
		{{15, 15, 1, 1, 0, 0}, 4, true},
		{{0, 0, 16, 16, 0, 0}, 1023, false},
		{{0, 0, 16, 16, 0, 0}, 1025, false},
		{{1, 0, 16, 16, 0, 0}, 1024, false},
		{{0, 1, 16, 16, 0, 0}, 1024, false},
		{{65535, 0, 1, 1, 0, 0}, 4, false},
		{{65535, 65535, 65535, 65535, 0, 0}, 4, false},
		{{0, 0, 0, 1, 0, 0}, 4, false},
		{{0, 0, 1, 0, 0, 0}, 4, false},
		{{0, 0, 1, 1, 2, 0}, 4, false},
		{{0, 0, 1, 1, 0, 1}, 4, false},
		{{0, 0, 16, 16, 1, 0}, 1024, false},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		vx_cleanup_free uint8_t *chunk = vx_calloc(inline_header_size + cases[i].data, 1);
		memcpy(chunk, cases[i].header, inline_header_size);
		assert_int_equal(inline_decode(decoder, chunk, inline_header_size + cases[i].data,
					 &geometry, region, nullptr),
			cases[i].good);
	}
	uint8_t byte[1] = {};
	assert_false(inline_decode(decoder, byte, 0, &geometry, region, nullptr));
	inline_decoder_destroy(decoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damage_covers_what_was_added),
		cmocka_unit_test(test_damage_takes_any_numbers),
		cmocka_unit_test(test_surface_damage_reaches_the_buffer),
		cmocka_unit_test(test_hostile_mappings_damage_all_or_less),
		cmocka_unit_test(test_slot_claims),
		cmocka_unit_test(test_pools_map_little_and_late),
		cmocka_unit_test(test_pools_refuse_nonsense),
		cmocka_unit_test(test_a_truncated_pool_is_the_client_s_fault),
		cmocka_unit_test(test_rows_of_any_alignment),
		cmocka_unit_test(test_the_device_is_found),
		cmocka_unit_test(test_the_region_s_file_is_checked),
		cmocka_unit_test(test_chunks_carry_the_damage),
		cmocka_unit_test(test_what_does_not_shrink_goes_raw),
		cmocka_unit_test(test_hostile_chunks),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
