/* SPDX-License-Identifier: MIT */
/* Private to hypervisor*.c: what the caller's thread, the workers, the connector and libvirt's loop
 * share. */
#ifndef VX_LAUNCHER_VM_HYPERVISOR_STATE_H
#define VX_LAUNCHER_VM_HYPERVISOR_STATE_H

#include <libvirt/libvirt.h>
#include <pthread.h>

#include "vm/definition.h"
#include "vm/hypervisor.h"

/* A stop waits in its worker until the guest has shut down, so there are more than processors. */
static constexpr size_t hypervisor_workers = 8;

struct hypervisor_job {
	struct hypervisor_job *next;
	char *name;          /* owned; jobs of one name run in order; NULL for exclusive jobs */
	bool is_exclusive;   /* runs while no other job does */
	bool has_seen_end;   /* of the VM, as the caller's thread has been told; under the mutex */
	uint64_t reap_at_ns; /* stop, kill: when the VM is ended from outside (reaper); 0: never */
	/* In a worker; false with an error. */
	bool (*run)(
		struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);

	struct vm_definition *definition; /* owned; start, take, set_network, set_firewall */
	char *preloaded_name;             /* owned; take */
	char *preloaded_region;           /* owned; take */
	uint64_t fingerprint;             /* take */
	int bind_socket;                  /* owned; take */
	char *client;                     /* owned; link, unlink */
	unsigned deadline_ms;             /* stop */
	struct vm_mount mount;            /* mount, unmount; strings owned */
	struct vm_started started;        /* start: the result; strings owned by the job */
	uint32_t memory_mib;              /* memory: to be granted; 0: as it is */
	struct vm_memory memory;          /* memory: the result */

	vm_done_handler handle_done;       /* all but start */
	vm_started_handler handle_started; /* start */
	vm_memory_handler handle_memory;   /* memory */
	void *data;
	struct vx_error error;
	bool succeeded;
};

/* What the caller's thread is to hear; exactly one of `job` and `event` is meant. */
struct hypervisor_notice {
	struct hypervisor_notice *next;
	struct hypervisor_job *job; /* owned; NULL: an event */
	enum vm_event_type type;
	char *name;    /* owned; may be NULL */
	char *message; /* owned; may be NULL */
	enum vm_stop_reason reason;
	enum vm_state state;
	struct vm_definition *definition; /* owned; FOUND */
	char *region_name;                /* owned; FOUND */
};

/* A domain whose name isn't that of its VM: preloaded, and then taken. */
struct domain_alias {
	char *domain; /* owned; the domain's name */
	char *vm;     /* owned */
};

struct alias_list {
	struct domain_alias *items; /* owned */
	size_t count;
};

struct name_list {
	char **names; /* owned */
	size_t count;
};

struct vm_hypervisor {
	/* Fixed after creation, or only of the caller's thread. */
	char *uri;
	enum vm_accel_choice accel;
	vm_event_handler handle_event;
	void *data;
	int notice_fd; /* eventfd: readable while there are notices */
	int wake_fd;   /* eventfd: makes libvirt's loop turn once */
	int wake_watch;
	int event_callback; /* of the connection; the connector's */
	pthread_t workers[hypervisor_workers], connector, loop, reaper;

	pthread_mutex_t mutex;  /* over everything below */
	pthread_cond_t changed; /* jobs, connection, a VM's end, quit: broadcast */
	struct hypervisor_job *jobs, **jobs_end;
	struct hypervisor_job *busy[hypervisor_workers]; /* those that run; borrowed */
	size_t busy_count;
	bool exclusive_runs;
	struct hypervisor_notice *notices, **notices_end;
	virConnect *connection;   /* NULL while there is none; workers take references */
	bool connection_lost;     /* libvirt's loop has seen it close */
	char *connection_error;   /* owned; why there is none */
	unsigned failed_attempts; /* to connect, ever */
	bool is_listing;          /* the connector reads what runs: remember what ends meanwhile */
	struct name_list ended;
	struct alias_list aliases;
	bool quits;
};

/* Gives a job (owned then) to the workers. Takes the mutex. */
void hypervisor_add_job(struct vm_hypervisor *hypervisor, struct hypervisor_job *job);

/* Hands a notice (owned then) to the caller's thread. Takes the mutex. */
void hypervisor_notify(struct vm_hypervisor *hypervisor, struct hypervisor_notice *notice);

/* Is a worker starting the VM `name` just now? Takes the mutex. */
bool hypervisor_is_starting(struct vm_hypervisor *hypervisor, const char *name);

/* Sets the last libvirt error of this thread as one line, with "<what>: " before it. Returns false.
 */
bool hypervisor_libvirt_error(struct vx_error *err, const char *what);

/* The name of a domain's VM, owned by the caller; NULL for domains that aren't ours. */
char *hypervisor_vm_of_domain(struct vm_hypervisor *hypervisor, virDomain *domain);

/*
 * The VM's domain; NULL where there is none (`*ret_gone` is true then) or libvirt failed (with an
 * error). To be used instead of looking up a name: a domain's name needn't be its VM's.
 */
virDomain *hypervisor_find_domain(struct vm_hypervisor *hypervisor, virConnect *connection,
	const char *vm_name, bool *ret_gone, struct vx_error *err);

/* From now on the domain `domain` is that of the VM `vm_name`; or is called like its VM again. */
void hypervisor_alias_set(
	struct vm_hypervisor *hypervisor, const char *domain, const char *vm_name);
void hypervisor_alias_forget(struct vm_hypervisor *hypervisor, const char *domain);
void hypervisor_aliases_finish(struct vm_hypervisor *hypervisor); /* at the very end */

/* Cleanup functions, and what else the jobs share. */
void hypervisor_free_domain(virDomain **domain);
void hypervisor_close_connection(virConnect **connection);
/* True where no VM of this name runs. */
bool hypervisor_check_not_running(struct vm_hypervisor *hypervisor, virConnect *connection,
	const char *name, struct vx_error *err);

/*
 * A reference to the connection, waiting some seconds for one if need be; given back by
 * virConnectClose(). NULL with an error. In workers only.
 */
virConnect *hypervisor_get_connection(struct vm_hypervisor *hypervisor, struct vx_error *err);

/* Thread bodies. */
void *hypervisor_connector_run(void *hypervisor);
void *hypervisor_loop_run(void *hypervisor);
void *hypervisor_reaper_run(void *hypervisor);

/* When the reaper is to see to a job that should be through in `deadline_ms`, in CLOCK_MONOTONIC.
 */
uint64_t hypervisor_reap_time(unsigned deadline_ms);

/* Before the threads: libvirt's error printing is switched off, its event loop made. */
bool hypervisor_loop_init(struct vm_hypervisor *hypervisor);

/* Job bodies (hypervisor_jobs.c, hypervisor_mounts.c). */
bool hypervisor_job_start(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_take(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_fingerprint(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_stop(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_kill(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_clean_up(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_pause(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_resume(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_mount(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_unmount(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_memory(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_sweep(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);

/* hypervisor_network.c */
bool hypervisor_job_set_network(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_set_firewall(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_refresh_firewall(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);

/* hypervisor_link.c */
bool hypervisor_job_link(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_unlink(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);
bool hypervisor_job_sweep_links(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err);

#endif
