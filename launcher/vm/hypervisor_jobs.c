/* SPDX-License-Identifier: MIT */
/* What the workers do with libvirt: one function a job. */
#include <errno.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/memory.h"
#include "vm/background.h"
#include "vm/domain_xml.h"
#include "vm/fingerprint.h"
#include "vm/hypervisor_state.h"
#include "vm/share_dir.h"
#include "vm/start.h"

void hypervisor_free_domain(virDomain **domain)
{
	if (*domain != nullptr) {
		virDomainFree(*domain);
	}
}

void hypervisor_close_connection(virConnect **connection)
{
	if (*connection != nullptr) {
		virConnectClose(*connection);
	}
}

/* A domain that ended between two calls is as good as one that never was. */
static bool is_gone_error(void)
{
	const virError *error = virGetLastError();
	return error != nullptr &&
	       (error->code == VIR_ERR_NO_DOMAIN || error->code == VIR_ERR_OPERATION_INVALID);
}

bool hypervisor_check_not_running(struct vm_hypervisor *hypervisor, virConnect *connection,
	const char *name, struct vx_error *err)
{
	bool gone = false;
	VX_CLEANUP(hypervisor_free_domain)
	virDomain *domain = hypervisor_find_domain(hypervisor, connection, name, &gone, err);
	if (domain != nullptr) {
		return vx_error_set(err, "a VM named '%s' runs already", name);
	}
	return gone;
}

/* The guest doesn't run yet: nothing of its console is lost, and what fails here leaves no trace.
 */
static bool start_paused(virConnect *connection, const struct vm_start *start, const char *xml,
	struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(hypervisor_free_domain)
	virDomain *domain = virDomainCreateXML(connection, xml, VIR_DOMAIN_START_PAUSED);
	if (domain == nullptr) {
		return hypervisor_libvirt_error(err, "libvirt can't start the VM");
	}
	job->started.console_socket = vx_unix_connect(
		start->runtime.console_socket, SOCK_STREAM, err);
	bool good = job->started.console_socket >= 0;
	if (good && job->definition->is_preloaded) {
		job->started.bind_socket = vx_unix_connect(
			start->runtime.bind_socket, SOCK_STREAM, err);
		good = job->started.bind_socket >= 0;
	}
	if (good && job->definition->is_preloaded) {
		vm_background_set(virDomainGetName(domain), true);
	}
	job->started.times.resumed_at = vx_clock_ns();
	if (good && virDomainResume(domain) < 0) {
		good = hypervisor_libvirt_error(err, "libvirt can't start the VM's processors");
	}
	if (!good) {
		virDomainDestroyFlags(domain, VIR_DOMAIN_DESTROY_DEFAULT);
	}
	return good;
}

static bool start_domain(virConnect *connection, struct vm_start *start, struct hypervisor_job *job,
	struct vx_error *err)
{
	if (!vm_start_make_files(start, job->definition, err)) {
		return false;
	}
	uint64_t begin = vx_clock_ns();
	vx_cleanup_free char *xml = vm_start_domain_xml(start, job->definition, err);
	if (xml == nullptr || !start_paused(connection, start, xml, job, err)) {
		vm_remove_files(job->name, nullptr);
		return false;
	}
	job->started.times.libvirt_ns = job->started.times.resumed_at - begin;
	job->started.region_name = vx_take_ptr(start->region_name);
	job->started.accel = start->accel;
	job->started.accel_note = vx_take_ptr(start->accel_note);
	return true;
}

bool hypervisor_job_start(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(vm_start_finish) struct vm_start start = {};
	uint64_t begin = vx_clock_ns();
	/* Before the connection is waited for: libvirt may need a second to come up. */
	if (!vm_start_prepare(&start, job->definition, hypervisor->accel, err)) {
		return false;
	}
	if (job->definition->is_preloaded &&
		!vm_fingerprint(&start, job->definition, &job->started.fingerprint, err)) {
		return false;
	}
	VX_CLEANUP(hypervisor_close_connection)
	virConnect *connection = hypervisor_get_connection(hypervisor, err);
	if (connection == nullptr ||
		!hypervisor_check_not_running(hypervisor, connection, job->name, err)) {
		return false;
	}
	job->started.times.prepare_ns = vx_clock_ns() - begin;
	return start_domain(connection, &start, job, err);
}

/* For an event that should come any moment, and may have been swallowed by a lost connection. */
static constexpr uint64_t event_wait_ns = 500'000'000;

/* Sleeps until something has changed, at most until `end` (vx_clock_ns()). False when all
 * ends. */
static bool wait_for_change(
	struct vm_hypervisor *hypervisor, const struct hypervisor_job *job, uint64_t end)
{
	const struct timespec deadline = {
		.tv_sec = (time_t)(end / 1000000000),
		.tv_nsec = (long)(end % 1000000000),
	};
	pthread_mutex_lock(&hypervisor->mutex);
	if (!job->has_seen_end) {
		pthread_cond_timedwait(&hypervisor->changed, &hypervisor->mutex, &deadline);
	}
	bool goes_on = !hypervisor->quits;
	pthread_mutex_unlock(&hypervisor->mutex);
	return goes_on;
}

static bool job_has_seen_end(struct vm_hypervisor *hypervisor, const struct hypervisor_job *job)
{
	pthread_mutex_lock(&hypervisor->mutex);
	bool has_seen_end = job->has_seen_end;
	pthread_mutex_unlock(&hypervisor->mutex);
	return has_seen_end;
}

