/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_NET_ARGUMENTS_H
#define VX_LAUNCHER_NET_ARGUMENTS_H

#include <stddef.h>

#include "common/memory.h"

/* Puts an array of words behind the `*count` that are there; there must be room. */
static inline void arguments_append(
	const char **argv, size_t *count, const char *const *words, size_t word_count)
{
	for (size_t i = 0; i < word_count; i++) {
		argv[(*count)++] = words[i];
	}
}
#define ARGUMENTS_APPEND(argv, count, words) \
	arguments_append(argv, count, words, VX_ARRAY_LENGTH(words))

#endif
