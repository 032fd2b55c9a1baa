/* SPDX-License-Identifier: MIT */
/* What libvirt tells, and who hears of it. */
#include "daemon/daemon_internal.h"

#include <sys/epoll.h>

#define VX_LOG_MODULE "daemon"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/event_log.h"
#include "daemon/machine.h"
#include "daemon/net_vm.h"
#include "daemon/pool.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/hypervisor.h"

static void on_connection_ready(struct daemon *daemon, const struct vm_event *event)
{
	free(vx_take_ptr(daemon->libvirt_problem));
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		machine->is_found = false;
	}
	pool_handle_connection(daemon->pool);
}

static void on_connection_lost(struct daemon *daemon, const struct vm_event *event)
{
	vx_log_warn("libvirt can't be reached: %s", event->message);
	vx_replace_string(&daemon->libvirt_problem, event->message);
}

static void on_found(struct daemon *daemon, const struct vm_event *event)
{
	vx_cleanup_error struct vx_error err = {};
	if (vm_name_is_preloaded(event->name)) {
		pool_handle_found(daemon->pool, event->name);
		return;
	}
	struct machine *machine = daemon_find_machine(daemon, event->name);
	if (machine == nullptr) {
		machine = daemon_add_machine(
			daemon, vm_definition_copy(event->running->definition), &err);
	}
	if (machine == nullptr) {
		vx_log_error(
			"'%s' runs but can't be managed: %s", event->name, vx_error_message(&err));
		return;
	}
	machine_found(machine, event->running);
	net_vm_found(machine);
	if (machine->display != nullptr && display_get(daemon, machine->display, &err) == nullptr) {
		machine_stop(machine, false, &err);
	}
}

static void handle_swept(void *data, const struct vx_error *err)
{
	if (err != nullptr) {
		vx_log_warn("%s", vx_error_message(err));
	}
}

static void on_listed(struct daemon *daemon, const struct vm_event *event)
{
	bool is_starting = pool_is_preparing(daemon->pool);
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		is_starting = is_starting || machine->state == MACHINE_PREPARING;
		if (!machine->is_found && machine->state != MACHINE_PREPARING) {
			machine_domain_down(machine, VM_STOP_UNKNOWN);
		}
	}
	pool_handle_listed(daemon->pool);
	daemon->is_listed = true;
	if (!is_starting) {
		vm_hypervisor_sweep(daemon->hypervisor, handle_swept, daemon);
	}
}

static void on_paused(struct daemon *daemon, const struct vm_event *event)
{
	struct machine *machine = daemon_find_machine(daemon, event->name);
	if (event->type == VM_EVENT_RESUMED) {
		pool_handle_resumed(daemon->pool, event->name);
	}
	bool is_paused = event->type == VM_EVENT_PAUSED;
	/* A start resumes its VM too, and libvirt may tell of that late. */
	if (machine != nullptr && machine->is_paused != is_paused) {
		machine->is_paused = is_paused;
		event_log_add(daemon->events, machine->name,
			machine->is_paused ? "paused" : machine_state_name(machine->state),
			nullptr);
	}
}

static void on_stopped(struct daemon *daemon, const struct vm_event *event)
{
	pool_handle_stopped(daemon->pool, event->name);
	struct machine *machine = daemon_find_machine(daemon, event->name);
	if (machine != nullptr) {
		machine_domain_down(machine, event->reason);
	}
}

static void handle_vm_event(void *data, const struct vm_event *event)
{
	static void (*const handlers[])(struct daemon *daemon, const struct vm_event *event) = {
		[VM_EVENT_CONNECTION_READY] = on_connection_ready,
		[VM_EVENT_CONNECTION_LOST] = on_connection_lost,
		[VM_EVENT_FOUND] = on_found,
		[VM_EVENT_LISTED] = on_listed,
		[VM_EVENT_PAUSED] = on_paused,
		[VM_EVENT_RESUMED] = on_paused,
		[VM_EVENT_STOPPED] = on_stopped,
	};
	static_assert(VX_ARRAY_LENGTH(handlers) == VM_EVENT_TYPE_COUNT);
	struct daemon *daemon = data;
	handlers[event->type](daemon, event);
	daemon_machine_changed(daemon, nullptr);
}

static int handle_hypervisor(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct daemon *daemon = data;
	vm_hypervisor_dispatch(daemon->hypervisor);
	return 0;
}

bool daemon_init_hypervisor(struct daemon *daemon, struct vx_error *err)
{
	daemon->hypervisor = vm_hypervisor_create(
		daemon->config->uri, daemon->config->accel, handle_vm_event, daemon);
	int result = sd_event_add_io(daemon->event, &daemon->hypervisor_source,
		vm_hypervisor_get_fd(daemon->hypervisor), EPOLLIN, handle_hypervisor, daemon);
	return result >= 0 || vx_error_set_errno(err, -result, "cannot watch libvirt");
}
