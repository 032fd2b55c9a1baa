/* SPDX-License-Identifier: MIT */
#include "daemon/menu.h"

#include <string.h>

#include "vixos-domain-v1-client-protocol.h"

#define VX_LOG_MODULE "menu"
#include "common/log.h"
#include "common/name.h"
#include "daemon/catalog.h"
#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/machine.h"
#include "daemon/published.h"
#include "vm/config.h"
#include "vm/definition.h"

static const enum vixos_domain_v1_state published_states[] = {
	[MACHINE_STOPPED] = VIXOS_DOMAIN_V1_STATE_STOPPED,
	[MACHINE_PREPARING] = VIXOS_DOMAIN_V1_STATE_STARTING,
	[MACHINE_CONNECTING] = VIXOS_DOMAIN_V1_STATE_STARTING,
	[MACHINE_BOOTING] = VIXOS_DOMAIN_V1_STATE_STARTING,
	[MACHINE_RUNNING] = VIXOS_DOMAIN_V1_STATE_RUNNING,
	[MACHINE_STOPPING] = VIXOS_DOMAIN_V1_STATE_STOPPING,
	[MACHINE_FAILED] = VIXOS_DOMAIN_V1_STATE_FAILED,
};
static_assert(VX_ARRAY_LENGTH(published_states) == MACHINE_STATE_COUNT);

/* Terminals for vm_shell, the user's $TERMINAL first. */
static const char *const terminals[] = {"foot", "kitty", "alacritty", "gnome-terminal", "konsole"};

/* Publishing */

static uint32_t published_state(const struct machine *machine)
{
	if (machine->state == MACHINE_RUNNING && machine->is_paused) {
		return VIXOS_DOMAIN_V1_STATE_PAUSED;
	}
	return published_states[machine->state];
}

static void publish_machine(struct published_list *list, const struct machine *machine)
{
	const struct vm_definition *definition = machine->definition;
	struct published_vm *vm = published_list_add(list, machine->name, definition->label,
		definition->color, published_state(machine));
	if (vm == nullptr) {
		return;
	}
	const char *message = machine_get_message(machine);
	published_vm_set_message(vm, message != nullptr ? message : "");
	if (machine->workspace != nullptr && machine_state_is_alive(machine->state)) {
		published_vm_set_workspace(vm, machine->workspace);
	}
	/* A menu has VMs that run before others: there the same keys would not make another VM. */
	if (definition->is_disposable && definition->base != nullptr) {
		return;
	}
	/* What the configuration says counts, also while a VM runs that was started before. */
	const char *base = vm_definition_base(definition);
	const struct vm_definition *configured = vm_config_find(machine->daemon->config, base);
	for (size_t i = 0; configured != nullptr && i < configured->app_count; i++) {
		const struct vm_app *app = &configured->apps[i];
		published_vm_add_app(vm, app->id, app->name, app->icon);
	}
	const struct catalog_app *app = catalog_find_app(machine->daemon->catalog, base);
	if (app != nullptr && vm->app_count == 0) {
		published_vm_add_app(vm, app->id, app->name, app->icon);
	}
}

static void publish_app(struct published_list *list, const struct catalog_app *app)
{
	if (published_list_find(list, app->vm) != nullptr) {
		return;
	}
	struct published_vm *vm = published_list_add(list, app->vm, app->vm,
		vm_definition_default_color(app->vm), VIXOS_DOMAIN_V1_STATE_STOPPED);
	if (vm != nullptr) {
		published_vm_add_app(vm, app->id, app->name, app->icon);
	}
}

static bool anybody_has_a_menu(const struct daemon *daemon)
{
	const struct display *display;
	wl_list_for_each (display, &daemon->displays, link) {
		if (display->has_menu) {
			return true;
		}
	}
	return false;
}

void menu_publish(struct daemon *daemon)
{
	/* Nothing before it is known what runs: who sees a VM may want something of it at once. */
	bool is_known = daemon->is_listed || daemon->libvirt_problem != nullptr;
	if (!is_known || !anybody_has_a_menu(daemon)) {
		return;
	}
	struct published_list list = {};
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		publish_machine(&list, machine);
	}
	size_t count;
	const struct catalog_app *apps = catalog_apps(daemon->catalog, &count);
	for (size_t i = 0; i < count; i++) {
		publish_app(&list, &apps[i]);
	}
	struct display *display;
	wl_list_for_each (display, &daemon->displays, link) {
		display_publish(display, &list);
	}
	published_list_finish(&list);
}

/* What the user chose */

