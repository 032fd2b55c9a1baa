/* SPDX-License-Identifier: MIT */
/* What may be asked of the hypervisor: each request is a job for a worker. */
#include "vm/hypervisor.h"

#include <fcntl.h>

#include "common/memory.h"
#include "vm/hypervisor_state.h"

static struct hypervisor_job *start_job_create(const struct vm_definition *definition,
	bool (*run)(struct vm_hypervisor *, struct hypervisor_job *, struct vx_error *),
	vm_started_handler handle_started, void *data)
{
	struct hypervisor_job *job = vx_new(job);
	job->name = vx_strdup(definition->name);
	job->run = run;
	job->definition = vm_definition_copy(definition);
	job->handle_started = handle_started;
	job->data = data;
	return job;
}

void vm_hypervisor_start(struct vm_hypervisor *hypervisor, const struct vm_definition *definition,
	vm_started_handler handle_started, void *data)
{
	hypervisor_add_job(hypervisor,
		start_job_create(definition, hypervisor_job_start, handle_started, data));
}

void vm_hypervisor_take(struct vm_hypervisor *hypervisor, const struct vm_definition *definition,
	const struct vm_preloaded *preloaded, vm_started_handler handle_started, void *data)
{
	struct hypervisor_job *job = start_job_create(
		definition, hypervisor_job_take, handle_started, data);
	job->preloaded_name = vx_strdup(preloaded->name);
	job->preloaded_region = vx_strdup(preloaded->region_name);
	job->fingerprint = preloaded->fingerprint;
	job->bind_socket = fcntl(preloaded->bind_socket, F_DUPFD_CLOEXEC, 3);
	hypervisor_add_job(hypervisor, job);
}

void vm_hypervisor_fingerprint(struct vm_hypervisor *hypervisor,
	const struct vm_definition *definition, vm_started_handler handle_started, void *data)
{
	hypervisor_add_job(hypervisor,
		start_job_create(definition, hypervisor_job_fingerprint, handle_started, data));
}

static struct hypervisor_job *job_create(const char *name,
	bool (*run)(struct vm_hypervisor *, struct hypervisor_job *, struct vx_error *),
	vm_done_handler handle_done, void *data)
{
	struct hypervisor_job *job = vx_new(job);
	job->name = vx_strdup(name);
	job->is_exclusive = name == nullptr;
	job->run = run;
	job->handle_done = handle_done;
	job->data = data;
	return job;
}

void vm_hypervisor_stop(struct vm_hypervisor *hypervisor, const char *name, unsigned deadline_ms,
	vm_done_handler handle_done, void *data)
{
	struct hypervisor_job *job = job_create(name, hypervisor_job_stop, handle_done, data);
	job->deadline_ms = deadline_ms;
	job->reap_at_ns = hypervisor_reap_time(deadline_ms);
	hypervisor_add_job(hypervisor, job);
}

void vm_hypervisor_kill(
	struct vm_hypervisor *hypervisor, const char *name, vm_done_handler handle_done, void *data)
{
	struct hypervisor_job *job = job_create(name, hypervisor_job_kill, handle_done, data);
	job->reap_at_ns = hypervisor_reap_time(0);
	hypervisor_add_job(hypervisor, job);
}

void vm_hypervisor_clean_up(
	struct vm_hypervisor *hypervisor, const char *name, vm_done_handler handle_done, void *data)
{
	hypervisor_add_job(
		hypervisor, job_create(name, hypervisor_job_clean_up, handle_done, data));
}

void vm_hypervisor_pause(
	struct vm_hypervisor *hypervisor, const char *name, vm_done_handler handle_done, void *data)
{
	hypervisor_add_job(hypervisor, job_create(name, hypervisor_job_pause, handle_done, data));
}

void vm_hypervisor_resume(
	struct vm_hypervisor *hypervisor, const char *name, vm_done_handler handle_done, void *data)
{
	hypervisor_add_job(hypervisor, job_create(name, hypervisor_job_resume, handle_done, data));
}

