/* SPDX-License-Identifier: MIT */
#include "vm/hypervisor.h"

#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "vm/hypervisor_state.h"

/* How long vm_hypervisor_destroy() waits for a thread that libvirt keeps. */
static constexpr time_t join_seconds = 5;

static const char *const stop_reason_texts[] = {
	[VM_STOP_SHUTDOWN] = "shut down",
	[VM_STOP_DESTROYED] = "was destroyed",
	[VM_STOP_CRASHED] = "crashed (kernel panic in the guest)",
	[VM_STOP_FAILED] = "ended because QEMU failed",
	[VM_STOP_UNKNOWN] = "ended for a reason that is not known",
};
static_assert(VX_ARRAY_LENGTH(stop_reason_texts) == VM_STOP_REASON_COUNT);

const char *vm_stop_reason_text(enum vm_stop_reason reason)
{
	return stop_reason_texts[reason < VM_STOP_REASON_COUNT ? reason : VM_STOP_UNKNOWN];
}

static void job_destroy(struct hypervisor_job *job)
{
	if (job == nullptr) {
		return;
	}
	vx_cleanup_close_fd(&job->started.console_socket);
	vx_cleanup_close_fd(&job->started.bind_socket);
	if (job->preloaded_name != nullptr) {
		vx_cleanup_close_fd(&job->bind_socket);
	}
	free(job->preloaded_name);
	free(job->preloaded_region);
	free((char *)job->started.region_name);
	free((char *)job->started.accel_note);
	free(job->mount.source);
	free(job->mount.target);
	vm_definition_destroy(job->definition);
	vx_error_finish(&job->error);
	free(job->client);
	free(job->name);
	free(job);
}

static void notice_destroy(struct hypervisor_notice *notice)
{
	job_destroy(notice->job);
	vm_definition_destroy(notice->definition);
	free(notice->region_name);
	free(notice->name);
	free(notice->message);
	free(notice);
}

void hypervisor_notify(struct vm_hypervisor *hypervisor, struct hypervisor_notice *notice)
{
	static const uint64_t one = 1;
	pthread_mutex_lock(&hypervisor->mutex);
	*hypervisor->notices_end = notice;
	hypervisor->notices_end = &notice->next;
	pthread_mutex_unlock(&hypervisor->mutex);
	/* An eventfd's counter is never full here. */
	(void)!write(hypervisor->notice_fd, &one, sizeof(one));
}

static bool name_is_busy(const struct vm_hypervisor *hypervisor, const char *name)
{
	for (size_t i = 0; i < hypervisor->busy_count; i++) {
		if (strcmp(hypervisor->busy[i]->name, name) == 0) {
			return true;
		}
	}
	return false;
}

bool hypervisor_is_starting(struct vm_hypervisor *hypervisor, const char *name)
{
	bool is_starting = false;
	pthread_mutex_lock(&hypervisor->mutex);
	for (size_t i = 0; i < hypervisor->busy_count; i++) {
		const struct hypervisor_job *job = hypervisor->busy[i];
		is_starting = is_starting || ((job->run == hypervisor_job_start ||
						      job->run == hypervisor_job_take) &&
						     strcmp(job->name, name) == 0);
	}
	pthread_mutex_unlock(&hypervisor->mutex);
	return is_starting;
}

/*
 * Takes the first job that may run now off the list. Jobs behind an exclusive one wait for it, and
 * a job waits for every earlier one of its name.
 */
static struct hypervisor_job *take_job(struct vm_hypervisor *hypervisor)
{
	for (struct hypervisor_job **link = &hypervisor->jobs; *link != nullptr;
		link = &(*link)->next) {
		struct hypervisor_job *job = *link;
		bool may_run = job->is_exclusive ? hypervisor->busy_count == 0
						 : !name_is_busy(hypervisor, job->name);
		if (hypervisor->exclusive_runs || (job->is_exclusive && !may_run)) {
			return nullptr;
		}
		if (!may_run) {
			continue;
		}
		*link = job->next;
		if (job->next == nullptr) {
			hypervisor->jobs_end = link;
		}
		job->next = nullptr;
		return job;
	}
	return nullptr;
}

