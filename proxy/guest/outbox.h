/* SPDX-License-Identifier: MIT */
/*
 * What a client's requests have become, in order, on its way to the host half.
 *
 * Empty at the end of most turns. Two things hold requests up. Without credit, bytes wait in
 * `ready`. A commit with a new buffer waits until its surface has a free slot and, where pixels go
 * through the channel, until those have been sent; all that follows it waits in line, since Wayland
 * is ordered. Where a newer commit of the same surface comes while one waits, and no other commit
 * lies between, the two become one: the newest buffer, the union of damage, all other state in
 * order. So the line has a commit a surface and a bounded number of bytes; past that bound the
 * client isn't read.
 */
#ifndef VX_PROXY_GUEST_OUTBOX_H
#define VX_PROXY_GUEST_OUTBOX_H

#include <wayland-util.h>

#include "common/buffer.h"

struct guest_client;
struct guest_frame;
struct guest_surface;

struct guest_outbox {
	struct vx_buffer ready; /* waits for credit only */
	struct wl_list waiting; /* outbox_entry.link, oldest first */
	struct vx_buffer tail;  /* what follows the last of `waiting` */
	bool tail_has_commit;   /* so that nothing may be moved over it */
	bool busy;              /* in the middle of a change: slots that become free can wait */
};

void guest_outbox_init(struct guest_outbox *outbox);
void guest_outbox_finish(struct guest_outbox *outbox);

/*
 * Adds a request, to go with the next guest_outbox_pump(). `is_commit`: newer commits may not be
 * merged over it.
 */
void guest_outbox_add(struct guest_client *client, const void *bytes, size_t size, bool is_commit);

/* Adds one made here, in wire_write()'s manner. */
void guest_outbox_write(
	struct guest_client *client, uint32_t id, uint16_t opcode, const char *format, ...);

/*
 * Adds a commit that brings pixels; `frame` is taken. Sends it now if that can be, else puts it in
 * line or merges it with one that is there (whose frame is destroyed).
 */
void guest_outbox_add_frame(struct guest_client *client, struct guest_frame *frame);

/* The surface is going away: its commits that still wait are dropped. */
void guest_outbox_drop_surface(struct guest_client *client, const struct guest_surface *surface);

/* Sends what can be sent now: there is credit, or a slot, that wasn't before. */
void guest_outbox_pump(struct guest_client *client);

/* Has the line reached the bound where its client should not be read? */
[[nodiscard]] bool guest_outbox_is_full(const struct guest_outbox *outbox);

#endif
