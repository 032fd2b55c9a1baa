/* SPDX-License-Identifier: MIT */
/* What is under a seat's pointer, and which part of it. */
#ifndef INPUT_SPOT_H
#define INPUT_SPOT_H

#include "shell/scene.h"

struct container;
struct layer_surface;
struct seat;
struct workspace;

/* All borrowed; good until something in the scene changes. */
struct spot {
	struct scene_hit hit;
	struct container *con;
	struct layer_surface *layer;
	struct workspace *ws; /* only where nothing else is */
	uint32_t edge,
		resize_edge; /* enum edge bits; one that can't be dragged is no resize_edge */
	bool on_border, on_contents, on_titlebar;
};

struct spot spot_look(struct seat *seat);

#endif
