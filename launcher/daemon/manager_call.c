/* SPDX-License-Identifier: MIT */
#include "daemon/manager_call.h"

#include <sys/epoll.h>

#include "common/display_string.h"
#include "common/fd.h"
#include "common/name.h"
#include "daemon/clipboard.h"
#include "daemon/daemon.h"
#include "daemon/machine_mounts.h"
#include "daemon/machine_usb.h"
#include "manager_names.h"

static constexpr int calls_max = 512;
static constexpr size_t name_shown_max = 64;

static const char *const error_ids[] = {
	[VX_ERROR_FAILED] = VX_MANAGER_ERROR_FAILED,
	[VX_ERROR_USAGE] = VX_MANAGER_ERROR_BAD_REQUEST,
	[VX_ERROR_REFUSED] = VX_MANAGER_ERROR_REFUSED,
	[VX_ERROR_VIXOS] = VX_MANAGER_ERROR_FAILED,
	[VX_ERROR_NOT_EXECUTABLE] = VX_MANAGER_ERROR_NOT_EXECUTABLE,
	[VX_ERROR_NOT_FOUND] = VX_MANAGER_ERROR_NOT_FOUND,
};
static_assert(VX_ARRAY_LENGTH(error_ids) == VX_ERROR_KIND_COUNT);

const char *manager_error_id(enum vx_error_kind kind)
{
	return error_ids[kind < VX_ERROR_KIND_COUNT ? kind : VX_ERROR_FAILED];
}

static int reply_error(sd_varlink *connection, const char *error_id, const struct vx_error *err)
{
	return sd_varlink_errorbo(
		connection, error_id, SD_JSON_BUILD_PAIR_STRING("message", vx_error_message(err)));
}

int manager_refuse(sd_varlink *connection, const struct vx_error *err)
{
	return reply_error(connection, manager_error_id(err->kind), err);
}

/* Parameters */

int manager_check_name(sd_varlink *connection, const char *name)
{
	if (vx_vm_name_is_valid(name)) {
		return 0;
	}
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *shown = vx_display_string(name, name_shown_max);
	vx_error_set_kind(&err, VX_ERROR_USAGE,
		"'%s' can't name a VM (a lower-case letter, then letters, digits, '_', '.', '-'; "
		"31 at most)",
		shown);
	int result = manager_refuse(connection, &err);
	return result != 0 ? result : 1;
}

int manager_dispatch(sd_varlink *connection, sd_json_variant *parameters,
	const sd_json_dispatch_field *fields, struct manager_parameters *ret)
{
	*ret = (struct manager_parameters){};
	int result = sd_varlink_dispatch(connection, parameters, fields, ret);
	if (result == 0 && ret->name != nullptr) {
		result = manager_check_name(connection, ret->name);
	}
	if (result == 0 && ret->like != nullptr) {
		result = manager_check_name(connection, ret->like);
	}
	if (result != 0) {
		manager_parameters_finish(ret);
	}
	return result;
}

static void strv_free(char **strings)
{
	for (size_t i = 0; strings != nullptr && strings[i] != nullptr; i++) {
		free(strings[i]);
	}
	free(strings);
}

void manager_parameters_finish(struct manager_parameters *parameters)
{
	strv_free(parameters->command);
	strv_free(parameters->environment);
	*parameters = (struct manager_parameters){};
}

/* Calls */

void manager_call_reap(struct manager *manager)
{
	struct manager_call *call, *next;
	wl_list_for_each_safe (call, next, &manager->finished, link) {
		wl_list_remove(&call->link);
		free(call->name);
		free(call->base);
		free(call->display);
		free(call->source);
		free(call->target);
		vx_replace_fd(&call->lock_fd, -1);
		free(call->device);
		free(call->workspace);
		strv_free(call->command);
		strv_free(call->environment);
		free(call->told_message);
		free(call->output);
		vx_buffer_finish(&call->clipboard.content);
		free(call);
	}
}

