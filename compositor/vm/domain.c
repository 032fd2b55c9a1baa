/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "domain"

#include "vm/domain.h"

#include <poll.h>
#include <wayland-server-core.h>

#include "common/display_string.h"
#include "common/log.h"
#include "common/name.h"
#include "server.h"
#include "ui/menu.h"
#include "vixos-domain-v1-protocol.h"
#include "vm/domain_prompt.h"
#include "vm/manager.h"
#include "vm/vms.h"

static constexpr uint32_t manager_version = 2;
static constexpr int domains_max = 128;
static constexpr int apps_max = 256;
static constexpr size_t label_max = 31;      /* code points */
static constexpr size_t message_max = 120;   /* code points */
static constexpr size_t app_id_max = 64;     /* bytes */
static constexpr size_t app_name_max = 128;  /* bytes */
static constexpr size_t workspace_max = 128; /* bytes */
static constexpr size_t string_max = 1024;   /* bytes; any string of the manager */

struct domain_server {
	struct server *server;
	struct wl_global *global;
	struct manager *manager; /* in charge; may be NULL */
	char *wanted_shell;      /* owned; waits for a manager to publish the VM; may be NULL */
};

struct manager {
	struct server *server;
	struct domain_server *domains; /* NULL once another took over */
	struct wl_resource *resource;
	struct wl_list objects; /* struct domain.link */
	int count;
};

/* One vixos_domain_v1: what will be shown at the next commit. */
struct domain {
	struct wl_list link;
	struct manager *manager; /* NULL: inert */
	char *name;              /* owned */
	uint32_t color;
	char *label, *message; /* owned */
	char *workspace;       /* owned; NULL: none */
	uint32_t state;
	LIST(struct vm_app) apps;
};

static struct vms *vms_of(struct domain *domain)
{
	return &domain->manager->domains->server->vms;
}

static void emit_changed(struct vms *vms, struct vm *vm)
{
	wl_signal_emit_mutable(&vms->events.changed, vm);
}

/* A string of the manager that is too long ends its connection. */
static bool check_string(struct wl_resource *resource, const char *text, size_t max)
{
	if (strnlen(text, max + 1) <= max) {
		return true;
	}
	wl_resource_post_error(resource, VIXOS_DOMAIN_MANAGER_V1_ERROR_INVALID_VALUE,
		"a string is longer than %zu bytes", max);
	return false;
}

static void domain_handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static void domain_handle_set_color(
	struct wl_client *client, struct wl_resource *resource, uint32_t rgb)
{
	struct domain *domain = wl_resource_get_user_data(resource);
	if (rgb > 0xffffff) {
		wl_resource_post_error(resource, VIXOS_DOMAIN_MANAGER_V1_ERROR_INVALID_VALUE,
			"the colour 0x%x is not 0xRRGGBB", rgb);
		return;
	}
	domain->color = rgb;
}

static void domain_handle_set_label(
	struct wl_client *client, struct wl_resource *resource, const char *label)
{
	struct domain *domain = wl_resource_get_user_data(resource);
	if (check_string(resource, label, string_max)) {
		free(domain->label);
		domain->label = vx_display_string(label, label_max);
	}
}

static void domain_handle_set_state(
	struct wl_client *client, struct wl_resource *resource, uint32_t state)
{
	struct domain *domain = wl_resource_get_user_data(resource);
	if (state >= VM_STATE_COUNT) {
		wl_resource_post_error(resource, VIXOS_DOMAIN_MANAGER_V1_ERROR_INVALID_VALUE,
			"there is no state %u", state);
		return;
	}
	domain->state = state;
}

static void domain_handle_set_message(
	struct wl_client *client, struct wl_resource *resource, const char *message)
{
	struct domain *domain = wl_resource_get_user_data(resource);
	if (check_string(resource, message, string_max)) {
		free(domain->message);
		domain->message = vx_display_string(message, message_max);
	}
}

