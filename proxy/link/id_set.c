/* SPDX-License-Identifier: MIT */
#include "id_set.h"

uint32_t link_id_set_find(const struct link_id_set *set, uint32_t from)
{
	if (link_id_set_is_empty(set) || from >= vx_link_channels_max) {
		return link_id_none;
	}
	uint32_t first = from / 64;
	uint64_t word = set->words[first] & UINT64_MAX << (from % 64);
	if (word == 0) {
		/* Shifted twice, because a shift by 32 is none. */
		uint32_t later = set->nonzero & UINT32_MAX << first << 1;
		if (later == 0) {
			return link_id_none;
		}
		first = (uint32_t)__builtin_ctz(later);
		word = set->words[first];
	}
	return first * 64 + (uint32_t)__builtin_ctzll(word);
}

uint32_t link_id_set_next(const struct link_id_set *set, uint32_t previous)
{
	uint32_t id = link_id_set_find(set, previous + 1);
	return id != link_id_none ? id : link_id_set_find(set, 0);
}
