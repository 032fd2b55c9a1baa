/* SPDX-License-Identifier: MIT */
#include "daemon/machine_lifetime.h"

#define VX_LOG_MODULE "machine"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "vm/definition.h"

/* An app may close one window before it opens the next, as behind a splash screen. */
static constexpr uint64_t grace_us = 3'000'000;

static void cancel_grace(struct machine *machine)
{
	machine->lifetime.grace_source = sd_event_source_disable_unref(
		machine->lifetime.grace_source);
}

static void end(struct machine *machine)
{
	cancel_grace(machine);
	vx_log_info("'%s' has no window left and is disposed of", machine->name);
	machine_stop(machine, false, nullptr);
}

static int handle_grace(sd_event_source *source, uint64_t now, void *data)
{
	end(data);
	return 0;
}

void machine_lifetime_update(struct machine *machine)
{
	struct machine_lifetime *lifetime = &machine->lifetime;
	bool is_watched = machine->definition->is_disposable && machine->state == MACHINE_RUNNING;
	lifetime->had_windows = lifetime->had_windows || machine->windows > 0 ||
				machine->times.first_frame_at != 0;
	if (!is_watched || machine->windows > 0) {
		cancel_grace(machine);
	} else if (lifetime->is_over && machine->clients == 0) {
		end(machine);
	} else if ((lifetime->is_over || lifetime->had_windows) &&
		   lifetime->grace_source == nullptr) {
		(void)sd_event_add_time_relative(machine->daemon->event, &lifetime->grace_source,
			CLOCK_MONOTONIC, grace_us, 10'000, handle_grace, machine);
	}
}

void machine_lifetime_end_program(struct machine *machine)
{
	if (!machine->definition->is_disposable || machine->state != MACHINE_RUNNING) {
		machine_stop(machine, false, nullptr);
		return;
	}
	machine->lifetime.is_over = true;
	machine_lifetime_update(machine);
}

void machine_lifetime_finish(struct machine *machine)
{
	cancel_grace(machine);
}