/* NULL with an error where the app isn't there any more; borrowed. */
static char *const *menu_find_argv(
	struct daemon *daemon, const char *vm, const char *app_id, struct vx_error *err)
{
	vm = daemon_find_base(daemon, vm);
	const struct vm_definition *configured = vm_config_find(daemon->config, vm);
	const struct vm_app *app = configured != nullptr
					   ? vm_definition_find_app(configured, app_id)
					   : nullptr;
	if (app != nullptr) {
		return app->argv;
	}
	const struct catalog_app *host_app = catalog_find_app(daemon->catalog, vm);
	if (host_app != nullptr && strcmp(host_app->id, app_id) == 0) {
		return host_app->argv;
	}
	vx_error_set(err, "VM '%s' has no app '%s'", vm, app_id);
	return nullptr;
}

/* Makes the VM run, with its windows on `display`, and the program in it. */
static bool menu_start(struct daemon *daemon, const struct display *display, const char *vm,
	char *const *argv, struct vx_error *err)
{
	/* Of what is defined as disposable there is another each time, but for one that runs. */
	const struct machine *running = daemon_find_machine(daemon, vm);
	const struct vm_definition *configured = vm_config_find(daemon->config, vm);
	bool is_running = running != nullptr && machine_state_is_alive(running->state);
	bool is_another = !is_running && configured != nullptr && configured->is_disposable;
	struct machine *machine = daemon_get_instance(
		daemon, is_another ? nullptr : vm, vm, false, err);
	if (machine == nullptr) {
		return false;
	}
	bool is_new = !machine_state_is_alive(machine->state) || machine->state == MACHINE_STOPPING;
	struct machine_start start = {
		.display = display->path,
		.untagged = false,
	};
	machine_start(machine, &start);
	if (argv == nullptr) {
		return true;
	}
	/* As with `run --background`: what was started for an app ends with it. */
	bool is_owner = is_new &&
			(!machine->definition->is_configured || machine->definition->is_disposable);
	return machine_add_job(
		machine, (const char *const *)argv, nullptr, is_owner, nullptr, nullptr, err);
}

void daemon_display_start_app(
	struct daemon *daemon, struct display *display, const char *vm, const char *app_id)
{
	vx_cleanup_error struct vx_error err = {};
	if (!vx_vm_name_is_valid(vm)) {
		return;
	}
	/* A VM that is there for one app of the host's is that app. */
	const char *base = daemon_find_base(daemon, vm);
	bool is_configured = vm_config_find(daemon->config, base) != nullptr;
	const struct catalog_app *own_app = is_configured ? nullptr
							  : catalog_find_app(daemon->catalog, base);
	if (app_id[0] == '\0' && own_app != nullptr) {
		app_id = own_app->id;
	}
	char *const *argv = nullptr;
	if (app_id[0] != '\0') {
		argv = menu_find_argv(daemon, vm, app_id, &err);
	}
	if ((app_id[0] != '\0' && argv == nullptr) ||
		!menu_start(daemon, display, vm, argv, &err)) {
		vx_log_error("%s", vx_error_message(&err));
	}
}

void daemon_display_stop(struct daemon *daemon, const char *vm)
{
	struct machine *machine = daemon_find_machine(daemon, vm);
	if (machine != nullptr) {
		machine_stop(machine, false, nullptr);
	}
}

static char *find_terminal(const struct daemon *daemon)
{
	const char *wanted = getenv("TERMINAL");
	if (wanted != nullptr && wanted[0] != '\0' && strchr(wanted, '/') == nullptr) {
		char *program = catalog_find_program(daemon->catalog, wanted);
		if (program != nullptr) {
			return program;
		}
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(terminals); i++) {
		char *program = catalog_find_program(daemon->catalog, terminals[i]);
		if (program != nullptr) {
			return program;
		}
	}
	return nullptr;
}

void daemon_display_open_shell(struct daemon *daemon, struct display *display, const char *vm)
{
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *terminal = find_terminal(daemon);
	if (!vx_vm_name_is_valid(vm)) {
		return;
	}
	if (terminal == nullptr) {
		vx_log_warn("no shell for '%s': there is no terminal program (install foot, or set "
			    "TERMINAL)",
			vm);
		return;
	}
	char *argv[] = {terminal, nullptr};
	if (!menu_start(daemon, display, vm, argv, &err)) {
		vx_log_warn("no shell for '%s': %s", vm, vx_error_message(&err));
	}
}

void daemon_display_menu_opened(struct daemon *daemon)
{
	vx_cleanup_error struct vx_error err = {};
	catalog_refresh(daemon->catalog);
	if (!daemon_reload(daemon, &err)) {
		vx_log_warn("the configuration before is kept: %s", vx_error_message(&err));
	}
}
