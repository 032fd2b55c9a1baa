/* SPDX-License-Identifier: MIT */
/* Methods of org.vixos.Manager that are answered at once, or as soon as it is known what runs. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define VX_LOG_MODULE "methods"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/machine_lifetime.h"
#include "daemon/machine_packages.h"
#include "daemon/manager_call.h"
#include "daemon/pool.h"
#include "manager_names.h"
#include "vm/definition.h"

static constexpr uint64_t list_deadline_ms = 15'000;
static constexpr uint64_t display_deadline_ms = 5'000;

/* Exec */

static void exec_advance(struct manager_call *call)
{
	if (!manager_call_find_awake(call)) {
		return;
	}
	vx_cleanup_error struct vx_error err = {};
	int fd = machine_open_exec(call->machine, &err);
	int index = fd >= 0 ? sd_varlink_push_fd(call->connection, fd) : -1;
	if (index < 0) {
		if (fd >= 0) {
			close(fd);
			vx_error_set_errno(&err, -index, "cannot hand over the stream");
		}
		manager_call_fail(call, &err);
		return;
	}
	sd_json_variant *reply = nullptr;
	char **environment = machine_packages_environment(call->machine);
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_INTEGER("fileDescriptor", index),
		SD_JSON_BUILD_PAIR_CONDITION(
			environment != nullptr, "environment", SD_JSON_BUILD_STRV(environment)));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
	machine_packages_free(environment);
}

