/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/pool.h"

#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "proxy/pixels/format.h"

/* Windows begin and end at multiples of this, where the pool goes so far. */
static constexpr uint64_t window_granule = 16 * 1024 * 1024;
static constexpr unsigned windows_per_pool = 4;

/* A mapped part of a pool. `size` 0: unused. */
struct window {
	uint8_t *data; /* owned */
	uint64_t begin, size;
	uint64_t last_used; /* pool_budget.clock then */
};

struct pool {
	struct pool_budget *budget;   /* outlives us */
	struct pool *previous, *next; /* pool_budget.first; pools with windows and without */
	struct window windows[windows_per_pool];
	uint64_t size;
	unsigned references;
	int fd; /* owned */
};

struct pool_budget {
	struct pool *first; /* may be NULL */
	uint64_t mapped, mapped_max;
	uint64_t clock; /* counts uses of windows */
};

struct pool_budget *pool_budget_create(size_t mapped_max)
{
	struct pool_budget *budget = vx_new(budget);
	budget->mapped_max = mapped_max;
	return budget;
}

void pool_budget_destroy(struct pool_budget *budget)
{
	if (budget == nullptr) {
		return;
	}
	vx_assert(budget->first == nullptr);
	free(budget);
}

size_t pool_budget_get_mapped(const struct pool_budget *budget)
{
	return budget->mapped;
}

static void unmap_window(struct pool_budget *budget, struct window *window)
{
	if (window->size > 0) {
		munmap(window->data, window->size);
		budget->mapped -= window->size;
	}
	*window = (struct window){};
}

struct pool *pool_create(
	struct pool_budget *budget, int fd, int32_t untrusted_size, struct vx_error *err)
{
	vx_cleanup_close int owned = fd;
	struct stat status;
	if (untrusted_size <= 0) {
		vx_error_set(err, "pool of %" PRId32 " bytes", untrusted_size);
		return nullptr;
	}
	if (fstat(owned, &status) < 0 || !S_ISREG(status.st_mode)) {
		vx_error_set(err, "pool's descriptor is no file");
		return nullptr;
	}
	struct pool *pool = vx_new(pool);
	pool->budget = budget;
	pool->size = (uint64_t)untrusted_size;
	pool->references = 1;
	pool->fd = vx_take_fd(owned);
	pool->next = budget->first;
	if (pool->next != nullptr) {
		pool->next->previous = pool;
	}
	budget->first = pool;
	return pool;
}

struct pool *pool_ref(struct pool *pool)
{
	pool->references++;
	return pool;
}

static void pool_destroy(struct pool *pool)
{
	for (unsigned i = 0; i < windows_per_pool; i++) {
		unmap_window(pool->budget, &pool->windows[i]);
	}
	if (pool->next != nullptr) {
		pool->next->previous = pool->previous;
	}
	*(pool->previous != nullptr ? &pool->previous->next : &pool->budget->first) = pool->next;
	close(pool->fd);
	free(pool);
}

void pool_unref(struct pool *pool)
{
	if (pool == nullptr) {
		return;
	}
	vx_assert(pool->references > 0);
	if (--pool->references == 0) {
		pool_destroy(pool);
	}
}

bool pool_resize(struct pool *pool, int32_t untrusted_size, struct vx_error *err)
{
	if (untrusted_size <= 0 || (uint64_t)untrusted_size < pool->size) {
		return vx_error_set(err, "pool of %" PRIu64 " bytes can't become %" PRId32,
			pool->size, untrusted_size);
	}
	pool->size = (uint64_t)untrusted_size;
	return true;
}

