/* SPDX-License-Identifier: MIT */
/*
 * vixosd's own connection to one compositor: says whether windows can be tagged there, notices when
 * the compositor is gone, and, where it speaks vixos-domain-v1, keeps its list of VMs up to date
 * and hears what the user chose in the menu. Never blocks.
 */
#ifndef VX_LAUNCHER_DAEMON_DISPLAY_H
#define VX_LAUNCHER_DAEMON_DISPLAY_H

#include <wayland-util.h>

#include "common/error.h"
#include "daemon/published.h"

struct daemon;
struct host_selection;
struct vixos_domain_manager_v1;

struct display {
	struct wl_list link;                   /* struct daemon.displays */
	struct daemon *daemon;                 /* borrowed; outlives us */
	char *path;                            /* owned; of the Wayland socket */
	struct display_connection *connection; /* owned */
	struct host_selection *selection;      /* owned */
	bool is_ready;                         /* it has told what it can do */
	bool has_security_context;
	bool has_menu;
	bool wants_autostart; /* it was attached, and VMs that start with it haven't been yet */
};

/* The connection to the compositor at `path`, made if there is none yet; NULL where nobody listens.
 */
[[nodiscard]] struct display *display_get(
	struct daemon *daemon, const char *path, struct vx_error *err);
void display_destroy(struct display *display);

/* Of the compositor's process; 0 where it can't be known. */
int display_get_pid(const struct display *display);

/*
 * New windows of the VM open on `workspace`, unless the user's configuration has a rule for them.
 * REFUSED where the compositor knows of no way.
 */
bool display_bind_workspace(
	struct display *display, const char *vm, const char *workspace, struct vx_error *err);

/* Publishes `vms`, all that the menu shall show, in place of what was published before. */
void display_publish(struct display *display, const struct published_list *vms);

/* Shows one line for a moment, where the compositor can. */
void display_show_message(struct display *display, const char *text);

/* For what speaks over the same connection: the manager, if it has at least this version and is in
 * charge, or NULL; and writing out what was said. */
struct vixos_domain_manager_v1 *display_get_manager(struct display *display, uint32_t version);
void display_flush(struct display *display);

#endif
