/* SPDX-License-Identifier: MIT */
/*
 * What changed in a buffer: a short list of rectangles. The list only ever covers more than what
 * was added, never less. Rectangles whose gap costs little are merged, and past `damage_rects_max`
 * the two that waste least are, so that one damage costs the same whatever a client sends.
 *
 * A zeroed struct damage is empty and valid; copies are plain assignments.
 */
#ifndef PROXY_PIXELS_DAMAGE_H
#define PROXY_PIXELS_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

static constexpr uint32_t damage_rects_max = 16;

/* Half-open: x1 <= x < x2. In a struct damage never empty and never negative. */
struct damage_rect {
	int32_t x1, y1, x2, y2;
};

struct damage {
	uint32_t count;
	struct damage_rect rects[damage_rects_max];
};

/*
 * How a surface's coordinates lie on its buffer, as committed. `width` and `height` are the
 * buffer's. `scale` is at least 1. `source` in 24.8 fixed point and `destination` are
 * wp_viewport's; a width of -1 (`source_width`, `destination_width`) means unset.
 */
struct damage_mapping {
	int32_t width, height;
	int32_t scale;
	uint32_t transform; /* enum wl_output_transform; values over 7 make everything damaged */
	int32_t source_x, source_y, source_width, source_height; /* wl_fixed_t */
	int32_t destination_width, destination_height;
};

/*
 * Adds a rectangle as a client gave it, clipped to 0 … width, 0 … height. Negative and zero sizes
 * add nothing; sums that overflow are clipped, not wrapped. Pass INT32_MAX for both bounds while
 * the buffer isn't known yet.
 */
void damage_add(struct damage *damage, int32_t width, int32_t height, int32_t untrusted_x,
	int32_t untrusted_y, int32_t untrusted_width, int32_t untrusted_height);

/* Everything in 0 … width, 0 … height is damaged; replaces what was there. */
void damage_set_all(struct damage *damage, int32_t width, int32_t height);

/* Adds all of `other`, clipped. */
void damage_add_damage(
	struct damage *damage, int32_t width, int32_t height, const struct damage *other);

/*
 * Adds damage given in surface coordinates (wl_surface.damage) to damage in buffer coordinates.
 * Rounds outward, by one more pixel where a viewport makes filtering possible.
 */
void damage_add_surface_damage(struct damage *damage, const struct damage_mapping *mapping,
	const struct damage *surface_damage);

void damage_clear(struct damage *damage);
[[nodiscard]] bool damage_is_empty(const struct damage *damage);

/* Pixels in all rectangles; those in two are counted twice. */
[[nodiscard]] uint64_t damage_area(const struct damage *damage);

#endif
