/* SPDX-License-Identifier: MIT */
#include "daemon/machine_jobs.h"

#include <unistd.h>

#define VX_LOG_MODULE "job"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "daemon/machine_lifetime.h"
#include "daemon/machine_packages.h"
#include "vm/definition.h"

static constexpr int machine_jobs_max = 256;

struct machine_job {
	struct wl_list link; /* struct machine.jobs */
	struct machine *machine;
	struct job *job;                    /* owned */
	bool is_owner;                      /* the VM is stopped when it ends */
	bool is_settled;                    /* it was started, or couldn't be */
	machine_job_handler handle_started; /* NULL once called */
	void *data;
};

static void machine_job_destroy(struct machine_job *entry)
{
	wl_list_remove(&entry->link);
	job_destroy(entry->job);
	free(entry);
}

static void machine_job_tell(struct machine_job *entry, const struct vx_error *err)
{
	if (entry->is_settled) {
		return;
	}
	entry->is_settled = true;
	machine_job_handler handle_started = vx_take_ptr(entry->handle_started);
	if (handle_started != nullptr) {
		handle_started(entry->data, err);
	} else if (err != nullptr) {
		vx_log_warn("'%s': %s", entry->machine->name, vx_error_message(err));
	}
}

/* The program is no more. `err` is why it never ran, or NULL. */
static void machine_job_end(struct machine_job *entry, const struct vx_error *err)
{
	struct machine *machine = entry->machine;
	bool is_owner = entry->is_owner;
	machine_job_tell(entry, err);
	machine_job_destroy(entry);
	if (is_owner) {
		machine_lifetime_end_program(machine);
	}
}

static void handle_job_started(struct job *job, const struct vx_error *err, void *data)
{
	struct machine_job *entry = data;
	if (err != nullptr) {
		machine_job_end(entry, err);
		return;
	}
	vx_log_debug("'%s': '%s' runs", entry->machine->name, job_get_program(job));
	machine_job_tell(entry, nullptr);
}

static void handle_job_ended(struct job *job, int status, void *data)
{
	struct machine_job *entry = data;
	if (status < 0) {
		/* Lost, with the proxy most likely. That is no reason to end what may still run;
		 * the VM ends by itself with it. */
		entry->is_owner = false;
	}
	vx_log_debug("'%s': '%s' ended with status %d", entry->machine->name, job_get_program(job),
		status);
	machine_job_end(entry, nullptr);
}

static const struct job_listener job_listener = {
	.started = handle_job_started,
	.ended = handle_job_ended,
};

static void machine_job_begin(struct machine_job *entry)
{
	vx_cleanup_error struct vx_error err = {};
	int fd = machine_open_exec(entry->machine, &err);
	if (fd < 0 || !job_begin(entry->job, entry->machine->daemon->event, fd, &err)) {
		err.kind = VX_ERROR_VIXOS;
		machine_job_end(entry, &err);
	}
}

static size_t count_strings(const char *const *strings)
{
	size_t count = 0;
	while (strings != nullptr && strings[count] != nullptr) {
		count++;
	}
	return count;
}

/* What the VM gives its programs, then `own`, which counts more. The array is owned by the caller.
 */
static const char **join_environment(const char *const *configured, const char *const *own)
{
	size_t configured_count = count_strings(configured);
	size_t own_count = count_strings(own);
	const char **joined = vx_calloc(configured_count + own_count + 1, sizeof(*joined));
	for (size_t i = 0; i < configured_count; i++) {
		joined[i] = configured[i];
	}
	for (size_t i = 0; i < own_count; i++) {
		joined[configured_count + i] = own[i];
	}
	return joined;
}

bool machine_add_job(struct machine *machine, const char *const *argv,
	const char *const *environment, bool is_owner, machine_job_handler handle_started,
	void *data, struct vx_error *err)
{
	if (wl_list_length(&machine->jobs) >= machine_jobs_max) {
		return vx_error_set_kind(err, VX_ERROR_VIXOS,
			"VM '%s' already runs %d programs for vixosd", machine->name,
			machine_jobs_max);
	}
	struct machine_job *entry = vx_new(entry);
	char **configured = machine_packages_environment(machine);
	vx_cleanup_free const char **joined = join_environment(
		(const char *const *)configured, environment);
	struct job_program program = {
		.argv = argv,
		.environment = joined,
		.is_owner = is_owner,
	};
	entry->job = job_create(&program, &job_listener, entry, err);
	machine_packages_free(configured);
	if (entry->job == nullptr) {
		free(entry);
		return false;
	}
	entry->machine = machine;
	entry->is_owner = is_owner;
	entry->handle_started = handle_started;
	entry->data = data;
	wl_list_insert(machine->jobs.prev, &entry->link);
	if (machine->state == MACHINE_RUNNING) {
		machine_job_begin(entry);
	}
	return true;
}

void machine_forget_job_handler(struct machine *machine, const void *data)
{
	struct machine_job *entry;
	wl_list_for_each (entry, &machine->jobs, link) {
		if (entry->data == data) {
			entry->handle_started = nullptr;
		}
	}
}

void machine_jobs_begin(struct machine *machine)
{
	struct machine_job *entry, *next;
	wl_list_for_each_safe (entry, next, &machine->jobs, link) {
		if (!job_has_begun(entry->job)) {
			machine_job_begin(entry);
		}
	}
}

void machine_jobs_lost(struct machine *machine)
{
	struct vx_error lost = {};
	vx_error_set_kind(&lost, VX_ERROR_VIXOS, "the link to VM '%s' was lost", machine->name);
	struct machine_job *entry, *next;
	wl_list_for_each_safe (entry, next, &machine->jobs, link) {
		if (job_has_begun(entry->job)) {
			machine_job_tell(entry, &lost);
			machine_job_destroy(entry);
		}
	}
	vx_error_finish(&lost);
}

void machine_jobs_finish(struct machine *machine, const struct vx_error *why)
{
	struct vx_error stopped = {};
	if (why->message == nullptr) {
		vx_error_set_kind(&stopped, VX_ERROR_VIXOS,
			"VM '%s' was stopped while it was starting", machine->name);
		why = &stopped;
	}
	struct machine_job *entry, *next;
	wl_list_for_each_safe (entry, next, &machine->jobs, link) {
		machine_job_tell(entry, why);
		machine_job_destroy(entry);
	}
	vx_error_finish(&stopped);
}

void machine_jobs_drop(struct machine *machine)
{
	struct machine_job *entry, *next;
	wl_list_for_each_safe (entry, next, &machine->jobs, link) {
		machine_job_destroy(entry);
	}
}
