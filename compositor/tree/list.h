/* SPDX-License-Identifier: MIT */
/*
 * Growing arrays of pointers, typed: `LIST(struct container) children = {};`
 * A zeroed list is empty and owns nothing. Lists never own what their items point at.
 */
#ifndef TREE_LIST_H
#define TREE_LIST_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

#define LIST_MEMBERS(type)              \
	type **items; /* owned array */ \
	int length, capacity

#define LIST(type)                  \
	struct {                    \
		LIST_MEMBERS(type); \
	}

/* The array with room for one more item; for list_insert() only. */
[[nodiscard]] static inline void *list_reserve(void *items, int length, int *capacity)
{
	if (length < *capacity) {
		return items;
	}
	*capacity = *capacity > 0 ? *capacity * 2 : 8;
	return vx_reallocarray(items, (size_t)*capacity, sizeof(void *));
}

/* Puts `item` at `index` (0 to length); what is behind moves up. */
#define list_insert(list, index, item)                                                          \
	do {                                                                                    \
		int at_ = (index);                                                              \
		typeof((list)->items[0]) item_ = (item);                                        \
		(list)->items = list_reserve((list)->items, (list)->length, &(list)->capacity); \
		memmove((list)->items + at_ + 1, (list)->items + at_,                           \
			(size_t)((list)->length - at_) * sizeof(void *));                       \
		(list)->items[at_] = item_;                                                     \
		(list)->length++;                                                               \
	} while (0)

#define list_append(list, item) list_insert(list, (list)->length, item)

#define list_remove_at(list, index)                                         \
	do {                                                                \
		int gone_ = (index);                                        \
		(list)->length--;                                           \
		memmove((list)->items + gone_, (list)->items + gone_ + 1,   \
			(size_t)((list)->length - gone_) * sizeof(void *)); \
	} while (0)

/* The position of `item`, or -1. */
#define list_index(list, item) \
	list_index_of((const void *const *)(list)->items, (list)->length, (item))

static inline int list_index_of(const void *const *items, int length, const void *item)
{
	for (int i = 0; i < length; i++) {
		if (items[i] == item) {
			return i;
		}
	}
	return -1;
}

/* Removes `item` where the list has it. */
#define list_remove(list, item)                          \
	do {                                             \
		int found_ = list_index((list), (item)); \
		if (found_ >= 0) {                       \
			list_remove_at((list), found_);  \
		}                                        \
	} while (0)

/* Makes `to` hold the same items as `from`. */
#define list_copy(to, from)                                   \
	do {                                                  \
		(to)->length = 0;                             \
		for (int i_ = 0; i_ < (from)->length; i_++) { \
			list_append((to), (from)->items[i_]); \
		}                                             \
	} while (0)

#define list_finish(list)                              \
	do {                                           \
		free((list)->items);                   \
		(list)->items = nullptr;               \
		(list)->length = (list)->capacity = 0; \
	} while (0)

#endif