/*
 * True once the domain is gone, false at the deadline or when all ends. The event tells the
 * caller's thread why it has ended, so it goes before our answer; one that a lost connection
 * swallows is waited for a moment only.
 */
static bool wait_until_gone(struct vm_hypervisor *hypervisor, const struct hypervisor_job *job,
	virDomain *domain, unsigned deadline_ms)
{
	uint64_t end = vx_clock_ns() + (uint64_t)deadline_ms * 1'000'000;
	bool is_gone = false;
	bool goes_on = true;
	while (!is_gone && goes_on && vx_clock_ns() < end) {
		uint64_t wake = vx_clock_ns() + event_wait_ns < end ? vx_clock_ns() + event_wait_ns
								    : end;
		goes_on = wait_for_change(hypervisor, job, wake);
		is_gone = job_has_seen_end(hypervisor, job) || virDomainIsActive(domain) <= 0;
	}
	if (is_gone && goes_on) {
		(void)wait_for_change(hypervisor, job, vx_clock_ns() + event_wait_ns);
	}
	return is_gone;
}

/*
 * Ends the domain, politely for `deadline_ms`. Where it can't even be asked, QEMU has most likely
 * died and libvirt is about to notice: that is then why the VM has ended, and not that we destroy
 * it.
 */
static bool end_domain(struct vm_hypervisor *hypervisor, const struct hypervisor_job *job,
	virDomain *domain, unsigned deadline_ms, struct vx_error *err)
{
	static constexpr unsigned notice_ms = 2000;
	if (deadline_ms > 0) {
		bool is_asked = virDomainShutdown(domain) == 0;
		if (wait_until_gone(hypervisor, job, domain, is_asked ? deadline_ms : notice_ms)) {
			return true;
		}
	}
	if (virDomainDestroyFlags(domain, VIR_DOMAIN_DESTROY_DEFAULT) < 0 && !is_gone_error()) {
		return hypervisor_libvirt_error(err, "libvirt can't stop the VM");
	}
	return true;
}

static bool end_vm(struct vm_hypervisor *hypervisor, const struct hypervisor_job *job,
	unsigned deadline_ms, struct vx_error *err)
{
	bool gone = false;
	VX_CLEANUP(hypervisor_close_connection)
	virConnect *connection = hypervisor_get_connection(hypervisor, err);
	if (connection == nullptr) {
		return false;
	}
	VX_CLEANUP(hypervisor_free_domain)
	virDomain *domain = hypervisor_find_domain(hypervisor, connection, job->name, &gone, err);
	if (domain == nullptr && !gone) {
		return false;
	}
	if (domain == nullptr) {
		(void)wait_for_change(hypervisor, job, vx_clock_ns() + event_wait_ns);
	} else if (!end_domain(hypervisor, job, domain, deadline_ms, err)) {
		return false;
	}
	return vm_remove_files(job->name, err);
}

bool hypervisor_job_stop(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	return end_vm(hypervisor, job, job->deadline_ms, err);
}

bool hypervisor_job_kill(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	return end_vm(hypervisor, job, 0, err);
}

bool hypervisor_job_clean_up(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	return vm_remove_files(job->name, err);
}

/* One that is preloaded stands back while it boots; once it is ready it must be fast. */
static void set_background(const struct hypervisor_job *job, bool is_background)
{
	if (vm_name_is_preloaded(job->name)) {
		vx_cleanup_free char *domain = vx_printf(VM_DOMAIN_PREFIX "%s", job->name);
		vm_background_set(domain, is_background);
	}
}

static bool change_domain(struct vm_hypervisor *hypervisor, const char *name,
	int (*change)(virDomain *), const char *what, struct vx_error *err)
{
	bool gone = false;
	VX_CLEANUP(hypervisor_close_connection)
	virConnect *connection = hypervisor_get_connection(hypervisor, err);
	VX_CLEANUP(hypervisor_free_domain)
	virDomain *domain = connection != nullptr ? hypervisor_find_domain(hypervisor, connection,
							    name, &gone, err)
						  : nullptr;
	if (domain == nullptr) {
		return gone ? vx_error_set(err, "no VM named '%s' runs", name) : false;
	}
	return change(domain) == 0 || hypervisor_libvirt_error(err, what);
}

bool hypervisor_job_pause(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	if (!change_domain(
		    hypervisor, job->name, virDomainSuspend, "libvirt can't pause the VM", err)) {
		return false;
	}
	set_background(job, false);
	return true;
}

bool hypervisor_job_resume(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	set_background(job, true);
	return change_domain(
		hypervisor, job->name, virDomainResume, "libvirt can't resume the VM", err);
}

bool hypervisor_job_sweep(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(hypervisor_close_connection)
	virConnect *connection = hypervisor_get_connection(hypervisor, err);
	if (connection == nullptr) {
		return false;
	}
	virDomain **domains = nullptr;
	int count = virConnectListAllDomains(connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	if (count < 0) {
		return hypervisor_libvirt_error(err, "libvirt doesn't list its domains");
	}
	char **running = vx_calloc((size_t)count + 1, sizeof(*running));
	size_t running_count = 0;
	for (int i = 0; i < count; i++) {
		char *name = hypervisor_vm_of_domain(hypervisor, domains[i]);
		if (name != nullptr) {
			running[running_count++] = name;
		}
	}
	vm_runtime_dir_sweep((const char *const *)running, running_count);
	vm_share_dir_sweep((const char *const *)running, running_count);
	for (size_t i = 0; i < running_count; i++) {
		free(running[i]);
	}
	free(running);
	for (int i = 0; i < count; i++) {
		virDomainFree(domains[i]);
	}
	free(domains);
	return true;
}
