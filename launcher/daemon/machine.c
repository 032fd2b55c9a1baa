/* SPDX-License-Identifier: MIT */
#include "daemon/machine.h"

#include <string.h>
#include <sys/socket.h>

#define VX_LOG_MODULE "machine"
#include "common/clock.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/event_log.h"
#include "daemon/machine_console.h"
#include "daemon/machine_domain.h"
#include "daemon/machine_jobs.h"
#include "daemon/machine_lifetime.h"
#include "daemon/machine_mounts.h"
#include "daemon/machine_packages.h"
#include "daemon/machine_proxy.h"
#include "daemon/machine_session.h"
#include "daemon/machine_usb.h"
#include "daemon/proxy.h"
#include "proxy/host/control.h"
#include "vm/config.h"
#include "vm/definition.h"

/* For a VM that waits already to become this one, and to say hello: there is a way without it. */
static constexpr uint32_t taken_deadline_ms = 10'000;
static constexpr size_t failure_console_lines = 12;
static constexpr unsigned console_reads_max = 8;

void machine_blame(struct machine *machine, struct vx_error *why)
{
	if (machine->failure.message == nullptr) {
		vx_error_move(&machine->failure, why);
	}
}

/* The console's last lines belong to every message about a guest that ended or is silent. */
static void machine_add_console(struct machine *machine, struct vx_error *err)
{
	if (machine->console == nullptr) {
		return;
	}
	/* A guest's last words may still be on their way. */
	for (unsigned i = 0; i < console_reads_max && vm_console_get_fd(machine->console) >= 0;
		i++) {
		(void)vm_console_dispatch(machine->console);
	}
	vx_cleanup_free char *tail = vm_console_tail(machine->console, failure_console_lines);
	if (tail[strspn(tail, " \t\n")] == '\0') {
		vx_error_set_kind(
			err, err->kind, "%s (its console is empty)", vx_error_message(err));
		return;
	}
	vx_error_set_kind(err, err->kind, "%s; the last lines of its console:\n%s",
		vx_error_message(err), tail);
}

void machine_check_stopped(struct machine *machine)
{
	if (machine->domain_is_gone && !proxy_is_alive(machine->proxy)) {
		machine_handle(machine, MACHINE_EVENT_STOPPED);
	}
}

/* Actions, by enum machine_action */

static void do_nothing(struct machine *machine)
{
}

static void do_spawn_proxy(struct machine *machine)
{
	machine->retry = (struct machine_retry){};
	machine_proxy_spawn(machine);
}

static void do_adopt_proxy(struct machine *machine)
{
	machine->retry = (struct machine_retry){};
	machine_console_open(machine, -1);
	proxy_adopt(machine->proxy, machine->dir.proxy_socket);
}

static void do_settle(struct machine *machine)
{
	if (machine->failure.message != nullptr) {
		machine->state = MACHINE_FAILED;
		vx_log_error("%s", vx_error_message(&machine->failure));
	} else {
		vx_log_info("'%s' has stopped", machine->name);
	}
	if (!machine->starts_cold) {
		machine->lease = nullptr;
		machine_jobs_finish(machine, &machine->failure);
	}
	machine_mounts_forget(machine);
	machine_usb_end(machine);
	vx_replace_string(&machine->region_name, nullptr);
	vx_replace_string(&machine->loss, nullptr);
	daemon_machine_settled(machine->daemon, machine);
}

static void (*const actions[])(struct machine *machine) = {
	[MACHINE_ACTION_NONE] = do_nothing,
	[MACHINE_ACTION_START_DOMAIN] = machine_domain_start,
	[MACHINE_ACTION_SPAWN_PROXY] = do_spawn_proxy,
	[MACHINE_ACTION_ADOPT_PROXY] = do_adopt_proxy,
	[MACHINE_ACTION_RESPAWN_PROXY] = machine_proxy_respawn,
	[MACHINE_ACTION_STOP_DOMAIN] = machine_domain_stop,
	[MACHINE_ACTION_KILL_DOMAIN] = machine_domain_kill,
	[MACHINE_ACTION_CLEAN_UP] = machine_domain_clean_up,
	[MACHINE_ACTION_SETTLE] = do_settle,
};
static_assert(VX_ARRAY_LENGTH(actions) == MACHINE_ACTION_COUNT);

