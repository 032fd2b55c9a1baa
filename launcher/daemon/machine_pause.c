/* SPDX-License-Identifier: MIT */
#include "daemon/machine_pause.h"

#include "daemon/daemon.h"
#include "daemon/machine.h"

static void handle_done(void *data, const struct vx_error *err)
{
	struct machine *machine = data;
	machine->hypervisor_jobs--;
	if (err != nullptr) {
		vx_replace_string(&machine->pause_problem, vx_error_message(err));
	}
	daemon_machine_settled(machine->daemon, machine);
}

void machine_pause(struct machine *machine, bool pause)
{
	vx_replace_string(&machine->pause_problem, nullptr);
	machine->hypervisor_jobs++;
	(pause ? vm_hypervisor_pause : vm_hypervisor_resume)(
		machine->daemon->hypervisor, machine->name, handle_done, machine);
}
