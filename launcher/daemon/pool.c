/* SPDX-License-Identifier: MIT */
#include "daemon/pool.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define VX_LOG_MODULE "pool"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "daemon/pool_internal.h"
#include "daemon/pool_member.h"
#include "daemon/resume_watch.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/fingerprint.h"

/* A VM whose first window doesn't come has none, or is none of those that a start is for. */
static constexpr uint64_t first_window_ms = 15'000;
static constexpr uint64_t suspended_slack_ns = 1'000'000'000;
static constexpr size_t meminfo_max = 64 * 1024;

struct daemon *pool_get_daemon(struct pool *pool)
{
	return pool->daemon;
}

/* Members */

static struct pool_member *find_member(struct pool *pool, const char *name)
{
	struct pool_member *member;
	wl_list_for_each (member, &pool->members, link) {
		if (strcmp(member->definition->name, name) == 0) {
			return member;
		}
	}
	return nullptr;
}

void pool_member_changed(struct pool *pool)
{
	daemon_machine_changed(pool->daemon, nullptr);
}

void pool_member_became_ready(struct pool *pool)
{
	pool->failures = 0;
}

void pool_member_failed(struct pool *pool)
{
	pool->failures++;
	pool->failed_at_ms = daemon_now_ms(pool->daemon);
}

static bool make_name(char name[static 32])
{
	uint32_t noise;
	if (getrandom(&noise, sizeof(noise), 0) != (ssize_t)sizeof(noise)) {
		return false;
	}
	snprintf(name, 32, VM_PRELOAD_PREFIX "%08x", noise);
	return true;
}

static void start_member(struct pool *pool, const struct pool_target *target)
{
	char name[32];
	if (!make_name(name) || find_member(pool, name) != nullptr) {
		return;
	}
	struct pool_member *member = pool_member_start(
		pool, vm_definition_for_preload(target->definition, name), target->shape);
	if (member == nullptr) {
		pool_member_failed(pool);
		return;
	}
	wl_list_insert(pool->members.prev, &member->link);
}

/* What is wanted */

static struct pool_target *find_target(struct pool *pool, uint64_t shape)
{
	for (size_t i = 0; i < pool->target_count; i++) {
		if (pool->targets[i].shape == shape) {
			return &pool->targets[i];
		}
	}
	return nullptr;
}

/* Once: the configuration is read again and again. */
static void tell_refused(struct pool *pool, const char *name)
{
	if (pool->refused == nullptr || strcmp(pool->refused, name) != 0) {
		vx_log_warn(
			"'%s' can't be preloaded with its network, home, template, audio or USB",
			name);
		vx_replace_string(&pool->refused, name);
	}
}

static void add_target(struct pool *pool, const struct vm_definition *definition, size_t wanted)
{
	if (wanted == 0) {
		return;
	}
	if (!vm_definition_can_preload(definition)) {
		tell_refused(pool, definition->name);
		return;
	}
	uint64_t shape = vm_definition_shape(definition);
	struct pool_target *target = find_target(pool, shape);
	if (target == nullptr) {
		pool->targets = vx_reallocarray(
			pool->targets, pool->target_count + 1, sizeof(*pool->targets));
		target = &pool->targets[pool->target_count++];
		*target = (struct pool_target){
			.shape = shape,
			.definition = vm_definition_copy(definition),
		};
	}
	target->wanted += wanted;
}

static void drop_targets(struct pool *pool)
{
	for (size_t i = 0; i < pool->target_count; i++) {
		vm_definition_destroy(pool->targets[i].definition);
	}
	pool->target_count = 0;
}

void pool_configure(struct pool *pool)
{
	const struct vm_config *config = pool->daemon->config;
	drop_targets(pool);
	add_target(pool, config->defaults, config->preload);
	for (size_t i = 0; i < config->definition_count; i++) {
		add_target(pool, config->definitions[i], config->definitions[i]->preload);
	}
	struct pool_member *member;
	wl_list_for_each (member, &pool->members, link) {
		if (find_target(pool, member->shape) == nullptr) {
			pool_member_discard(member, "the configuration wants none like it");
		}
	}
}

/* What the host is doing */

static bool machine_is_starting(const struct machine *machine, uint64_t now_ms)
{
	if (machine->state == MACHINE_RUNNING) {
		return machine->display != nullptr && machine->times.first_frame_at == 0 &&
		       now_ms - machine->state_since_ms < first_window_ms;
	}
	return machine->start_again ||
	       (machine_state_is_alive(machine->state) && machine->state != MACHINE_STOPPING);
}

static bool user_is_busy(const struct pool *pool, uint64_t now_ms)
{
	const struct machine *machine;
	wl_list_for_each (machine, &pool->daemon->machines, link) {
		if (machine_is_starting(machine, now_ms)) {
			return true;
		}
	}
	return false;
}

static uint64_t meminfo_mib(const char *text, const char *key)
{
	const char *line = strstr(text, key);
	return line != nullptr ? strtoull(line + strlen(key), nullptr, 10) / 1024 : 0;
}

