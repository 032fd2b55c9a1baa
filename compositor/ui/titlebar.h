/* SPDX-License-Identifier: MIT */
/*
 * Title bars, and the label strips of VM windows without one. Each is one buffer node that is drawn
 * anew only when something visible about it changes.
 */
#ifndef UI_TITLEBAR_H
#define UI_TITLEBAR_H

#include <stdint.h>
#include <wlr/types/wlr_scene.h>

#include "tree/options.h"

/* The VM's mark: a coloured box at the left end, where no title can reach. */
struct titlebar_chip {
	const char *label; /* NULL: none */
	uint32_t color;    /* 0xRRGGBBAA */
};

struct titlebar_look {
	int width, height; /* logical pixels */
	float scale;
	uint32_t border, background, text; /* 0xRRGGBBAA */
	const char *font;
	const char *title; /* may be NULL */
	bool markup;
	const char *marks; /* may be NULL; drawn at the right end */
	enum title_align align;
	int border_thickness, padding;
	struct titlebar_chip chip;
};

struct titlebar {
	struct wlr_scene_buffer *node; /* in the scene; owned by its parent */
	char *key;                     /* owned; what is drawn now */
};

void titlebar_init(struct titlebar *titlebar, struct wlr_scene_tree *parent);
/* The node is destroyed with its parent. */
void titlebar_finish(struct titlebar *titlebar);

void titlebar_update(struct titlebar *titlebar, const struct titlebar_look *look);

#endif
