/* SPDX-License-Identifier: MIT */
/* Where a tile that is dragged with the pointer would go, and putting it there. */
#ifndef TREE_TILE_DROP_H
#define TREE_TILE_DROP_H

#include "tree/tree.h"

struct tile_drop {
	/*
	 * NULL: nowhere. A workspace without an edge: into it; a workspace or container with an
	 * edge: along that edge of it; a container without: the two change places.
	 */
	struct node *target;
	uint32_t edge; /* enum edge */
	/* Instead: among the tabs or titles beside the target, before or after it. */
	bool among_titles, after;
	struct box shown; /* to show it by; layout coordinates */
};

/*
 * `hovered` is what is under the pointer, a container or workspace (NULL: something else),
 * `on_content` whether that is a client's surface rather than a frame.
 */
struct tile_drop tile_drop_find(
	struct container *con, struct node *hovered, bool on_content, double x, double y);

/* Moves `con` there and arranges what has changed. `drop->target` must not be NULL. */
void tile_drop_apply(struct container *con, const struct tile_drop *drop);

#endif
