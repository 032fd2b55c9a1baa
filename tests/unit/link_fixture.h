/* SPDX-License-Identifier: MIT */
/* Both ends of a link in one process, and a hostile end that writes frames by hand. */
#ifndef VX_TESTS_LINK_FIXTURE_H
#define VX_TESTS_LINK_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "proxy/link/frame.h"
#include "proxy/link/link.h"

static constexpr size_t fixture_users_max = 1024;

struct side;

/* Whoever uses one channel on one side. */
struct user {
	struct side *side;
	struct vx_link_channel *channel; /* NULL once closed */
	struct vx_buffer received;       /* owned */
	size_t unconsumed;
	bool holds; /* consumes nothing by itself */
	unsigned writable_count, finished_count, closed_count;
	enum vx_link_reason reason;
	/* What else to do when something happens; may be NULL. */
	void (*on_received)(struct user *user);
	void (*on_writable)(struct user *user);
	void (*on_finished)(struct user *user);
	void (*on_closed)(struct user *user);
	void *extra;
};

struct side {
	struct vx_link *link; /* owned; NULL once destroyed */
	bool refuses;         /* peers' channels: leave them without a listener */
	unsigned ready_count, lost_count, opened_count;
	uint32_t features;
	char lost_reason[256];
	char last_service[64];
	struct user *users[fixture_users_max]; /* owned */
	size_t user_count;
	void (*on_ready)(struct side *side);
	void (*on_opened)(struct side *side, struct user *user);
	void (*on_lost)(struct side *side);
	bool wants_write;
	unsigned interest_changes;
};

extern const struct vx_link_listener side_listener;
extern const struct vx_link_channel_listener user_listener;

struct pair {
	struct side host, guest;
};

/* Non-blocking, and closed on exec. */
void socket_pair(int ret_fds[2]);

/* A pair that has said hello, or whose hellos wait for the first dispatch. */
void pair_init(struct pair *pair);
void pair_connect(struct pair *pair);
void pair_finish(struct pair *pair);
/* Dispatches both until nothing moves any more. */
void pair_pump(struct pair *pair);

void side_init(struct side *side, int fd, enum vx_link_role role, uint32_t features);
void side_finish(struct side *side);
struct user *side_open(struct side *side, const char *service, uint32_t window);
struct user *side_last_user(struct side *side);
void side_dispatch(struct side *side);

/* A host link whose peer is the test itself, at the other end of `fd`. */
struct hostile {
	struct side side;
	int fd;
};

/* With `says_hello`, the hellos are exchanged and read. */
void hostile_init(struct hostile *hostile, bool says_hello);
void hostile_finish(struct hostile *hostile);
void hostile_write(struct hostile *hostile, const void *bytes, size_t size);
void hostile_frame(struct hostile *hostile, uint8_t type, uint32_t channel, const void *payload,
	uint32_t size);
void hostile_u32(struct hostile *hostile, uint8_t type, uint32_t channel, uint32_t value);
void hostile_open(struct hostile *hostile, uint32_t channel, uint32_t window, const char *service);
void hostile_hello(struct hostile *hostile, struct link_hello hello);
/* Reads what the link wrote; returns the size. */
size_t hostile_read(struct hostile *hostile, uint8_t *bytes, size_t size);
void hostile_drain(struct hostile *hostile);
/* The link is lost, once, and its reason contains `part`. */
void hostile_expect_lost(struct hostile *hostile, const char *part);
void hostile_expect_alive(struct hostile *hostile);

extern const struct link_hello hostile_good_hello;

#endif
