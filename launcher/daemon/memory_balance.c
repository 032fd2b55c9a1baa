/* SPDX-License-Identifier: MIT */
#include "daemon/memory_balance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#define VX_LOG_MODULE "memory"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "daemon/proxy.h"
#include "proxy/host/control.h"
#include "vm/config.h"
#include "vm/definition.h"

/* 100 ms of waiting for memory within 2 s, on the host. */
static constexpr char trigger[] = "some 100000 2000000";
static constexpr uint32_t reserve_part = 16; /* of the host's memory, where nothing is configured */
static constexpr uint32_t reserve_min = 256;
static constexpr uint32_t reserve_max = 4096;
/* How long guests have to answer, and how long libvirt has. */
static constexpr uint64_t answer_us = 200'000;
static constexpr uint64_t deadline_ms = 2'000;
/* Where a need can't be met, asking everybody each second is of no use. */
static constexpr unsigned idle_ticks_max = 4; /* each doubles the time until the next */

struct memory_balance {
	struct daemon *daemon;     /* borrowed */
	int pressure_fd;           /* owned; with the trigger; -1: the kernel has none */
	sd_event_source *pressure; /* owned; of pressure_fd */
	sd_event_source *tick;     /* owned; NULL: asleep */
	uint64_t ticked_at_ms;     /* when the last tick began */
	unsigned idle_ticks;       /* in a row that changed nothing */
	bool is_asking;            /* the tick waits for answers */
};

/* ---- the host ---- */

static uint32_t meminfo_mib(const char *text, const char *key)
{
	const char *line = strstr(text, key);
	return line != nullptr ? (uint32_t)(strtoull(line + strlen(key), nullptr, 10) / 1024) : 0;
}

static bool read_host(const struct memory_balance *balance, struct balancer_host *ret_host)
{
	char text[4096];
	vx_cleanup_close int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (size <= 0) {
		return false;
	}
	text[size] = '\0';
	const struct vm_config *config = balance->daemon->config;
	uint32_t reserve = meminfo_mib(text, "MemTotal:") / reserve_part;
	reserve = reserve < reserve_min   ? reserve_min
		  : reserve > reserve_max ? reserve_max
					  : reserve;
	*ret_host = (struct balancer_host){
		.now_ms = daemon_now_ms(balance->daemon),
		.available = meminfo_mib(text, "MemAvailable:"),
		.reserve = config->memory_reserve_mib > 0 ? config->memory_reserve_mib : reserve,
		.limit = config->memory_limit_mib,
	};
	return true;
}

/* ---- figures ---- */

static void note_figures(struct machine_memory *memory, const struct vm_memory *figures)
{
	const struct vm_memory *before = &memory->figures;
	if (before->taken_at_ns != 0 && figures->taken_at_ns > before->taken_at_ns &&
		figures->cpu_ns >= before->cpu_ns) {
		memory->cpu_percent = 100.0 * (double)(figures->cpu_ns - before->cpu_ns) /
				      (double)(figures->taken_at_ns - before->taken_at_ns);
	}
	memory->figures = *figures;
	memory->vm.resident = (uint32_t)(figures->resident_kib / 1024);
	if (memory->vm.granted == 0) {
		memory->vm.granted = (uint32_t)((figures->granted_kib + 1023) / 1024);
	}
}

static void handle_figures(void *data, const struct vm_memory *figures, const struct vx_error *err)
{
	struct machine *machine = data;
	struct daemon *daemon = machine->daemon;
	machine->hypervisor_jobs--;
	machine->memory.is_asked = false;
	if (figures != nullptr && machine->state == MACHINE_RUNNING) {
		note_figures(&machine->memory, figures);
	} else if (err != nullptr && machine->state == MACHINE_RUNNING) {
		vx_log_debug("'%s': %s", machine->name, vx_error_message(err));
	}
	daemon_machine_settled(daemon, machine);
}

static void ask_libvirt(struct machine *machine, uint32_t grant_mib)
{
	machine->hypervisor_jobs++;
	machine->memory.is_asked = true;
	vm_hypervisor_memory(
		machine->daemon->hypervisor, machine->name, grant_mib, handle_figures, machine);
}

void memory_balance_refresh(struct memory_balance *balance, struct machine *machine)
{
	if (machine->state == MACHINE_RUNNING && !machine->memory.is_asked) {
		ask_libvirt(machine, 0);
		proxy_ask_memory(machine->proxy);
	}
}

/* ---- the decision ---- */

static bool takes_part(const struct machine *machine)
{
	return machine->state == MACHINE_RUNNING && machine->memory.vm.granted > 0;
}

/* Returns whether anything has changed. */
static bool apply(struct machine *machine, const struct balancer_vm *decided)
{
	struct balancer_vm *vm = &machine->memory.vm;
	uint32_t before = vm->granted;
	*vm = *decided;
	if (vm->target == before || machine->is_paused) {
		return false;
	}
	vx_log_info("'%s': memory %s from %u to %u MiB", machine->name,
		vm->target > before ? "grows" : "shrinks", before, vm->target);
	vm->granted = vm->target;
	ask_libvirt(machine, vm->target);
	return true;
}