bool pool_check_buffer(const struct pool *pool, int32_t untrusted_offset, int32_t untrusted_width,
	int32_t untrusted_height, int32_t untrusted_stride, uint32_t untrusted_format,
	struct slot_geometry *ret_geometry, struct vx_error *err)
{
	const struct pixel_format *format = pixel_format_find(untrusted_format);
	if (format == nullptr) {
		return vx_error_set(err, "unknown format 0x%08" PRIx32, untrusted_format);
	}
	if (untrusted_width <= 0 || untrusted_height <= 0 || untrusted_offset < 0 ||
		untrusted_stride <= 0 || untrusted_width > (int32_t)slot_size_max ||
		untrusted_height > (int32_t)slot_size_max) {
		return vx_error_set(err, "buffer of %" PRId32 "x%" PRId32 " pixels at %" PRId32,
			untrusted_width, untrusted_height, untrusted_offset);
	}
	uint64_t row = (uint64_t)untrusted_width * format->bytes_per_pixel;
	uint64_t stride = (uint64_t)untrusted_stride;
	uint64_t length = stride * (uint64_t)untrusted_height;
	if (stride < row || (uint64_t)untrusted_offset + length > pool->size) {
		return vx_error_set(err,
			"buffer with a stride of %" PRIu64 " and %" PRIu64
			" bytes in a pool of %" PRIu64,
			stride, length, pool->size);
	}
	*ret_geometry = (struct slot_geometry){
		.offset = (uint32_t)untrusted_offset,
		.width = (uint32_t)untrusted_width,
		.height = (uint32_t)untrusted_height,
		.stride = (uint32_t)stride,
		.length = (uint32_t)length,
		.format = format,
	};
	return true;
}

static struct window *find_window(struct pool *pool, uint64_t offset, uint64_t length)
{
	for (unsigned i = 0; i < windows_per_pool; i++) {
		struct window *window = &pool->windows[i];
		if (window->size > 0 && offset >= window->begin &&
			offset + length <= window->begin + window->size) {
			return window;
		}
	}
	return nullptr;
}

/* An unused window, or the one that wasn't used for longest, unmapped. */
static struct window *take_window(struct pool *pool)
{
	struct window *oldest = &pool->windows[0];
	for (unsigned i = 1; i < windows_per_pool; i++) {
		if (pool->windows[i].last_used < oldest->last_used) {
			oldest = &pool->windows[i];
		}
	}
	unmap_window(pool->budget, oldest);
	return oldest;
}

static bool unmap_oldest(struct pool_budget *budget)
{
	struct window *oldest = nullptr;
	for (struct pool *pool = budget->first; pool != nullptr; pool = pool->next) {
		for (unsigned i = 0; i < windows_per_pool; i++) {
			struct window *window = &pool->windows[i];
			if (window->size > 0 &&
				(oldest == nullptr || window->last_used < oldest->last_used)) {
				oldest = window;
			}
		}
	}
	if (oldest == nullptr) {
		return false;
	}
	unmap_window(budget, oldest);
	return true;
}

static bool map_window(struct pool *pool, struct window *window, struct vx_error *err)
{
	struct pool_budget *budget = pool->budget;
	while (budget->mapped + window->size > budget->mapped_max) {
		if (!unmap_oldest(budget)) {
			return vx_error_set(
				err, "buffer needs %" PRIu64 " mapped bytes", window->size);
		}
	}
	void *data = mmap(nullptr, window->size, PROT_READ, MAP_SHARED | MAP_NORESERVE, pool->fd,
		(off_t)window->begin);
	if (data == MAP_FAILED) {
		return vx_error_set_errno(err, errno, "can't map a client's pool");
	}
	window->data = data;
	budget->mapped += window->size;
	return true;
}

/* The granules around a range, cut to the pool; only the range's pages where even that is over
 * budget. */
static struct window window_around(const struct pool *pool, uint64_t offset, uint64_t length)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t begin = offset / window_granule * window_granule;
	uint64_t end = (offset + length + window_granule - 1) / window_granule * window_granule;
	end = end < pool->size ? end : pool->size;
	if (end - begin > pool->budget->mapped_max) {
		begin = offset / page * page;
		end = offset + length;
	}
	return (struct window){.begin = begin, .size = end - begin};
}

const uint8_t *pool_map_buffer(
	struct pool *pool, const struct slot_geometry *geometry, struct vx_error *err)
{
	vx_assert((uint64_t)geometry->offset + geometry->length <= pool->size);
	struct window *window = find_window(pool, geometry->offset, geometry->length);
	if (window == nullptr) {
		struct window wanted = window_around(pool, geometry->offset, geometry->length);
		window = take_window(pool);
		if (!map_window(pool, &wanted, err)) {
			return nullptr;
		}
		*window = wanted;
	}
	window->last_used = ++pool->budget->clock;
	return window->data + (geometry->offset - window->begin);
}