static void domain_handle_add_app(struct wl_client *client, struct wl_resource *resource,
	const char *app_id, const char *name, const char *icon)
{
	struct domain *domain = wl_resource_get_user_data(resource);
	if (!check_string(resource, app_id, app_id_max) ||
		!check_string(resource, name, app_name_max) ||
		!check_string(resource, icon, app_name_max)) {
		return;
	}
	if (domain->apps.length >= apps_max) {
		wl_resource_post_error(resource, VIXOS_DOMAIN_MANAGER_V1_ERROR_TOO_MANY,
			"more than %d apps", apps_max);
		return;
	}
	struct vm_app *app = vx_new(app);
	app->id = vx_strdup(app_id);
	app->name = vx_display_string(name, vx_title_max_code_points);
	app->icon = vx_strdup(icon);
	list_append(&domain->apps, app);
}

static void destroy_apps(struct domain *domain)
{
	for (int i = 0; i < domain->apps.length; i++) {
		vm_app_destroy(domain->apps.items[i]);
	}
	domain->apps.length = 0;
}

static void domain_handle_clear_apps(struct wl_client *client, struct wl_resource *resource)
{
	destroy_apps(wl_resource_get_user_data(resource));
}

static void copy_apps(struct vm *vm, const struct domain *domain)
{
	for (int i = 0; i < vm->apps.length; i++) {
		vm_app_destroy(vm->apps.items[i]);
	}
	vm->apps.length = 0;
	for (int i = 0; i < domain->apps.length; i++) {
		const struct vm_app *from = domain->apps.items[i];
		struct vm_app *app = vx_new(app);
		app->id = vx_strdup(from->id);
		app->name = vx_strdup(from->name);
		app->icon = vx_strdup(from->icon);
		list_append(&vm->apps, app);
	}
}

static void send_wanted_shell(struct domain_server *domains, const char *name)
{
	if (domains->wanted_shell != nullptr && strcmp(domains->wanted_shell, name) == 0) {
		vixos_domain_manager_v1_send_open_shell(domains->manager->resource, name);
		free(domains->wanted_shell);
		domains->wanted_shell = nullptr;
	}
}

static void domain_handle_set_workspace(
	struct wl_client *client, struct wl_resource *resource, const char *name)
{
	struct domain *domain = wl_resource_get_user_data(resource);
	if (check_string(resource, name, workspace_max)) {
		vx_replace_string(&domain->workspace, name[0] != '\0' ? name : nullptr);
	}
}

static void domain_handle_commit(struct wl_client *client, struct wl_resource *resource)
{
	struct domain *domain = wl_resource_get_user_data(resource);
	if (domain->manager == nullptr) {
		return;
	}
	struct vms *vms = vms_of(domain);
	struct vm *vm = vms_get(vms, domain->name);
	if (vm == nullptr) {
		return; /* over vms_max */
	}
	vm->published = true;
	vm->state = domain->state;
	vm_set_color(vm, domain->color);
	vm_set_label(vm, domain->label);
	vx_replace_string(&vm->message, domain->message != nullptr ? domain->message : "");
	vx_replace_string(&vm->workspace, domain->workspace);
	copy_apps(vm, domain);
	emit_changed(vms, vm);
	send_wanted_shell(domain->manager->domains, domain->name);
}

static const struct vixos_domain_v1_interface domain_impl = {
	.destroy = domain_handle_destroy,
	.set_color = domain_handle_set_color,
	.set_label = domain_handle_set_label,
	.set_state = domain_handle_set_state,
	.set_message = domain_handle_set_message,
	.add_app = domain_handle_add_app,
	.clear_apps = domain_handle_clear_apps,
	.commit = domain_handle_commit,
	.set_workspace = domain_handle_set_workspace,
};

/* Takes the VM out of the list; the object, if it still exists, has no effect from here on. */
static void domain_detach(struct domain *domain)
{
	if (domain->manager == nullptr) {
		return;
	}
	struct vms *vms = vms_of(domain);
	struct vm *vm = vms_find(vms, domain->name);
	domain->manager->count--;
	domain->manager = nullptr;
	wl_list_remove(&domain->link);
	if (vm != nullptr) {
		vm_unpublish(vm);
		emit_changed(vms, vm);
	}
}

