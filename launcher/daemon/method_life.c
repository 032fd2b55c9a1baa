/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager: Pause, Resume, Wait, Events. */
#include <stddef.h>

#include "daemon/daemon.h"
#include "daemon/event_log.h"
#include "daemon/machine_pause.h"
#include "daemon/manager_call.h"
#include "manager_names.h"

static constexpr uint64_t life_deadline_ms = 15'000; /* for libvirt */
static constexpr uint64_t slow_reader_retry_us = 20'000;

/* Pause and Resume */

static void pause_check(struct manager_call *call)
{
	const struct machine *machine = call->machine;
	vx_cleanup_error struct vx_error err = {};
	if (machine->state != MACHINE_RUNNING) {
		vx_error_set(&err, "VM '%s' isn't running (it is %s)", machine->name,
			machine_state_name(machine->state));
		manager_call_fail_as(call, VX_MANAGER_ERROR_NOT_RUNNING, &err);
	} else if (machine->is_paused == call->wants_pause) {
		manager_call_reply(call, nullptr);
	} else if (machine->pause_problem != nullptr) {
		vx_error_set(&err, "%s", machine->pause_problem);
		manager_call_fail(call, &err);
	}
}

static void pause_advance(struct manager_call *call)
{
	if (call->machine == nullptr) {
		if (!manager_call_is_listed(call) || !manager_call_find_machine(call)) {
			return;
		}
		struct machine *machine = call->machine;
		if (machine->state == MACHINE_RUNNING && machine->is_paused != call->wants_pause) {
			machine_pause(machine, call->wants_pause);
		}
	}
	pause_check(call);
}

static void begin_pause_advance(struct manager_call *call)
{
	call->wants_pause = true;
	call->advance = pause_advance;
	pause_advance(call);
}

int method_pause(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {
		manager_call_name_only, begin_pause_advance, life_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

int method_resume(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {
		manager_call_name_only, pause_advance, life_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* Wait */

static void wait_advance(struct manager_call *call)
{
	if (call->machine == nullptr) {
		if (!manager_call_is_listed(call) || !manager_call_find_machine(call)) {
			return;
		}
		manager_call_set_deadline(call, 0); /* the caller has all the time that it likes */
	}
	const struct machine *machine = call->machine;
	if (machine_state_is_alive(machine->state) || machine->start_again) {
		return;
	}
	const char *failure = machine->failure.message;
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply,
		SD_JSON_BUILD_PAIR_STRING("state", machine_state_name(machine->state)),
		SD_JSON_BUILD_PAIR_CONDITION(
			failure != nullptr, "message", SD_JSON_BUILD_STRING(failure)));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
}

int method_wait(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {
		manager_call_name_only, wait_advance, life_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* Events */

static void events_advance(struct manager_call *call)
{
	const struct event_log_entry *entry;
	const struct event_log *log = call->manager->daemon->events;
	/* What a slow reader misses meanwhile has a bound: the log's. */
	while (!manager_call_must_wait(call, slow_reader_retry_us) &&
		(entry = event_log_read(log, &call->position)) != nullptr) {
		(void)sd_varlink_notifybo(call->connection,
			SD_JSON_BUILD_PAIR_UNSIGNED("timeUs", entry->time_us),
			SD_JSON_BUILD_PAIR_STRING("name", entry->name),
			SD_JSON_BUILD_PAIR_STRING("state", entry->state),
			SD_JSON_BUILD_PAIR_CONDITION(entry->message != nullptr, "message",
				SD_JSON_BUILD_STRING(entry->message)));
	}
}

static int events_check(struct manager_call *call)
{
	if (!call->wants_more) {
		return sd_varlink_error(call->connection, SD_VARLINK_ERROR_EXPECTED_MORE, nullptr);
	}
	call->position = call->manager->daemon->events->next;
	return 0;
}

int method_events(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {{}};
	static const struct manager_method method = {fields, events_advance, 0, events_check};
	return manager_call_handle(connection, parameters, flags, data, &method);
}
