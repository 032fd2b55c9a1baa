/* SPDX-License-Identifier: MIT */
/*
 * The guest half of the forwarding in process, between a program of the guest's that says whatever
 * a test likes and a host that notes only how much it is sent.
 */
#ifndef VX_TESTS_GUEST_FIXTURE_H
#define VX_TESTS_GUEST_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "proxy/link/link.h"

struct guest_server;
struct wl_event_loop;

/* What guest_fixture_prepare() makes. */
enum guest_fixture_id : uint32_t {
	GUEST_DISPLAY = 1,
	GUEST_REGISTRY = 2,
	GUEST_SHM,
	GUEST_DATA_MANAGER,
	GUEST_PRIMARY_MANAGER,
	GUEST_COMPOSITOR,
	GUEST_SEAT,
	GUEST_VIEWPORTER,
	GUEST_POOL,
	GUEST_BUFFER,  /* 16x16 */
	GUEST_SURFACE, /* two of them */
	GUEST_SURFACE_2,
	GUEST_DEVICE,
	GUEST_SOURCE,
	GUEST_FREE, /* from here on none is used */
};

static constexpr size_t guest_fixture_pool_size = 64 * 1024;

struct guest_fixture {
	struct wl_event_loop *loop;  /* owned */
	struct guest_server *server; /* owned */
	char folder[32];
	/* the program */
	int fd;                  /* owned; -1 once the guest half has hung up */
	bool is_deaf;            /* it reads nothing */
	bool is_stopped;         /* the guest half doesn't take more for now */
	struct vx_buffer events; /* what it got */
	/* the host */
	int listen_fd;                   /* owned */
	struct vx_link *link;            /* owned */
	struct vx_link_channel *channel; /* owned; NULL: none */
	size_t received;                 /* bytes of the channel */
	bool host_is_deaf;               /* it gives no credit back */
};

/* With one program that has connected. */
[[nodiscard, gnu::returns_nonnull]] struct guest_fixture *guest_fixture_create(void);
void guest_fixture_destroy(struct guest_fixture *fixture);

/* Runs all three until nobody has anything to say. */
void guest_fixture_run(struct guest_fixture *fixture);

/* The program sends; `fds` (-1: none there) stay the caller's. Runs until all is sent, or the guest
 * half doesn't take it. */
void guest_fixture_send_bytes(struct guest_fixture *fixture, const void *bytes, size_t size,
	const int *fds, size_t fd_count);
void guest_fixture_send(
	struct guest_fixture *fixture, uint32_t id, uint16_t opcode, const char *format, ...);

/* The host sends on the program's channel. */
void guest_fixture_host_sends(struct guest_fixture *fixture, const void *bytes, size_t size);

/* Binds and makes all of the ids above. */
void guest_fixture_prepare(struct guest_fixture *fixture);

/* Was the program sent an event of that object and opcode? */
bool guest_fixture_got(const struct guest_fixture *fixture, uint32_t id, uint16_t opcode);

/* Is the program still connected? */
static inline bool guest_fixture_is_alive(const struct guest_fixture *fixture)
{
	return fixture->fd >= 0;
}

#endif
