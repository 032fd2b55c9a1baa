/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager: Network, Firewall. */
#include <stddef.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/machine_network.h"
#include "daemon/manager_call.h"
#include "daemon/net_vm.h"
#include "manager_names.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/firewall_edit.h"

/* The guest may be slow to give a network card back, and names to be resolved. */
static constexpr uint64_t network_deadline_ms = 60'000;

static size_t count_words(char **words)
{
	size_t count = 0;
	while (words != nullptr && words[count] != nullptr) {
		count++;
	}
	return count;
}

static sd_json_variant *describe_rules(const struct vm_firewall *firewall)
{
	sd_json_variant *rules = nullptr;
	(void)sd_json_variant_new_array(&rules, nullptr, 0);
	for (size_t i = 0; i < firewall->rule_count; i++) {
		vx_cleanup_free char *text = vm_firewall_rule_format(&firewall->rules[i]);
		sd_json_variant *rule = nullptr;
		(void)sd_json_variant_new_string(&rule, text);
		(void)sd_json_variant_append_array(&rules, rule);
		sd_json_variant_unref(rule);
	}
	return rules;
}

static void reply(struct manager_call *call)
{
	const struct vm_definition *definition = call->machine->definition;
	vx_cleanup_free char *network = vm_network_format(definition);
	sd_json_variant *rules = describe_rules(&definition->firewall);
	sd_json_variant *object = nullptr;
	(void)sd_json_buildo(&object, SD_JSON_BUILD_PAIR_STRING("network", network),
		SD_JSON_BUILD_PAIR_BOOLEAN("enforced", vm_network_is_ours(definition->network)),
		SD_JSON_BUILD_PAIR_STRING("policy", definition->firewall.denies ? "deny" : "allow"),
		SD_JSON_BUILD_PAIR_VARIANT("rules", rules));
	manager_call_reply(call, object);
	sd_json_variant_unref(object);
	sd_json_variant_unref(rules);
}

static void fail(struct manager_call *call, struct vx_error *err, enum vx_error_kind kind)
{
	err->kind = err->kind == VX_ERROR_FAILED ? kind : err->kind;
	manager_call_fail(call, err);
}

/* One change at a time. */
static void wait_advance(struct manager_call *call)
{
	const struct machine *machine = call->machine;
	vx_cleanup_error struct vx_error err = {};
	if (machine->network_wanted != nullptr || net_vm_is_pending(machine)) {
		return;
	}
	if (machine->link_problem != nullptr) {
		vx_error_set(&err, "%s", machine->link_problem);
		manager_call_fail(call, &err);
		return;
	}
	if (machine->network_problem != nullptr) {
		vx_error_set(&err, "VM '%s': %s", machine->name, machine->network_problem);
		manager_call_fail(call, &err);
		return;
	}
	reply(call);
}

/* Is it there, and at rest? What is to change must run. */
static bool is_ready(struct manager_call *call)
{
	if (call->machine == nullptr && !manager_call_is_listed(call)) {
		return false;
	}
	if (call->machine == nullptr) {
		/* What doesn't run has what its definition says now; a mistake there is the
		 * start's. */
		(void)daemon_reload(call->manager->daemon, nullptr);
		if (!manager_call_find_machine(call)) {
			return false;
		}
	}
	const struct machine *machine = call->machine;
	if (call->command == nullptr) {
		reply(call);
		return false;
	}
	if (machine->state != MACHINE_RUNNING) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(&err,
			"VM '%s' isn't running (it is %s); --persistent changes what it starts "
			"with",
			machine->name, machine_state_name(machine->state));
		manager_call_fail_as(call, VX_MANAGER_ERROR_NOT_RUNNING, &err);
		return false;
	}
	return machine->network_wanted == nullptr;
}

static void change(struct manager_call *call, struct vm_definition *wanted, bool only_firewall)
{
	call->advance = wait_advance;
	machine_network_change(call->machine, wanted, only_firewall);
}

static void network_advance(struct manager_call *call)
{
	if (!is_ready(call)) {
		return;
	}
	vx_cleanup_error struct vx_error err = {};
	struct vm_definition *wanted = vm_definition_copy(call->machine->definition);
	if (!vm_network_parse(
		    wanted, (const char *const *)call->command, count_words(call->command), &err) ||
		!machine_network_check(call->machine, wanted, &err) ||
		!net_vm_begin(call->machine, wanted, &err)) {
		vm_definition_destroy(wanted);
		fail(call, &err, VX_ERROR_USAGE);
		return;
	}
	change(call, wanted, false);
}

/* The rules that the VM would be started with. */
static bool reset_firewall(
	struct daemon *daemon, struct vm_definition *wanted, struct vx_error *err)
{
	if (!daemon_reload(daemon, err)) {
		return false;
	}
	struct vm_definition *configured = vm_definition_for_package(
		daemon->config, vm_definition_base(wanted), err);
	if (configured == nullptr) {
		return false;
	}
	vm_firewall_finish(&wanted->firewall);
	wanted->firewall = vm_firewall_copy(&configured->firewall);
	vm_definition_destroy(configured);
	return true;
}

static bool edit_firewall(
	struct manager_call *call, struct vm_definition *wanted, struct vx_error *err)
{
	const char *verb = call->command[0];
	if (verb != nullptr && call->command[1] == nullptr) {
		if (strcmp(verb, "reload") == 0) {
			return true;
		}
		if (strcmp(verb, "reset") == 0) {
			return reset_firewall(call->manager->daemon, wanted, err);
		}
	}
	return vm_firewall_edit(&wanted->firewall, (const char *const *)call->command,
		count_words(call->command), err);
}

static void firewall_advance(struct manager_call *call)
{
	if (!is_ready(call)) {
		return;
	}
	vx_cleanup_error struct vx_error err = {};
	struct vm_definition *wanted = vm_definition_copy(call->machine->definition);
	if (!edit_firewall(call, wanted, &err) ||
		!machine_network_check(call->machine, wanted, &err)) {
		vm_definition_destroy(wanted);
		fail(call, &err, VX_ERROR_USAGE);
		return;
	}
	change(call, wanted, true);
}

static const sd_json_dispatch_field fields[] = {
	MANAGER_STRING("name", name, SD_JSON_MANDATORY),
	MANAGER_STRINGS("change", command, SD_JSON_NULLABLE),
	{},
};

int method_network(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {fields, network_advance, network_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

int method_firewall(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {fields, firewall_advance, network_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}
