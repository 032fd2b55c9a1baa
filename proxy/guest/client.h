/* SPDX-License-Identifier: MIT */
/*
 * One program in the VM: its Wayland socket, its `wayland` channel on the link, and what it made.
 * What it asks is checked against the protocol tables, then either passed on as it is or dealt with
 * by a handler; what the host half sends is passed to it likewise.
 */
#ifndef VX_PROXY_GUEST_CLIENT_H
#define VX_PROXY_GUEST_CLIENT_H

#include <stdarg.h>
#include <wayland-util.h>

#include "guest/object.h"
#include "guest/outbox.h"
#include "link/backlog.h"
#include "wire/connection.h"
#include "wire/message.h"

struct guest_server;
struct vx_link_channel;
struct wire_interface;
struct wire_interfaces;
struct wire_message;
struct wl_event_source;

struct guest_client {
	struct guest_server *server; /* borrowed */
	struct wl_list link;         /* guest_server.clients */
	struct wire_connection connection;
	struct wl_event_source *source;  /* owned */
	uint32_t watched;                /* event mask of `source` */
	struct vx_link_channel *channel; /* owned; NULL once the host half has ended it */
	struct guest_objects objects;
	struct guest_outbox outbox;
	struct vx_link_backlog from_host;
	struct wl_list surfaces; /* guest_surface.link */
	bool closing;            /* to be destroyed at the end of the turn */
};

/* A request that was found correct. Handlers own nothing of it but an fd that they take. */
struct guest_request {
	uint32_t id;
	struct guest_object *object; /* good until an object is added */
	const struct wire_message *message;
	const struct wire_value *args;
	const uint8_t *bytes; /* the whole message */
	size_t size;
	int fd;           /* -1 where the request has none */
	bool names_local; /* an object whose id means nothing to the host half */
};

struct guest_event {
	uint32_t id;
	struct guest_object *object;
	const struct wire_message *message;
	const struct wire_value *args;
	const uint8_t *bytes;
	size_t size;
};

/* Each file that deals with some interface has a table of these, and hangs it on the protocol
 * tables. */
struct guest_request_handler {
	const char *interface, *message;
	/* Deals with the request, passing it on or not. False: the client broke the protocol, and
	 * was told. */
	bool (*handle)(struct guest_client *client, struct guest_request *request);
};

struct guest_event_handler {
	const char *interface, *message;
	/* Is the event to be passed on to the client? */
	bool (*handle)(struct guest_client *client, const struct guest_event *event);
};

void guest_install_requests(struct wire_interfaces *interfaces,
	const struct guest_request_handler *handlers, size_t count);
void guest_install_events(struct wire_interfaces *interfaces,
	const struct guest_event_handler *handlers, size_t count);

/* Takes `fd`, a socket that a program just connected. NULL (the fd is closed) without a ready link.
 */
struct guest_client *guest_client_create(struct guest_server *server, int fd);
void guest_client_destroy(struct guest_client *client);

/* Writes what is queued, adapts what is watched. Call it at the end of each turn. */
void guest_client_flush(struct guest_client *client);

/* Passes a request on to the host half as it is, after adding the objects that it makes. */
[[nodiscard]] bool guest_client_forward(
	struct guest_client *client, const struct guest_request *request);

/* Sends an event made here; `format` as in wire_write(). A client whose buffer is full is closed.
 */
void guest_client_send(
	struct guest_client *client, uint32_t id, uint16_t opcode, const char *format, ...);

/* The same with an fd (taken) for the format's h. */
void guest_client_send_fd(
	struct guest_client *client, int fd, uint32_t id, uint16_t opcode, const char *format, ...);

/* Tells the client that it broke the protocol and closes it. Returns false. */
[[gnu::format(printf, 4, 5)]] bool guest_client_post_error(
	struct guest_client *client, uint32_t id, uint32_t code, const char *format, ...);

/*
 * Adds an object that only the guest half knows, made by a request's new id. NULL: the id is not
 * free, and the client was told.
 */
[[nodiscard]] struct guest_object *guest_client_add_local(struct guest_client *client, uint32_t id,
	const struct wire_interface *interface, uint32_t version);

/* Frees a local object and tells the client that its id is free. */
void guest_client_remove_local(struct guest_client *client, uint32_t id);

#endif
