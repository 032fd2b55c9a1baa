/* SPDX-License-Identifier: MIT */
/*
 * The one place that talks to libvirt.
 *
 * No call here blocks: libvirt runs in threads of the hypervisor's own, and results and events come
 * back in the caller's thread through vm_hypervisor_dispatch(), when the descriptor that
 * vm_hypervisor_get_fd() returns is readable. All callbacks run inside vm_hypervisor_dispatch() and
 * may call any function here except vm_hypervisor_destroy(). Jobs of one VM run in the order
 * in which they were given; those of different VMs side by side.
 *
 * When libvirt goes away the VMs go on. vm_hypervisor says so once (CONNECTION_LOST), tries again
 * every second, and then says CONNECTION_READY and tells again what runs.
 */
#ifndef VX_LAUNCHER_VM_HYPERVISOR_H
#define VX_LAUNCHER_VM_HYPERVISOR_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "vm/accel.h"

struct vm_definition;
struct vm_hypervisor;
struct vm_mount;

enum vm_state : unsigned {
	VM_STATE_RUNNING,
	VM_STATE_PAUSED,
	VM_STATE_STOPPING, /* shutting down */
	VM_STATE_COUNT,
};

enum vm_stop_reason : unsigned {
	VM_STOP_SHUTDOWN,  /* the guest ended by itself or was asked to */
	VM_STOP_DESTROYED, /* by us or by another libvirt client */
	VM_STOP_CRASHED,   /* guest panic */
	VM_STOP_FAILED,    /* QEMU or virtiofsd died, or could not start */
	VM_STOP_UNKNOWN,   /* it ended while we could not look */
	VM_STOP_REASON_COUNT,
};

/* "shut down", "was destroyed", "crashed (guest panic)", … */
const char *vm_stop_reason_text(enum vm_stop_reason reason);

/* A VM that runs; all pointers borrowed for the callback. */
struct vm_running {
	const char *name;
	enum vm_state state;
	const struct vm_definition *definition; /* what it was started with; without apps */
	const char *region_name;                /* in /dev/shm; vm_region_path() */
};

enum vm_event_type : unsigned {
	VM_EVENT_CONNECTION_READY, /* followed, in the same dispatch, by FOUND for every VM that
				      runs and by LISTED */
	VM_EVENT_CONNECTION_LOST,  /* `message` says why; VMs go on */
	VM_EVENT_FOUND,            /* `running`: a VM of ours that runs, perhaps known already */
	VM_EVENT_LISTED,           /* all that run have been FOUND; VMs not among them have ended */
	VM_EVENT_PAUSED,
	VM_EVENT_RESUMED,
	VM_EVENT_STOPPED, /* `reason`; also for VMs whose start is still to be answered */
	VM_EVENT_TYPE_COUNT,
};

struct vm_event {
	enum vm_event_type type;
	const char *name;                 /* of the VM, for all but CONNECTION_* and LISTED */
	const char *message;              /* CONNECTION_LOST */
	enum vm_stop_reason reason;       /* STOPPED */
	const struct vm_running *running; /* FOUND */
};

typedef void (*vm_event_handler)(void *data, const struct vm_event *event);

/* A job's end; `err` is NULL when it succeeded. */
typedef void (*vm_done_handler)(void *data, const struct vx_error *err);

/* What a VM has of the host, as the host sees it. */
struct vm_memory {
	uint64_t granted_kib;  /* the size of its memory without the balloon */
	uint64_t resident_kib; /* of the QEMU process, all in all */
	uint64_t cpu_ns;       /* that its processors have used */
	uint64_t taken_at_ns;  /* when that was so; CLOCK_MONOTONIC */
};

/* `memory` is NULL where there is an error. */
typedef void (*vm_memory_handler)(
	void *data, const struct vm_memory *memory, const struct vx_error *err);

/* How long the steps of a start took, in nanoseconds; CLOCK_MONOTONIC. */
struct vm_start_times {
	uint64_t prepare_ns; /* kernel, initramfs, folders */
	uint64_t libvirt_ns; /* until QEMU and virtiofsd are up, paused */
	uint64_t resumed_at; /* point in time at which the guest began to run */
};

/* What a successful start gives. Everything is owned by the hypervisor but for the console fd. */
struct vm_started {
	const char *region_name;
	enum vm_accel accel;
	const char *accel_note; /* sentence for the user where KVM could not be used; else NULL */
	int console_socket;     /* connected before the guest ran; the handler owns it
				   (vm_console_open()) */
	/* Of a VM that is preloaded. */
	int bind_socket;      /* connected before the guest ran; the handler owns it; else -1 */
	uint64_t fingerprint; /* of all that it was made from; see fingerprint.h */
	struct vm_start_times times;
};

typedef void (*vm_started_handler)(
	void *data, const struct vm_started *started, const struct vx_error *err);

/*
 * Starts the threads and begins to connect to `uri`. Never blocks and never fails: where libvirt
 * can't be reached, CONNECTION_LOST says so and trying goes on. `handle_event` hears of everything.
 */
[[nodiscard, gnu::returns_nonnull]] struct vm_hypervisor *vm_hypervisor_create(
	const char *uri, enum vm_accel_choice accel, vm_event_handler handle_event, void *data);

/* Ends the threads (jobs that libvirt is busy with are waited for, at most some seconds); VMs go
 * on. */
