/* SPDX-License-Identifier: MIT */
/* The running compositor: made once in main and passed down to whatever needs it. */
#ifndef COMPOSITOR_SERVER_H
#define COMPOSITOR_SERVER_H

#include <wayland-server-core.h>

#include "commands/commands.h"
#include "commands/desktop.h"
#include "vm/vms.h"

struct domain_server;
struct domain_socket;
struct foreign_toplevels;
struct input;
struct launches;
struct lock;
struct menu;
struct options;
struct outputs;
struct prompts;
struct scene;
struct shell;
struct transactions;
struct vm_drags;
struct vx_error;
struct wlr_allocator;
struct wlr_backend;
struct wlr_compositor;
struct wlr_content_type_manager_v1;
struct wlr_renderer;
struct wlr_security_context_manager_v1;
struct wlr_session;
struct xwayland;

struct server {
	struct desktop desktop; /* how commands and IPC reach all this */
	struct session session;
	struct tree *tree; /* owned */
	struct ipc_server *ipc;

	struct wl_display *display;
	struct wl_event_loop *loop;
	struct wlr_backend *backend;
	struct wlr_session *seat_session; /* may be NULL: nested or headless */
	struct wlr_renderer *renderer;
	struct wlr_allocator *allocator;
	struct wlr_compositor *compositor;
	struct wlr_security_context_manager_v1 *security_context;

	/* Each owned, and the door to its folder. */
	struct scene *scene;
	struct outputs *outputs;
	struct input *input;
	struct shell *shell;
	struct transactions *transactions;
	struct lock *lock;
	struct menu *menu;
	struct prompts *prompts;
	struct domain_server *domains;
	struct domain_socket *domain_socket;
	struct vm_drags *drags; /* within VMs */
	struct vms vms;
	struct xwayland *xwayland; /* may be NULL */
	struct launches *launches;
	struct wlr_content_type_manager_v1 *content_types;
	int64_t manager_started; /* CLOCK_MONOTONIC seconds; 0: no `vixos attach` is under way */

	struct wl_event_source *signals[3]; /* SIGINT, SIGTERM, SIGCHLD */
	struct wl_listener backend_destroy, renderer_lost, new_surface, client_created;
	struct wl_list children;  /* struct child.link: process.c */
	struct wl_list callbacks; /* struct callback.link: desktop.c */
	bool running;             /* the backend has started */
};

/* Everything up to a listening socket; on failure server_finish() still has to be called. */
bool server_init(struct server *server, const struct options *options, struct vx_error *err);
/* Starts the backend, runs the configuration's commands and serves until `exit` or a signal. */
bool server_run(struct server *server, struct vx_error *err);
void server_finish(struct server *server);

/* Leaves server_run() after this turn of the loop. */
void server_stop(struct server *server);

/* The configuration in force. */
static inline struct config *server_config(const struct server *server)
{
	return server->session.config;
}

#endif