/* The state machine */

/* What to say of a state that lasted too long; `%s` is the VM's name, `%u` the seconds. */
static const char *const deadline_sentences[MACHINE_STATE_COUNT] = {
	[MACHINE_PREPARING] = "libvirt did not start VM '%s' within %u s",
	[MACHINE_CONNECTING] = "the vixos-proxy of VM '%s' did not answer within %u s",
	[MACHINE_BOOTING] = "VM '%s' did not answer within %u s of its start",
	[MACHINE_STOPPING] = "libvirt did not stop VM '%s' within %u s",
};

/* Is it a preloaded VM that hasn't shown yet that it is any good? */
static bool machine_is_on_trial(const struct machine *machine)
{
	bool is_early = machine->state == MACHINE_PREPARING ||
			machine->state == MACHINE_CONNECTING || machine->state == MACHINE_BOOTING;
	return is_early && (machine->is_taking || machine->is_taken) &&
	       machine->times.link_up_at == 0;
}

static uint32_t machine_deadline_ms(const struct machine *machine)
{
	uint32_t deadline_ms = machine_state_deadline_ms(
		machine->state, machine->daemon->boot_deadline_ms);
	return machine_is_on_trial(machine) && deadline_ms > taken_deadline_ms ? taken_deadline_ms
									       : deadline_ms;
}

/* What fails now is to end a VM that was preloaded, after which another start is made without. */
static void machine_give_up_taken(struct machine *machine, const struct vx_error *why)
{
	vx_log_warn("a preloaded VM is no good, and another is started: %s", vx_error_message(why));
	machine->start_again = true;
	machine->starts_cold = true;
}

static int handle_deadline(sd_event_source *source, uint64_t now, void *data)
{
	struct machine *machine = data;
	unsigned seconds = machine_deadline_ms(machine) / 1000;
	struct vx_error why = {};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vx_error_set_kind(
		&why, VX_ERROR_VIXOS, deadline_sentences[machine->state], machine->name, seconds);
#pragma GCC diagnostic pop
	if (machine->state == MACHINE_BOOTING) {
		machine_add_console(machine, &why);
	}
	machine_fail(machine, MACHINE_EVENT_DEADLINE, &why);
	vx_error_finish(&why);
	return 0;
}

void machine_arm_deadline(struct machine *machine)
{
	machine->deadline_source = sd_event_source_disable_unref(machine->deadline_source);
	uint32_t deadline_ms = machine_deadline_ms(machine);
	if (deadline_ms > 0) {
		(void)sd_event_add_time_relative(machine->daemon->event, &machine->deadline_source,
			CLOCK_MONOTONIC, (uint64_t)deadline_ms * 1000, 10'000, handle_deadline,
			machine);
	}
}

static const char *const state_progress[MACHINE_STATE_COUNT] = {
	[MACHINE_PREPARING] = "starting the VM",
	[MACHINE_CONNECTING] = "starting vixos-proxy",
	[MACHINE_BOOTING] = "waiting for the VM to boot",
	[MACHINE_STOPPING] = "stopping the VM",
};

static void machine_enter(struct machine *machine, enum machine_state state)
{
	machine->state = state;
	machine->state_since_ms = daemon_now_ms(machine->daemon);
	machine_arm_deadline(machine);
	vx_replace_string(&machine->progress, state_progress[state]);
	if (state == MACHINE_BOOTING && machine->is_emulated) {
		vx_replace_string(&machine->progress,
			"waiting for the VM to boot, slowly: by software emulation, without KVM");
	}
	if (state == MACHINE_RUNNING) {
		vx_replace_string(&machine->loss, nullptr);
		if (machine->times.link_up_at == 0) {
			machine->times.link_up_at = vx_clock_ns();
		}
	}
}

/* What has happened in the end: an action may have led further already. */
static void machine_record_state(struct machine *machine)
{
	if (machine->told_state != machine->state) {
		machine->told_state = machine->state;
		event_log_add(machine->daemon->events, machine->name,
			machine_state_name(machine->state), machine->failure.message);
	}
}

