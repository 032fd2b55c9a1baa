/* SPDX-License-Identifier: MIT */
#include "id_set.h"

uint32_t link_id_set_find(const struct link_id_set *set, uint32_t from)
{
	for (uint32_t id = from; id < vx_link_channels_max; id = (id / 64 + 1) * 64) {
		uint64_t word = set->words[id / 64] >> (id % 64);
		if (word != 0) {
			return id + (uint32_t)__builtin_ctzll(word);
		}
	}
	return link_id_none;
}

uint32_t link_id_set_next(const struct link_id_set *set, uint32_t previous)
{
	uint32_t id = link_id_set_find(set, previous + 1);
	return id != link_id_none ? id : link_id_set_find(set, 0);
}