static void domain_handle_resource_destroy(struct wl_resource *resource)
{
	struct domain *domain = wl_resource_get_user_data(resource);
	domain_detach(domain);
	destroy_apps(domain);
	list_finish(&domain->apps);
	free(domain->name);
	free(domain->label);
	free(domain->message);
	free(domain->workspace);
	free(domain);
}

static void manager_handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static bool check_new_domain(
	struct manager *manager, struct wl_resource *resource, const char *name)
{
	if (!vx_vm_name_is_valid(name)) {
		wl_resource_post_error(resource, VIXOS_DOMAIN_MANAGER_V1_ERROR_INVALID_NAME,
			"the name can't be a VM's");
		return false;
	}
	if (manager->count >= domains_max) {
		wl_resource_post_error(resource, VIXOS_DOMAIN_MANAGER_V1_ERROR_TOO_MANY,
			"more than %d domains", domains_max);
		return false;
	}
	struct domain *domain;
	wl_list_for_each (domain, &manager->objects, link) {
		if (strcmp(domain->name, name) == 0) {
			wl_resource_post_error(resource,
				VIXOS_DOMAIN_MANAGER_V1_ERROR_DUPLICATE_NAME,
				"there is a domain '%s' already", name);
			return false;
		}
	}
	return true;
}

static void manager_handle_create_domain(
	struct wl_client *client, struct wl_resource *resource, uint32_t id, const char *name)
{
	struct manager *manager = wl_resource_get_user_data(resource);
	if (!check_new_domain(manager, resource, name)) {
		return;
	}
	struct wl_resource *object = wl_resource_create(
		client, &vixos_domain_v1_interface, wl_resource_get_version(resource), id);
	if (object == nullptr) {
		wl_client_post_no_memory(client);
		return;
	}
	struct domain *domain = vx_new(domain);
	domain->name = vx_strdup(name);
	domain->color = 0x808080;
	wl_resource_set_implementation(
		object, &domain_impl, domain, domain_handle_resource_destroy);
	if (manager->domains != nullptr) {
		domain->manager = manager;
		wl_list_insert(manager->objects.prev, &domain->link);
		manager->count++;
	}
}

static void manager_handle_create_prompt(struct wl_client *client, struct wl_resource *resource,
	uint32_t id, const char *name, const char *text, const char *accept)
{
	const struct manager *manager = wl_resource_get_user_data(resource);
	if (check_string(resource, text, string_max) &&
		check_string(resource, accept, string_max)) {
		domain_prompt_create(manager->server, client, resource, id, name, text, accept,
			manager->domains == nullptr);
	}
}

static void manager_handle_show_message(
	struct wl_client *client, struct wl_resource *resource, const char *text)
{
	const struct manager *manager = wl_resource_get_user_data(resource);
	if (check_string(resource, text, string_max) && manager->domains != nullptr) {
		vx_cleanup_free char *shown = vx_display_string(text, message_max);
		menu_show_message(manager->domains->server->menu, shown);
	}
}

static const struct vixos_domain_manager_v1_interface manager_impl = {
	.destroy = manager_handle_destroy,
	.create_domain = manager_handle_create_domain,
	.create_prompt = manager_handle_create_prompt,
	.show_message = manager_handle_show_message,
};

static void manager_retire(struct manager *manager)
{
	struct domain *domain, *next;
	wl_list_for_each_safe (domain, next, &manager->objects, link) {
		domain_detach(domain);
	}
	if (manager->domains != nullptr && manager->domains->manager == manager) {
		manager->domains->manager = nullptr;
	}
	manager->domains = nullptr;
}

