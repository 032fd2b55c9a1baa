/* SPDX-License-Identifier: MIT */
/*
 * Guest: wl_shm pools of clients, mapped late and in part.
 *
 * Toolkits make pools of 512 MiB and pools that they never draw from, so creating one maps nothing.
 * The range of a buffer is mapped when it is first copied, as a window that is larger than the
 * buffer so that its neighbours (foot scrolls through its pool) find it mapped. All windows of a VM
 * share a budget; past it the least recently used one is unmapped, which is always possible because
 * nobody holds a mapping from one call to the next.
 */
#ifndef PROXY_PIXELS_POOL_H
#define PROXY_PIXELS_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "proxy/pixels/slot_check.h"

static constexpr size_t pool_mapped_max = 512 * 1024 *
					  1024; /* all pools together; and the largest buffer */

struct pool;
struct pool_budget;

/* One for the whole guest half; outlives its pools. */
[[nodiscard, gnu::returns_nonnull]] struct pool_budget *pool_budget_create(size_t mapped_max);
void pool_budget_destroy(struct pool_budget *budget);
/* Bytes mapped now. */
[[nodiscard]] size_t pool_budget_get_mapped(const struct pool_budget *budget);

/*
 * Takes `fd` (closed on failure too) as wl_shm.create_pool's. NULL where the size isn't positive or
 * fd is no regular file (memfds are). The caller holds the first reference.
 */
[[nodiscard]] struct pool *pool_create(
	struct pool_budget *budget, int fd, int32_t untrusted_size, struct vx_error *err);
struct pool *pool_ref(struct pool *pool);
/* NULL is allowed; with the last reference the fd is closed and all is unmapped. */
void pool_unref(struct pool *pool);

/* wl_shm_pool.resize: false where it would shrink. */
bool pool_resize(struct pool *pool, int32_t untrusted_size, struct vx_error *err);

/*
 * wl_shm_pool.create_buffer: checks the arguments in 64 bits. False with a reason fit for a
 * protocol error. `offset` in `ret_geometry` counts from the start of the pool and may have any
 * alignment.
 */
bool pool_check_buffer(const struct pool *pool, int32_t untrusted_offset, int32_t untrusted_width,
	int32_t untrusted_height, int32_t untrusted_stride, uint32_t untrusted_format,
	struct slot_geometry *ret_geometry, struct vx_error *err);

/*
 * The first pixel of a checked buffer; NULL where it can't be mapped. Borrowed until the next call
 * of any pool_ function. Read it by pixel_copy_damage() or pixel_copy_bytes() only.
 */
[[nodiscard]] const uint8_t *pool_map_buffer(
	struct pool *pool, const struct slot_geometry *geometry, struct vx_error *err);

#endif
