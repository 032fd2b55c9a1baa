/* SPDX-License-Identifier: MIT */
/* A set of channel ids, walked in a circle: the order of turns, without a list to keep right. */
#ifndef VX_PROXY_LINK_ID_SET_H
#define VX_PROXY_LINK_ID_SET_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/link/link.h"

static constexpr uint32_t link_id_none = UINT32_MAX;

struct link_id_set {
	uint64_t words[vx_link_channels_max / 64];
	uint32_t nonzero; /* a bit for each word, so that an empty set is seen at once */
};
static_assert(vx_link_channels_max / 64 <= 32);

static inline bool link_id_set_is_empty(const struct link_id_set *set)
{
	return set->nonzero == 0;
}

static inline void link_id_set_add(struct link_id_set *set, uint32_t id)
{
	set->words[id / 64] |= UINT64_C(1) << (id % 64);
	set->nonzero |= UINT32_C(1) << (id / 64);
}

static inline void link_id_set_remove(struct link_id_set *set, uint32_t id)
{
	set->words[id / 64] &= ~(UINT64_C(1) << (id % 64));
	if (set->words[id / 64] == 0) {
		set->nonzero &= ~(UINT32_C(1) << (id / 64));
	}
}

/* The first member at or after `from`, or link_id_none. */
uint32_t link_id_set_find(const struct link_id_set *set, uint32_t from);

/* The next member after `previous` in the circle (`previous` itself comes last), or link_id_none.
 */
uint32_t link_id_set_next(const struct link_id_set *set, uint32_t previous);

#endif