/* Not among the manager's yet. */
static struct manager_call *call_new(struct manager *manager, sd_varlink *connection,
	sd_varlink_method_flags_t flags, const char *name,
	void (*advance)(struct manager_call *call))
{
	struct manager_call *call = vx_new(call);
	call->manager = manager;
	call->connection = sd_varlink_ref(connection);
	call->advance = advance;
	call->wants_more = (flags & SD_VARLINK_METHOD_MORE) != 0;
	call->name = vx_strdup(name);
	call->output_fd = -1;
	call->lock_fd = -1;
	wl_list_init(&call->link);
	return call;
}

struct manager_call *manager_call_create(struct manager *manager, sd_varlink *connection,
	sd_varlink_method_flags_t flags, const char *name,
	void (*advance)(struct manager_call *call))
{
	struct manager_call *call = call_new(manager, connection, flags, name, advance);
	wl_list_insert(manager->calls.prev, &call->link);
	return call;
}

const sd_json_dispatch_field manager_call_name_only[] = {
	MANAGER_STRING("name", name, SD_JSON_MANDATORY),
	{},
};

static void call_take(struct manager_call *call, struct manager_parameters *given)
{
	call->display = vx_strdup(given->display);
	call->source = vx_strdup(given->source);
	call->target = vx_strdup(given->target);
	call->device = vx_strdup(given->device);
	call->command = vx_take_ptr(given->command);
	call->environment = vx_take_ptr(given->environment);
	call->all = given->all > 0;
	call->follow = given->follow > 0;
	call->force = given->force > 0;
	call->kill = given->kill > 0;
	call->last_window = given->last_window > 0;
	call->lasts_for_run = given->run > 0;
	call->owner = given->owner > 0;
	call->writable = given->writable > 0;
}

int manager_call_handle(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, struct manager *manager,
	const struct manager_method *method)
{
	struct manager_parameters given;
	int result = manager_dispatch(connection, parameters, method->fields, &given);
	if (result != 0) {
		return result;
	}
	struct manager_call *call = call_new(
		manager, connection, flags, given.name, method->advance);
	call_take(call, &given);
	manager_parameters_finish(&given);
	result = method->check != nullptr ? method->check(call) : 0;
	if (result != 0) {
		manager_call_end(call);
		return result;
	}
	wl_list_insert(manager->calls.prev, &call->link);
	manager_call_set_deadline(call, method->deadline_ms);
	return manager_call_begin(call);
}

void manager_call_end(struct manager_call *call)
{
	struct manager *manager = call->manager;
	clipboard_forget(manager->daemon, call);
	if (call->machine != nullptr) {
		machine_forget_job_handler(call->machine, call);
		machine_forget_mount_handler(call->machine, call);
		machine_usb_forget_handler(call->machine, call);
		daemon_machine_settled(manager->daemon, call->machine);
		call->machine = nullptr;
	}
	call->deadline_source = sd_event_source_disable_unref(call->deadline_source);
	call->flush_source = sd_event_source_disable_unref(call->flush_source);
	call->child_source = sd_event_source_disable_unref(call->child_source);
	call->output_source = sd_event_source_disable_unref(call->output_source);
	vx_replace_fd(&call->output_fd, -1);
	call->connection = sd_varlink_unref(call->connection);
	wl_list_remove(&call->link);
	wl_list_insert(&manager->finished, &call->link);
	(void)sd_event_source_set_enabled(manager->reap_source, SD_EVENT_ONESHOT);
}

int manager_call_begin(struct manager_call *call)
{
	if (wl_list_length(&call->manager->calls) > calls_max) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(&err, "vixosd is busy with %d calls already", calls_max);
		manager_call_fail(call, &err);
	} else {
		call->advance(call);
	}
	return 1;
}

void manager_call_reply(struct manager_call *call, sd_json_variant *parameters)
{
	(void)sd_varlink_reply(call->connection, parameters);
	manager_call_end(call);
}

void manager_call_fail(struct manager_call *call, const struct vx_error *err)
{
	manager_call_fail_as(call, manager_error_id(err->kind), err);
}

