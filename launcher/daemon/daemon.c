/* SPDX-License-Identifier: MIT */
#include "daemon/daemon.h"

#include <signal.h>
#include <string.h>
#include <systemd/sd-device.h>
#include <unistd.h>

#define VX_LOG_MODULE "daemon"
#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/address_watch.h"
#include "daemon/autostart.h"
#include "daemon/catalog.h"
#include "daemon/clipboard.h"
#include "daemon/daemon_internal.h"
#include "daemon/display.h"
#include "daemon/environment.h"
#include "daemon/event_log.h"
#include "daemon/machine.h"
#include "daemon/machine_network.h"
#include "daemon/machine_usb.h"
#include "daemon/manager.h"
#include "daemon/memory_balance.h"
#include "daemon/menu.h"
#include "daemon/net_vm.h"
#include "daemon/pool.h"
#include "helper_path.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/hypervisor.h"

static constexpr uint64_t idle_timeout_us = 30'000'000;

uint64_t daemon_now_ms(const struct daemon *daemon)
{
	return vx_clock_ms();
}

/* Machines */

struct machine *daemon_find_machine(struct daemon *daemon, const char *name)
{
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		if (strcmp(machine->name, name) == 0) {
			return machine;
		}
	}
	return nullptr;
}

struct machine *daemon_add_machine(
	struct daemon *daemon, struct vm_definition *definition, struct vx_error *err)
{
	if (wl_list_length(&daemon->machines) >= daemon_machines_max) {
		vm_definition_destroy(definition);
		vx_error_set(err, "there are %d VMs already", daemon_machines_max);
		return nullptr;
	}
	return machine_create(daemon, definition, err);
}

const char *daemon_find_base(struct daemon *daemon, const char *name)
{
	const struct machine *machine = daemon_find_machine(daemon, name);
	return machine != nullptr ? vm_definition_base(machine->definition) : name;
}

/* NULL where there is none that no VM has; owned by the caller. */
static char *daemon_make_name(struct daemon *daemon, const char *base, struct vx_error *err)
{
	static constexpr unsigned attempts = 100;
	for (unsigned i = 0; i < attempts; i++) {
		vx_cleanup_free char *name = nullptr;
		if (vm_instance_name(base, &name) && daemon_find_machine(daemon, name) == nullptr &&
			vm_config_find(daemon->config, name) == nullptr) {
			return vx_take_ptr(name);
		}
	}
	vx_error_set(
		err, "no name was found for another VM like '%s'; choose one with --name", base);
	return nullptr;
}

struct machine *daemon_get_instance(struct daemon *daemon, const char *name, const char *base,
	bool disposable, struct vx_error *err)
{
	vx_cleanup_free char *made = name == nullptr ? daemon_make_name(daemon, base, err)
						     : nullptr;
	const char *chosen = name != nullptr ? name : made;
	struct machine *machine = chosen != nullptr ? daemon_find_machine(daemon, chosen) : nullptr;
	if (machine != nullptr && machine_state_is_alive(machine->state)) {
		return machine;
	}
	struct vm_definition *definition = chosen != nullptr
						   ? vm_definition_for_instance(daemon->config,
							     chosen, base, disposable, err)
						   : nullptr;
	if (definition == nullptr) {
		return nullptr;
	}
	if (machine == nullptr) {
		return daemon_add_machine(daemon, definition, err);
	}
	vm_definition_destroy(machine->definition);
	machine->definition = definition;
	return machine;
}

struct machine *daemon_get_machine(struct daemon *daemon, const char *name, struct vx_error *err)
{
	return daemon_get_instance(daemon, name, name, false, err);
}

/* Brings the machines that are at rest in line with the configuration. */
static void daemon_apply_config(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->config->definition_count; i++) {
		vx_cleanup_error struct vx_error err = {};
		const char *name = daemon->config->definitions[i]->name;
		if (daemon_get_machine(daemon, name, &err) == nullptr) {
			vx_log_warn("'%s': %s", name, vx_error_message(&err));
		}
	}
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		if (!machine_state_is_alive(machine->state) &&
			vm_config_find(daemon->config, machine->name) == nullptr) {
			machine->definition->is_configured = false;
		}
	}
}

bool daemon_reload(struct daemon *daemon, struct vx_error *err)
{
	struct vm_config *config = vm_config_load(err);
	if (config == nullptr) {
		return false;
	}
	vm_config_destroy(daemon->config);
	daemon->config = config;
	daemon_apply_config(daemon);
	pool_configure(daemon->pool);
	daemon_machine_changed(daemon, nullptr);
	return true;
}

