/* SPDX-License-Identifier: MIT */
#include "daemon/machine_console.h"

#include <sys/epoll.h>

#define VX_LOG_MODULE "console"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"

static int handle_pause_end(sd_event_source *source, uint64_t now, void *data)
{
	struct machine *machine = data;
	if (machine->console_source != nullptr) {
		(void)sd_event_source_set_enabled(machine->console_source, SD_EVENT_ON);
	}
	return 0;
}

/* A guest that floods its console is read more slowly; QEMU holds it up meanwhile. */
static void console_pause(struct machine *machine, unsigned pause_ms)
{
	(void)sd_event_source_set_enabled(machine->console_source, SD_EVENT_OFF);
	machine->console_pause_source = sd_event_source_disable_unref(
		machine->console_pause_source);
	(void)sd_event_add_time_relative(machine->daemon->event, &machine->console_pause_source,
		CLOCK_MONOTONIC, (uint64_t)pause_ms * 1000, 1000, handle_pause_end, machine);
}

static int handle_console(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct machine *machine = data;
	unsigned pause_ms = vm_console_dispatch(machine->console);
	if (vm_console_get_fd(machine->console) < 0) {
		machine->console_source = sd_event_source_disable_unref(machine->console_source);
	} else if (pause_ms > 0) {
		console_pause(machine, pause_ms);
	}
	daemon_machine_logged(machine->daemon, machine);
	return 0;
}

void machine_console_open(struct machine *machine, int socket)
{
	machine_console_finish(machine);
	struct vx_error err = {};
	machine->console = vm_console_open(&machine->dir, socket, &err);
	if (machine->console == nullptr) {
		vx_log_warn("'%s': %s; there will be no log of it", machine->name,
			vx_error_message(&err));
		vx_error_finish(&err);
		return;
	}
	int fd = vm_console_get_fd(machine->console);
	if (fd >= 0) {
		(void)sd_event_add_io(machine->daemon->event, &machine->console_source, fd, EPOLLIN,
			handle_console, machine);
	}
}

void machine_console_finish(struct machine *machine)
{
	machine->console_source = sd_event_source_disable_unref(machine->console_source);
	machine->console_pause_source = sd_event_source_disable_unref(
		machine->console_pause_source);
	vm_console_close(machine->console);
	machine->console = nullptr;
}