void manager_call_fail_as(
	struct manager_call *call, const char *error_id, const struct vx_error *err)
{
	(void)reply_error(call->connection, error_id, err);
	manager_call_end(call);
}

void manager_call_done(void *data, const struct vx_error *err)
{
	struct manager_call *call = data;
	if (err != nullptr) {
		manager_call_fail(call, err);
	} else {
		manager_call_reply(call, nullptr);
	}
}

void manager_call_wait(struct manager_call *call)
{
}

static int handle_deadline(sd_event_source *source, uint64_t now, void *data)
{
	struct manager_call *call = data;
	vx_cleanup_error struct vx_error err = {};
	if (!call->manager->daemon->is_listed) {
		vx_error_set(&err, "libvirt does not answer");
	} else if (call->display != nullptr) {
		vx_error_set(&err, "the compositor at '%s' does not answer", call->display);
	} else {
		vx_error_set(&err, "it took too long");
	}
	manager_call_fail(call, &err);
	return 0;
}

void manager_call_set_deadline(struct manager_call *call, uint64_t deadline_ms)
{
	call->deadline_source = sd_event_source_disable_unref(call->deadline_source);
	if (deadline_ms > 0) {
		(void)sd_event_add_time_relative(call->manager->daemon->event,
			&call->deadline_source, CLOCK_MONOTONIC, deadline_ms * 1000, 10'000,
			handle_deadline, call);
	}
}

static int handle_retry(sd_event_source *source, uint64_t now, void *data)
{
	struct manager_call *call = data;
	call->flush_source = sd_event_source_disable_unref(call->flush_source);
	call->advance(call);
	return 0;
}

bool manager_call_must_wait(struct manager_call *call, uint64_t retry_us)
{
	int events = sd_varlink_get_events(call->connection);
	if (events < 0 || (events & EPOLLOUT) == 0) {
		return false;
	}
	if (call->flush_source == nullptr) {
		(void)sd_event_add_time_relative(call->manager->daemon->event, &call->flush_source,
			CLOCK_MONOTONIC, retry_us, 1000, handle_retry, call);
	}
	return true;
}

bool manager_call_is_listed(struct manager_call *call)
{
	struct daemon *daemon = call->manager->daemon;
	if (daemon->is_listed) {
		return true;
	}
	if (daemon->libvirt_problem != nullptr) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(&err, "libvirt can't be reached: %s", daemon->libvirt_problem);
		manager_call_fail(call, &err);
	}
	return false;
}

bool manager_call_find_machine(struct manager_call *call)
{
	struct daemon *daemon = call->manager->daemon;
	call->machine = daemon_find_machine(daemon, call->name);
	if (call->machine == nullptr) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(&err, "there is no VM '%s'; 'vixos list' shows which there are",
			call->name);
		manager_call_fail_as(call, VX_MANAGER_ERROR_NO_SUCH_VM, &err);
		return false;
	}
	return true;
}

bool manager_call_find_running(struct manager_call *call)
{
	if (!manager_call_is_listed(call) || !manager_call_find_machine(call)) {
		return false;
	}
	if (call->machine->state == MACHINE_RUNNING) {
		return true;
	}
	vx_cleanup_error struct vx_error err = {};
	vx_error_set(&err, "VM '%s' isn't running (it is %s); 'vixos start %s' starts it",
		call->name, machine_state_name(call->machine->state), call->name);
	manager_call_fail_as(call, VX_MANAGER_ERROR_NOT_RUNNING, &err);
	return false;
}

bool manager_call_find_awake(struct manager_call *call)
{
	if (!manager_call_find_running(call)) {
		return false;
	}
	if (!call->machine->is_paused) {
		return true;
	}
	vx_cleanup_error struct vx_error err = {};
	vx_error_set(&err, "VM '%s' is paused; 'vixos unpause %s' lets it go on", call->name,
		call->name);
	manager_call_fail_as(call, VX_MANAGER_ERROR_NOT_RUNNING, &err);
	return false;
}
