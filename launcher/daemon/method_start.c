/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager.Start: waits for libvirt's list, the compositor and the VM, in this order. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "daemon/catalog.h"
#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/machine_packages.h"
#include "daemon/machine_session.h"
#include "daemon/manager_call.h"
#include "manager_names.h"
#include "vm/config.h"
#include "vm/definition.h"

static constexpr uint64_t environment_deadline_ms = 15'000; /* for libvirt and the compositor */

static void start_reply(struct manager_call *call)
{
	struct machine *machine = call->machine;
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_STRING("name", machine->name),
		SD_JSON_BUILD_PAIR_STRING("state", machine_state_name(machine->state)),
		SD_JSON_BUILD_PAIR_BOOLEAN("started", call->has_started),
		SD_JSON_BUILD_PAIR_BOOLEAN("disposable", machine->definition->is_disposable),
		SD_JSON_BUILD_PAIR_CONDITION(machine->display != nullptr, "display",
			SD_JSON_BUILD_STRING(machine->display)),
		SD_JSON_BUILD_PAIR_CONDITION(
			call->command != nullptr, "command", SD_JSON_BUILD_STRV(call->command)));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
}

static void start_tell(struct manager_call *call)
{
	struct machine *machine = call->machine;
	const char *message = machine_get_message(machine);
	if (!call->wants_more || message == nullptr ||
		(call->told_message != nullptr && strcmp(message, call->told_message) == 0)) {
		return;
	}
	vx_replace_string(&call->told_message, message);
	(void)sd_varlink_notifybo(call->connection,
		SD_JSON_BUILD_PAIR_STRING("name", machine->name),
		SD_JSON_BUILD_PAIR_STRING("state", machine_state_name(machine->state)),
		SD_JSON_BUILD_PAIR_STRING("message", message),
		SD_JSON_BUILD_PAIR_BOOLEAN("started", call->has_started));
}

static void start_fail(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	const struct machine *machine = call->machine;
	if (machine->failure.message != nullptr) {
		vx_error_set_kind(
			&err, machine->failure.kind, "%s", vx_error_message(&machine->failure));
	} else {
		vx_error_set(&err, "VM '%s' was stopped while it was starting", machine->name);
	}
	manager_call_fail(call, &err);
}

static void start_wait(struct manager_call *call)
{
	const struct machine *machine = call->machine;
	if (machine->state == MACHINE_RUNNING) {
		start_reply(call);
	} else if (machine_state_is_alive(machine->state) || machine->start_again) {
		start_tell(call);
	} else {
		start_fail(call);
	}
}

/* Is the compositor known to tag windows, or may it do without? Else the call waits or has failed.
 */
static bool start_check_display(struct manager_call *call)
{
	if (call->display == nullptr) {
		return true;
	}
	vx_cleanup_error struct vx_error err = {};
	struct display *display = display_get(call->manager->daemon, call->display, &err);
	if (display == nullptr) {
		manager_call_fail(call, &err);
		return false;
	}
	if (!display->is_ready) {
		return false;
	}
	if (!display->has_security_context && !call->untagged) {
		vx_error_set_kind(&err, VX_ERROR_REFUSED,
			"the compositor at '%s' can't mark windows of VMs (it lacks "
			"security-context-v1); --untagged starts them without marks",
			call->display);
		manager_call_fail(call, &err);
		return false;
	}
	if (call->workspace != nullptr &&
		!display_bind_workspace(display, call->name, call->workspace, &err)) {
		manager_call_fail(call, &err);
		return false;
	}
	return true;
}

static bool start_has_network(const struct machine_wish *wish, const struct vm_definition *has)
{
	const char *name = has->network_name != nullptr ? has->network_name : "";
	return has->network == wish->network && strcmp(name, wish->network_name) == 0;
}

/* Has the VM that runs the devices that are asked for? They can't be added to it. */
static bool start_check_devices(struct manager_call *call, const struct machine *machine)
{
	const struct vm_definition *has = machine->definition;
	const char *lacks = nullptr;
	if (call->wish.has_network && !start_has_network(&call->wish, has)) {
		vx_cleanup_error struct vx_error err = {};
		vx_cleanup_free char *network = vm_network_format(has);
		vx_error_set(&err,
			"VM '%s' runs with the network %s; 'vixos net %s' gives it another",
			machine->name, network, machine->name);
		manager_call_fail(call, &err);
		return false;
	}
	if (call->wish.has_audio && call->wish.audio > has->audio) {
		lacks = call->wish.audio == VM_AUDIO_FULL ? "the microphone" : "sound";
	} else if (call->wish.usb && !has->usb) {
		lacks = "USB";
	}
	if (lacks == nullptr) {
		return true;
	}
	vx_cleanup_error struct vx_error err = {};
	vx_error_set(&err, "VM '%s' runs without %s; 'vixos stop %s' first to start it with it",
		machine->name, lacks, machine->name);
	manager_call_fail(call, &err);
	return false;
}