void machine_handle(struct machine *machine, enum machine_event event)
{
	struct machine_transition transition = machine_transition_for(machine->state, event);
	if (!transition.is_valid) {
		return;
	}
	bool is_entered = transition.next != machine->state;
	if (is_entered) {
		vx_log_debug("'%s': %s, then %s", machine->name, machine_state_name(machine->state),
			machine_state_name(transition.next));
		machine_enter(machine, transition.next);
	}
	actions[transition.action](machine);
	if (is_entered && machine->state == MACHINE_RUNNING) {
		machine_jobs_begin(machine);
		machine_usb_begin(machine);
		machine_mounts_reap(machine);
	}
	if (is_entered) {
		machine_lifetime_update(machine);
	}
	if (is_entered) {
		machine_record_state(machine);
		daemon_machine_changed(machine->daemon, machine);
	}
}

void machine_fail(struct machine *machine, enum machine_event event, struct vx_error *why)
{
	bool is_valid = machine_transition_for(machine->state, event).is_valid;
	if (is_valid && machine_is_on_trial(machine)) {
		machine_give_up_taken(machine, why);
	} else if (is_valid) {
		machine_blame(machine, why);
	}
	machine_handle(machine, event);
}

/* For others */

struct machine *machine_create(
	struct daemon *daemon, struct vm_definition *definition, struct vx_error *err)
{
	struct machine *machine = vx_new(machine);
	machine->daemon = daemon;
	machine->definition = definition;
	machine->name = vx_strdup(definition->name);
	machine->proxy = machine_proxy_create(machine);
	machine->state_since_ms = daemon_now_ms(daemon);
	wl_list_init(&machine->usb);
	wl_list_init(&machine->jobs);
	wl_list_init(&machine->mount_operations);
	wl_list_insert(daemon->machines.prev, &machine->link);
	if (!vm_runtime_dir_init(&machine->dir, machine->name, err)) {
		machine_destroy(machine);
		return nullptr;
	}
	return machine;
}

void machine_destroy(struct machine *machine)
{
	if (machine == nullptr) {
		return;
	}
	wl_list_remove(&machine->link);
	machine_jobs_drop(machine);
	machine_mounts_drop(machine);
	machine_usb_drop(machine);
	sd_event_source_disable_unref(machine->deadline_source);
	sd_event_source_disable_unref(machine->respawn_source);
	machine_lifetime_finish(machine);
	machine_console_finish(machine);
	proxy_destroy(machine->proxy);
	vm_runtime_dir_finish(&machine->dir);
	vm_definition_destroy(machine->definition);
	vx_error_finish(&machine->failure);
	free(machine->progress);
	free(machine->loss);
	free(machine->pause_problem);
	free(machine->workspace);
	free(machine->network_problem);
	free(machine->link_name);
	free(machine->link_problem);
	vm_definition_destroy(machine->network_wanted);
	free(machine->display);
	free(machine->region_name);
	free(machine->name);
	free(machine);
}

bool machine_is_disposable(const struct machine *machine)
{
	return !machine_state_is_alive(machine->state) && machine->hypervisor_jobs == 0 &&
	       !machine->start_again && !proxy_is_alive(machine->proxy) &&
	       wl_list_empty(&machine->jobs) && wl_list_empty(&machine->usb);
}

static void machine_take_wish(struct machine *machine, const struct machine_wish *wish)
{
	machine->wish = *wish;
	if (wish->has_audio) {
		machine->definition->audio = wish->audio;
	}
	if (wish->has_network) {
		vm_definition_set_network(machine->definition, wish->network,
			wish->network_name[0] != '\0' ? wish->network_name : nullptr);
	}
	machine->definition->usb = machine->definition->usb || wish->usb;
}

void machine_start(struct machine *machine, const struct machine_start *start)
{
	if (machine->state == MACHINE_STOPPING ||
		(!machine_state_is_alive(machine->state) && machine->hypervisor_jobs > 0)) {
		machine->start_again = true;
		vx_replace_string(&machine->display, start->display);
		vx_replace_string(&machine->workspace, start->workspace);
		machine->untagged = start->untagged;
		machine->wish = start->wish;
		return;
	}
	if (machine_state_is_alive(machine->state)) {
		return;
	}
	machine->start_again = false;
	vx_error_finish(&machine->failure);
	vx_replace_string(&machine->display, start->display);
	machine->untagged = start->untagged;
	machine_take_wish(machine, &start->wish);
	machine->is_paused = false;
	machine->is_taken = false;
	machine->lifetime = (struct machine_lifetime){};
	machine->times = (struct machine_times){};
	machine_session_begin(machine, start->workspace);
	machine_packages_share(machine);
	machine_console_finish(machine);
	machine_handle(machine, MACHINE_EVENT_START);
}

