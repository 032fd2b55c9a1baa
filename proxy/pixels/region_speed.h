/* SPDX-License-Identifier: MIT */
/* How fast a region can be written. Part of region.h's work. */
#ifndef PROXY_PIXELS_REGION_SPEED_H
#define PROXY_PIXELS_REGION_SPEED_H

struct pixel_region;

/* Sets `write_mb_per_s` and `streaming` from a few milliseconds of writing zeros to the first
 * bytes. */
void pixel_region_measure(struct pixel_region *region);

#endif
