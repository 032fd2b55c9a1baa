/* SPDX-License-Identifier: MIT */
/*
 * The Wayland side of vixos-guest: listens for the VM's programs, holds the link to vixos-proxy,
 * and all that the programs of one VM share.
 */
#ifndef VX_PROXY_GUEST_SERVER_H
#define VX_PROXY_GUEST_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <wayland-util.h>

#include "common/error.h"
#include "guest/clock.h"
#include "guest/drag.h"
#include "guest/keymap.h"
#include "guest/selection.h"
#include "pixels/inline.h"
#include "pixels/region.h"

struct guest_clipboard;
struct link_device;
struct pool_budget;
struct slots_pool;
struct vx_link;
struct vx_link_channel;
struct wire_interface;
struct wire_interfaces;
struct wl_event_loop;
struct wl_event_source;

struct guest_server_options {
	const char *link_path;   /* unix socket of vixos-proxy; NULL: a device */
	const char *device_path; /* virtio-serial port */
	const char *region;      /* "auto", "none" or a file */
	const char
		*display; /* socket to listen on: an absolute path, or a name in $XDG_RUNTIME_DIR */
	/* Do all that needs no host, say so by a byte on standard input, a socket, and wait there
	 * for a byte before the link is looked at. */
	bool waits;
};

/* Pixels of the whole VM. */
struct guest_pixels {
	struct pixel_region shared_region; /* owned; unset where there is none */
	struct pixel_region
		private_region;         /* owned; made where the link can't use the shared one */
	struct pixel_region *region;    /* the one that is used; set while the link is ready */
	struct slots_pool *slots;       /* owned; set while the link is ready */
	struct inline_encoder *encoder; /* owned; NULL with the shared region */
	struct pool_budget *budget;     /* owned */
	uint8_t chunk[inline_chunk_max];
};

struct guest_server {
	struct wl_event_loop *loop;            /* borrowed; outlives us */
	struct guest_server_options options;   /* strings borrowed; outlive us */
	struct wire_interfaces *interfaces;    /* owned */
	const struct wire_interface *forward;  /* of `interfaces`: vixos_forward_v1 */
	char *socket_path;                     /* owned */
	int listen_fd;                         /* owned */
	struct wl_event_source *listen_source; /* owned */
	struct vx_link *link;                  /* owned; NULL while there is none */
	struct wl_event_source *link_source;   /* owned */
	struct wl_event_source *link_timer;    /* owned; of a device: for the host's hello */
	struct link_device *device;            /* owned; NULL: there is none */
	struct wl_event_source *start_source;  /* owned; NULL: not waiting to be let go on */
	bool link_lost;
	uint32_t link_watched;
	struct guest_pixels pixels;
	struct guest_keymaps keymaps;
	struct guest_clock clock;
	struct guest_selections selections;
	struct guest_drags drags;
	struct guest_clipboard *clipboard; /* owned */
	struct wl_list clients;            /* guest_client.link */
	/* What else comes over the link; see guest_server_set_service(). */
	void (*channel_opened)(
		struct vx_link_channel *channel, const char *untrusted_service, void *data);
	void *channel_opened_data;
	bool quit;
	int exit_status;
};

/* Listens, and connects the link (a device is waited for). NULL with `err` set on failure. */
[[nodiscard]] struct guest_server *guest_server_create(struct wl_event_loop *loop,
	const struct guest_server_options *options, struct vx_error *err);
/* NULL is allowed. */
void guest_server_destroy(struct guest_server *server);

/*
 * Channels that the host opens are handed to `channel_opened`, which accepts or refuses them as
 * vx_link_listener.channel_opened does. Without one they are refused.
 */
void guest_server_set_service(struct guest_server *server,
	void (*channel_opened)(
		struct vx_link_channel *channel, const char *untrusted_service, void *data),
	void *data);

/* Where the programs connect: an absolute path for WAYLAND_DISPLAY. Borrowed. */
const char *guest_server_get_display(const struct guest_server *server);

/* One turn of the loop; waits up to `timeout_ms` (-1: without end). */
void guest_server_turn(struct guest_server *server, int timeout_ms);

/* Runs the loop until SIGTERM, SIGINT or, with a socket, the link's end; returns the exit status.
 */
int guest_server_run(struct guest_server *server);

/* Ends guest_server_run(). */
void guest_server_quit(struct guest_server *server, int exit_status);

#endif