/* A machine that has failed stays, to say why, until vixosd ends; others go when they are done. */
bool daemon_machine_is_done(const struct machine *machine)
{
	/* Whose name nobody chose is asked for by nobody either. */
	bool is_over = machine->state == MACHINE_STOPPED ||
		       (machine->state == MACHINE_FAILED && machine->definition->base != nullptr);
	return !machine->definition->is_configured && is_over && machine_is_disposable(machine) &&
	       !manager_uses_machine(machine->daemon->manager, machine);
}

static void daemon_sweep_machines(struct daemon *daemon)
{
	struct machine *machine, *next;
	wl_list_for_each_safe (machine, next, &daemon->machines, link) {
		if (machine->start_again && !machine_state_is_alive(machine->state) &&
			machine->hypervisor_jobs == 0) {
			vx_cleanup_free char *display = vx_strdup(machine->display);
			vx_cleanup_free char *workspace = vx_strdup(machine->workspace);
			struct machine_start start = {
				.display = display,
				.workspace = workspace,
				.untagged = machine->untagged,
				.wish = machine->wish,
			};
			vx_cleanup_free char *base = vx_strdup(
				vm_definition_base(machine->definition));
			bool is_disposable = machine->definition->is_disposable;
			(void)daemon_get_instance(
				daemon, machine->name, base, is_disposable, nullptr);
			machine_start(machine, &start);
		} else if (daemon_machine_is_done(machine)) {
			machine_destroy(machine);
		}
	}
}

static void daemon_refresh_firewalls(struct daemon *daemon)
{
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		machine_network_refresh(machine);
	}
}

/* Everything that follows from a change is done once, at the end of the turn, with no caller busy.
 */
static int handle_update(sd_event_source *source, void *data)
{
	struct daemon *daemon = data;
	manager_advance(daemon->manager);
	autostart_run(daemon);
	net_vm_update(daemon);
	daemon_refresh_firewalls(daemon);
	daemon_sweep_machines(daemon);
	pool_update(daemon->pool);
	menu_publish(daemon);
	daemon_check_idle(daemon);
	return 0;
}

void daemon_machine_changed(struct daemon *daemon, struct machine *machine)
{
	(void)sd_event_source_set_enabled(daemon->update_source, SD_EVENT_ONESHOT);
}

void daemon_machine_settled(struct daemon *daemon, struct machine *machine)
{
	daemon_machine_changed(daemon, machine);
}

void daemon_machine_logged(struct daemon *daemon, struct machine *machine)
{
	manager_machine_logged(daemon->manager, machine);
}

/* Idleness */

static bool daemon_is_needed(const struct daemon *daemon)
{
	if (daemon->is_foreground || manager_is_busy(daemon->manager) ||
		pool_is_needed(daemon->pool)) {
		return true;
	}
	const struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		if (machine_state_is_alive(machine->state) || machine->hypervisor_jobs > 0) {
			return true;
		}
	}
	const struct display *display;
	wl_list_for_each (display, &daemon->displays, link) {
		if (display->has_menu) {
			return true;
		}
	}
	return false;
}

static int handle_idle(sd_event_source *source, uint64_t now, void *data)
{
	struct daemon *daemon = data;
	if (!daemon_is_needed(daemon)) {
		vx_log_info("nothing to do; ending");
		sd_event_exit(daemon->event, 0);
	}
	return 0;
}

void daemon_check_idle(struct daemon *daemon)
{
	if (daemon_is_needed(daemon)) {
		daemon->idle_source = sd_event_source_disable_unref(daemon->idle_source);
	} else if (daemon->idle_source == nullptr) {
		(void)sd_event_add_time_relative(daemon->event, &daemon->idle_source,
			CLOCK_MONOTONIC, idle_timeout_us, 1'000'000, handle_idle, daemon);
	}
}

/* Displays */

void daemon_display_ready(struct daemon *daemon, struct display *display)
{
	clipboard_display_ready(daemon, display);
	daemon_machine_changed(daemon, nullptr);
}

/* Apps have lost their windows, as on any crash of a compositor: their VMs have nothing left to do.
 */
void daemon_display_gone(struct daemon *daemon, struct display *display)
{
	vx_cleanup_error struct vx_error err = {};
	vx_error_set_kind(&err, VX_ERROR_VIXOS, "the compositor at '%s' is gone", display->path);
	vx_log_warn("%s", vx_error_message(&err));
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		if (machine->display != nullptr && strcmp(machine->display, display->path) == 0) {
			machine_stop(machine, false, &err);
		}
	}
	clipboard_display_gone(daemon, display);
	display_destroy(display);
	daemon_machine_changed(daemon, nullptr);
}

/* Life */

static int handle_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	struct daemon *daemon = data;
	vx_log_info("told to end; VMs go on");
	return sd_event_exit(daemon->event, 0);
}