static bool start_get_machine(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	struct daemon *daemon = call->manager->daemon;
	struct machine *machine = daemon_get_instance(
		daemon, call->name, call->base, call->disposable, &err);
	if (machine == nullptr) {
		manager_call_fail(call, &err);
		return false;
	}
	bool is_up = machine_state_is_alive(machine->state) && machine->state != MACHINE_STOPPING;
	if (is_up && machine->display == nullptr && call->display != nullptr) {
		vx_error_set(&err,
			"VM '%s' runs without a display; 'vixos stop %s' first to start it with one",
			machine->name, machine->name);
		manager_call_fail(call, &err);
		return false;
	}
	if (is_up && !start_check_devices(call, machine)) {
		return false;
	}
	if (is_up && call->workspace != nullptr &&
		!machine_bind_workspace(machine, call->workspace, &err)) {
		manager_call_fail(call, &err);
		return false;
	}
	call->machine = machine;
	call->has_started = !is_up;
	return true;
}

static void start_advance(struct manager_call *call)
{
	if (call->machine != nullptr) {
		start_wait(call);
		return;
	}
	if (!manager_call_is_listed(call) || !start_check_display(call) ||
		!start_get_machine(call)) {
		return;
	}
	manager_call_set_deadline(call, 0); /* from here on the machine has deadlines */
	if (call->has_started) {
		struct machine_start start = {
			.display = call->display,
			.workspace = call->workspace,
			.untagged = call->untagged,
			.wish = call->wish,
		};
		machine_start(call->machine, &start);
		if (call->lease) {
			call->machine->lease = call->connection;
		}
	}
	start_wait(call);
}

/* In a VM of Nix the programs are those of its packages; else they are the host's. `name` may be
 * NULL. */
static char **start_find_command(struct daemon *daemon, const struct manager_parameters *parameters,
	const char *name, struct vx_error *err)
{
	struct vm_definition *definition = name != nullptr ? vm_definition_for_package(
								     daemon->config, name, nullptr)
							   : nullptr;
	bool is_nix = definition != nullptr && definition->template == VM_TEMPLATE_NIX;
	char **command = is_nix ? machine_packages_resolve(definition, parameters->package,
					  parameters->executable, err)
				: catalog_resolve(daemon->catalog, parameters->package,
					  parameters->executable, err);
	vm_definition_destroy(definition);
	return command;
}

/*
 * What the VM is like: `like`, or else its name, or that of the package. Its own name is NULL where
 * it is to get one of its own. Both owned by the caller.
 */
static bool start_name(struct daemon *daemon, const struct manager_parameters *parameters,
	char **ret_name, char **ret_base, struct vx_error *err)
{
	const char *like = parameters->like != nullptr ? parameters->like : parameters->name;
	*ret_base = like != nullptr ? vx_strdup(like) : catalog_vm_name(parameters->package, err);
	if (*ret_base == nullptr) {
		return false;
	}
	const struct vm_definition *configured = vm_config_find(daemon->config, *ret_base);
	bool is_disposable = parameters->disposable > 0 ||
			     (configured != nullptr && configured->is_disposable);
	bool has_own_name = parameters->name == nullptr &&
			    (is_disposable || parameters->like != nullptr);
	*ret_name = has_own_name
			    ? nullptr
			    : vx_strdup(parameters->name != nullptr ? parameters->name : *ret_base);
	return true;
}

/* The package's command, and the VM's name. */
static bool start_resolve(struct daemon *daemon, const struct manager_parameters *parameters,
	char **ret_name, char **ret_base, char ***ret_command, struct vx_error *err)
{
	if (parameters->name == nullptr && parameters->package == nullptr) {
		return vx_error_set_kind(err, VX_ERROR_USAGE, "Start needs a name or a package");
	}
	vx_cleanup_error struct vx_error no_name = {};
	vx_cleanup_free char *name = nullptr;
	vx_cleanup_free char *base = nullptr;
	bool is_named = start_name(daemon, parameters, &name, &base, &no_name);
	if (parameters->package != nullptr) {
		*ret_command = start_find_command(daemon, parameters, base, err);
		if (*ret_command == nullptr) {
			return false;
		}
	}
	if (!is_named) {
		catalog_free_argv(*ret_command);
		return vx_error_move(err, &no_name);
	}
	*ret_name = vx_take_ptr(name);
	*ret_base = vx_take_ptr(base);
	return true;
}

