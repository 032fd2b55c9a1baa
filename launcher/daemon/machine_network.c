/* SPDX-License-Identifier: MIT */
#include "daemon/machine_network.h"

#define VX_LOG_MODULE "network"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "vm/definition.h"
#include "vm/firewall_script.h"
#include "vm/hypervisor.h"

bool machine_network_check(
	const struct machine *machine, const struct vm_definition *wanted, struct vx_error *err)
{
	bool is_enforced = vm_network_is_ours(wanted->network) ||
			   wanted->network == VM_NETWORK_NONE;
	if (!is_enforced && !vm_firewall_is_trivial(&wanted->firewall)) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"VM '%s' has firewall rules, which can't be enforced on a network that "
			"isn't ours; use nat or net-vm, or 'vixos firewall %s clear' and "
			"'policy allow'",
			machine->name, machine->name);
	}
	return true;
}

static void take(struct machine *machine, const struct vm_definition *wanted, bool only_firewall)
{
	struct vm_definition *definition = machine->definition;
	if (!only_firewall) {
		vm_definition_set_network(definition, wanted->network, wanted->network_name);
	}
	vm_firewall_finish(&definition->firewall);
	definition->firewall = vm_firewall_copy(&wanted->firewall);
}

static void handle_done(void *data, const struct vx_error *err)
{
	struct machine *machine = data;
	struct vm_definition *wanted = vx_take_ptr(machine->network_wanted);
	bool only_firewall = machine->network_only_firewall;
	machine->hypervisor_jobs--;
	if (err == nullptr) {
		take(machine, wanted, only_firewall);
		vx_cleanup_free char *network = vm_network_format(machine->definition);
		vx_cleanup_free char *firewall = vm_firewall_format(&machine->definition->firewall);
		vx_log_info("'%s': network %s, firewall %s", machine->name, network, firewall);
	} else {
		vx_replace_string(&machine->network_problem, vx_error_message(err));
		vx_log_warn("'%s': %s", machine->name, vx_error_message(err));
		if (!only_firewall) {
			vm_definition_set_network(machine->definition, VM_NETWORK_NONE, nullptr);
		}
	}
	vm_definition_destroy(wanted);
	daemon_machine_settled(machine->daemon, machine);
}

void machine_network_change(
	struct machine *machine, struct vm_definition *wanted, bool only_firewall)
{
	vx_replace_string(&machine->network_problem, nullptr);
	machine->network_wanted = wanted;
	machine->network_only_firewall = only_firewall;
	machine->hypervisor_jobs++;
	(only_firewall ? vm_hypervisor_set_firewall : vm_hypervisor_set_network)(
		machine->daemon->hypervisor, wanted, handle_done, machine);
}

static void handle_refreshed(void *data, const struct vx_error *err)
{
	struct machine *machine = data;
	machine->hypervisor_jobs--;
	vm_definition_destroy(vx_take_ptr(machine->network_wanted));
	if (err != nullptr) {
		vx_log_warn(
			"'%s': what 'host' and 'lan' in its firewall mean is not up to date: %s",
			machine->name, vx_error_message(err));
	}
	daemon_machine_settled(machine->daemon, machine);
}

void machine_network_refresh(struct machine *machine)
{
	if (!machine->firewall_is_stale || machine->network_wanted != nullptr ||
		machine->state != MACHINE_RUNNING) {
		return;
	}
	machine->firewall_is_stale = false;
	if (vm_network_is_ours(machine->definition->network) &&
		vm_firewall_has_places(&machine->definition->firewall)) {
		machine->network_wanted = vm_definition_copy(machine->definition);
		machine->network_only_firewall = true;
		machine->hypervisor_jobs++;
		vm_hypervisor_refresh_firewall(
			machine->daemon->hypervisor, machine->name, handle_refreshed, machine);
	}
}
