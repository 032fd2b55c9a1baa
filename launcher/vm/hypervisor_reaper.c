/* SPDX-License-Identifier: MIT */
/*
 * Ends VMs whose end takes too long. libvirt waits for a QEMU that doesn't answer, however long
 * that is, and so does whoever asked for anything: the worker that asks it to shut down, and the
 * one whose turn is before. Destroying a domain is the one thing that needs no answer.
 */
#define VX_LOG_MODULE "hypervisor"

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"
#include "vm/hypervisor_state.h"

static struct hypervisor_job *earlier(struct hypervisor_job *first, struct hypervisor_job *job)
{
	bool counts = job->reap_at_ns != 0 && !job->has_seen_end;
	return counts && (first == nullptr || job->reap_at_ns < first->reap_at_ns) ? job : first;
}

/* The job that is to be through first, whether a worker has it or not; NULL: there is none. */
static struct hypervisor_job *find_first(const struct vm_hypervisor *hypervisor)
{
	struct hypervisor_job *first = nullptr;
	for (size_t i = 0; i < hypervisor->busy_count; i++) {
		first = earlier(first, hypervisor->busy[i]);
	}
	for (struct hypervisor_job *job = hypervisor->jobs; job != nullptr; job = job->next) {
		first = earlier(first, job);
	}
	return first;
}

/* A connection of its own: libvirt serves only some calls of one at a time, and they may all hang.
 */
static bool destroy_domain(struct vm_hypervisor *hypervisor, const char *name, struct vx_error *err)
{
	virConnect *connection = virConnectOpen(hypervisor->uri);
	if (connection == nullptr) {
		return hypervisor_libvirt_error(err, "libvirt can't be reached");
	}
	bool is_gone = false;
	virDomain *domain = hypervisor_find_domain(hypervisor, connection, name, &is_gone, err);
	bool is_done = domain == nullptr
			       ? is_gone
			       : virDomainDestroy(domain) == 0 ||
					 hypervisor_libvirt_error(err, "libvirt can't stop the VM");
	if (domain != nullptr) {
		virDomainFree(domain);
	}
	virConnectClose(connection);
	return is_done;
}

/* With the mutex held, which is released meanwhile. */
static void reap(struct vm_hypervisor *hypervisor, struct hypervisor_job *job)
{
	vx_cleanup_free char *name = vx_strdup(job->name);
	vx_cleanup_error struct vx_error err = {};
	job->reap_at_ns = 0;
	pthread_mutex_unlock(&hypervisor->mutex);
	vx_log_warn("'%s' doesn't end; ending it by force", name);
	if (!destroy_domain(hypervisor, name, &err)) {
		vx_log_error("'%s': %s", name, vx_error_message(&err));
	}
	pthread_mutex_lock(&hypervisor->mutex);
}

void *hypervisor_reaper_run(void *data)
{
	struct vm_hypervisor *hypervisor = data;
	pthread_mutex_lock(&hypervisor->mutex);
	while (!hypervisor->quits) {
		struct hypervisor_job *job = find_first(hypervisor);
		if (job == nullptr) {
			pthread_cond_wait(&hypervisor->changed, &hypervisor->mutex);
		} else if (vx_clock_ns() >= job->reap_at_ns) {
			reap(hypervisor, job);
		} else {
			const struct timespec wake = {
				.tv_sec = (time_t)(job->reap_at_ns / 1'000'000'000),
				.tv_nsec = (long)(job->reap_at_ns % 1'000'000'000),
			};
			pthread_cond_timedwait(&hypervisor->changed, &hypervisor->mutex, &wake);
		}
	}
	pthread_mutex_unlock(&hypervisor->mutex);
	return nullptr;
}

uint64_t hypervisor_reap_time(unsigned deadline_ms)
{
	static constexpr unsigned slack_ms = 2000; /* for the worker to do it itself */
	return vx_clock_ns() + (uint64_t)(deadline_ms + slack_ms) * 1'000'000;
}