void vm_hypervisor_memory(struct vm_hypervisor *hypervisor, const char *name, uint32_t mib,
	vm_memory_handler handle_memory, void *data)
{
	struct hypervisor_job *job = job_create(name, hypervisor_job_memory, nullptr, data);
	job->memory_mib = mib;
	job->handle_memory = handle_memory;
	hypervisor_add_job(hypervisor, job);
}

static void add_mount_job(struct vm_hypervisor *hypervisor, const char *name,
	const struct vm_mount *mount,
	bool (*run)(struct vm_hypervisor *, struct hypervisor_job *, struct vx_error *),
	vm_done_handler handle_done, void *data)
{
	struct hypervisor_job *job = job_create(name, run, handle_done, data);
	job->mount = *mount;
	job->mount.source = vx_strdup(mount->source);
	job->mount.target = vx_strdup(mount->target);
	hypervisor_add_job(hypervisor, job);
}

void vm_hypervisor_mount(struct vm_hypervisor *hypervisor, const char *name,
	const struct vm_mount *mount, vm_done_handler handle_done, void *data)
{
	add_mount_job(hypervisor, name, mount, hypervisor_job_mount, handle_done, data);
}

void vm_hypervisor_unmount(struct vm_hypervisor *hypervisor, const char *name,
	const struct vm_mount *mount, vm_done_handler handle_done, void *data)
{
	add_mount_job(hypervisor, name, mount, hypervisor_job_unmount, handle_done, data);
}

void vm_hypervisor_set_network(struct vm_hypervisor *hypervisor,
	const struct vm_definition *definition, vm_done_handler handle_done, void *data)
{
	struct hypervisor_job *job = job_create(
		definition->name, hypervisor_job_set_network, handle_done, data);
	job->definition = vm_definition_copy(definition);
	hypervisor_add_job(hypervisor, job);
}

void vm_hypervisor_set_firewall(struct vm_hypervisor *hypervisor,
	const struct vm_definition *definition, vm_done_handler handle_done, void *data)
{
	struct hypervisor_job *job = job_create(
		definition->name, hypervisor_job_set_firewall, handle_done, data);
	job->definition = vm_definition_copy(definition);
	hypervisor_add_job(hypervisor, job);
}

void vm_hypervisor_refresh_firewall(
	struct vm_hypervisor *hypervisor, const char *name, vm_done_handler handle_done, void *data)
{
	hypervisor_add_job(
		hypervisor, job_create(name, hypervisor_job_refresh_firewall, handle_done, data));
}

static void add_link_job(struct vm_hypervisor *hypervisor, const char *net_vm, const char *client,
	bool (*run)(struct vm_hypervisor *, struct hypervisor_job *, struct vx_error *),
	vm_done_handler handle_done, void *data)
{
	struct hypervisor_job *job = job_create(net_vm, run, handle_done, data);
	job->client = vx_strdup(client);
	hypervisor_add_job(hypervisor, job);
}

void vm_hypervisor_link(struct vm_hypervisor *hypervisor, const char *net_vm, const char *client,
	vm_done_handler handle_done, void *data)
{
	add_link_job(hypervisor, net_vm, client, hypervisor_job_link, handle_done, data);
}

void vm_hypervisor_unlink(struct vm_hypervisor *hypervisor, const char *net_vm, const char *client,
	vm_done_handler handle_done, void *data)
{
	add_link_job(hypervisor, net_vm, client, hypervisor_job_unlink, handle_done, data);
}

void vm_hypervisor_sweep_links(struct vm_hypervisor *hypervisor, const char *net_vm,
	vm_done_handler handle_done, void *data)
{
	add_link_job(hypervisor, net_vm, nullptr, hypervisor_job_sweep_links, handle_done, data);
}

void vm_hypervisor_sweep(struct vm_hypervisor *hypervisor, vm_done_handler handle_done, void *data)
{
	hypervisor_add_job(
		hypervisor, job_create(nullptr, hypervisor_job_sweep, handle_done, data));
}
