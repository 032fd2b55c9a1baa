/* SPDX-License-Identifier: MIT */
#include "daemon/pool_member.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define VX_LOG_MODULE "pool"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/pool_internal.h"
#include "daemon/resume_watch.h"
#include "vm/console.h"
#include "vm/definition.h"
#include "vm/hypervisor.h"

static const char *member_name(const struct pool_member *member)
{
	return member->definition->name;
}

bool pool_member_counts(const struct pool_member *member)
{
	return member->state != POOL_ENDING;
}

bool pool_member_is_starting(const struct pool_member *member)
{
	return member->state != POOL_ENDING && member->state != POOL_READY;
}

void pool_member_discard(struct pool_member *member, const char *why)
{
	if (pool_transition_for(member->state, POOL_EVENT_DISCARD).is_valid) {
		vx_log_info("'%s' is thrown away: %s", member_name(member), why);
		pool_member_handle(member, POOL_EVENT_DISCARD);
	}
}

/* What the guest does before it is anybody's */

bool pool_member_is_sound(const struct pool_member *member)
{
	char byte;
	return recv(member->bind_socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/*
 * The one byte that a guest may send says that it is ready; which byte doesn't matter. Any other
 * comes from a guest that isn't as we made it.
 */
static int handle_bind(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct pool_member *member = data;
	char untrusted_byte;
	ssize_t size = recv(fd, &untrusted_byte, 1, MSG_DONTWAIT);
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	bool is_ready = size == 1 && (member->state == POOL_BOOTING || member->state == POOL_HELD);
	if (is_ready) {
		pool_member_handle(member, POOL_EVENT_SAID_READY);
		return 0;
	}
	member->bind_source = sd_event_source_disable_unref(member->bind_source);
	if (pool_member_counts(member)) {
		pool_member_failed(member->pool);
	}
	pool_member_discard(
		member, size > 0 ? "its guest talks although it isn't asked" : "its guest is gone");
	return 0;
}

static int handle_console(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct pool_member *member = data;
	/* One that floods its console is held up in QEMU, until its deadline. */
	unsigned pause_ms = vm_console_dispatch(member->console);
	if (vm_console_get_fd(member->console) < 0 || pause_ms > 0) {
		member->console_source = sd_event_source_disable_unref(member->console_source);
	}
	return 0;
}

static void open_console(struct pool_member *member, int socket)
{
	sd_event *event = pool_get_daemon(member->pool)->event;
	member->console = vm_console_open(&member->dir, socket, nullptr);
	if (member->console != nullptr && vm_console_get_fd(member->console) >= 0) {
		(void)sd_event_add_io(event, &member->console_source,
			vm_console_get_fd(member->console), EPOLLIN, handle_console, member);
	}
}

/* The hypervisor's answers */

static void member_answered(struct pool_member *member)
{
	member->hypervisor_jobs--;
	pool_member_changed(member->pool);
}

static void handle_done(void *data, const struct vx_error *err)
{
	struct pool_member *member = data;
	if (err != nullptr) {
		vx_log_warn("'%s': %s", member_name(member), vx_error_message(err));
		pool_member_discard(member, "libvirt doesn't do as told");
	}
	member_answered(member);
}

static void handle_paused(void *data, const struct vx_error *err)
{
	struct pool_member *member = data;
	if (err == nullptr) {
		pool_member_handle(member, POOL_EVENT_PAUSED);
	}
	handle_done(data, err);
}

static void handle_ended(void *data, const struct vx_error *err)
{
	struct pool_member *member = data;
	pool_member_handle(member, POOL_EVENT_ENDED);
	handle_done(data, err);
}

static void take_started(struct pool_member *member, const struct vm_started *started)
{
	vx_replace_string(&member->region_name, started->region_name);
	member->fingerprint = started->fingerprint;
	vx_replace_fd(&member->bind_socket, started->bind_socket);
	open_console(member, started->console_socket);
	(void)sd_event_add_io(pool_get_daemon(member->pool)->event, &member->bind_source,
		member->bind_socket, EPOLLIN, handle_bind, member);
	pool_member_handle(member, POOL_EVENT_STARTED);
}

static void handle_started(void *data, const struct vm_started *started, const struct vx_error *err)
{
	struct pool_member *member = data;
	if (err != nullptr) {
		vx_log_warn("no VM can be preloaded: %s", vx_error_message(err));
		pool_member_failed(member->pool);
		pool_member_handle(member, POOL_EVENT_START_FAILED);
	} else if (member->state == POOL_PREPARING) {
		take_started(member, started);
	} else {
		vx_cleanup_close_fd(&started->console_socket);
		vx_cleanup_close_fd(&started->bind_socket);
	}
	member_answered(member);
}

/* Actions */

static void do_nothing(struct pool_member *member)
{
}

static void do_pause(struct pool_member *member)
{
	member->hypervisor_jobs++;
	vm_hypervisor_pause(pool_get_daemon(member->pool)->hypervisor, member_name(member),
		handle_paused, member);
}

static void do_resume(struct pool_member *member)
{
	member->hypervisor_jobs++;
	vm_hypervisor_resume(pool_get_daemon(member->pool)->hypervisor, member_name(member),
		handle_done, member);
}

static void do_kill(struct pool_member *member)
{
	member->hypervisor_jobs++;
	vm_hypervisor_kill(pool_get_daemon(member->pool)->hypervisor, member_name(member),
		handle_ended, member);
}

static void do_clean_up(struct pool_member *member)
{
	member->hypervisor_jobs++;
	vm_hypervisor_clean_up(pool_get_daemon(member->pool)->hypervisor, member_name(member),
		handle_ended, member);
}

static void do_forget(struct pool_member *member)
{
	member->is_done = true;
}

static void (*const actions[])(struct pool_member *member) = {
	[POOL_ACTION_NONE] = do_nothing,
	[POOL_ACTION_PAUSE] = do_pause,
	[POOL_ACTION_RESUME] = do_resume,
	[POOL_ACTION_KILL] = do_kill,
	[POOL_ACTION_CLEAN_UP] = do_clean_up,
	[POOL_ACTION_FORGET] = do_forget,
};
static_assert(VX_ARRAY_LENGTH(actions) == POOL_ACTION_COUNT);

static int handle_deadline(sd_event_source *source, uint64_t now, void *data)
{
	struct pool_member *member = data;
	pool_member_failed(member->pool);
	pool_member_discard(member, "its guest doesn't get ready");
	return 0;
}

/* The guest's time counts, not that for which it is held. */
static void arm_deadline(struct pool_member *member)
{
	const struct daemon *daemon = pool_get_daemon(member->pool);
	member->deadline_source = sd_event_source_disable_unref(member->deadline_source);
	if (member->state == POOL_BOOTING) {
		(void)sd_event_add_time_relative(daemon->event, &member->deadline_source,
			CLOCK_MONOTONIC, (uint64_t)daemon->boot_deadline_ms * 1000, 10'000,
			handle_deadline, member);
	}
}

void pool_member_handle(struct pool_member *member, enum pool_event event)
{
	struct pool_transition transition = pool_transition_for(member->state, event);
	if (!transition.is_valid) {
		return;
	}
	member->state = transition.next;
	member->state_since_ms = daemon_now_ms(pool_get_daemon(member->pool));
	arm_deadline(member);
	actions[transition.action](member);
	if (member->state == POOL_READY) {
		vx_log_info("'%s' is ready to be taken", member_name(member));
		pool_member_became_ready(member->pool);
	}
	pool_member_changed(member->pool);
}

/* Life */

struct pool_member *pool_member_start(
	struct pool *pool, struct vm_definition *definition, uint64_t shape)
{
	struct daemon *daemon = pool_get_daemon(pool);
	struct pool_member *member = vx_new(member);
	*member = (struct pool_member){
		.pool = pool,
		.definition = definition,
		.shape = shape,
		.bind_socket = -1,
		.suspended_ns = resume_watch_suspended_ns(),
		.state_since_ms = daemon_now_ms(daemon),
		.hypervisor_jobs = 1,
	};
	wl_list_init(&member->link);
	if (!vm_runtime_dir_init(&member->dir, member_name(member), nullptr)) {
		pool_member_destroy(member);
		return nullptr;
	}
	vm_hypervisor_start(daemon->hypervisor, definition, handle_started, member);
	return member;
}

void pool_member_destroy(struct pool_member *member)
{
	wl_list_remove(&member->link);
	sd_event_source_disable_unref(member->deadline_source);
	sd_event_source_disable_unref(member->bind_source);
	sd_event_source_disable_unref(member->console_source);
	vm_console_close(member->console);
	vx_replace_fd(&member->bind_socket, -1);
	vm_runtime_dir_finish(&member->dir);
	vm_definition_destroy(member->definition);
	free(member->region_name);
	free(member);
}
