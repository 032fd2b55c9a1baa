/* SPDX-License-Identifier: MIT */
/*
 * What a link and its channels remember; shared by the .c files of this folder only.
 *
 * Nothing that waits to be sent is a queue of frames: it is a flag or a number per channel, and
 * bytes within the peer's credit. output.c makes frames of that when there is room. So no peer, by
 * sending whatever it likes and not reading, can make a link hold more.
 */
#ifndef VX_PROXY_LINK_STATE_H
#define VX_PROXY_LINK_STATE_H

#include "frame.h"
#include "id_set.h"
#include "ring.h"

#include "proxy/link/link.h"

static constexpr size_t link_input_size = 128 * 1024;
/* Room for one frame of the largest size and the control frames of a turn. */
static constexpr size_t link_stage_size = vx_link_frame_payload_max + 4096;
/* What all channels of a link together hold queued at most. */
static constexpr size_t link_queued_max = 8 * 1024 * 1024;

struct vx_link_channel {
	struct vx_link *link;                            /* borrowed; outlives us */
	const struct vx_link_channel_listener *listener; /* NULL once nobody listens */
	void *data;
	uint32_t id;
	enum vx_link_reason close_reason; /* to send, with close_wanted */

	struct link_ring queue; /* taken from the user, not yet framed */
	uint32_t send_window;   /* the peer's window */
	uint32_t in_flight;     /* bytes framed that the peer hasn't given credit back for */

	/* receive_window = receive_credit + unconsumed + returnable (+ what's missing of a frame)
	 */
	uint32_t receive_window;
	uint32_t receive_credit; /* what the peer may still send */
	uint32_t unconsumed;     /* with our user */
	uint32_t returnable;     /* consumed; credit for it not yet sent */

	bool open_pending; /* OPEN not yet framed */
	bool finish_wanted, finish_sent;
	bool peer_finished;
	bool close_wanted, close_sent;
	bool peer_closed;
	bool told;       /* the user has dropped the channel or is told that it is closed */
	bool wants_room; /* a send took less than it was given */

	char service[vx_link_service_max + 1]; /* for OPEN */
};

struct vx_link {
	int fd;         /* owned */
	bool is_socket; /* send(2) works, and can be told not to raise SIGPIPE */
	enum vx_link_role role;
	uint32_t features;
	const struct vx_link_listener *listener; /* borrowed; outlives us */
	void *data;

	bool ready;          /* the peer's hello came */
	bool in_callback;    /* or where one may come: vx_link_destroy() leaves the memory alone */
	bool destroyed;      /* inside; freed outside */
	bool lost;           /* reported */
	bool broken;         /* hang-up, or the peer broke a rule: nothing more is read */
	bool output_dead;    /* writing failed; what the peer sent before is still read */
	bool write_interest; /* as last told to the listener */
	struct vx_error failure; /* why the link is to be reported lost; set once */

	struct vx_link_channel *channels[vx_link_channels_max]; /* owned; index is the id */
	uint32_t last_opened;                                   /* the id we opened last */

	struct link_id_set active; /* channels that may have something to frame */
	struct link_id_set events; /* channels that may have something to tell their user */
	uint32_t turn;             /* the channel that was framed last */
	size_t queued;             /* sum of queue.size */
	size_t queue_capacity;     /* sum of queue.capacity */
	bool room_wanted;          /* some send found link_queued_max reached */

	bool ping_pending, ping_outstanding, pong_pending;
	uint64_t ping_token, pong_token;

	uint8_t *stage; /* owned, link_stage_size: frames on their way to the fd */
	size_t stage_start, stage_end;

	uint8_t *input; /* owned, link_input_size */
	size_t input_used;
	uint32_t data_channel; /* of the DATA frame that is arriving */
	uint32_t data_left;
};

/* Can callbacks and frames go on? False once a callback destroyed the link or a rule was broken. */
static inline bool link_is_alive(const struct vx_link *link)
{
	return !link->destroyed && !link->lost && !link->broken;
}

/* Keeps the first reason; always returns false. The link is reported lost by vx_link_dispatch(). */
[[gnu::format(printf, 2, 3)]] bool link_break(struct vx_link *link, const char *format, ...);

/*
 * Tells the owner if vx_link_wants_write() changed. The owner may destroy the link: false, and link
 * and channels are gone, where it did. Call it last.
 */
bool link_update_interest(struct vx_link *link);

#endif
