/* SPDX-License-Identifier: MIT */
#include "daemon/machine_session.h"

#define VX_LOG_MODULE "machine"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/machine.h"
#include "daemon/session_file.h"
#include "vm/definition.h"

bool machine_bind_workspace(struct machine *machine, const char *workspace, struct vx_error *err)
{
	const char *wanted = workspace != nullptr ? workspace : machine->definition->workspace;
	if (wanted != nullptr && machine->display != nullptr) {
		struct display *display = display_get(machine->daemon, machine->display, err);
		if (display == nullptr ||
			!display_bind_workspace(display, machine->name, wanted, err)) {
			return false;
		}
	}
	vx_replace_string(&machine->workspace, wanted);
	if (machine_state_is_alive(machine->state) && machine->state != MACHINE_PREPARING) {
		machine_session_write(machine);
	}
	daemon_machine_changed(machine->daemon, machine);
	return true;
}

/* Who asks for one by name has asked the compositor before. */
void machine_session_begin(struct machine *machine, const char *workspace)
{
	vx_cleanup_error struct vx_error err = {};
	vx_replace_string(&machine->workspace, nullptr);
	if (!machine_bind_workspace(machine, workspace, &err)) {
		vx_log_warn("'%s': %s", machine->name, vx_error_message(&err));
	}
}

void machine_session_write(const struct machine *machine)
{
	const struct session_file session = {
		.display = machine->display,
		.workspace = machine->workspace,
		.untagged = machine->untagged,
	};
	vx_cleanup_error struct vx_error err = {};
	if (!session_file_write(machine->dir.path, &session, &err)) {
		vx_log_warn("'%s': %s; after a restart of vixosd it will have no windows",
			machine->name, vx_error_message(&err));
	}
}

void machine_session_read(struct machine *machine)
{
	struct session_file session = {};
	vx_cleanup_error struct vx_error err = {};
	if (!session_file_read(machine->dir.path, &session, &err)) {
		vx_log_warn("'%s': %s; it gets no windows", machine->name, vx_error_message(&err));
	}
	vx_replace_string(&machine->display, session.display);
	machine->untagged = session.untagged;
	(void)machine_bind_workspace(machine, session.workspace, nullptr);
	session_file_finish(&session);
}