static void mark_busy(struct vm_hypervisor *hypervisor, struct hypervisor_job *job)
{
	if (job->is_exclusive) {
		hypervisor->exclusive_runs = true;
	} else {
		hypervisor->busy[hypervisor->busy_count++] = job;
	}
}

static void mark_idle(struct vm_hypervisor *hypervisor, const struct hypervisor_job *job)
{
	if (job->is_exclusive) {
		hypervisor->exclusive_runs = false;
	}
	for (size_t i = 0; i < hypervisor->busy_count; i++) {
		if (hypervisor->busy[i] == job) {
			hypervisor->busy[i] = hypervisor->busy[--hypervisor->busy_count];
		}
	}
	pthread_cond_broadcast(&hypervisor->changed);
}

static struct hypervisor_job *wait_for_job(struct vm_hypervisor *hypervisor)
{
	struct hypervisor_job *job = nullptr;
	pthread_mutex_lock(&hypervisor->mutex);
	while (!hypervisor->quits && (job = take_job(hypervisor)) == nullptr) {
		pthread_cond_wait(&hypervisor->changed, &hypervisor->mutex);
	}
	if (job != nullptr) {
		mark_busy(hypervisor, job);
	}
	pthread_mutex_unlock(&hypervisor->mutex);
	return job;
}

static void *worker_run(void *data)
{
	struct vm_hypervisor *hypervisor = data;
	struct hypervisor_job *job;
	while ((job = wait_for_job(hypervisor)) != nullptr) {
		job->succeeded = job->run(hypervisor, job, &job->error);
		pthread_mutex_lock(&hypervisor->mutex);
		mark_idle(hypervisor, job);
		pthread_mutex_unlock(&hypervisor->mutex);
		struct hypervisor_notice *notice = vx_new(notice);
		notice->job = job;
		hypervisor_notify(hypervisor, notice);
	}
	return nullptr;
}

/* Signals are for the caller's thread alone. */
static void start_threads(struct vm_hypervisor *hypervisor)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool good = pthread_create(&hypervisor->loop, nullptr, hypervisor_loop_run, hypervisor) ==
			    0 &&
		    pthread_create(&hypervisor->connector, nullptr, hypervisor_connector_run,
			    hypervisor) == 0 &&
		    pthread_create(
			    &hypervisor->reaper, nullptr, hypervisor_reaper_run, hypervisor) == 0;
	for (size_t i = 0; good && i < hypervisor_workers; i++) {
		good = pthread_create(&hypervisor->workers[i], nullptr, worker_run, hypervisor) ==
		       0;
	}
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
	vx_assert(good); /* without threads as without memory: nothing to go on with */
}

struct vm_hypervisor *vm_hypervisor_create(
	const char *uri, enum vm_accel_choice accel, vm_event_handler handle_event, void *data)
{
	struct vm_hypervisor *hypervisor = vx_new(hypervisor);
	hypervisor->uri = vx_strdup(uri);
	hypervisor->accel = accel;
	hypervisor->handle_event = handle_event;
	hypervisor->data = data;
	hypervisor->notice_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	hypervisor->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	hypervisor->jobs_end = &hypervisor->jobs;
	hypervisor->notices_end = &hypervisor->notices;
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&hypervisor->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&hypervisor->mutex, nullptr);
	vx_assert(hypervisor->notice_fd >= 0 && hypervisor->wake_fd >= 0);
	vx_assert(hypervisor_loop_init(hypervisor));
	start_threads(hypervisor);
	return hypervisor;
}

static bool join(pthread_t thread)
{
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += join_seconds;
	return pthread_timedjoin_np(thread, nullptr, &deadline) == 0;
}

static bool join_all(struct vm_hypervisor *hypervisor)
{
	bool good = join(hypervisor->connector) && join(hypervisor->reaper);
	for (size_t i = 0; good && i < hypervisor_workers; i++) {
		good = join(hypervisor->workers[i]);
	}
	return good && join(hypervisor->loop);
}

