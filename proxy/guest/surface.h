/* SPDX-License-Identifier: MIT */
/* What the guest half keeps of a wl_surface: what the next commit attaches, what changed, its
 * slots. */
#ifndef VX_PROXY_GUEST_SURFACE_H
#define VX_PROXY_GUEST_SURFACE_H

#include <wayland-util.h>

#include "pixels/damage.h"
#include "pixels/inline.h"
#include "pixels/slots.h"

struct guest_buffer;
struct guest_client;
struct vx_buffer;
struct wire_interfaces;

struct guest_surface {
	struct guest_client *client; /* borrowed */
	struct wl_list link;         /* guest_client.surfaces */
	uint32_t id;
	struct slots *slots; /* owned */
	struct {
		bool attached;      /* since the last commit */
		uint32_t buffer_id; /* 0: none */
		int32_t x, y;
		struct damage damage;         /* buffer coordinates */
		struct damage surface_damage; /* surface coordinates */
	} pending;
	struct damage_mapping mapping;
};

/* A commit that brings pixels, from the client's commit to the host half's present. */
struct guest_frame {
	struct guest_surface *surface; /* borrowed; NULL once destroyed */
	struct guest_buffer *buffer;   /* a reference, until the pixels were copied */
	int32_t x, y;
	struct damage damage;        /* of this commit, until the slots were told */
	struct slot *slot;           /* borrowed; set once the pixels were copied */
	struct inline_cursor cursor; /* what of them was sent, without a shared region */
};

enum guest_frame_state : unsigned {
	GUEST_FRAME_WAITING,  /* no free slot */
	GUEST_FRAME_COPIED,   /* pixels are in the slot, and go through the channel next */
	GUEST_FRAME_COMPLETE, /* pixels are where the host half finds them */
	GUEST_FRAME_FAILED,   /* the client's pixels can't be read: it was told */
};

/* `frame` takes the place of `superseded`, of the same surface, which has no slot: damage adds up.
 */
void guest_frame_supersede(struct guest_frame *frame, const struct guest_frame *superseded);

/*
 * Copies the frame's pixels into a slot if there is one, and lets go of the client's buffer. To be
 * called again for a frame that isn't complete.
 */
enum guest_frame_state guest_frame_copy(struct guest_frame *frame);

/* Appends the next piece of a copied frame's pixels; false when there are no more. */
[[nodiscard]] bool guest_frame_encode(struct guest_frame *frame, struct vx_buffer *output);

/* Sends present and commit; the slot is the host's then. */
void guest_frame_present(struct guest_frame *frame, struct vx_buffer *output);

void guest_frame_destroy(struct guest_frame *frame);

/* Hangs this file's handlers on the protocol tables. */
void guest_surface_install(struct wire_interfaces *interfaces);

#endif
