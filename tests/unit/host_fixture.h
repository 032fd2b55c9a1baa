/* SPDX-License-Identifier: MIT */
/*
 * The host half of the forwarding in process, between a compositor that notes what it is asked and
 * a guest that says whatever a test likes.
 */
#ifndef VX_TESTS_HOST_FIXTURE_H
#define VX_TESTS_HOST_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "proxy/link/link.h"
#include "wire/connection.h"

struct proxy;
struct wire_interface;
struct wire_interfaces;

static constexpr uint32_t fixture_ids_max = 4096;
static constexpr unsigned fixture_offers_max = 2048;
static constexpr unsigned fixture_requests_max = 8192;

/* Ids that fixture_create() has bound for the guest already. */
enum fixture_id : uint32_t {
	ID_DISPLAY = 1,
	ID_REGISTRY = 2,
	ID_COMPOSITOR = 3,
	ID_SUBCOMPOSITOR = 4,
	ID_SHELL = 5,
	ID_SEAT = 6,
	ID_POINTER = 7,
	ID_VIEWPORTER = 8,
	ID_DECORATION = 9,
	ID_KEYBOARD = 10,
	ID_FREE = 20, /* from here on none is used */
};

/* A request that reached the compositor. */
struct fixture_request {
	char name[64]; /* interface.message */
	uint32_t id;
	uint32_t args[8]; /* words of the message */
	char text[160];   /* of the first string argument */
};

struct host_fixture {
	struct proxy *proxy;                /* owned */
	struct wire_interfaces *interfaces; /* owned */
	/* the compositor */
	struct wire_connection
		compositor; /* fd -1 until the host half has asked for a connection */
	const struct wire_interface *types[fixture_ids_max]; /* by the connection's ids */
	bool offers[fixture_offers_max]; /* by id - wire_server_id_min: wl_data_offers that are
					    there */
	struct fixture_request requests[fixture_requests_max];
	unsigned request_count;
	bool silent;    /* it reads nothing */
	bool keeps_ids; /* it never says delete_id */
	/* the guest */
	struct vx_link *link;            /* owned */
	struct vx_link_channel *channel; /* owned; NULL once closed */
	enum vx_link_reason closed;      /* valid once `channel` is NULL */
	struct vx_buffer events;         /* what the guest got */
	bool deaf;                       /* it gives no credit back */
};

/* With every id above bound, and all of it through. `shared`: with a region of 16 MiB. */
struct host_fixture *fixture_create(bool shared);
void fixture_destroy(struct host_fixture *fixture);

/* Runs all three until nobody has anything to say. */
void fixture_run(struct host_fixture *fixture);

/* The guest sends a message, `format` as in wire_write(); or any bytes. Nothing runs yet. */
void fixture_send(
	struct host_fixture *fixture, uint32_t id, uint16_t opcode, const char *format, ...);
void fixture_send_bytes(struct host_fixture *fixture, const void *bytes, size_t size);

/* The compositor sends an event; ids are the connection's. */
void fixture_event(
	struct host_fixture *fixture, uint32_t id, uint16_t opcode, const char *format, ...);

/* The compositor announces a wl_data_offer on the wl_data_device; returns its id. */
uint32_t fixture_offer(struct host_fixture *fixture, uint32_t device);

/* A button is pressed over the client. */
void fixture_press(struct host_fixture *fixture, uint32_t serial);

/* The newest request of that name ("wl_surface.attach") that came; NULL for none. */
const struct fixture_request *fixture_find(const struct host_fixture *fixture, const char *name);
unsigned fixture_count(const struct host_fixture *fixture, const char *name);

/* Was an event of that object and opcode sent to the guest? `ret_args` gets its first words. */
bool fixture_guest_got(
	const struct host_fixture *fixture, uint32_t id, uint16_t opcode, uint32_t ret_args[8]);

/* Is the guest's client still connected? */
static inline bool fixture_is_alive(const struct host_fixture *fixture)
{
	return fixture->channel != nullptr;
}

#endif
