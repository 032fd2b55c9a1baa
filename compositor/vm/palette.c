/* SPDX-License-Identifier: MIT */
#include "vm/palette.h"

#include "common/memory.h"

static const uint32_t colors[] = {
	0xe6194b, /* red */
	0x4363d8, /* blue */
	0x3cb44b, /* green */
	0xf58231, /* orange */
	0x911eb4, /* purple */
	0x42d4f4, /* cyan */
	0xffe119, /* yellow */
	0xf032e6, /* magenta */
	0x9a6324, /* brown */
	0xbfef45, /* lime */
	0x469990, /* teal */
	0xfabed4, /* pink */
};
static_assert(VX_ARRAY_LENGTH(colors) == palette_size);

uint32_t palette_color(unsigned index)
{
	return colors[index % palette_size];
}

unsigned palette_index(const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (; *name != '\0'; name++) {
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	}
	return (hash ^ hash >> 16) % palette_size;
}