static void manager_handle_resource_destroy(struct wl_resource *resource)
{
	struct manager *manager = wl_resource_get_user_data(resource);
	struct domain_server *domains = manager->domains;
	manager_retire(manager);
	free(manager);
	if (domains != nullptr) {
		emit_changed(&domains->server->vms, nullptr);
	}
}

static void handle_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	struct domain_server *domains = data;
	struct wl_resource *resource = wl_resource_create(
		client, &vixos_domain_manager_v1_interface, (int)version, id);
	if (resource == nullptr) {
		wl_client_post_no_memory(client);
		return;
	}
	struct manager *manager = vx_new(manager);
	manager->server = domains->server;
	manager->domains = domains;
	manager->resource = resource;
	wl_list_init(&manager->objects);
	wl_resource_set_implementation(
		resource, &manager_impl, manager, manager_handle_resource_destroy);
	if (domains->manager != nullptr) {
		vx_log_info("another program manages the VMs from now on");
		struct manager *earlier = domains->manager;
		manager_retire(earlier);
		vixos_domain_manager_v1_send_finished(earlier->resource);
	}
	domains->manager = manager;
	manager_arrived(domains->server);
	emit_changed(&domains->server->vms, nullptr);
}

struct domain_server *domain_server_create(struct server *server)
{
	struct domain_server *domains = vx_new(domains);
	domains->server = server;
	domains->global = wl_global_create(server->display, &vixos_domain_manager_v1_interface,
		manager_version, domains, handle_bind);
	if (domains->global == nullptr) {
		free(domains);
		return nullptr;
	}
	return domains;
}

void domain_server_destroy(struct domain_server *domains)
{
	if (domains == nullptr) {
		return;
	}
	wl_global_destroy(domains->global);
	free(domains->wanted_shell);
	free(domains);
}

/* Has the other end been closed? libwayland tells when it next reads; what is sent until then is
 * lost. */
static bool client_has_hung_up(struct wl_client *client)
{
	struct pollfd connection = {.fd = wl_client_get_fd(client)};
	return poll(&connection, 1, 0) > 0 && (connection.revents & (POLLHUP | POLLERR)) != 0;
}

bool domain_server_has_manager(const struct domain_server *domains)
{
	return domains != nullptr && domains->manager != nullptr &&
	       !client_has_hung_up(wl_resource_get_client(domains->manager->resource));
}

bool domain_server_start_app(struct domain_server *domains, const char *vm, const char *app_id)
{
	if (!domain_server_has_manager(domains)) {
		return false;
	}
	vixos_domain_manager_v1_send_start_app(domains->manager->resource, vm, app_id);
	return true;
}

bool domain_server_stop(struct domain_server *domains, const char *vm)
{
	if (!domain_server_has_manager(domains)) {
		return false;
	}
	vixos_domain_manager_v1_send_stop(domains->manager->resource, vm);
	return true;
}

bool domain_server_clipboard(struct domain_server *domains, const char *vm, bool gives)
{
	if (!domain_server_has_manager(domains) ||
		wl_resource_get_version(domains->manager->resource) <
			VIXOS_DOMAIN_MANAGER_V1_CLIPBOARD_SINCE_VERSION) {
		return false;
	}
	vixos_domain_manager_v1_send_clipboard(domains->manager->resource, vm,
		gives ? VIXOS_DOMAIN_MANAGER_V1_CLIPBOARD_ACTION_GIVE
		      : VIXOS_DOMAIN_MANAGER_V1_CLIPBOARD_ACTION_TAKE);
	return true;
}

bool domain_server_menu_opened(struct domain_server *domains)
{
	if (!domain_server_has_manager(domains)) {
		return false;
	}
	vixos_domain_manager_v1_send_menu_opened(domains->manager->resource);
	return true;
}

void domain_server_open_shell(struct domain_server *domains, const char *vm)
{
	if (domain_server_has_manager(domains)) {
		vixos_domain_manager_v1_send_open_shell(domains->manager->resource, vm);
	} else if (domains != nullptr) {
		vx_replace_string(&domains->wanted_shell, vm);
	}
}
