/* SPDX-License-Identifier: MIT */
#include "guest/outbox.h"

#include <wayland-server-core.h>

#include "common/memory.h"
#include "guest/client.h"
#include "guest/server.h"
#include "guest/surface.h"
#include "link/link.h"
#include "wire/message.h"

static constexpr size_t full_size = 128 * 1024;
/* How much may wait for credit before frames, which can still be merged, wait too. */
static constexpr size_t ready_max = 64 * 1024;

/* As many frames may wait that can't be merged, for each keeps its buffer: a client that draws two
 * surfaces in turn says nothing else meanwhile that would count. */
static constexpr unsigned waiting_max = 128;

struct outbox_entry {
	struct wl_list link;       /* guest_outbox.waiting */
	struct vx_buffer before;   /* requests that go ahead of the commit */
	struct guest_frame *frame; /* owned; NULL once its surface is gone */
};

void guest_outbox_init(struct guest_outbox *outbox)
{
	wl_list_init(&outbox->waiting);
}

static void entry_destroy(struct outbox_entry *entry)
{
	wl_list_remove(&entry->link);
	vx_buffer_finish(&entry->before);
	guest_frame_destroy(entry->frame);
	free(entry);
}

void guest_outbox_finish(struct guest_outbox *outbox)
{
	struct outbox_entry *entry, *next;
	wl_list_for_each_safe (entry, next, &outbox->waiting, link) {
		entry_destroy(entry);
	}
	vx_buffer_finish(&outbox->ready);
	vx_buffer_finish(&outbox->tail);
}

bool guest_outbox_is_full(const struct guest_outbox *outbox)
{
	size_t size = outbox->ready.size + outbox->tail.size;
	unsigned waiting = 0;
	const struct outbox_entry *entry;
	wl_list_for_each (entry, &outbox->waiting, link) {
		size += entry->before.size;
		waiting++;
	}
	return size > full_size || waiting >= waiting_max;
}

/* The buffers have no bound of their own: is_full() is what keeps them small. */
static void move_bytes(struct vx_buffer *to, struct vx_buffer *from)
{
	if (from->size > 0) {
		(void)vx_buffer_append(to, vx_buffer_bytes(from), from->size);
		vx_buffer_consume(from, from->size);
	}
}

static void send_ready(struct guest_client *client)
{
	struct vx_buffer *ready = &client->outbox.ready;
	if (ready->size > 0 && client->channel != nullptr) {
		vx_buffer_consume(ready,
			vx_link_channel_send(client->channel, vx_buffer_bytes(ready), ready->size));
	}
}

void guest_outbox_add(struct guest_client *client, const void *bytes, size_t size, bool is_commit)
{
	struct guest_outbox *outbox = &client->outbox;
	if (!wl_list_empty(&outbox->waiting)) {
		(void)vx_buffer_append(&outbox->tail, bytes, size);
		outbox->tail_has_commit |= is_commit;
		return;
	}
	/* Sent by the next pump: one frame of the link for all that a client wrote at once. */
	(void)vx_buffer_append(&outbox->ready, bytes, size);
}

void guest_outbox_write(
	struct guest_client *client, uint32_t id, uint16_t opcode, const char *format, ...)
{
	struct guest_outbox *outbox = &client->outbox;
	va_list args;
	va_start(args, format);
	(void)wire_vwrite(wl_list_empty(&outbox->waiting) ? &outbox->ready : &outbox->tail, id,
		opcode, format, args);
	va_end(args);
	send_ready(client);
}

static struct outbox_entry *outbox_last(struct guest_outbox *outbox)
{
	struct outbox_entry *entry = nullptr;
	return wl_list_empty(&outbox->waiting) ? nullptr
					       : wl_container_of(outbox->waiting.prev, entry, link);
}

static bool may_merge(const struct guest_outbox *outbox, const struct outbox_entry *last,
	const struct guest_frame *frame)
{
	return last != nullptr && !outbox->tail_has_commit && last->frame != nullptr &&
	       last->frame->surface == frame->surface && last->frame->slot == nullptr;
}

void guest_outbox_add_frame(struct guest_client *client, struct guest_frame *frame)
{
	struct guest_outbox *outbox = &client->outbox;
	struct outbox_entry *last = outbox_last(outbox);
	if (may_merge(outbox, last, frame)) {
		move_bytes(&last->before, &outbox->tail);
		guest_frame_supersede(frame, last->frame);
		guest_frame_destroy(last->frame);
		last->frame = frame;
	} else {
		struct outbox_entry *entry = vx_new(entry);
		entry->frame = frame;
		move_bytes(&entry->before, &outbox->tail);
		wl_list_insert(outbox->waiting.prev, &entry->link);
		outbox->tail_has_commit = false;
	}
	guest_outbox_pump(client);
}

void guest_outbox_drop_surface(struct guest_client *client, const struct guest_surface *surface)
{
	client->outbox.busy = true;
	struct outbox_entry *entry;
	wl_list_for_each (entry, &client->outbox.waiting, link) {
		if (entry->frame != nullptr && entry->frame->surface == surface) {
			guest_frame_destroy(vx_take_ptr(entry->frame));
		}
	}
	client->outbox.busy = false;
}

/* Sends a copied frame's pixels through the channel, as far as there is credit. True: all are sent.
 */
static bool send_pixels(struct guest_client *client, struct guest_frame *frame)
{
	while (client->outbox.ready.size < ready_max) {
		if (!guest_frame_encode(frame, &client->outbox.ready)) {
			return true;
		}
		send_ready(client);
	}
	return false;
}

/* Takes the oldest frame as far as it gets. True: it is done with. */
static bool advance_frame(struct guest_client *client, struct guest_frame *frame)
{
	if (frame == nullptr) {
		return true;
	}
	switch (guest_frame_copy(frame)) {
	case GUEST_FRAME_WAITING:
		return false;
	case GUEST_FRAME_FAILED:
		return true;
	case GUEST_FRAME_COPIED:
		if (!send_pixels(client, frame)) {
			return false;
		}
		break;
	case GUEST_FRAME_COMPLETE:
		break;
	}
	guest_frame_present(frame, &client->outbox.ready);
	return true;
}

static void advance_frames(struct guest_client *client)
{
	struct guest_outbox *outbox = &client->outbox;
	struct outbox_entry *entry, *next;
	wl_list_for_each_safe (entry, next, &outbox->waiting, link) {
		if (outbox->ready.size >= ready_max) {
			return;
		}
		move_bytes(&outbox->ready, &entry->before);
		if (!advance_frame(client, entry->frame)) {
			return;
		}
		entry_destroy(entry);
	}
}

void guest_outbox_pump(struct guest_client *client)
{
	struct guest_outbox *outbox = &client->outbox;
	if (outbox->busy || client->closing) {
		return;
	}
	outbox->busy = true;
	send_ready(client);
	advance_frames(client);
	if (wl_list_empty(&outbox->waiting)) {
		move_bytes(&outbox->ready, &outbox->tail);
		outbox->tail_has_commit = false;
	}
	send_ready(client);
	outbox->busy = false;
}
