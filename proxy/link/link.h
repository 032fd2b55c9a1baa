/* SPDX-License-Identifier: MIT */
/*
 * The link: one ordered byte stream between a VM's guest half and its host half, and on it many
 * flow-controlled channels. The wire format is docs/link.md.
 *
 * A link knows no event loop: its owner watches vx_link_get_fd() for reading always and for writing
 * while vx_link_wants_write(), and calls vx_link_dispatch(). Both ends run this code and neither
 * trusts the other: a peer that breaks the format or a cap loses the link.
 *
 * Callbacks may call any function here, vx_link_destroy() and vx_link_channel_destroy() included.
 */
#ifndef VX_PROXY_LINK_LINK_H
#define VX_PROXY_LINK_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct vx_link;
struct vx_link_channel;

static constexpr size_t vx_link_service_max = 31;          /* bytes in a service name */
static constexpr size_t vx_link_channels_max = 1024;       /* open at once, both sides together */
static constexpr size_t vx_link_frame_payload_max = 65536; /* bytes of data in one frame */
static constexpr uint32_t vx_link_window_default = 256 * 1024;
static constexpr uint32_t vx_link_window_max = 4 * 1024 * 1024;

enum vx_link_role : unsigned {
	VX_LINK_HOST,  /* opens even-numbered channels */
	VX_LINK_GUEST, /* opens odd-numbered channels */
};

/* Feature bits of the hello; what counts is what both sides sent. */
enum vx_link_feature : uint32_t {
	VX_LINK_FEATURE_REGION = 1 << 0, /* a shared pixel region is there on this side */
	VX_LINK_FEATURE_LZ4 = 1 << 1,    /* inline pixels may be LZ4 blocks */
};

/* Why a channel ended. On the wire, so numbers are fixed. */
enum vx_link_reason : uint32_t {
	VX_LINK_REASON_NONE = 0,       /* both sides finished */
	VX_LINK_REASON_NO_SERVICE = 1, /* no such service on the other side */
	VX_LINK_REASON_REFUSED = 2,    /* service there, but over a cap or against a policy */
	VX_LINK_REASON_PROTOCOL = 3,   /* the peer broke the service's own protocol */
	VX_LINK_REASON_CANCELLED = 4,  /* the opener lost interest */
	VX_LINK_REASON_INTERNAL = 5,
	VX_LINK_REASON_LINK_LOST = 6, /* never sent: the link itself ended */
	VX_LINK_REASON_COUNT,
};

struct vx_link_listener {
	/* The peer's hello came and fits: channels can be opened from here on. */
	void (*ready)(struct vx_link *link, uint32_t common_features, void *data);
	/*
	 * The peer opened `channel` for a service. Accept it by vx_link_channel_set_listener(), or
	 * refuse it by vx_link_channel_destroy() with a reason. `untrusted_service` is
	 * NUL-terminated and at most vx_link_service_max bytes long.
	 */
	void (*channel_opened)(struct vx_link *link, struct vx_link_channel *channel,
		const char *untrusted_service, void *data);
	/*
	 * The link ended: hang-up, or a peer that broke the format. All channels were told
	 * (VX_LINK_REASON_LINK_LOST) before. `reason` is borrowed. Called once; the owner destroys
	 * the link here or later.
	 */
	void (*lost)(struct vx_link *link, const struct vx_error *reason, void *data);
	/* vx_link_wants_write() changed. May be NULL where the owner asks before each poll. */
	void (*write_interest_changed)(struct vx_link *link, bool wants_write, void *data);
};

struct vx_link_channel_listener {
	/*
	 * Bytes came. The receiver returns the room by vx_link_channel_consume() as soon as it has
	 * dealt with them (now or later); the peer can't send more than the window beyond that.
	 */
	void (*received)(struct vx_link_channel *channel, const uint8_t *untrusted_data,
		size_t size, void *data);
	/* There is credit again after vx_link_channel_send() took less than it was given. */
	void (*writable)(struct vx_link_channel *channel, void *data);
	/* The peer will send no more bytes; sending to it still works. */
	void (*peer_finished)(struct vx_link_channel *channel, void *data);
	/*
	 * The channel is gone, after both sides finished or by a reset. It is destroyed after this
	 * call returns; drop the pointer.
	 */
	void (*closed)(struct vx_link_channel *channel, enum vx_link_reason reason, void *data);
};

/*
 * Takes `fd` (any non-blocking stream: unix socket, virtio-serial port, pipe pair end) and queues
 * the hello. `listener` and `data` must outlive the link.
 */
[[nodiscard, gnu::returns_nonnull]] struct vx_link *vx_link_create(int fd, enum vx_link_role role,
	uint32_t features, const struct vx_link_listener *listener, void *data);

/* Ends every channel (listeners are told LINK_LOST), closes the fd. NULL is allowed. */
void vx_link_destroy(struct vx_link *link);

int vx_link_get_fd(const struct vx_link *link);
[[nodiscard]] bool vx_link_wants_write(const struct vx_link *link);
[[nodiscard]] bool vx_link_is_ready(const struct vx_link *link);

/*
 * Reads and handles what is there, then writes what is queued and fits; never blocks, and handles a
 * bounded amount a call so that no link starves its owner's loop. Call it while the fd is readable
 * or writable (level-triggered: something may be left), and once after queuing (sending does not
 * write by itself). All callbacks but write_interest_changed come from in here or from
 * vx_link_destroy(). Inside a callback this does nothing.
 */
void vx_link_dispatch(struct vx_link *link);

/* Writes what is queued and fits. For use once at the end of an event-loop turn, or in callbacks.
 */
void vx_link_flush(struct vx_link *link);

/* Sends a ping; a peer that hasn't answered the one before is hung: returns false then. */
bool vx_link_ping(struct vx_link *link);

/*
 * Opens a channel; bytes may be sent at once, also before the link is ready: the peer's credit to
 * begin with is vx_link_window_default. `window`, 1 to vx_link_window_max, is how many unconsumed
 * bytes we are ready to hold; whoever accepts a channel must be ready for vx_link_window_default.
 * `service` is of [a-z0-9._-]. NULL over the cap (each side may open half of vx_link_channels_max)
 * or when the link is lost.
 */
[[nodiscard]] struct vx_link_channel *vx_link_channel_open(struct vx_link *link,
	const char *service, uint32_t window, const struct vx_link_channel_listener *listener,
	void *data);

/* Accepts a channel that the peer opened, or hands an open one to another owner. */
void vx_link_channel_set_listener(struct vx_link_channel *channel,
	const struct vx_link_channel_listener *listener, void *data);

/* How many bytes vx_link_channel_send() would take now. */
[[nodiscard]] size_t vx_link_channel_get_credit(const struct vx_link_channel *channel);

/* Queues as much of `bytes` as the peer's credit allows and returns that count. */
[[nodiscard]] size_t vx_link_channel_send(
	struct vx_link_channel *channel, const void *bytes, size_t size);

/* Gives `size` received bytes back to the peer as credit. */
void vx_link_channel_consume(struct vx_link_channel *channel, size_t size);

/* No more bytes will be sent. */
void vx_link_channel_finish(struct vx_link_channel *channel);

/*
 * Ends the channel now; no callback is called. A reset with `reason`, and queued bytes are dropped,
 * unless both sides had finished: then what is queued is still sent.
 */
void vx_link_channel_destroy(struct vx_link_channel *channel, enum vx_link_reason reason);

struct vx_link *vx_link_channel_get_link(const struct vx_link_channel *channel);
void *vx_link_channel_get_data(const struct vx_link_channel *channel);

#endif
