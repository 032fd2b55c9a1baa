/* SPDX-License-Identifier: MIT */
#include "daemon/manager.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define VX_LOG_MODULE "manager"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine_mounts.h"
#include "daemon/manager_call.h"
#include "daemon/manager_idl.h"
#include "manager_names.h"

static constexpr unsigned connections_max = 128;
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

/* Connections */

static int handle_connect(sd_varlink_server *server, sd_varlink *connection, void *data)
{
	struct manager *manager = data;
	daemon_check_idle(manager->daemon);
	return 0;
}

static int handle_reap(sd_event_source *source, void *data)
{
	manager_call_reap(data);
	return 0;
}

static void drop_calls(struct manager *manager, const sd_varlink *connection)
{
	struct manager_call *call, *next;
	wl_list_for_each_safe (call, next, &manager->calls, link) {
		if (call->connection == connection) {
			manager_call_end(call);
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
		manager_call_end(call);
	}
	if (manager->server != nullptr) {
		/* Our end is no reason to stop what the connections hold leases of. */
		(void)sd_varlink_server_bind_disconnect(manager->server, nullptr);
		(void)sd_varlink_server_shutdown(manager->server);
		sd_varlink_server_unref(manager->server);
	}
	manager_call_reap(manager);
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