/* Returns whether there is to be another tick, and whether this one has changed anything. */
static bool decide(struct memory_balance *balance, bool *ret_has_changed)
{
	struct balancer_vm vms[daemon_machines_max];
	struct machine *machines[daemon_machines_max];
	struct balancer_host host;
	size_t count = 0;
	struct machine *machine;
	*ret_has_changed = false;
	wl_list_for_each (machine, &balance->daemon->machines, link) {
		if (takes_part(machine) && count < VX_ARRAY_LENGTH(vms)) {
			struct balancer_vm *vm = &machine->memory.vm;
			vm->min = machine->definition->memory_min_mib;
			vm->max = machine->definition->memory_max_mib;
			machines[count] = machine;
			vms[count++] = *vm;
		}
	}
	if (!balance->daemon->config->balances_memory || !read_host(balance, &host)) {
		return false;
	}
	bool goes_on = balancer_run(&host, vms, count);
	for (size_t i = 0; i < count; i++) {
		*ret_has_changed |= apply(machines[i], &vms[i]);
	}
	return goes_on;
}

/* ---- ticks ---- */

static int handle_tick(sd_event_source *source, uint64_t now, void *data);

static void schedule(struct memory_balance *balance, uint64_t delay_us)
{
	balance->tick = sd_event_source_disable_unref(balance->tick);
	(void)sd_event_add_time_relative(balance->daemon->event, &balance->tick, CLOCK_MONOTONIC,
		delay_us, 10'000, handle_tick, balance);
}

static bool has_all_figures(const struct memory_balance *balance)
{
	const struct machine *machine;
	wl_list_for_each (machine, &balance->daemon->machines, link) {
		if (machine->memory.is_asked) {
			return false;
		}
	}
	return true;
}

static void end_tick(struct memory_balance *balance)
{
	bool has_changed;
	balance->is_asking = false;
	if (decide(balance, &has_changed)) {
		bool backs_off = !has_changed && balance->idle_ticks < idle_ticks_max;
		balance->idle_ticks = has_changed ? 0 : balance->idle_ticks + backs_off;
		schedule(balance, balancer_tick_ms * 1000 << balance->idle_ticks);
	} else {
		balance->tick = sd_event_source_disable_unref(balance->tick);
		balance->idle_ticks = 0;
	}
}

/* First everybody is asked, so that nobody is judged by what it said an hour ago. */
static int handle_tick(sd_event_source *source, uint64_t now, void *data)
{
	struct memory_balance *balance = data;
	uint64_t now_ms = daemon_now_ms(balance->daemon);
	if (!balance->is_asking) {
		balance->is_asking = true;
		balance->ticked_at_ms = now_ms;
		struct machine *machine;
		wl_list_for_each (machine, &balance->daemon->machines, link) {
			memory_balance_refresh(balance, machine);
		}
		schedule(balance, answer_us);
	} else if (!has_all_figures(balance) && now_ms - balance->ticked_at_ms < deadline_ms) {
		schedule(balance, answer_us);
	} else {
		end_tick(balance);
	}
	return 0;
}

/* The next tick, not sooner than a second after the last one, whatever a guest claims. */
static void wake(struct memory_balance *balance)
{
	uint64_t now_ms = daemon_now_ms(balance->daemon);
	uint64_t next_ms = balance->ticked_at_ms + balancer_tick_ms;
	balance->idle_ticks = 0;
	if (!balance->is_asking && balance->daemon->config->balances_memory) {
		schedule(balance, next_ms > now_ms ? (next_ms - now_ms) * 1000 : 0);
	}
}

/* ---- what wakes it ---- */

void memory_balance_heard(struct memory_balance *balance, struct machine *machine,
	const struct vx_control_message *state)
{
	struct machine_memory *memory = &machine->memory;
	struct balancer_vm *vm = &memory->vm;
	if (machine->state != MACHINE_RUNNING || state->memory_reports == memory->reports) {
		return;
	}
	const struct balancer_host host = {.now_ms = daemon_now_ms(balance->daemon)};
	memory->reports = state->memory_reports;
	memory->claimed_total = state->memory_total_kib / 1024;
	vm->claimed_available = state->memory_available_kib / 1024;
	/* Not by its total, which a balloon that deflates by itself doesn't change. */
	vm->claimed_used = vm->granted > vm->claimed_available ? vm->granted - vm->claimed_available
							       : 0;
	vm->claimed_pressure = state->memory_pressure;
	vm->claimed_at_ms = host.now_ms;
	vm->min = machine->definition->memory_min_mib;
	vm->max = machine->definition->memory_max_mib;
	if (vm->granted == 0) {
		memory_balance_refresh(balance, machine);
	} else if (balancer_is_in_need(&host, vm) &&
		   (balance->tick == nullptr || !vm->is_in_need)) {
		wake(balance);
	}
}

static int handle_pressure(sd_event_source *source, int fd, uint32_t events, void *data)
{
	wake(data);
	return 0;
}

static bool watch_host(struct memory_balance *balance)
{
	balance->pressure_fd = open("/proc/pressure/memory", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return balance->pressure_fd >= 0 &&
	       write(balance->pressure_fd, trigger, sizeof(trigger)) == sizeof(trigger) &&
	       sd_event_add_io(balance->daemon->event, &balance->pressure, balance->pressure_fd,
		       EPOLLPRI, handle_pressure, balance) >= 0;
}

struct memory_balance *memory_balance_create(struct daemon *daemon)
{
	struct memory_balance *balance = vx_new(balance);
	balance->daemon = daemon;
	balance->pressure_fd = -1;
	if (!watch_host(balance)) {
		vx_log_info("the kernel tells of no memory pressure of the host: VMs are only "
			    "balanced when one of them is short");
	}
	return balance;
}

void memory_balance_destroy(struct memory_balance *balance)
{
	if (balance == nullptr) {
		return;
	}
	sd_event_source_disable_unref(balance->pressure);
	sd_event_source_disable_unref(balance->tick);
	vx_replace_fd(&balance->pressure_fd, -1);
	free(balance);
}
