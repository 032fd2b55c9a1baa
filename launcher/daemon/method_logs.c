/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager.Logs: the console from its ring, followed no faster than the client reads. */
#include <stddef.h>

#include "daemon/daemon.h"
#include "daemon/manager_call.h"
#include "vm/console.h"

static constexpr uint64_t logs_deadline_ms = 15'000;
static constexpr uint64_t slow_reader_retry_us = 50'000;

/* Everything until now in one piece; what a slow reader misses in between, the ring drops. */
static sd_json_variant *logs_take(struct manager_call *call)
{
	const struct vm_console *console = call->machine->console;
	vx_cleanup_free char *text = console != nullptr
					     ? vm_console_read_from(console, &call->position)
					     : vx_strdup("");
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_STRING("text", text));
	return reply;
}

void method_logs_advance(struct manager_call *call)
{
	if (call->machine == nullptr) {
		if (!manager_call_is_listed(call) || !manager_call_find_machine(call)) {
			return;
		}
		manager_call_set_deadline(call, 0);
	}
	if (manager_call_must_wait(call, slow_reader_retry_us)) {
		return;
	}
	struct machine *machine = call->machine;
	bool goes_on = call->follow && machine_state_is_alive(machine->state);
	bool has_more = machine->console != nullptr &&
			vm_console_position(machine->console) > call->position;
	if (goes_on && !has_more) {
		return;
	}
	sd_json_variant *reply = logs_take(call);
	if (goes_on) {
		(void)sd_varlink_notify(call->connection, reply);
	} else {
		manager_call_reply(call, reply);
	}
	sd_json_variant_unref(reply);
}

static int logs_check(struct manager_call *call)
{
	return call->follow && !call->wants_more
		       ? sd_varlink_error(call->connection, SD_VARLINK_ERROR_EXPECTED_MORE, nullptr)
		       : 0;
}

int method_logs(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRING("name", name, SD_JSON_MANDATORY),
		MANAGER_BOOL("follow", follow),
		{},
	};
	static const struct manager_method method = {
		fields, method_logs_advance, logs_deadline_ms, logs_check};
	return manager_call_handle(connection, parameters, flags, data, &method);
}
