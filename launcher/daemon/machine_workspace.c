/* SPDX-License-Identifier: MIT */
#include "daemon/machine_workspace.h"

#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/machine.h"
#include "vm/definition.h"

bool machine_bind_workspace(struct machine *machine, const char *workspace, struct vx_error *err)
{
	const char *wanted = workspace != nullptr ? workspace : machine->definition->workspace;
	if (wanted != nullptr && machine->display != nullptr) {
		struct display *display = display_get(machine->daemon, machine->display, err);
		if (display == nullptr || !display_bind_workspace(
						  display, machine->name, wanted, err)) {
			return false;
		}
	}
	vx_replace_string(&machine->workspace, wanted);
	if (machine_state_is_alive(machine->state) && machine->state != MACHINE_PREPARING) {
		machine_write_session(machine);
	}
	daemon_machine_changed(machine->daemon, machine);
	return true;
}
