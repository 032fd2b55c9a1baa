/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager.Stats: asks libvirt and the guests anew, and tells what they said. */
#include <stddef.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/manager_call.h"
#include "daemon/memory_balance.h"
#include "manager_names.h"

static constexpr uint64_t stats_deadline_ms = 15'000;

/* Is it among those that were asked for? */
static bool is_wanted(const struct manager_call *call, const struct machine *machine)
{
	for (size_t i = 0; call->command != nullptr && call->command[i] != nullptr; i++) {
		if (strcmp(call->command[i], machine->name) == 0) {
			return true;
		}
	}
	return call->command == nullptr || call->command[0] == nullptr;
}

/* False where one isn't there, or doesn't run: the call has failed. */
static bool check_names(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	for (size_t i = 0; call->command != nullptr && call->command[i] != nullptr; i++) {
		const char *name = call->command[i];
		const struct machine *machine = daemon_find_machine(call->manager->daemon, name);
		if (machine == nullptr) {
			vx_error_set(&err,
				"there is no VM of one of these names; 'vixos list' shows "
				"which there are");
			manager_call_fail_as(call, VX_MANAGER_ERROR_NO_SUCH_VM, &err);
			return false;
		}
		if (machine->state != MACHINE_RUNNING) {
			vx_error_set(&err, "VM '%s' isn't running", machine->name);
			manager_call_fail_as(call, VX_MANAGER_ERROR_NOT_RUNNING, &err);
			return false;
		}
	}
	return true;
}

static void stats_reply(struct manager_call *call)
{
	sd_json_variant *array = nullptr, *reply = nullptr;
	(void)sd_json_variant_new_array(&array, nullptr, 0);
	const struct machine *machine;
	wl_list_for_each (machine, &call->manager->daemon->machines, link) {
		if (machine->state == MACHINE_RUNNING && is_wanted(call, machine)) {
			sd_json_variant *stats = manager_json_stats(machine);
			(void)sd_json_variant_append_array(&array, stats);
			sd_json_variant_unref(stats);
		}
	}
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_VARIANT("vms", array));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
	sd_json_variant_unref(array);
}

/* Until libvirt has answered for all. */
static void stats_wait(struct manager_call *call)
{
	const struct machine *machine;
	wl_list_for_each (machine, &call->manager->daemon->machines, link) {
		if (machine->memory.is_asked && is_wanted(call, machine)) {
			return;
		}
	}
	stats_reply(call);
}

static void stats_advance(struct manager_call *call)
{
	if (!manager_call_is_listed(call) || !check_names(call)) {
		return;
	}
	call->advance = stats_wait;
	struct daemon *daemon = call->manager->daemon;
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		if (is_wanted(call, machine)) {
			memory_balance_refresh(daemon->memory, machine);
		}
	}
	stats_wait(call);
}

int method_stats(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRINGS("names", command, SD_JSON_NULLABLE),
		{},
	};
	static const struct manager_method method = {fields, stats_advance, stats_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}
