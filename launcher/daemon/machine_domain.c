/* SPDX-License-Identifier: MIT */
#include "daemon/machine_domain.h"

#define VX_LOG_MODULE "machine"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "daemon/machine_console.h"
#include "daemon/machine_network.h"
#include "daemon/machine_proxy.h"
#include "daemon/machine_session.h"
#include "daemon/net_vm.h"
#include "daemon/pool.h"
#include "daemon/proxy.h"
#include "vm/definition.h"

void machine_domain_failed(struct machine *machine, const struct vx_error *err)
{
	struct vx_error why = {};
	if (machine->state != MACHINE_PREPARING) {
		return; /* it is being ended already */
	}
	vx_error_set_kind(&why, err->kind == VX_ERROR_FAILED ? VX_ERROR_VIXOS : err->kind,
		"cannot start VM '%s': %s", machine->name, vx_error_message(err));
	machine_fail(machine, MACHINE_EVENT_START_FAILED, &why);
	vx_error_finish(&why);
}

static void take_started(struct machine *machine, const struct vm_started *started)
{
	vx_replace_string(&machine->region_name, started->region_name);
	machine->times = (struct machine_times){.start = started->times};
	machine->memory = (struct machine_memory){
		.vm.granted = machine->definition->memory_min_mib,
	};
	machine_console_open(machine, started->console_socket);
	machine->is_emulated = started->accel_note != nullptr;
	if (machine->is_emulated) {
		vx_log_info("'%s': %s", machine->name, started->accel_note);
	}
	machine_session_write(machine);
}

static void start_domain(struct machine *machine);

static void handle_started(void *data, const struct vm_started *started, const struct vx_error *err)
{
	struct machine *machine = data;
	bool was_taking = machine->is_taking;
	machine->hypervisor_jobs--;
	machine->is_taking = false;
	if (err != nullptr && was_taking && machine->state == MACHINE_PREPARING) {
		vx_log_info("'%s': no preloaded VM: %s", machine->name, vx_error_message(err));
		start_domain(machine);
	} else if (err != nullptr) {
		machine_domain_failed(machine, err);
	} else if (machine->state == MACHINE_PREPARING) {
		machine->is_taken = was_taking;
		take_started(machine, started);
		machine_handle(machine, MACHINE_EVENT_DOMAIN_UP);
	} else if (started->console_socket >= 0) {
		vx_cleanup_close_fd(&started->console_socket);
	}
	daemon_machine_settled(machine->daemon, machine);
}

static void handle_domain_gone(void *data, const struct vx_error *err)
{
	struct machine *machine = data;
	machine->hypervisor_jobs--;
	if (err != nullptr) {
		vx_log_error("'%s': %s", machine->name, vx_error_message(err));
		struct vx_error why = {};
		vx_error_set_kind(&why, VX_ERROR_VIXOS, "cannot stop VM '%s': %s", machine->name,
			vx_error_message(err));
		machine_blame(machine, &why);
		vx_error_finish(&why);
	}
	if (machine->state == MACHINE_STOPPING) {
		machine->domain_is_gone = true;
		machine_check_stopped(machine);
	}
	daemon_machine_settled(machine->daemon, machine);
}

static void start_domain(struct machine *machine)
{
	machine->hypervisor_jobs++;
	vm_hypervisor_start(
		machine->daemon->hypervisor, machine->definition, handle_started, machine);
}

/* What can be had at once needs no start; where that fails after all, there is one. */
void machine_domain_start_now(struct machine *machine)
{
	machine->is_taking = !machine->starts_cold &&
			     pool_take(machine->daemon->pool, machine, handle_started, machine);
	machine->starts_cold = false;
	if (machine->is_taking) {
		machine_arm_deadline(machine); /* that of a VM on trial is shorter */
		machine->hypervisor_jobs++;
	} else {
		start_domain(machine);
	}
}

/* First comes its net-vm, which has deadlines of its own. */
void machine_domain_start(struct machine *machine)
{
	vx_cleanup_error struct vx_error err = {};
	if (!machine_network_check(machine, machine->definition, &err) ||
		!net_vm_begin(machine, machine->definition, &err)) {
		machine_domain_failed(machine, &err);
	} else if (net_vm_is_running(machine)) {
		machine_domain_start_now(machine);
	} else {
		machine->waits_for_net_vm = true;
		machine->deadline_source = sd_event_source_disable_unref(machine->deadline_source);
		vx_replace_string(&machine->progress, "waiting for its net-vm");
	}
}

/* What all ways to the end have in common. */
static void begin_end(struct machine *machine)
{
	machine->waits_for_net_vm = false;
	machine->respawn_source = sd_event_source_disable_unref(machine->respawn_source);
	machine->domain_is_gone = false;
	machine->hypervisor_jobs++;
}

void machine_domain_stop(struct machine *machine)
{
	begin_end(machine);
	proxy_quit(machine->proxy);
	vm_hypervisor_stop(machine->daemon->hypervisor, machine->name, machine_stop_grace_ms,
		handle_domain_gone, machine);
}

void machine_domain_kill(struct machine *machine)
{
	begin_end(machine);
	proxy_quit(machine->proxy);
	vm_hypervisor_kill(machine->daemon->hypervisor, machine->name, handle_domain_gone, machine);
}

void machine_domain_clean_up(struct machine *machine)
{
	begin_end(machine);
	proxy_quit(machine->proxy);
	vm_hypervisor_clean_up(
		machine->daemon->hypervisor, machine->name, handle_domain_gone, machine);
}