/* "net-vm NAME" and its like, the words as in a definition. */
static bool start_take_network(const char *text, struct machine_wish *wish, struct vx_error *err)
{
	static constexpr size_t words_max = 3; /* one more than any kind has */
	struct vm_definition parsed = {};
	const char *words[words_max];
	size_t count = 0;
	vx_cleanup_free char *copy = vx_strdup(text);
	char *rest = copy;
	for (char *word; count < words_max && (word = strtok_r(rest, " \t", &rest)) != nullptr;) {
		words[count++] = word;
	}
	if (!vm_network_parse(&parsed, words, count, err)) {
		err->kind = VX_ERROR_USAGE;
		return false;
	}
	wish->has_network = true;
	wish->network = parsed.network;
	if (parsed.network_name != nullptr) {
		snprintf(wish->network_name, sizeof(wish->network_name), "%s", parsed.network_name);
	}
	free(parsed.network_name);
	return true;
}

static bool start_take_wish(const struct manager_parameters *parameters, struct machine_wish *wish,
	struct vx_error *err)
{
	if (parameters->network != nullptr && !start_take_network(parameters->network, wish, err)) {
		return false;
	}
	wish->usb = parameters->usb > 0;
	wish->has_audio = parameters->audio != nullptr;
	return !wish->has_audio || vm_audio_parse(parameters->audio, &wish->audio) ||
	       vx_error_set_kind(err, VX_ERROR_USAGE, "sound can be off, output or full, not '%s'",
		       parameters->audio);
}

static bool start_check(const struct manager_parameters *parameters, struct vx_error *err)
{
	const char *display = parameters->display;
	if (display != nullptr && (display[0] != '/' || strlen(display) > 107)) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"'%s' is no absolute path of a Wayland socket", display);
	}
	const char *workspace = parameters->workspace;
	if (workspace != nullptr && !vm_workspace_is_valid(workspace)) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"that can't be the name of a workspace: up to %zu printable bytes without "
			"quotes and backslashes",
			vm_workspace_max);
	}
	return true;
}

int method_start(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRING("name", name, SD_JSON_NULLABLE),
		MANAGER_STRING("like", like, SD_JSON_NULLABLE),
		MANAGER_BOOL("disposable", disposable),
		MANAGER_STRING("package", package, SD_JSON_NULLABLE),
		MANAGER_STRING("executable", executable, SD_JSON_NULLABLE),
		MANAGER_STRING("display", display, SD_JSON_NULLABLE),
		MANAGER_STRING("workspace", workspace, SD_JSON_NULLABLE),
		MANAGER_BOOL("untagged", untagged),
		MANAGER_STRING("audio", audio, SD_JSON_NULLABLE),
		MANAGER_STRING("network", network, SD_JSON_NULLABLE),
		MANAGER_BOOL("usb", usb),
		MANAGER_BOOL("lease", lease),
		{},
	};
	struct manager *manager = data;
	struct manager_parameters given;
	int result = manager_dispatch(connection, parameters, fields, &given);
	if (result != 0) {
		return result;
	}
	vx_cleanup_error struct vx_error err = {};
	char *name = nullptr, *base = nullptr;
	char **command = nullptr;
	struct machine_wish wish = {};
	if (!start_check(&given, &err) || !start_take_wish(&given, &wish, &err) ||
		!daemon_reload(manager->daemon, &err) ||
		!start_resolve(manager->daemon, &given, &name, &base, &command, &err)) {
		return manager_refuse(connection, &err);
	}
	struct manager_call *call = manager_call_create(
		manager, connection, flags, name, start_advance);
	free(name);
	call->base = base;
	call->disposable = given.disposable > 0;
	call->command = command;
	call->display = vx_strdup(given.display);
	call->workspace = vx_strdup(given.workspace);
	call->untagged = given.untagged > 0;
	call->lease = given.lease > 0;
	call->wish = wish;
	manager_call_set_deadline(call, environment_deadline_ms);
	return manager_call_begin(call);
}
