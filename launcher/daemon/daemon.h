/* SPDX-License-Identifier: MIT */
/*
 * vixosd: what the parts share, and where they meet. Machines, displays and the varlink service
 * don't know each other; each tells the daemon what happened, and the daemon tells the others.
 */
#ifndef VX_LAUNCHER_DAEMON_DAEMON_H
#define VX_LAUNCHER_DAEMON_DAEMON_H

#include <stdint.h>
#include <systemd/sd-event.h>
#include <wayland-util.h>

#include "common/error.h"

struct address_watch;
struct catalog;
struct display;
struct event_log;
struct machine;
struct manager;
struct memory_balance;
struct pool;
struct vm_config;
struct vm_definition;
struct vm_hypervisor;

static constexpr int daemon_machines_max = 256;

struct daemon_options {
	int ready_fd;       /* where to say that the socket is there, or why not; -1: nowhere */
	bool is_foreground; /* stay although nobody needs us */
};

struct daemon {
	sd_event *event;     /* owned */
	int lock_fd;         /* owned; held as long as we live */
	char *runtime_base;  /* owned; $XDG_RUNTIME_DIR/vixos */
	char *socket_path;   /* owned; to be removed in the end; NULL: systemd's */
	char *proxy_program; /* owned */
	uint32_t boot_deadline_ms;
	struct event_log *events;              /* owned */
	struct vm_config *config;              /* owned */
	struct vm_hypervisor *hypervisor;      /* owned */
	sd_event_source *hypervisor_source;    /* owned */
	struct catalog *catalog;               /* owned */
	struct manager *manager;               /* owned */
	struct pool *pool;                     /* owned */
	struct sd_device_monitor *usb_monitor; /* owned; NULL: it can't be had */
	struct address_watch *addresses;       /* owned; NULL: it can't be had */
	struct memory_balance *memory;         /* owned */
	struct wl_list machines;               /* struct machine.link */
	struct wl_list displays;               /* struct display.link */
	struct wl_list clipboard_transfers;    /* struct clipboard_transfer.link */
	bool is_listed;                        /* libvirt has told which VMs run */
	char *libvirt_problem; /* owned; why there is no connection; NULL: there is */
	bool is_foreground;
	sd_event_source *idle_source;   /* owned; when to end for lack of work */
	sd_event_source *update_source; /* owned; sees to what follows from changes */
};

/* Becomes the session's vixosd: false where another is, or the machine lacks something essential.
 */
bool daemon_init(struct daemon *daemon, const struct daemon_options *options, struct vx_error *err);
/* Serves until told to end. VMs and their proxies go on afterwards. */
bool daemon_run(struct daemon *daemon, struct vx_error *err);
void daemon_finish(struct daemon *daemon); /* half-built daemons too */

uint64_t daemon_now_ms(const struct daemon *daemon);

/* Is it gone but for our memory of it, so that nobody need be told of it? */
bool daemon_machine_is_done(const struct machine *machine);

/* Reads the configuration again; on failure the one before stays. */
bool daemon_reload(struct daemon *daemon, struct vx_error *err);

struct machine *daemon_find_machine(struct daemon *daemon, const char *name); /* may be NULL */

/*
 * The machine of this name with the definition of its next start; made if there is none. NULL where
 * the name or the configuration is wrong.
 */
struct machine *daemon_get_machine(struct daemon *daemon, const char *name, struct vx_error *err);

/*
 * The same for a VM `name` that is one of several like `base`. Where `name` is NULL it gets one
 * that no VM has.
 */
struct machine *daemon_get_instance(struct daemon *daemon, const char *name, const char *base,
	bool disposable, struct vx_error *err);

/* The VM whose block of the configuration is that of `name`: itself, or what it is an instance of.
 * Borrowed. */
const char *daemon_find_base(struct daemon *daemon, const char *name);

/* Told by machines */
void daemon_machine_changed(
	struct daemon *daemon, struct machine *machine); /* state, message, windows */
void daemon_machine_settled(
	struct daemon *daemon, struct machine *machine); /* it may be disposable */
void daemon_machine_logged(
	struct daemon *daemon, struct machine *machine); /* more on its console */

/* Told by displays */
void daemon_display_ready(struct daemon *daemon, struct display *display);
void daemon_display_gone(struct daemon *daemon, struct display *display);
void daemon_display_start_app(
	struct daemon *daemon, struct display *display, const char *vm, const char *app_id);
void daemon_display_stop(struct daemon *daemon, const char *vm);
void daemon_display_open_shell(struct daemon *daemon, struct display *display, const char *vm);
void daemon_display_menu_opened(struct daemon *daemon);

/* Told by the varlink service: somebody came or went. */
void daemon_check_idle(struct daemon *daemon);

#endif