int method_exec(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {
		manager_call_name_only, exec_advance, list_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* Lease */

static void lease_advance(struct manager_call *call)
{
	if (!manager_call_is_listed(call) || !manager_call_find_machine(call)) {
		return;
	}
	/* One that vixosd has just found again needn't be running yet. */
	if (!machine_state_is_alive(call->machine->state) && !manager_call_find_running(call)) {
		return;
	}
	vx_log_info("'%s': leased again", call->machine->name);
	call->machine->lease = call->connection;
	manager_call_reply(call, nullptr);
}

int method_lease(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {
		manager_call_name_only, lease_advance, list_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* Spawn */

static void handle_spawned(void *data, const struct vx_error *err)
{
	struct manager_call *call = data;
	if (err == nullptr && call->owner && call->machine->lease == call->connection) {
		call->machine->lease = nullptr;
	}
	manager_call_done(call, err);
}

static void spawn_advance(struct manager_call *call)
{
	if (!manager_call_find_awake(call)) {
		return;
	}
	call->advance = manager_call_wait;
	vx_cleanup_error struct vx_error err = {};
	if (!machine_add_job(call->machine, (const char *const *)call->command,
		    (const char *const *)call->environment, call->owner, handle_spawned, call,
		    &err)) {
		manager_call_fail(call, &err);
	}
}

static int spawn_check(struct manager_call *call)
{
	return call->command == nullptr || call->command[0] == nullptr
		       ? sd_varlink_error_invalid_parameter_name(call->connection, "command")
		       : 0;
}

int method_spawn(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRING("name", name, SD_JSON_MANDATORY),
		MANAGER_STRINGS("command", command, SD_JSON_MANDATORY),
		MANAGER_STRINGS("environment", environment, SD_JSON_NULLABLE),
		MANAGER_BOOL("owner", owner),
		{},
	};
	static const struct manager_method method = {
		fields, spawn_advance, list_deadline_ms, spawn_check};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* List and Inspect */

static void list_advance(struct manager_call *call)
{
	if (!manager_call_is_listed(call)) {
		return;
	}
	sd_json_variant *array = nullptr;
	(void)sd_json_variant_new_array(&array, nullptr, 0);
	struct machine *machine;
	wl_list_for_each (machine, &call->manager->daemon->machines, link) {
		if (daemon_machine_is_done(machine)) {
			continue; /* its definition has just been removed */
		}
		sd_json_variant *vm = manager_json_vm(machine);
		(void)sd_json_variant_append_array(&array, vm);
		sd_json_variant_unref(vm);
	}
	if (call->all) {
		pool_append_json(call->manager->daemon->pool, &array);
	}
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_VARIANT("vms", array));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
	sd_json_variant_unref(array);
}

static int list_check(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	return daemon_reload(call->manager->daemon, &err) ? 0
							  : manager_refuse(call->connection, &err);
}

int method_list(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_BOOL("all", all),
		{},
	};
	static const struct manager_method method = {
		fields, list_advance, list_deadline_ms, list_check};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

static void inspect_advance(struct manager_call *call)
{
	/* It may be defined since the configuration was read last. */
	if (daemon_find_machine(call->manager->daemon, call->name) == nullptr) {
		(void)daemon_reload(call->manager->daemon, nullptr);
	}
	if (!manager_call_is_listed(call) || !manager_call_find_machine(call)) {
		return;
	}
	sd_json_variant *vm = manager_json_vm(call->machine);
	sd_json_variant *definition = manager_json_definition(call->machine);
	sd_json_variant *times = manager_json_times(call->machine);
	sd_json_variant *stats = call->machine->state == MACHINE_RUNNING
					 ? manager_json_stats(call->machine)
					 : nullptr;
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_VARIANT("vm", vm),
		SD_JSON_BUILD_PAIR_VARIANT("definition", definition),
		SD_JSON_BUILD_PAIR_CONDITION(
			times != nullptr, "times", SD_JSON_BUILD_VARIANT(times)),
		SD_JSON_BUILD_PAIR_CONDITION(
			stats != nullptr, "stats", SD_JSON_BUILD_VARIANT(stats)));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
	sd_json_variant_unref(vm);
	sd_json_variant_unref(definition);
	sd_json_variant_unref(times);
	sd_json_variant_unref(stats);
}

int method_inspect(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {
		manager_call_name_only, inspect_advance, list_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* Stop */

static void stop_wait(struct manager_call *call)
{
	const struct machine *machine = call->machine;
	if (machine_state_is_alive(machine->state)) {
		return;
	}
	if (machine->state == MACHINE_FAILED && !call->was_failing) {
		manager_call_fail(call, &machine->failure);
		return;
	}
	const char *failure = machine->failure.message;
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_BOOLEAN("stopped", call->has_started),
		SD_JSON_BUILD_PAIR_CONDITION(
			failure != nullptr, "message", SD_JSON_BUILD_STRING(failure)));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
}

static void stop_advance(struct manager_call *call)
{
	if (!manager_call_is_listed(call) || !manager_call_find_machine(call)) {
		return;
	}
	call->advance = stop_wait;
	call->has_started = machine_state_is_alive(call->machine->state);
	call->was_failing = call->machine->failure.message != nullptr;
	manager_call_set_deadline(call, 0); /* the machine has deadlines for this */
	if (call->last_window && !call->kill) {
		machine_lifetime_end_program(call->machine);
	} else {
		machine_stop(call->machine, call->kill, nullptr);
	}
	stop_wait(call);
}

int method_stop(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRING("name", name, SD_JSON_MANDATORY),
		MANAGER_BOOL("kill", kill),
		MANAGER_BOOL("lastWindow", last_window),
		{},
	};
	static const struct manager_method method = {fields, stop_advance, list_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* AttachDisplay */

static void attach_advance(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	struct display *display = display_get(call->manager->daemon, call->display, &err);
	if (display == nullptr) {
		manager_call_fail(call, &err);
		return;
	}
	if (!display->is_ready) {
		return;
	}
	display->wants_autostart = true;
	daemon_machine_changed(call->manager->daemon, nullptr);
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply,
		SD_JSON_BUILD_PAIR_BOOLEAN("securityContext", display->has_security_context),
		SD_JSON_BUILD_PAIR_BOOLEAN("menu", display->has_menu));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
}

static int attach_check(struct manager_call *call)
{
	return call->display[0] != '/'
		       ? sd_varlink_error_invalid_parameter_name(call->connection, "display")
		       : 0;
}

int method_attach_display(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRING("display", display, SD_JSON_MANDATORY),
		{},
	};
	static const struct manager_method method = {
		fields, attach_advance, display_deadline_ms, attach_check};
	return manager_call_handle(connection, parameters, flags, data, &method);
}
