/* SPDX-License-Identifier: MIT */
/*
 * What is drawn around a container: title bar, borders, and for windows of VMs the frame and label
 * that nothing of the client's can cover, because they lie outside the rectangle that it is cut to.
 */
#ifndef SHELL_FRAME_H
#define SHELL_FRAME_H

#include "shell/scene.h"
#include "tree/node.h"
#include "ui/titlebar.h"

struct container;
struct server;
struct wlr_scene_tree;

enum frame_side : unsigned {
	FRAME_TOP,
	FRAME_RIGHT,
	FRAME_BOTTOM,
	FRAME_LEFT,
	FRAME_SIDE_COUNT,
};

struct frame {
	struct server *server;
	struct container *con;
	struct scene_owner owner; /* SCENE_OWNER_CONTAINER */

	struct wlr_scene_tree *bar_tree; /* where the title bar is, apart from the rest */
	struct titlebar bar;
	struct wlr_scene_tree *tree; /* borders and content, at con's x and y */
	struct wlr_scene_rect *borders[FRAME_SIDE_COUNT];
	struct wlr_scene_rect *vm_borders[FRAME_SIDE_COUNT];
	struct titlebar vm_strip;
	struct wlr_scene_tree *content; /* the window's tree goes here */
	struct wlr_scene_tree *saved;   /* what the window looked like before a transaction */

	unsigned generation; /* of the last shell_show() that showed it */
	struct wl_listener free;
};

/* Thickness of the frame of a VM's window where the configured border is thinner. */
static constexpr int frame_vm_thickness = 2;

/* Of every container; made by shell/ on tree.events.node_created. */
struct frame *frame_create(struct server *server, struct container *con);
struct frame *frame_of(const struct container *con);

/* Draws borders and content by con->current. */
void frame_show_view(struct frame *frame);
/* Draws only the title bar, at a place in the layout. */
void frame_show_bar(struct frame *frame, int x, int y, int width, int height);
void frame_hide_bar(struct frame *frame);
void frame_hide_body(struct frame *frame);
/* The title bar's text or colours have changed. */
void frame_update_look(struct frame *frame);

/* The height of the label strip of VM windows that have no title bar. */
int frame_strip_height(struct server *server);

/* Keeps showing the content as it is now until frame_drop_saved(). */
void frame_save_content(struct frame *frame);
void frame_drop_saved(struct frame *frame);

#endif