void vm_hypervisor_destroy(struct vm_hypervisor *hypervisor); /* NULL allowed */

int vm_hypervisor_get_fd(const struct vm_hypervisor *hypervisor); /* borrowed */
void vm_hypervisor_dispatch(struct vm_hypervisor *hypervisor);

/*
 * Prepares kernel, initramfs, runtime folder, region and network, starts the domain paused,
 * connects to its console and lets the guest run. vixos-proxy can connect to the link socket once
 * this is done: what the guest has sent before is not lost. On failure nothing is left behind.
 * `definition` is copied. Where it says that the VM is preloaded, the guest boots, says by a byte
 * on the bind socket that it is ready, and waits.
 */
void vm_hypervisor_start(struct vm_hypervisor *hypervisor, const struct vm_definition *definition,
	vm_started_handler handle_started, void *data);

/* A preloaded VM that is ready and paused; all borrowed for the call. */
struct vm_preloaded {
	const char *name;
	const char *region_name;
	uint64_t fingerprint;
	int bind_socket;
};

/*
 * Makes it the VM that `definition` (copied) says, and lets it run: as good as a start from then
 * on, with the same answer. Fails where something that it was made from has changed since; in any
 * case of failure nothing of it is left.
 */
void vm_hypervisor_take(struct vm_hypervisor *hypervisor, const struct vm_definition *definition,
	const struct vm_preloaded *preloaded, vm_started_handler handle_started, void *data);

/* What the fingerprint of a VM that is preloaded now would be; only that is set in the answer. */
void vm_hypervisor_fingerprint(struct vm_hypervisor *hypervisor,
	const struct vm_definition *definition, vm_started_handler handle_started, void *data);

/*
 * Asks the guest to shut down (ACPI), and destroys the domain after `deadline_ms`; done when it is
 * gone and its files are removed. Succeeds where there is no such VM.
 */
void vm_hypervisor_stop(struct vm_hypervisor *hypervisor, const char *name, unsigned deadline_ms,
	vm_done_handler handle_done, void *data);

/* Kills the VM at once and removes its files. Succeeds where there is no such VM. */
void vm_hypervisor_kill(struct vm_hypervisor *hypervisor, const char *name,
	vm_done_handler handle_done, void *data);

/* Removes the runtime folder and region of a VM that has STOPPED by itself. */
void vm_hypervisor_clean_up(struct vm_hypervisor *hypervisor, const char *name,
	vm_done_handler handle_done, void *data);

void vm_hypervisor_pause(struct vm_hypervisor *hypervisor, const char *name,
	vm_done_handler handle_done, void *data);
void vm_hypervisor_resume(struct vm_hypervisor *hypervisor, const char *name,
	vm_done_handler handle_done, void *data);

/*
 * Gives a running VM one more folder (`mount` is copied, and must be a hot one), and takes one away
 * again, hot or not. The guest has still, and has first, to mount and unmount it. Both succeed
 * where there is nothing left to do.
 */
void vm_hypervisor_mount(struct vm_hypervisor *hypervisor, const char *name,
	const struct vm_mount *mount, vm_done_handler handle_done, void *data);
void vm_hypervisor_unmount(struct vm_hypervisor *hypervisor, const char *name,
	const struct vm_mount *mount, vm_done_handler handle_done, void *data);

/*
 * Gives a VM that runs the network and firewall of `definition`, of which the rest doesn't count;
 * it is copied. The network card is plugged out, and another in. On failure the VM has no network.
 */
void vm_hypervisor_set_network(struct vm_hypervisor *hypervisor,
	const struct vm_definition *definition, vm_done_handler handle_done, void *data);

/* The same for the firewall alone, which can change while connections stay. */
void vm_hypervisor_set_firewall(struct vm_hypervisor *hypervisor,
	const struct vm_definition *definition, vm_done_handler handle_done, void *data);

/* Tells the rules of the VM `name` what this machine's addresses are by now. */
void vm_hypervisor_refresh_firewall(struct vm_hypervisor *hypervisor, const char *name,
	vm_done_handler handle_done, void *data);

/*
 * Grants the VM `mib` of memory (0: leaves it as it is), which its balloon follows in its own time,
 * and tells what it has.
 */
void vm_hypervisor_memory(struct vm_hypervisor *hypervisor, const char *name, uint32_t mib,
	vm_memory_handler handle_memory, void *data);

/*
 * Plugs the other end of the client's network into the net-vm, and takes it out again. Both run,
 * but for unlink, to which it doesn't matter. A link that there is already is left as it is.
 */
void vm_hypervisor_link(struct vm_hypervisor *hypervisor, const char *net_vm, const char *client,
	vm_done_handler handle_done, void *data);
void vm_hypervisor_unlink(struct vm_hypervisor *hypervisor, const char *net_vm, const char *client,
	vm_done_handler handle_done, void *data);
/* Takes out of a net-vm what is left of clients that are no more. */
void vm_hypervisor_sweep_links(struct vm_hypervisor *hypervisor, const char *net_vm,
	vm_done_handler handle_done, void *data);

/* After LISTED: removes what VMs that no longer run have left behind; see vm_runtime_dir_sweep().
 */
void vm_hypervisor_sweep(struct vm_hypervisor *hypervisor, vm_done_handler handle_done, void *data);

#endif