static bool daemon_init_event(struct daemon *daemon, struct vx_error *err)
{
	signal(SIGPIPE, SIG_IGN); /* inherited by vixos-proxy: see proxy.c */
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, nullptr);
	int result = sd_event_new(&daemon->event);
	if (result >= 0) {
		result = sd_event_add_signal(
			daemon->event, nullptr, SIGTERM, handle_signal, daemon);
	}
	if (result >= 0) {
		result = sd_event_add_signal(daemon->event, nullptr, SIGINT, handle_signal, daemon);
	}
	if (result >= 0) {
		result = sd_event_add_defer(
			daemon->event, &daemon->update_source, handle_update, daemon);
	}
	if (result < 0) {
		return vx_error_set_errno(err, -result, "cannot set up the event loop");
	}
	(void)sd_event_source_set_enabled(daemon->update_source, SD_EVENT_OFF);
	return true;
}

static void handle_addresses(void *data)
{
	struct daemon *daemon = data;
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		machine->firewall_is_stale = machine_state_is_alive(machine->state);
	}
	daemon_machine_changed(daemon, nullptr);
}

/* Without it devices are attached by 'vixos usb attach' alone. */
static void daemon_init_usb(struct daemon *daemon)
{
	vx_cleanup_error struct vx_error err = {};
	daemon->usb_monitor = machine_usb_monitor(daemon, &err);
	if (daemon->usb_monitor == nullptr) {
		vx_log_warn("%s", vx_error_message(&err));
	}
}

bool daemon_init(struct daemon *daemon, const struct daemon_options *options, struct vx_error *err)
{
	*daemon = (struct daemon){
		.lock_fd = -1,
		.is_foreground = options->is_foreground,
		.boot_deadline_ms = environment_boot_deadline_ms(),
	};
	wl_list_init(&daemon->machines);
	wl_list_init(&daemon->displays);
	wl_list_init(&daemon->clipboard_transfers);
	daemon->runtime_base = vm_runtime_base(err);
	if (daemon->runtime_base == nullptr) {
		return false;
	}
	daemon->lock_fd = environment_lock(daemon->runtime_base, err);
	if (daemon->lock_fd < 0) {
		return false;
	}
	daemon->proxy_program = helper_path_find("vixos-proxy", "proxy/host", err);
	daemon->config = daemon->proxy_program != nullptr ? vm_config_load(err) : nullptr;
	if (daemon->config == nullptr || !daemon_init_event(daemon, err)) {
		return false;
	}
	daemon->memory = memory_balance_create(daemon);
	daemon->catalog = catalog_create("");
	daemon->events = event_log_create();
	int listen_fd = environment_listen(daemon->runtime_base, &daemon->socket_path, err);
	daemon->manager = listen_fd >= 0 ? manager_create(daemon, listen_fd, err) : nullptr;
	if (daemon->manager == nullptr || !daemon_init_hypervisor(daemon, err)) {
		return false;
	}
	daemon->pool = pool_create(daemon);
	daemon_init_usb(daemon);
	daemon->addresses = address_watch_create(daemon->event, handle_addresses, daemon);
	daemon_apply_config(daemon);
	pool_configure(daemon->pool);
	daemon_check_idle(daemon);
	return true;
}

bool daemon_run(struct daemon *daemon, struct vx_error *err)
{
	int result = sd_event_loop(daemon->event);
	return result >= 0 || vx_error_set_errno(err, -result, "the event loop failed");
}

void daemon_finish(struct daemon *daemon)
{
	if (daemon->event != nullptr) {
		clipboard_display_gone(daemon, nullptr);
	}
	manager_destroy(daemon->manager);
	if (daemon->socket_path != nullptr) {
		(void)unlink(daemon->socket_path);
	}
	sd_device_monitor_unref(daemon->usb_monitor);
	address_watch_destroy(daemon->addresses);
	sd_event_source_disable_unref(daemon->hypervisor_source);
	vm_hypervisor_destroy(daemon->hypervisor);
	pool_destroy(daemon->pool);
	struct machine *machine, *next_machine;
	wl_list_for_each_safe (machine, next_machine, &daemon->machines, link) {
		machine_destroy(machine);
	}
	struct display *display, *next_display;
	wl_list_for_each_safe (display, next_display, &daemon->displays, link) {
		display_destroy(display);
	}
	memory_balance_destroy(daemon->memory);
	catalog_destroy(daemon->catalog);
	vm_config_destroy(daemon->config);
	event_log_destroy(daemon->events);
	sd_event_source_disable_unref(daemon->idle_source);
	sd_event_source_disable_unref(daemon->update_source);
	sd_event_unref(daemon->event);
	vx_replace_fd(&daemon->lock_fd, -1);
	free(daemon->runtime_base);
	free(daemon->socket_path);
	free(daemon->proxy_program);
	free(daemon->libvirt_problem);
}
