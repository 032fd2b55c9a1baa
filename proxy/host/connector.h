/* SPDX-License-Identifier: MIT */
/*
 * Connections to the compositor for a process that may not connect.
 *
 * connector_create(), called before the sandbox, forks a helper. The helper makes a listening
 * socket, has the compositor tag everything that comes through it as this VM
 * (wp_security_context_v1: engine org.vixos, app_id and instance_id the VM's name), and from then
 * on answers each request with one freshly connected descriptor. The socket has no name that anyone
 * could connect to: its path is gone before the compositor is told, the helper alone reaches it
 * through a descriptor.
 *
 * The helper ends with its parent, and the compositor stops accepting for this VM with the helper.
 * It limits the rate of connections itself, because the parent may have been taken over by its
 * guest, and has a sandbox of its own.
 */
#ifndef PROXY_HOST_CONNECTOR_H
#define PROXY_HOST_CONNECTOR_H

#include <sys/types.h>

#include "common/error.h"

struct connector;
struct connector_request;
struct wl_event_loop;

static constexpr unsigned connector_requests_max = 32; /* not answered yet */
static constexpr unsigned connector_burst = 64;        /* connections at once … */
static constexpr unsigned connector_per_second = 16;   /* … and refilled so fast */

struct connector_options {
	const char *vm_name;
	const char *display; /* NULL: $WAYLAND_DISPLAY, as wl_display_connect(3) */
	bool untagged;       /* plain connections, for compositors without security contexts */
};

struct connector_listener {
	/* The helper ended: compositor gone, or it was killed. Every request was failed before.
	 * Once. */
	void (*lost)(struct connector *connector, const struct vx_error *reason, void *data);
};

/*
 * `fd` is a blocking, connected stream for wl_display_connect_to_fd(), owned by the callee; or -1
 * (rate exceeded, compositor not accepting, helper gone) and `reason` says why.
 */
typedef void (*connector_callback)(int fd, const struct vx_error *reason, void *data);

/*
 * Forks the helper and waits (some seconds at most) until it is ready. Call it while the process
 * has one thread and nothing that mustn't be in two processes. `listener` and `data` outlive the
 * connector.
 */
[[nodiscard]] struct connector *connector_create(const struct connector_options *options,
	struct wl_event_loop *loop, const struct connector_listener *listener, void *data,
	struct vx_error *err);

/* Ends the helper; outstanding requests get -1. NULL is allowed. */
void connector_destroy(struct connector *connector);

/*
 * Asks for one connection; `callback` comes exactly once, later, in the order of requests, unless
 * cancelled. NULL when connector_requests_max are outstanding or the helper is gone.
 */
[[nodiscard]] struct connector_request *connector_request(
	struct connector *connector, connector_callback callback, void *data);

/* The callback won't be called; a descriptor that still comes is closed. */
void connector_request_cancel(struct connector_request *request);

/* The helper's process, for tests and `vixos doctor`. */
[[nodiscard]] pid_t connector_get_pid(const struct connector *connector);

#endif
