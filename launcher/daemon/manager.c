/* SPDX-License-Identifier: MIT */
#include "daemon/manager.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define VX_LOG_MODULE "manager"
#include "common/display_string.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/name.h"
#include "daemon/clipboard.h"
#include "daemon/daemon.h"
#include "daemon/machine_mounts.h"
#include "daemon/machine_usb.h"
#include "daemon/manager_call.h"
#include "daemon/manager_idl.h"
#include "manager_names.h"

static constexpr unsigned connections_max = 128;
static constexpr int calls_max = 512;
static constexpr size_t name_shown_max = 64;
static constexpr uint64_t share_reap_delay_us = 500'000;

static const struct {
	const char *name;
	sd_varlink_method_t handler;
} methods[] = {
	{VX_MANAGER_METHOD("AttachDisplay"), method_attach_display},
	{VX_MANAGER_METHOD("CopyFromVm"), method_copy_from_vm},
	{VX_MANAGER_METHOD("CopyToVm"), method_copy_to_vm},
	{VX_MANAGER_METHOD("Doctor"), method_doctor},
	{VX_MANAGER_METHOD("Events"), method_events},
	{VX_MANAGER_METHOD("Exec"), method_exec},
	{VX_MANAGER_METHOD("Firewall"), method_firewall},
	{VX_MANAGER_METHOD("Inspect"), method_inspect},
	{VX_MANAGER_METHOD("Lease"), method_lease},
	{VX_MANAGER_METHOD("List"), method_list},
	{VX_MANAGER_METHOD("Logs"), method_logs},
	{VX_MANAGER_METHOD("Mount"), method_mount},
	{VX_MANAGER_METHOD("Network"), method_network},
	{VX_MANAGER_METHOD("Pause"), method_pause},
	{VX_MANAGER_METHOD("Resume"), method_resume},
	{VX_MANAGER_METHOD("ShareTmp"), method_share_tmp},
	{VX_MANAGER_METHOD("Spawn"), method_spawn},
	{VX_MANAGER_METHOD("Start"), method_start},
	{VX_MANAGER_METHOD("Stats"), method_stats},
	{VX_MANAGER_METHOD("Stop"), method_stop},
	{VX_MANAGER_METHOD("Unmount"), method_unmount},
	{VX_MANAGER_METHOD("UsbAttach"), method_usb_attach},
	{VX_MANAGER_METHOD("UsbDetach"), method_usb_detach},
	{VX_MANAGER_METHOD("UsbList"), method_usb_list},
	{VX_MANAGER_METHOD("Wait"), method_wait},
};

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

static int handle_reap(sd_event_source *source, void *data)
{
	struct manager *manager = data;
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
	return 0;
}

struct manager_call *manager_call_create(struct manager *manager, sd_varlink *connection,
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
	wl_list_insert(manager->calls.prev, &call->link);
	return call;
}

/* The call is over, answered or not; its memory goes when nobody can be using it any more. */
static void call_end(struct manager_call *call)
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
	call_end(call);
}

void manager_call_fail(struct manager_call *call, const struct vx_error *err)
{
	manager_call_fail_as(call, manager_error_id(err->kind), err);
}

void manager_call_fail_as(
	struct manager_call *call, const char *error_id, const struct vx_error *err)
{
	(void)reply_error(call->connection, error_id, err);
	call_end(call);
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
	vx_error_set(&err, "VM '%s' isn't running (it is %s); 'vixos run' starts VMs", call->name,
		machine_state_name(call->machine->state));
	manager_call_fail_as(call, VX_MANAGER_ERROR_NOT_RUNNING, &err);
	return false;
}

/* Connections */

static int handle_connect(sd_varlink_server *server, sd_varlink *connection, void *data)
{
	struct manager *manager = data;
	daemon_check_idle(manager->daemon);
	return 0;
}

static void drop_calls(struct manager *manager, const sd_varlink *connection)
{
	struct manager_call *call, *next;
	wl_list_for_each_safe (call, next, &manager->calls, link) {
		if (call->connection == connection) {
			call_end(call);
		}
	}
}

static int handle_reap_shares(sd_event_source *source, uint64_t now, void *data)
{
	struct manager *manager = data;
	struct machine *machine;
	manager->share_source = sd_event_source_disable_unref(manager->share_source);
	wl_list_for_each (machine, &manager->daemon->machines, link) {
		machine_mounts_reap(machine);
	}
	return 0;
}

/* Who has gone may have had a folder for exchange; a process that was killed closes one descriptor
 * after the other, and so gives up its lock a bit later. */