/* What libvirt isn't told of, such as the environment, which may be secret, is as configured now.
 */
static void machine_take_configured(struct machine *machine)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_definition *configured = vm_definition_for_package(
		machine->daemon->config, vm_definition_base(machine->definition), &err);
	if (configured != nullptr) {
		machine->definition->environment = vx_take_ptr(configured->environment);
		for (size_t i = 0; i < configured->usb_device_count; i++) {
			vm_definition_add_usb_device(
				machine->definition, &configured->usb_devices[i]);
		}
	}
	vm_definition_destroy(configured);
}

void machine_net_vm_settled(struct machine *machine, const struct vx_error *err)
{
	machine->waits_for_net_vm = false;
	if (machine->state != MACHINE_PREPARING) {
		return;
	}
	if (err != nullptr) {
		machine_domain_failed(machine, err);
		return;
	}
	machine_enter(machine, MACHINE_PREPARING); /* the deadline begins now */
	machine_domain_start_now(machine);
}

void machine_found(struct machine *machine, const struct vm_running *running)
{
	machine->is_found = true;
	if (machine_state_is_alive(machine->state)) {
		return;
	}
	vm_definition_destroy(machine->definition);
	machine->definition = vm_definition_copy(running->definition);
	machine_take_configured(machine);
	vx_replace_string(&machine->region_name, running->region_name);
	machine->is_paused = running->state == VM_STATE_PAUSED;
	machine->firewall_is_stale = true; /* nobody has watched this machine's addresses */
	vx_error_finish(&machine->failure);
	machine_session_read(machine);
	vx_log_info("'%s' runs already", machine->name);
	machine_usb_adopt(machine);
	machine_handle(machine, MACHINE_EVENT_FOUND);
}

void machine_stop(struct machine *machine, bool kill, const struct vx_error *why)
{
	machine->start_again = false;
	machine->starts_cold = false;
	if (!machine_transition_for(machine->state, MACHINE_EVENT_STOP).is_valid) {
		return;
	}
	if (why != nullptr && machine->failure.message == nullptr) {
		vx_error_set_kind(&machine->failure, why->kind, "%s", vx_error_message(why));
	}
	machine_handle(machine, kill ? MACHINE_EVENT_KILL : MACHINE_EVENT_STOP);
}

void machine_domain_down(struct machine *machine, enum vm_stop_reason reason)
{
	/* An end that nobody asked for counts, although somebody has asked for one meanwhile. */
	bool is_crash = reason == VM_STOP_CRASHED || reason == VM_STOP_FAILED;
	bool is_stopping = machine->state == MACHINE_STOPPING;
	if (!machine_transition_for(machine->state, MACHINE_EVENT_DOMAIN_DOWN).is_valid &&
		!(is_stopping && is_crash)) {
		return;
	}
	struct vx_error why = {};
	bool was_ready = machine->times.link_up_at != 0;
	if (is_stopping ? is_crash : !was_ready || reason != VM_STOP_SHUTDOWN) {
		vx_error_set_kind(&why, VX_ERROR_VIXOS, "VM '%s' %s%s", machine->name,
			vm_stop_reason_text(reason), was_ready ? "" : " before it was ready");
		if (reason != VM_STOP_DESTROYED) {
			machine_add_console(machine, &why);
		}
		if (machine_is_on_trial(machine)) {
			machine_give_up_taken(machine, &why);
		} else {
			machine_blame(machine, &why);
		}
	}
	vx_error_finish(&why);
	machine_handle(machine, MACHINE_EVENT_DOMAIN_DOWN);
}

const char *machine_get_message(const struct machine *machine)
{
	if (machine->failure.message != nullptr) {
		return machine->failure.message;
	}
	if (machine->state == MACHINE_RUNNING && machine->is_paused) {
		return "paused";
	}
	if (machine->state == MACHINE_RUNNING && machine->is_silent) {
		return "the VM does not answer";
	}
	return machine->loss != nullptr ? machine->loss : machine->progress;
}
