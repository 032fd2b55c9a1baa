/* SPDX-License-Identifier: MIT */
/* Resizing by an amount, for the command and for the mouse. */
#ifndef COMMANDS_RESIZE_H
#define COMMANDS_RESIZE_H

#include "tree/container.h"

static constexpr unsigned RESIZE_HORIZONTAL = EDGE_LEFT | EDGE_RIGHT;
static constexpr unsigned RESIZE_VERTICAL = EDGE_TOP | EDGE_BOTTOM;

/* `con` or the nearest ancestor that has a neighbour beyond this edge (or on this axis); or NULL.
 */
struct container *container_find_resize_parent(struct container *con, unsigned edges);
/* Grows by `amount` pixels at the cost of the siblings on the given edge or axis; arranges. */
void container_resize_tiled(struct container *con, unsigned edges, int amount);
/* Moves and grows a floating container by so many pixels, and what it shows with it; arranges. */
void container_grow(struct container *con, double x, double y, double width, double height);

#endif
