/* SPDX-License-Identifier: MIT */
/*
 * One VM: its definition, its state (machine_state.h), its domain at libvirt, its vixos-proxy, its
 * console and the programs that vixosd runs in it. Whatever is waited for has a deadline.
 */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_H
#define VX_LAUNCHER_DAEMON_MACHINE_H

#include <stdint.h>
#include <systemd/sd-event.h>
#include <wayland-util.h>

#include "common/error.h"
#include "daemon/job.h"
#include "daemon/machine_state.h"
#include "daemon/memory_balance.h"
#include "vm/audio.h"
#include "vm/definition.h"
#include "vm/hypervisor.h"
#include "vm/runtime_dir.h"

struct daemon;
struct proxy;
struct vm_console;
struct vm_definition;

/* The times of a start that the times of vm_started don't have; CLOCK_MONOTONIC ns, 0: not yet. */
struct machine_times {
	struct vm_start_times start;
	uint64_t link_up_at;
	uint64_t first_frame_at;
};

/* Devices that a start asks for, over what is configured. */
struct machine_wish {
	bool has_audio, has_network, usb;
	enum vm_audio audio;
	enum vm_network network;
	char network_name[vm_network_name_max + 1]; /* "" where its kind has none */
};

/* What tells that a disposable VM has done what it was there for (machine_lifetime.h). */
struct machine_lifetime {
	bool had_windows;
	bool is_over;                  /* the program that it was started for has ended */
	sd_event_source *grace_source; /* owned */
};

struct machine {
	struct wl_list link;              /* struct daemon.machines */
	struct daemon *daemon;            /* borrowed; outlives us */
	char *name;                       /* owned */
	struct vm_definition *definition; /* owned; of the next start while stopped */

	enum machine_state state;
	uint64_t state_since_ms;
	enum machine_state told_state;    /* the last in daemon->events */
	sd_event_source *deadline_source; /* owned */
	struct vx_error failure;          /* why it is being stopped, or has failed */
	char *progress;                   /* owned; may be NULL */
	bool is_emulated;                 /* without KVM: the user is told why it takes longer */
	char *loss; /* owned; why proxy or link were lost, until it runs again; may be NULL */
	struct machine_retry retry;
	sd_event_source *respawn_source; /* owned */

	/* Of the running VM. */
	char *display;   /* owned; path of the Wayland socket; NULL: no windows */
	char *workspace; /* owned; that it is bound to; may be NULL */
	bool untagged;
	struct machine_wish wish; /* of the last start */
	bool is_paused;
	bool is_silent;      /* its guest hasn't answered for some time */
	char *pause_problem; /* owned; why it can't be paused, or resumed; may be NULL */
	struct vm_definition *network_wanted; /* owned; a change of the network that is under way */
	bool network_only_firewall;
	bool firewall_is_stale;     /* see machine_network_refresh() */
	char *link_name;            /* owned; of the net-vm that it is connected to; may be NULL */
	bool link_is_busy;          /* being connected, or disconnected */
	char *link_problem;         /* owned; why it can't be connected; may be NULL */
	bool waits_for_net_vm;      /* before it can start */
	char *network_problem;      /* owned; why the last change failed; may be NULL */
	char *region_name;          /* owned; may be NULL */
	struct vm_runtime_dir dir;  /* paths; always set */
	struct proxy *proxy;        /* owned */
	struct vm_console *console; /* owned; may be NULL; kept after the end, for the log */
	sd_event_source *console_source;       /* owned */
	sd_event_source *console_pause_source; /* owned */
	uint32_t clients, windows;
	struct machine_memory memory;
	struct machine_times times;

	struct machine_lifetime lifetime;
	struct wl_list usb;              /* struct machine_usb.link */
	bool usb_has_begun;              /* the definition's devices have been attached */
	struct wl_list jobs;             /* struct machine_job.link */
	struct wl_list mount_operations; /* struct mount_operation.link */
	/* Whose connection's end stops this VM; only ever compared. NULL: nobody's. */
	const void *lease;

	unsigned hypervisor_jobs; /* not answered yet; the machine lives until they are */
	bool is_taking;           /* PREPARING: a preloaded VM is made this one */
	bool is_taken;            /* it was a preloaded VM */
	bool starts_cold;         /* the preloaded VM was no good: the next start takes none */
	bool domain_is_gone;      /* STOPPING: libvirt has done its part */
	bool start_again;         /* START came while STOPPING */
	bool is_found;            /* FOUND since the connection to libvirt was made */
};

/* How a start is wanted; strings are copied. */
struct machine_start {
	const char *display;   /* may be NULL */
	const char *workspace; /* NULL: that of the definition */
	bool untagged;
	struct machine_wish wish;
};

/* Takes `definition`. The machine is in daemon->machines until machine_destroy(). */
[[nodiscard]] struct machine *machine_create(
	struct daemon *daemon, struct vm_definition *definition, struct vx_error *err);
/* Leaves the VM and its proxy running. Only without hypervisor jobs. NULL allowed. */
void machine_destroy(struct machine *machine);

/* Can it be dropped from the list: at rest, and nothing will call back? */
bool machine_is_disposable(const struct machine *machine);

/* Starts it if it doesn't run yet; where it is stopping, once that is done. Never blocks. */
void machine_start(struct machine *machine, const struct machine_start *start);

/* The net-vm that it waits for runs now, or, with an error, can't. */
void machine_net_vm_settled(struct machine *machine, const struct vx_error *err);

/* libvirt says that it runs. */
void machine_found(struct machine *machine, const struct vm_running *running);

/* Stops it; `why` (may be NULL) is the failure that makes it necessary. */
void machine_stop(struct machine *machine, bool kill, const struct vx_error *why);

/* The domain ended by itself. */
void machine_domain_down(struct machine *machine, enum vm_stop_reason reason);

/* A stream to a new exec channel, owned by the caller; -1 where the VM isn't running. */
[[nodiscard]] int machine_open_exec(struct machine *machine, struct vx_error *err);

/* A stream to the VM's clipboard (clipboard_stream.h), as above. */
[[nodiscard]] int machine_open_clipboard(struct machine *machine, struct vx_error *err);

/*
 * Runs a program without a terminal, now or, while the VM starts, when it runs. `handle_started`
 * (may be NULL) hears once whether it could be started. `environment` (may be NULL) is added to the
 * VM's own. `is_owner`: stop the VM when the program ends.
 */
typedef void (*machine_job_handler)(void *data, const struct vx_error *err);
bool machine_add_job(struct machine *machine, const char *const *argv,
	const char *const *environment, bool is_owner, machine_job_handler handle_started,
	void *data, struct vx_error *err);
/* `data` is not to be called back any more. */
void machine_forget_job_handler(struct machine *machine, const void *data);

/* One line about the state: progress, or why it failed; borrowed; may be NULL. */
const char *machine_get_message(const struct machine *machine);

#endif
