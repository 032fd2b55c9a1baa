/* SPDX-License-Identifier: MIT */
/*
 * One program in the VM, as the host sees it: its `wayland` channel on the link, and a connection
 * of its own to the compositor.
 */
#ifndef VX_PROXY_HOST_CLIENT_H
#define VX_PROXY_HOST_CLIENT_H

#include <time.h>
#include <wayland-util.h>

#include "host/drag.h"
#include "host/limits.h"
#include "host/object.h"
#include "host/present.h"
#include "link/backlog.h"
#include "link/link.h"
#include "wire/connection.h"
#include "wire/message.h"

struct connector_request;
struct proxy;
struct wire_interfaces;
struct wire_message;
struct wl_event_source;

/* A global of the compositor that the guest may bind. */
struct host_global {
	uint32_t name;
	const struct wire_interface *interface;
	uint32_t version; /* the compositor's, or less: what we offer */
};

struct host_globals {
	struct host_global *globals; /* owned */
	size_t count;
};

struct host_client {
	struct proxy *proxy;               /* borrowed */
	struct wl_list link;               /* proxy.clients */
	unsigned number;                   /* for the log */
	struct vx_link_channel *channel;   /* owned; NULL once the guest half has ended it */
	struct connector_request *request; /* owned; while there is no connection yet */
	struct wire_connection connection; /* fd -1 while there is none */
	struct wl_event_source *source;    /* owned; with the connection */
	uint32_t watched;                  /* event mask of `source` */
	time_t stalled_since;              /* CLOCK_MONOTONIC seconds; 0: the compositor reads */
	struct vx_link_backlog from_guest;
	struct vx_buffer to_guest; /* waits for the guest half's credit */
	struct host_objects objects;
	struct limits_counts counts;
	struct host_globals globals;
	struct host_buffers buffers;
	struct host_drags drags;
	uint32_t keymaps_sent[8];    /* ids whose bytes went over this channel, newest first */
	uint32_t keyboard_focus;     /* host id of the surface that has the keyboard; 0: none */
	uint32_t presentation_clock; /* clockid_t of wp_presentation's times */
	bool congested;              /* the guest reads slowly: motion events are dropped */
	bool finishing; /* the compositor ended the connection: only what waits is still sent */
	bool closing;   /* to be destroyed at the end of the turn */
};

/* A message from the guest that fits its object's interface. Handlers own nothing of it. */
struct host_request {
	struct host_object *object;
	const struct wire_message *message;
	struct wire_value *args;
	/* Of o arguments, by their place; NULL for null. */
	struct host_object *const *objects;
	const uint8_t *bytes; /* the whole message */
	size_t size;
};

/* A message from the compositor. */
struct host_event {
	struct host_object *object;
	const struct wire_message *message;
	const struct wire_value *args;
	const uint8_t *bytes;
	size_t size;
	int fd; /* -1 where there is none; the handler may take it */
};

/* Each file that decides about some interface has a table of these, and hangs it on the protocol
 * tables. */
struct host_request_handler {
	const char *interface, *message;
	/*
	 * Decides about a request: passes it on (host_client_pass()), sends another one, or does
	 * nothing. False with `err`: it must not be, the client is disconnected.
	 */
	bool (*handle)(
		struct host_client *client, struct host_request *request, struct vx_error *err);
};

struct host_event_handler {
	const char *interface, *message;
	/* Is the event to be passed on to the guest? */
	bool (*handle)(struct host_client *client, struct host_event *event);
};

void host_install_requests(struct wire_interfaces *interfaces,
	const struct host_request_handler *handlers, size_t count);
void host_install_events(struct wire_interfaces *interfaces,
	const struct host_event_handler *handlers, size_t count);

/* Takes a channel that the guest half opened, and asks for a connection. */
void host_client_create(struct proxy *proxy, struct vx_link_channel *channel);
void host_client_destroy(struct host_client *client);

/* Writes what is queued, adapts what is watched. Call it at the end of each turn. */
void host_client_flush(struct host_client *client);

/* Ends the client at the end of the turn, and tells the log why. Returns false. */
bool host_client_reject(struct host_client *client, const struct vx_error *reason);

/*
 * Passes a request on to the compositor, ids translated, after counting and adding the objects it
 * makes. `ret_object` (may be NULL) gets the one that is made. False with `err` over a limit.
 */
bool host_client_pass(struct host_client *client, const struct host_request *request,
	struct host_object **ret_object, struct vx_error *err);

/* A request of our own to the compositor; ids are the connection's. */
void host_client_request(struct host_client *client, const struct host_object *object,
	uint16_t opcode, const char *format, ...);

/* An object of our own on the connection. */
[[nodiscard, gnu::returns_nonnull]] struct host_object *host_client_add_own(
	struct host_client *client, const char *interface, uint32_t version);

/* A message to the guest half; ids are the link's. */
void host_client_event(
	struct host_client *client, uint32_t wire_id, uint16_t opcode, const char *format, ...);

/* requests.c: one whole message of the guest. False: it must not be, and `err` says why. */
bool requests_handle(struct host_client *client, const struct wire_header *header,
	const uint8_t *untrusted_bytes, struct vx_error *err);

/* events.c: what the compositor has sent. */
void events_handle(struct host_client *client);
void events_install(struct wire_interfaces *interfaces);

#endif
