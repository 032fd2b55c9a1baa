/* SPDX-License-Identifier: MIT */
#include "daemon/net_vm.h"

#include <string.h>

#define VX_LOG_MODULE "net-vm"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "vm/config.h"
#include "vm/definition.h"

/* What a VM of this name has, or would be started with; borrowed; NULL where nobody has defined it.
 */
static const struct vm_definition *find_definition(const struct daemon *daemon, const char *name)
{
	struct machine *machine = daemon_find_machine((struct daemon *)daemon, name);
	if (machine != nullptr && machine_state_is_alive(machine->state)) {
		return machine->definition;
	}
	return vm_config_find(daemon->config, name);
}

/* The name of its net-vm; NULL where it has none. */
static const char *net_vm_of(const struct vm_definition *definition)
{
	return definition->network == VM_NETWORK_VM ? definition->network_name : nullptr;
}

static bool check_circle(
	const struct machine *machine, const char *net_vm_name, struct vx_error *err)
{
	const char *name = net_vm_name;
	for (int i = 0; i <= daemon_machines_max && name != nullptr; i++) {
		if (strcmp(name, machine->name) == 0) {
			return vx_error_set_kind(err, VX_ERROR_REFUSED,
				"VM '%s' can't have '%s' as its network, which has it as its own",
				machine->name, net_vm_name);
		}
		const struct vm_definition *definition = find_definition(machine->daemon, name);
		name = definition != nullptr ? net_vm_of(definition) : nullptr;
	}
	return true;
}

bool net_vm_begin(
	const struct machine *machine, const struct vm_definition *definition, struct vx_error *err)
{
	const char *name = net_vm_of(definition);
	if (name == nullptr) {
		return true;
	}
	if (!check_circle(machine, name, err)) {
		return false;
	}
	if (find_definition(machine->daemon, name) == nullptr) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"VM '%s' has the network of '%s', which isn't defined", machine->name,
			name);
	}
	struct machine *net_vm = daemon_get_machine(machine->daemon, name, err);
	if (net_vm == nullptr) {
		return false;
	}
	if (!machine_state_is_alive(net_vm->state) || net_vm->state == MACHINE_STOPPING) {
		const struct machine_start start = {
			.display = machine->display,
			.untagged = machine->untagged,
		};
		machine_start(net_vm, &start);
	}
	return true;
}

static struct machine *find_net_vm(const struct machine *machine)
{
	const char *name = net_vm_of(machine->definition);
	return name != nullptr ? daemon_find_machine(machine->daemon, name) : nullptr;
}

bool net_vm_is_running(const struct machine *machine)
{
	const struct machine *net_vm = find_net_vm(machine);
	return net_vm_of(machine->definition) == nullptr ||
	       (net_vm != nullptr && net_vm->state == MACHINE_RUNNING);
}

/* A client that waits with its start. */
static void update_start(struct machine *machine)
{
	vx_cleanup_error struct vx_error err = {};
	const struct machine *net_vm = find_net_vm(machine);
	if (net_vm_is_running(machine)) {
		machine_net_vm_settled(machine, nullptr);
	} else if (net_vm == nullptr ||
		   (!machine_state_is_alive(net_vm->state) && !net_vm->start_again)) {
		const char *why = net_vm != nullptr ? net_vm->failure.message : nullptr;
		vx_error_set_kind(&err, VX_ERROR_VIXOS, "its net-vm '%s' didn't start%s%s",
			machine->definition->network_name, why != nullptr ? ": " : "",
			why != nullptr ? why : "");
		machine_net_vm_settled(machine, &err);
	}
}

static void handle_linked(void *data, const struct vx_error *err)
{
	struct machine *machine = data;
	machine->hypervisor_jobs--;
	machine->link_is_busy = false;
	if (err != nullptr) {
		vx_log_warn("'%s': %s", machine->name, vx_error_message(err));
		vx_replace_string(&machine->link_problem, vx_error_message(err));
		vx_replace_string(&machine->link_name, nullptr);
	} else {
		vx_log_info("'%s': connected to its net-vm '%s'", machine->name,
			machine->link_name != nullptr ? machine->link_name : "");
	}
	daemon_machine_settled(machine->daemon, machine);
}

static void handle_unlinked(void *data, const struct vx_error *err)
{
	struct machine *machine = data;
	machine->hypervisor_jobs--;
	machine->link_is_busy = false;
	if (err != nullptr) {
		vx_log_warn("'%s': %s", machine->name, vx_error_message(err));
	}
	daemon_machine_settled(machine->daemon, machine);
}

static void link_to(struct machine *machine, const char *net_vm_name)
{
	vx_replace_string(&machine->link_name, net_vm_name);
	machine->link_is_busy = true;
	machine->hypervisor_jobs++;
	vm_hypervisor_link(
		machine->daemon->hypervisor, net_vm_name, machine->name, handle_linked, machine);
}

static void unlink_from(struct machine *machine)
{
	vx_cleanup_free char *name = vx_take_ptr(machine->link_name);
	machine->link_is_busy = true;
	machine->hypervisor_jobs++;
	vm_hypervisor_unlink(
		machine->daemon->hypervisor, name, machine->name, handle_unlinked, machine);
}

/* Has it a network that could be connected, and does its net-vm run? */
static bool wants_link(const struct machine *machine)
{
	bool has_network = machine->state == MACHINE_CONNECTING ||
			   machine->state == MACHINE_BOOTING || machine->state == MACHINE_RUNNING;
	bool is_changing = machine->network_wanted != nullptr && !machine->network_only_firewall;
	return has_network && !is_changing && net_vm_of(machine->definition) != nullptr &&
	       net_vm_is_running(machine);
}

bool net_vm_is_pending(const struct machine *machine)
{
	const struct machine *net_vm = find_net_vm(machine);
	bool starts = net_vm != nullptr && net_vm->state != MACHINE_RUNNING &&
		      (machine_state_is_alive(net_vm->state) || net_vm->start_again);
	return machine->link_is_busy || starts ||
	       (wants_link(machine) && machine->link_name == nullptr &&
		       machine->link_problem == nullptr);
}

static void update_link(struct machine *machine)
{
	const char *wanted = wants_link(machine) ? machine->definition->network_name : nullptr;
	if (wanted == nullptr) {
		/* The next attempt is another's: of another net-vm, or of another run of it. */
		vx_replace_string(&machine->link_problem, nullptr);
	}
	if (machine->link_is_busy) {
		return;
	}
	if (machine->link_name != nullptr &&
		(wanted == nullptr || strcmp(wanted, machine->link_name) != 0)) {
		unlink_from(machine);
	} else if (wanted != nullptr && machine->link_name == nullptr &&
		   machine->link_problem == nullptr) {
		link_to(machine, wanted);
	}
}

void net_vm_update(struct daemon *daemon)
{
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		if (machine->waits_for_net_vm) {
			update_start(machine);
		}
		update_link(machine);
	}
}

static void handle_swept(void *data, const struct vx_error *err)
{
	struct machine *machine = data;
	machine->hypervisor_jobs--;
	if (err != nullptr) {
		vx_log_warn("'%s': %s", machine->name, vx_error_message(err));
	}
	daemon_machine_settled(machine->daemon, machine);
}

void net_vm_found(struct machine *machine)
{
	machine->hypervisor_jobs++;
	vm_hypervisor_sweep_links(
		machine->daemon->hypervisor, machine->name, handle_swept, machine);
}
