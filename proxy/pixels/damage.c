/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/damage.h"

/* Two rectangles become one where that adds at most this many pixels, or that share of their area.
 */
static constexpr uint64_t merge_slack_pixels = 1024;
static constexpr uint64_t merge_slack_divisor = 16;

/* Over this, a scale can't belong to a buffer of legal size; it keeps the products below in 63
 * bits. */
static constexpr int32_t mapping_scale_max = 1 << 15;
static constexpr int64_t fixed_one = 256; /* wl_fixed_t */

static int32_t min_i32(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t max_i32(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static int32_t clamp_to(int64_t value, int32_t max)
{
	return value < 0 ? 0 : value > max ? max : (int32_t)value;
}

static uint64_t rect_area(const struct damage_rect *rect)
{
	return (uint64_t)((int64_t)rect->x2 - rect->x1) * (uint64_t)((int64_t)rect->y2 - rect->y1);
}

static bool rect_contains(const struct damage_rect *outer, const struct damage_rect *inner)
{
	return outer->x1 <= inner->x1 && outer->y1 <= inner->y1 && outer->x2 >= inner->x2 &&
	       outer->y2 >= inner->y2;
}

static struct damage_rect rect_bounds(const struct damage_rect *a, const struct damage_rect *b)
{
	return (struct damage_rect){
		.x1 = min_i32(a->x1, b->x1),
		.y1 = min_i32(a->y1, b->y1),
		.x2 = max_i32(a->x2, b->x2),
		.y2 = max_i32(a->y2, b->y2),
	};
}

/* Areas are under 2^62, so the sum of two fits. */
static bool rects_belong_together(const struct damage_rect *a, const struct damage_rect *b)
{
	struct damage_rect bounds = rect_bounds(a, b);
	uint64_t sum = rect_area(a) + rect_area(b);
	return rect_area(&bounds) <= sum + sum / merge_slack_divisor + merge_slack_pixels;
}

static void remove_rect(struct damage *damage, uint32_t index)
{
	damage->rects[index] = damage->rects[--damage->count];
}

/* The one that grows least when it takes `rect` in. */
static uint32_t find_cheapest(const struct damage *damage, const struct damage_rect *rect)
{
	uint32_t best = 0;
	uint64_t best_growth = UINT64_MAX;
	for (uint32_t i = 0; i < damage->count; i++) {
		struct damage_rect bounds = rect_bounds(&damage->rects[i], rect);
		uint64_t growth = rect_area(&bounds) - rect_area(&damage->rects[i]);
		if (growth < best_growth) {
			best = i;
			best_growth = growth;
		}
	}
	return best;
}

/* Index of one that `rect` should be merged with, or the count. */
static uint32_t find_partner(const struct damage *damage, const struct damage_rect *rect)
{
	for (uint32_t i = 0; i < damage->count; i++) {
		if (rects_belong_together(&damage->rects[i], rect)) {
			return i;
		}
	}
	return damage->count < damage_rects_max ? damage->count : find_cheapest(damage, rect);
}

static void add_rect(struct damage *damage, struct damage_rect rect)
{
	for (uint32_t i = 0; i < damage->count; i++) {
		if (rect_contains(&damage->rects[i], &rect)) {
			return;
		}
	}
	/* Each round takes one rectangle out of the list, so there are at most as many as it has.
	 */
	for (uint32_t i = find_partner(damage, &rect); i < damage->count;
		i = find_partner(damage, &rect)) {
		rect = rect_bounds(&damage->rects[i], &rect);
		remove_rect(damage, i);
	}
	damage->rects[damage->count++] = rect;
}

void damage_add(struct damage *damage, int32_t width, int32_t height, int32_t untrusted_x,
	int32_t untrusted_y, int32_t untrusted_width, int32_t untrusted_height)
{
	if (untrusted_width <= 0 || untrusted_height <= 0) {
		return;
	}
	struct damage_rect rect = {
		.x1 = clamp_to(untrusted_x, width),
		.y1 = clamp_to(untrusted_y, height),
		.x2 = clamp_to((int64_t)untrusted_x + untrusted_width, width),
		.y2 = clamp_to((int64_t)untrusted_y + untrusted_height, height),
	};
	if (rect.x1 < rect.x2 && rect.y1 < rect.y2) {
		add_rect(damage, rect);
	}
}

void damage_set_all(struct damage *damage, int32_t width, int32_t height)
{
	damage_clear(damage);
	damage_add(damage, width, height, 0, 0, width, height);
}

void damage_add_damage(
	struct damage *damage, int32_t width, int32_t height, const struct damage *other)
{
	for (uint32_t i = 0; i < other->count; i++) {
		const struct damage_rect *rect = &other->rects[i];
		damage_add(damage, width, height, rect->x1, rect->y1, rect->x2 - rect->x1,
			rect->y2 - rect->y1);
	}
}

void damage_clear(struct damage *damage)
{
	damage->count = 0;
}

bool damage_is_empty(const struct damage *damage)
{
	return damage->count == 0;
}

uint64_t damage_area(const struct damage *damage)
{
	uint64_t area = 0;
	for (uint32_t i = 0; i < damage->count; i++) {
		area += rect_area(&damage->rects[i]);
	}
	return area;
}

/* One axis of a mapping from the surface to the transformed, unscaled buffer, in 24.8 fixed point.
 */
struct axis {
	int64_t origin, length; /* wp_viewport's source, or all of the buffer */
	int64_t surface_length; /* whole surface pixels */
	bool stretched;
};

static struct axis mapping_axis(const struct damage_mapping *mapping, int32_t buffer_length,
	int32_t source_origin, int32_t source_length, int32_t destination_length)
{
	bool has_source = mapping->source_width > 0 && mapping->source_height > 0;
	bool has_destination = mapping->destination_width > 0 && mapping->destination_height > 0;
	struct axis axis = {
		.length = (buffer_length * fixed_one + mapping->scale - 1) / mapping->scale,
		.stretched = has_source || has_destination,
	};
	if (has_source) {
		axis.origin = source_origin;
		axis.length = source_length;
	}
	axis.surface_length = has_destination ? destination_length
					      : (axis.length + fixed_one - 1) / fixed_one;
	return axis;
}

/* `from` and `to` on the surface, which come out as pixels of the transformed buffer. */
static void map_axis(const struct axis *axis, int32_t scale, int32_t *from, int32_t *to)
{
	int64_t begin = *from < axis->surface_length ? *from : axis->surface_length;
	int64_t end = *to < axis->surface_length ? *to : axis->surface_length;
	if (begin >= end) {
		*to = *from;
		return;
	}
	int64_t margin = axis->stretched ? 1 : 0;
	/* Where nothing is stretched the surface's pixels are the source's: no division that
	 * rounds. */
	int64_t length = axis->stretched ? axis->length : axis->surface_length * fixed_one;
	int64_t begin_fixed = axis->origin + begin * length / axis->surface_length;
	int64_t end_fixed = axis->origin +
			    (end * length + axis->surface_length - 1) / axis->surface_length;
	*from = clamp_to(begin_fixed * scale / fixed_one - margin, INT32_MAX);
	*to = clamp_to((end_fixed * scale + fixed_one - 1) / fixed_one + margin, INT32_MAX);
}

/* From the transformed buffer, `width` by `height`, to the buffer itself: the inverse of
 * `transform`. */
static struct damage_rect untransform(
	const struct damage_rect *r, uint32_t transform, int32_t width, int32_t height)
{
	struct damage_rect mirrored_x = {width - r->x2, r->y1, width - r->x1, r->y2};
	struct damage_rect mirrored_y = {r->x1, height - r->y2, r->x2, height - r->y1};
	struct damage_rect both = {width - r->x2, height - r->y2, width - r->x1, height - r->y1};
	const struct damage_rect *of_transform[] = {
		r, &mirrored_x, &both, &mirrored_y, &mirrored_x, r, &mirrored_y, &both};
	const struct damage_rect *from = of_transform[transform];
	bool turned = transform % 2 == 1;
	return turned ? (struct damage_rect){from->y1, from->x1, from->y2, from->x2} : *from;
}

static bool mapping_is_sane(const struct damage_mapping *mapping)
{
	return mapping->transform <= 7 && mapping->scale >= 1 &&
	       mapping->scale <= mapping_scale_max && mapping->width > 0 && mapping->height > 0 &&
	       mapping->source_x >= 0 && mapping->source_y >= 0;
}

void damage_add_surface_damage(struct damage *damage, const struct damage_mapping *mapping,
	const struct damage *surface_damage)
{
	if (damage_is_empty(surface_damage)) {
		return;
	}
	if (!mapping_is_sane(mapping)) {
		damage_set_all(damage, mapping->width, mapping->height);
		return;
	}
	bool turned = mapping->transform % 2 == 1;
	int32_t width = turned ? mapping->height : mapping->width;
	int32_t height = turned ? mapping->width : mapping->height;
	struct axis x_axis = mapping_axis(mapping, width, mapping->source_x, mapping->source_width,
		mapping->destination_width);
	struct axis y_axis = mapping_axis(mapping, height, mapping->source_y,
		mapping->source_height, mapping->destination_height);
	for (uint32_t i = 0; i < surface_damage->count; i++) {
		struct damage_rect rect = surface_damage->rects[i];
		map_axis(&x_axis, mapping->scale, &rect.x1, &rect.x2);
		map_axis(&y_axis, mapping->scale, &rect.y1, &rect.y2);
		rect.x2 = min_i32(rect.x2, width);
		rect.y2 = min_i32(rect.y2, height);
		if (rect.x1 < rect.x2 && rect.y1 < rect.y2) {
			add_rect(damage, untransform(&rect, mapping->transform, width, height));
		}
	}
}
