/* SPDX-License-Identifier: MIT */
#include "daemon/machine_proxy.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define VX_LOG_MODULE "machine"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine_jobs.h"
#include "daemon/machine_lifetime.h"
#include "daemon/proxy.h"
#include "proxy/host/control.h"
#include "vm/region.h"

/* The first thing that was lost is what matters; the rest follows from it. */
static void machine_set_loss(struct machine *machine, const char *why)
{
	if (machine->loss == nullptr) {
		vx_log_warn("'%s': %s", machine->name, why);
		machine->loss = vx_strdup(why);
		daemon_machine_changed(machine->daemon, machine);
	}
}

static void handle_proxy_up(void *data)
{
	machine_handle(data, MACHINE_EVENT_PROXY_UP);
}

static void machine_link_down(struct machine *machine, const char *detail)
{
	vx_cleanup_free char *why = vx_printf(
		"the guest left the link: %s", detail[0] != '\0' ? detail : "no reason was given");
	machine_set_loss(machine, why);
	machine_handle(machine, MACHINE_EVENT_LINK_DOWN);
}

static void handle_proxy_state(void *data, const struct vx_control_message *state)
{
	struct machine *machine = data;
	bool is_first = machine->times.first_frame_at == 0 && state->first_frame_ns != 0;
	bool is_silent = state->link_state == VX_CONTROL_LINK_SILENT;
	bool is_changed = machine->clients != state->clients ||
			  machine->windows != state->windows || is_first ||
			  machine->is_silent != is_silent;
	machine->clients = state->clients;
	machine->windows = state->windows;
	machine->is_silent = is_silent;
	if (machine->times.first_frame_at == 0) {
		machine->times.first_frame_at = state->first_frame_ns;
	}
	if (state->link_state == VX_CONTROL_LINK_READY || is_silent) {
		machine_handle(machine, MACHINE_EVENT_LINK_UP);
	} else if (state->link_state == VX_CONTROL_LINK_LOST) {
		machine_link_down(machine, state->detail);
	}
	memory_balance_heard(machine->daemon->memory, machine, state);
	if (is_changed) {
		daemon_machine_changed(machine->daemon, machine);
	}
	machine_lifetime_update(machine);
}

static void handle_proxy_gone(void *data, const char *why)
{
	struct machine *machine = data;
	machine->clients = 0;
	machine->windows = 0;
	if (machine->state == MACHINE_STOPPING) {
		machine_check_stopped(machine);
		return;
	}
	machine_set_loss(machine, why);
	machine_handle(machine, MACHINE_EVENT_PROXY_GONE);
}

static const struct proxy_listener proxy_listener = {
	.up = handle_proxy_up,
	.state_changed = handle_proxy_state,
	.gone = handle_proxy_gone,
};

struct proxy *machine_proxy_create(struct machine *machine)
{
	return proxy_create(machine->daemon->event, machine->name, &proxy_listener, machine);
}

void machine_proxy_spawn(struct machine *machine)
{
	vx_cleanup_free char *region = machine->region_name != nullptr
					       ? vm_region_path(machine->region_name)
					       : nullptr;
	struct proxy_options options = {
		.program = machine->daemon->proxy_program,
		.vm = machine->name,
		.link_socket = machine->dir.link_socket,
		.region = region,
		.control_socket = machine->dir.proxy_socket,
		.display = machine->display,
		.untagged = machine->untagged,
	};
	struct vx_error err = {};
	if (!proxy_spawn(machine->proxy, &options, &err)) {
		err.kind = VX_ERROR_VIXOS;
		machine_fail(machine, MACHINE_EVENT_RETRIES_SPENT, &err);
	}
	vx_error_finish(&err);
}

static int handle_respawn(sd_event_source *source, uint64_t now, void *data)
{
	struct machine *machine = data;
	machine->respawn_source = sd_event_source_disable_unref(machine->respawn_source);
	if (proxy_is_alive(machine->proxy)) {
		return 0; /* it is still ending; its end brings us here again */
	}
	machine_proxy_spawn(machine);
	return 0;
}

void machine_proxy_respawn(struct machine *machine)
{
	machine_jobs_lost(machine);
	if (proxy_is_alive(machine->proxy)) {
		proxy_quit(machine->proxy);
		return;
	}
	int64_t delay_ms = machine_retry_next(&machine->retry, daemon_now_ms(machine->daemon));
	if (delay_ms < 0) {
		struct vx_error err = {};
		vx_error_set_kind(&err, VX_ERROR_VIXOS,
			"the link to VM '%s' was lost too often: %s", machine->name,
			machine->loss != nullptr ? machine->loss : "");
		machine_fail(machine, MACHINE_EVENT_RETRIES_SPENT, &err);
		vx_error_finish(&err);
		return;
	}
	(void)sd_event_add_time_relative(machine->daemon->event, &machine->respawn_source,
		CLOCK_MONOTONIC, (uint64_t)delay_ms * 1000, 1000, handle_respawn, machine);
}

/* Streams */

typedef bool (*stream_opener)(struct proxy *proxy, int fd, struct vx_error *err);

static int machine_open_stream(
	struct machine *machine, stream_opener open_stream, struct vx_error *err)
{
	if (machine->state != MACHINE_RUNNING) {
		vx_error_set(err, "VM '%s' isn't running (it is %s)", machine->name,
			machine_state_name(machine->state));
		return -1;
	}
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		vx_error_set_errno(err, errno, "cannot make a stream to VM '%s'", machine->name);
		return -1;
	}
	bool is_open = open_stream(machine->proxy, pair[1], err);
	close(pair[1]);
	if (!is_open) {
		close(pair[0]);
		return -1;
	}
	return pair[0];
}

int machine_open_exec(struct machine *machine, struct vx_error *err)
{
	return machine_open_stream(machine, proxy_open_exec, err);
}

int machine_open_clipboard(struct machine *machine, struct vx_error *err)
{
	return machine_open_stream(machine, proxy_open_clipboard, err);
}
