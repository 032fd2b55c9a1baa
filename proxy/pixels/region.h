/* SPDX-License-Identifier: MIT */
/*
 * The pixel region: memory that slots lie in.
 *
 *   guest, shared    pixel_region_map_shared(): the ivshmem device's BAR 2. Write only, never read:
 *                    its memory may be uncached for the guest.
 *   guest, inline    pixel_region_create_private(): where slots are kept until they were sent.
 *   host, shared     pixel_region_open(): the same memory's file, for wl_shm_create_pool. Not
 * mapped. host, inline     pixel_region_create_private(): what the decoder writes and the
 * compositor reads.
 */
#ifndef PROXY_PIXELS_REGION_H
#define PROXY_PIXELS_REGION_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

static constexpr size_t pixel_region_size_max = 1024 * 1024 * 1024; /* wl_shm pools have 31 bits */
static constexpr size_t pixel_region_size_inline = 256 * 1024 *
						   1024; /* sparse: touched pages count */

struct pixel_region {
	uint8_t *data;           /* mapping, owned; NULL on the host where it isn't mapped */
	size_t size;             /* bytes, a multiple of the page size */
	int fd;                  /* owned; -1 where there is none (guest's device) */
	bool streaming;          /* write with non-temporal stores */
	uint32_t write_mb_per_s; /* measured; 0 if it wasn't */
	const char *source;      /* static: for log lines, how the memory was found */
};

static constexpr struct pixel_region pixel_region_unset = {.fd = -1};

/*
 * Guest: maps the first PCI device 1af4:1110's BAR 2 through sysfs (write-combining if offered), or
 * the file `path` where that isn't NULL. Then measures for a few milliseconds how fast it can be
 * written (the first bytes of the region are overwritten) and sets `streaming`. False where there
 * is no device; the caller then falls back to inline pixels.
 */
bool pixel_region_map_shared(
	struct pixel_region *ret_region, const char *path, struct vx_error *err);

/* The same with another folder than /sys/bus/pci/devices, for tests. */
bool pixel_region_map_device(
	struct pixel_region *ret_region, const char *devices_folder, struct vx_error *err);

/*
 * Host: opens the file behind the device. It must be a regular file of ours that nobody else can
 * write, its size a multiple of the page size and at most pixel_region_size_max.
 */
bool pixel_region_open(struct pixel_region *ret_region, const char *path, struct vx_error *err);

/* Memory of our own: a memfd of `size` bytes, sealed against any change of size, mapped. */
bool pixel_region_create_private(
	struct pixel_region *ret_region, size_t size, struct vx_error *err);

/* Unmaps and closes; pixel_region_unset may be given. */
void pixel_region_finish(struct pixel_region *region);

#endif