static void read_memory(struct pool_situation *situation)
{
	vx_cleanup_free char *text = vx_read_file("/proc/meminfo", meminfo_max, nullptr, nullptr);
	if (text != nullptr) {
		situation->memory_total_mib = meminfo_mib(text, "MemTotal:");
		situation->memory_available_mib = meminfo_mib(text, "MemAvailable:");
	}
}

/* Seeing to it */

static int handle_timer(sd_event_source *source, uint64_t now, void *data)
{
	struct pool *pool = data;
	pool->timer_source = sd_event_source_disable_unref(pool->timer_source);
	pool_update(pool);
	return 0;
}

static void look_again(struct pool *pool, uint64_t wait_ms)
{
	uint64_t at_ms = daemon_now_ms(pool->daemon) + wait_ms;
	if (pool->timer_source != nullptr && pool->next_look_ms <= at_ms) {
		return;
	}
	pool->timer_source = sd_event_source_disable_unref(pool->timer_source);
	pool->next_look_ms = at_ms;
	(void)sd_event_add_time_relative(pool->daemon->event, &pool->timer_source, CLOCK_MONOTONIC,
		wait_ms * 1000, 10'000, handle_timer, pool);
}

static void sweep_members(struct pool *pool)
{
	struct pool_member *member, *next;
	wl_list_for_each_safe (member, next, &pool->members, link) {
		if (member->is_done && member->hypervisor_jobs == 0) {
			pool_member_destroy(member);
		}
	}
}

static void check_suspended(struct pool *pool)
{
	uint64_t suspended_ns = resume_watch_suspended_ns();
	struct pool_member *member;
	wl_list_for_each (member, &pool->members, link) {
		if (suspended_ns > member->suspended_ns + suspended_slack_ns) {
			pool_member_discard(member, "the host was suspended");
		}
	}
}

static void hold_members(struct pool *pool, bool is_user_busy)
{
	struct pool_member *member;
	wl_list_for_each (member, &pool->members, link) {
		if (member->state == (is_user_busy ? POOL_BOOTING : POOL_HELD)) {
			pool_member_handle(
				member, is_user_busy ? POOL_EVENT_HOLD : POOL_EVENT_GO_ON);
		}
	}
}

/* The youngest of its kind, so that a ready one stays. */
static void end_one(struct pool *pool, uint64_t shape, const char *why)
{
	struct pool_member *member;
	wl_list_for_each_reverse (member, &pool->members, link) {
		if (member->shape == shape && pool_member_counts(member)) {
			pool_member_discard(member, why);
			return;
		}
	}
}

static void count_members(const struct pool *pool, uint64_t shape, struct pool_situation *situation)
{
	const struct pool_member *member;
	situation->have = 0;
	situation->is_starting = false;
	situation->is_ending = false;
	wl_list_for_each (member, &pool->members, link) {
		situation->have += member->shape == shape && pool_member_counts(member) ? 1 : 0;
		situation->is_starting |= pool_member_is_starting(member);
		situation->is_ending |= !pool_member_counts(member);
	}
}

static void tell_memory(struct pool *pool, bool is_short)
{
	if (is_short && !pool->is_memory_short) {
		vx_log_info("memory is short: no VM is preloaded");
	}
	pool->is_memory_short = is_short;
}

static void see_to_target(
	struct pool *pool, const struct pool_target *target, struct pool_situation *situation)
{
	situation->wanted = target->wanted;
	situation->memory_needed_mib = target->definition->memory_min_mib;
	count_members(pool, target->shape, situation);
	struct pool_decision decision = pool_decide(situation);
	tell_memory(pool, decision.is_memory_short);
	if (decision.step == POOL_STEP_START) {
		start_member(pool, target);
	} else if (decision.step == POOL_STEP_END_ONE) {
		end_one(pool, target->shape,
			decision.is_memory_short ? "memory is short" : "there are enough");
	} else if (decision.step == POOL_STEP_WAIT) {
		look_again(pool, decision.wait_ms);
	}
}

void pool_update(struct pool *pool)
{
	sweep_members(pool);
	if (!pool->daemon->is_listed || pool->daemon->libvirt_problem != nullptr) {
		return;
	}
	uint64_t now_ms = daemon_now_ms(pool->daemon);
	struct pool_situation situation = {
		.is_user_busy = user_is_busy(pool, now_ms),
		.failures = pool->failures,
		.failed_ms = now_ms - pool->failed_at_ms,
	};
	if (situation.is_user_busy) {
		pool->busy_at_ms = now_ms;
		if (pool->target_count > 0) {
			look_again(pool, first_window_ms);
		}
	}
	situation.quiet_ms = now_ms - pool->busy_at_ms;
	check_suspended(pool);
	hold_members(pool, situation.is_user_busy);
	if (pool->target_count > 0) {
		read_memory(&situation);
	}
	for (size_t i = 0; i < pool->target_count; i++) {
		see_to_target(pool, &pool->targets[i], &situation);
	}
}

bool pool_is_needed(const struct pool *pool)
{
	return pool->target_count > 0 || !wl_list_empty(&pool->members);
}

bool pool_is_preparing(const struct pool *pool)
{
	const struct pool_member *member;
	wl_list_for_each (member, &pool->members, link) {
		if (member->state == POOL_PREPARING) {
			return true;
		}
	}
	return false;
}

/* Taking one */

bool pool_take(struct pool *pool, const struct machine *machine, vm_started_handler handle_started,
	void *data)
{
	if (wl_list_empty(&pool->members)) {
		return false;
	}
	uint64_t shape = vm_definition_can_preload(machine->definition)
				 ? vm_definition_shape(machine->definition)
				 : 0;
	check_suspended(pool);
	struct pool_member *member, *next;
	wl_list_for_each_safe (member, next, &pool->members, link) {
		if (shape == 0 || member->shape != shape || member->state != POOL_READY ||
			member->hypervisor_jobs > 0) {
			continue;
		}
		if (!pool_member_is_sound(member)) {
			pool_member_discard(member, "its guest talks although it isn't asked");
			continue;
		}
		const struct vm_preloaded preloaded = {
			.name = member->definition->name,
			.region_name = member->region_name,
			.fingerprint = member->fingerprint,
			.bind_socket = member->bind_socket,
		};
		vx_log_info("'%s' takes '%s'", machine->name, preloaded.name);
		vm_hypervisor_take(pool->daemon->hypervisor, machine->definition, &preloaded,
			handle_started, data);
		pool_member_destroy(member);
		return true;
	}
	return false;
}

/* libvirt's events */

void pool_handle_connection(struct pool *pool)
{
	struct pool_member *member;
	wl_list_for_each (member, &pool->members, link) {
		member->is_found = false;
	}
}

static void handle_stray_ended(void *data, const struct vx_error *err)
{
	if (err != nullptr) {
		vx_log_warn("a VM that an earlier vixosd preloaded can't be ended: %s",
			vx_error_message(err));
	}
}

void pool_handle_found(struct pool *pool, const char *name)
{
	struct pool_member *member = find_member(pool, name);
	if (member != nullptr) {
		member->is_found = true;
		return;
	}
	vx_log_info("'%s' was preloaded by an earlier vixosd; it is thrown away", name);
	vm_hypervisor_kill(pool->daemon->hypervisor, name, handle_stray_ended, pool);
}

void pool_handle_listed(struct pool *pool)
{
	struct pool_member *member;
	wl_list_for_each (member, &pool->members, link) {
		if (!member->is_found && member->state != POOL_PREPARING) {
			pool_member_handle(member, POOL_EVENT_DOMAIN_DOWN);
		}
	}
}

void pool_handle_resumed(struct pool *pool, const char *name)
{
	struct pool_member *member = find_member(pool, name);
	if (member != nullptr && member->state == POOL_READY) {
		pool_member_discard(member, "somebody let it run");
	}
}

void pool_handle_stopped(struct pool *pool, const char *name)
{
	struct pool_member *member = find_member(pool, name);
	if (member == nullptr ||
		!pool_transition_for(member->state, POOL_EVENT_DOMAIN_DOWN).is_valid) {
		return;
	}
	vx_log_warn("'%s' has ended by itself", name);
	pool_member_failed(pool);
	pool_member_handle(member, POOL_EVENT_DOMAIN_DOWN);
}

/* Showing them to those who ask */

void pool_append_json(const struct pool *pool, sd_json_variant **array)
{
	const struct pool_member *member;
	wl_list_for_each (member, &pool->members, link) {
		uint64_t since_ms = daemon_now_ms(pool->daemon) - member->state_since_ms;
		(void)sd_json_variant_append_arraybo(array,
			SD_JSON_BUILD_PAIR_STRING("name", member->definition->name),
			SD_JSON_BUILD_PAIR_STRING("label", member->definition->label),
			SD_JSON_BUILD_PAIR_STRING("color", "#888a85"),
			SD_JSON_BUILD_PAIR_STRING("state", pool_state_name(member->state)),
			SD_JSON_BUILD_PAIR_BOOLEAN("configured", false),
			SD_JSON_BUILD_PAIR_BOOLEAN("disposable", false),
			SD_JSON_BUILD_PAIR_BOOLEAN("untagged", false),
			SD_JSON_BUILD_PAIR_UNSIGNED("clients", 0),
			SD_JSON_BUILD_PAIR_UNSIGNED("windows", 0),
			SD_JSON_BUILD_PAIR_UNSIGNED("stateMs", since_ms));
	}
}

/* Life */

struct pool *pool_create(struct daemon *daemon)
{
	struct pool *pool = vx_new(pool);
	pool->daemon = daemon;
	wl_list_init(&pool->members);
	pool_checks_init(pool);
	return pool;
}

void pool_destroy(struct pool *pool)
{
	if (pool == nullptr) {
		return;
	}
	struct pool_member *member, *next;
	wl_list_for_each_safe (member, next, &pool->members, link) {
		pool_member_destroy(member);
	}
	pool_checks_finish(pool);
	drop_targets(pool);
	sd_event_source_disable_unref(pool->timer_source);
	free(pool->targets);
	free(pool->refused);
	free(pool);
}