static void free_lists(struct vm_hypervisor *hypervisor)
{
	while (hypervisor->jobs != nullptr) {
		struct hypervisor_job *job = hypervisor->jobs;
		hypervisor->jobs = job->next;
		job_destroy(job);
	}
	while (hypervisor->notices != nullptr) {
		struct hypervisor_notice *notice = hypervisor->notices;
		hypervisor->notices = notice->next;
		notice_destroy(notice);
	}
	for (size_t i = 0; i < hypervisor->ended.count; i++) {
		free(hypervisor->ended.names[i]);
	}
	free(hypervisor->ended.names);
	hypervisor_aliases_finish(hypervisor);
}

void vm_hypervisor_destroy(struct vm_hypervisor *hypervisor)
{
	static const uint64_t one = 1;
	if (hypervisor == nullptr) {
		return;
	}
	pthread_mutex_lock(&hypervisor->mutex);
	hypervisor->quits = true;
	pthread_cond_broadcast(&hypervisor->changed);
	pthread_mutex_unlock(&hypervisor->mutex);
	(void)!write(hypervisor->wake_fd, &one, sizeof(one));
	if (!join_all(hypervisor)) {
		/* A thread that libvirt keeps still uses all this; the process is about to end. */
		return;
	}
	free_lists(hypervisor);
	pthread_cond_destroy(&hypervisor->changed);
	pthread_mutex_destroy(&hypervisor->mutex);
	close(hypervisor->notice_fd);
	close(hypervisor->wake_fd);
	free(hypervisor->connection_error);
	free(hypervisor->uri);
	free(hypervisor);
}

int vm_hypervisor_get_fd(const struct vm_hypervisor *hypervisor)
{
	return hypervisor->notice_fd;
}

static void deliver_job(struct hypervisor_job *job)
{
	const struct vx_error *err = job->succeeded ? nullptr : &job->error;
	if (job->handle_started != nullptr) {
		job->handle_started(job->data, &job->started, err);
		if (job->succeeded) {
			/* The handler's now. */
			job->started.console_socket = -1;
			job->started.bind_socket = -1;
		}
	} else if (job->handle_memory != nullptr) {
		job->handle_memory(job->data, err == nullptr ? &job->memory : nullptr, err);
	} else if (job->handle_done != nullptr) {
		job->handle_done(job->data, err);
	}
}

static void deliver_event(struct vm_hypervisor *hypervisor, const struct hypervisor_notice *notice)
{
	const struct vm_running running = {
		.name = notice->name,
		.state = notice->state,
		.definition = notice->definition,
		.region_name = notice->region_name,
	};
	const struct vm_event event = {
		.type = notice->type,
		.name = notice->name,
		.message = notice->message,
		.reason = notice->reason,
		.running = notice->type == VM_EVENT_FOUND ? &running : nullptr,
	};
	hypervisor->handle_event(hypervisor->data, &event);
}

void vm_hypervisor_dispatch(struct vm_hypervisor *hypervisor)
{
	uint64_t count;
	(void)!read(hypervisor->notice_fd, &count, sizeof(count));
	pthread_mutex_lock(&hypervisor->mutex);
	struct hypervisor_notice *notice = hypervisor->notices;
	hypervisor->notices = nullptr;
	hypervisor->notices_end = &hypervisor->notices;
	pthread_mutex_unlock(&hypervisor->mutex);
	while (notice != nullptr) {
		struct hypervisor_notice *next = notice->next;
		if (notice->job != nullptr) {
			deliver_job(notice->job);
		} else {
			deliver_event(hypervisor, notice);
		}
		notice_destroy(notice);
		notice = next;
	}
}

void hypervisor_add_job(struct vm_hypervisor *hypervisor, struct hypervisor_job *job)
{
	job->started.console_socket = -1;
	job->started.bind_socket = -1;
	pthread_mutex_lock(&hypervisor->mutex);
	*hypervisor->jobs_end = job;
	hypervisor->jobs_end = &job->next;
	pthread_cond_broadcast(&hypervisor->changed);
	pthread_mutex_unlock(&hypervisor->mutex);
}
