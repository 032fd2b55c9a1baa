/* SPDX-License-Identifier: MIT */
/*
 * vixos-proxy: one process per VM, the only one on the host that parses bytes from that VM. It
 * holds the link's host end and, for each program in the VM, a connection to the compositor.
 */
#ifndef VX_PROXY_HOST_PROXY_H
#define VX_PROXY_HOST_PROXY_H

#include <time.h>
#include <wayland-util.h>

#include "common/error.h"
#include "host/control.h"
#include "host/keymap.h"
#include "host/limits.h"
#include "host/names.h"
#include "host/surface_cost.h"
#include "pixels/region.h"

struct clipboard_relays;
struct connector;
struct control_server;
struct exec_relays;
struct inline_decoder;
struct liveness;
struct memory_watch;
struct vx_link;
struct wire_interface;
struct wire_interfaces;
struct wl_event_loop;
struct wl_event_source;

struct proxy_options {
	const char *vm_name;      /* NULL with `untagged` */
	const char *link_path;    /* socket to connect to … */
	const char *listen_path;  /* … or to accept one connection on */
	const char *region_path;  /* file behind the VM's shared region; may be NULL */
	const char *control_path; /* may be NULL */
	const char *display;      /* NULL: $WAYLAND_DISPLAY */
	bool untagged;
	bool headless; /* no compositor */
};

struct proxy {
	struct wl_event_loop *loop;         /* owned */
	struct wire_interfaces *interfaces; /* owned */
	/* Of `interfaces`: what each message or turn would have to look up. */
	const struct wire_interface *forward, *toplevel;
	struct connector *connector;           /* owned; NULL: headless */
	struct control_server *control;        /* owned; may be NULL */
	struct exec_relays *relays;            /* owned */
	struct clipboard_relays *clipboard;    /* owned */
	struct memory_watch *memory;           /* owned */
	int listen_fd;                         /* owned; -1 once a guest half has connected */
	struct wl_event_source *listen_source; /* owned; with listen_fd */
	struct vx_link *link;                  /* owned; may be NULL */
	struct wl_event_source *link_source;   /* owned; with the link */
	uint32_t link_watched;
	struct liveness *liveness; /* owned; of the link */
	bool link_lost;            /* the link is to be destroyed at the end of the turn */
	struct wl_event_source *stall_timer; /* owned */
	bool stall_timer_armed;
	struct pixel_region shared_region;  /* owned; unset where there is none */
	struct pixel_region private_region; /* owned; made where the link has no shared one */
	struct pixel_region *region;        /* the one that is used; set while the link is ready */
	struct inline_decoder *decoder;     /* owned; with the private region */
	struct host_keymaps keymaps;
	struct limits_counts counts; /* of the VM */
	struct surface_costs surface_costs;
	struct host_names names;
	uint32_t busy_buffers;  /* with the compositor, of all clients */
	struct wl_list clients; /* host_client.link */
	unsigned client_count;  /* ever */
	struct wl_list drags;   /* host_drag.link */
	struct vx_control_message state;
	bool quit;
	int exit_status;
};

/* Everything that needs paths, then the sandbox. NULL with `err` on failure. */
[[nodiscard]] struct proxy *proxy_create(const struct proxy_options *options, struct vx_error *err);
/* NULL is allowed. */
void proxy_destroy(struct proxy *proxy);

/* Serves the guest until the link or the compositor ends; returns the exit status. */
int proxy_run(struct proxy *proxy);

/* The parts of the above, for tests that are the compositor and the guest themselves. */
[[nodiscard, gnu::returns_nonnull]] struct proxy *proxy_create_alone(void);
void proxy_start_link(struct proxy *proxy, int fd);   /* takes fd, a connected stream */
void proxy_turn(struct proxy *proxy, int timeout_ms); /* one turn of the loop */

/* Ends proxy_run(). */
void proxy_quit(struct proxy *proxy, int exit_status);

/* CLOCK_MONOTONIC in seconds. */
time_t proxy_now(void);

/* A surface got pixels. */
void proxy_note_frame(struct proxy *proxy);

#endif