static void manager_reap_later(struct manager *manager)
{
	if (manager->share_source == nullptr) {
		(void)sd_event_add_time_relative(manager->daemon->event, &manager->share_source,
			CLOCK_MONOTONIC, share_reap_delay_us, 10'000, handle_reap_shares, manager);
	}
}

static void handle_disconnect(sd_varlink_server *server, sd_varlink *connection, void *data)
{
	struct manager *manager = data;
	drop_calls(manager, connection);
	struct machine *machine;
	wl_list_for_each (machine, &manager->daemon->machines, link) {
		if (machine->lease == connection) {
			vx_log_info("'%s': who started it is gone; it is stopped", machine->name);
			machine->lease = nullptr;
			machine_stop(machine, false, nullptr);
		}
	}
	manager_reap_later(manager);
	daemon_check_idle(manager->daemon);
}

static int server_bind(struct manager *manager)
{
	sd_varlink_server *server = manager->server;
	sd_varlink_server_set_userdata(server, manager);
	int result = sd_varlink_server_set_info(server, "VixOS", "vixosd", VX_VERSION, nullptr);
	if (result >= 0) {
		result = sd_varlink_server_add_interface(server, &vl_interface_manager);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(methods) && result >= 0; i++) {
		result = sd_varlink_server_bind_method(server, methods[i].name, methods[i].handler);
	}
	if (result >= 0) {
		result = sd_varlink_server_bind_connect(server, handle_connect);
	}
	if (result >= 0) {
		result = sd_varlink_server_bind_disconnect(server, handle_disconnect);
	}
	if (result >= 0) {
		result = sd_varlink_server_set_connections_max(server, connections_max);
	}
	if (result >= 0) {
		result = sd_varlink_server_set_connections_per_uid_max(server, connections_max);
	}
	return result;
}

/* The socket is in a folder of mode 0700; that peers have our uid is checked all the same. */
static int server_listen(struct manager *manager, int *listen_fd)
{
	int result = sd_varlink_server_new(&manager->server,
		SD_VARLINK_SERVER_MYSELF_ONLY | SD_VARLINK_SERVER_INHERIT_USERDATA |
			SD_VARLINK_SERVER_ALLOW_FD_PASSING_OUTPUT);
	if (result >= 0) {
		result = server_bind(manager);
	}
	if (result >= 0) {
		result = sd_varlink_server_attach_event(
			manager->server, manager->daemon->event, SD_EVENT_PRIORITY_NORMAL);
	}
	if (result >= 0) {
		result = sd_varlink_server_listen_fd(manager->server, *listen_fd);
	}
	if (result >= 0) {
		*listen_fd = -1; /* the server's now */
	}
	return result;
}

struct manager *manager_create(struct daemon *daemon, int listen_fd, struct vx_error *err)
{
	vx_cleanup_close int fd = listen_fd;
	struct manager *manager = vx_new(manager);
	manager->daemon = daemon;
	wl_list_init(&manager->calls);
	wl_list_init(&manager->finished);
	int result = sd_event_add_defer(daemon->event, &manager->reap_source, handle_reap, manager);
	if (result >= 0) {
		(void)sd_event_source_set_enabled(manager->reap_source, SD_EVENT_OFF);
		result = server_listen(manager, &fd);
	}
	if (result < 0) {
		manager_destroy(manager);
		vx_error_set_errno(err, -result, "cannot offer the varlink service");
		return nullptr;
	}
	return manager;
}

void manager_destroy(struct manager *manager)
{
	if (manager == nullptr) {
		return;
	}
	struct manager_call *call, *next;
	wl_list_for_each_safe (call, next, &manager->calls, link) {
		call_end(call);
	}
	if (manager->server != nullptr) {
		/* Our end is no reason to stop what the connections hold leases of. */
		(void)sd_varlink_server_bind_disconnect(manager->server, nullptr);
		(void)sd_varlink_server_shutdown(manager->server);
		sd_varlink_server_unref(manager->server);
	}
	handle_reap(nullptr, manager);
	sd_event_source_disable_unref(manager->reap_source);
	sd_event_source_disable_unref(manager->share_source);
	free(manager);
}

void manager_advance(struct manager *manager)
{
	/* What is called may end any call: look at each once, by its place in the list. */
	struct manager_call *call;
	struct wl_list waiting;
	wl_list_init(&waiting);
	wl_list_insert_list(&waiting, &manager->calls);
	wl_list_init(&manager->calls);
	while (!wl_list_empty(&waiting)) {
		call = wl_container_of(waiting.next, call, link);
		wl_list_remove(&call->link);
		wl_list_insert(manager->calls.prev, &call->link);
		call->advance(call);
	}
}

void manager_machine_logged(struct manager *manager, struct machine *machine)
{
	struct manager_call *call, *next;
	wl_list_for_each_safe (call, next, &manager->calls, link) {
		if (call->machine == machine && call->advance == method_logs_advance) {
			method_logs_advance(call);
		}
	}
}

bool manager_uses_machine(const struct manager *manager, const struct machine *machine)
{
	const struct manager_call *call;
	wl_list_for_each (call, &manager->calls, link) {
		if (call->machine == machine) {
			return true;
		}
	}
	return false;
}

bool manager_is_busy(const struct manager *manager)
{
	return sd_varlink_server_current_connections(manager->server) > 0;
}
