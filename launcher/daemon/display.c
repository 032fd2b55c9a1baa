/* SPDX-License-Identifier: MIT */
#include "daemon/display.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <wayland-client.h>

#include "vixos-domain-v1-client-protocol.h"

#define VX_LOG_MODULE "display"
#include "common/fd.h"
#include "common/log.h"
#include "common/name.h"
#include "daemon/clipboard.h"
#include "daemon/daemon.h"
#include "daemon/host_selection.h"
#include "daemon/sway.h"

static constexpr uint32_t domain_version = 2;
static constexpr size_t message_max = 1024; /* of show_message, as the protocol has it */
static constexpr size_t message_buffer_max = 1024 * 1024; /* of a compositor that doesn't read */

/* One published VM. */
struct display_domain {
	struct wl_list link; /* struct display_connection.domains */
	struct vixos_domain_v1 *object;
	char *name; /* owned */
	bool is_kept;
};

struct display_connection {
	struct wl_display *wayland;
	struct wl_registry *registry;
	struct wl_callback *registry_end;        /* NULL once it came */
	struct vixos_domain_manager_v1 *manager; /* NULL: no menu there, or another vixosd has it */
	struct wl_list domains;                  /* struct display_domain.link */
	struct published_list published;
	struct sway *sway; /* owned; NULL: not needed yet, or it is none */
	sd_event_source *source;
	sd_event_source
		*gone_source; /* defers the end, so that no caller loses its display under it */
};

/* The compositor is gone, or has thrown us out. */

static int handle_gone(sd_event_source *source, void *data)
{
	struct display *display = data;
	daemon_display_gone(display->daemon, display);
	return 0;
}

static void display_lose(struct display *display)
{
	struct display_connection *connection = display->connection;
	connection->source = sd_event_source_disable_unref(connection->source);
	if (connection->gone_source == nullptr) {
		(void)sd_event_add_defer(
			display->daemon->event, &connection->gone_source, handle_gone, display);
		(void)sd_event_source_set_priority(
			connection->gone_source, SD_EVENT_PRIORITY_IMPORTANT);
	}
}

void display_flush(struct display *display)
{
	struct display_connection *connection = display->connection;
	if (connection->source == nullptr) {
		return;
	}
	int result = wl_display_flush(connection->wayland);
	if (result < 0 && errno != EAGAIN) {
		display_lose(display);
		return;
	}
	(void)sd_event_source_set_io_events(
		connection->source, result < 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* vixos-domain-v1 */

static void handle_finished(void *data, struct vixos_domain_manager_v1 *manager)
{
	struct display *display = data;
	vx_log_info("another program shows its VMs in the menu of '%s' now", display->path);
	display->has_menu = false;
}

static void handle_start_app(
	void *data, struct vixos_domain_manager_v1 *manager, const char *name, const char *app_id)
{
	struct display *display = data;
	daemon_display_start_app(display->daemon, display, name, app_id);
}

static void handle_stop(void *data, struct vixos_domain_manager_v1 *manager, const char *name)
{
	struct display *display = data;
	daemon_display_stop(display->daemon, name);
}

static void handle_open_shell(void *data, struct vixos_domain_manager_v1 *manager, const char *name)
{
	struct display *display = data;
	daemon_display_open_shell(display->daemon, display, name);
}

static void handle_menu_opened(void *data, struct vixos_domain_manager_v1 *manager)
{
	struct display *display = data;
	daemon_display_menu_opened(display->daemon);
}

static void handle_clipboard(
	void *data, struct vixos_domain_manager_v1 *manager, const char *name, uint32_t action)
{
	struct display *display = data;
	if (action <= VIXOS_DOMAIN_MANAGER_V1_CLIPBOARD_ACTION_GIVE && vx_vm_name_is_valid(name)) {
		clipboard_of_display(display->daemon, display, name,
			action == VIXOS_DOMAIN_MANAGER_V1_CLIPBOARD_ACTION_GIVE
				? CLIPBOARD_TO_VM
				: CLIPBOARD_FROM_VM);
	}
}

static const struct vixos_domain_manager_v1_listener manager_listener = {
	.finished = handle_finished,
	.start_app = handle_start_app,
	.stop = handle_stop,
	.open_shell = handle_open_shell,
	.menu_opened = handle_menu_opened,
	.clipboard = handle_clipboard,
};

static void domain_destroy(struct display_domain *domain)
{
	wl_list_remove(&domain->link);
	vixos_domain_v1_destroy(domain->object);
	free(domain->name);
	free(domain);
}

static struct display_domain *domain_get(struct display_connection *connection, const char *name)
{
	struct display_domain *domain;
	wl_list_for_each (domain, &connection->domains, link) {
		if (strcmp(domain->name, name) == 0) {
			return domain;
		}
	}
	domain = vx_new(domain);
	domain->name = vx_strdup(name);
	domain->object = vixos_domain_manager_v1_create_domain(connection->manager, name);
	wl_list_insert(connection->domains.prev, &domain->link);
	return domain;
}

static void domain_send_apps(struct display_domain *domain, const struct published_vm *vm)
{
	vixos_domain_v1_clear_apps(domain->object);
	for (size_t i = 0; i < vm->app_count; i++) {
		const struct published_app *app = &vm->apps[i];
		vixos_domain_v1_add_app(
			domain->object, app->id, app->name, app->icon != nullptr ? app->icon : "");
	}
}

static void domain_update(struct display_connection *connection, const struct published_vm *vm)
{
	struct display_domain *domain = domain_get(connection, vm->name);
	const struct published_vm *old = published_list_find(&connection->published, vm->name);
	domain->is_kept = true;
	if (old != nullptr && published_vm_is_equal(old, vm)) {
		return;
	}
	vixos_domain_v1_set_color(domain->object, vm->color);
	vixos_domain_v1_set_label(domain->object, vm->label);
	vixos_domain_v1_set_state(domain->object, vm->state);
	vixos_domain_v1_set_message(domain->object, vm->message);
	if (vixos_domain_v1_get_version(domain->object) >=
		VIXOS_DOMAIN_V1_SET_WORKSPACE_SINCE_VERSION) {
		vixos_domain_v1_set_workspace(domain->object, vm->workspace);
	}
	if (old == nullptr || !published_vm_has_same_apps(old, vm)) {
		domain_send_apps(domain, vm);
	}
	vixos_domain_v1_commit(domain->object);
}

static void copy_published(struct published_list *to, const struct published_list *from)
{
	published_list_finish(to);
	for (size_t i = 0; i < from->count; i++) {
		const struct published_vm *vm = &from->vms[i];
		struct published_vm *copy = published_list_add(
			to, vm->name, vm->label, vm->color, vm->state);
		published_vm_set_message(copy, vm->message);
		published_vm_set_workspace(copy, vm->workspace);
		for (size_t k = 0; k < vm->app_count; k++) {
			published_vm_add_app(
				copy, vm->apps[k].id, vm->apps[k].name, vm->apps[k].icon);
		}
	}
}

void display_publish(struct display *display, const struct published_list *vms)
{
	struct display_connection *connection = display->connection;
	if (!display->has_menu || connection->source == nullptr) {
		return;
	}
	struct display_domain *domain, *next;
	wl_list_for_each (domain, &connection->domains, link) {
		domain->is_kept = false;
	}
	for (size_t i = 0; i < vms->count; i++) {
		domain_update(connection, &vms->vms[i]);
	}
	wl_list_for_each_safe (domain, next, &connection->domains, link) {
		if (!domain->is_kept) {
			domain_destroy(domain);
		}
	}
	copy_published(&connection->published, vms);
	display_flush(display);
}

int display_get_pid(const struct display *display)
{
	struct ucred peer = {};
	socklen_t size = sizeof(peer);
	const struct display_connection *connection = display->connection;
	return connection->wayland != nullptr && getsockopt(wl_display_get_fd(connection->wayland),
							 SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
		       ? peer.pid
		       : 0;
}

/* Where the compositor has a menu of ours it learns the workspace with the VM (display_publish()).
 */
bool display_bind_workspace(
	struct display *display, const char *vm, const char *workspace, struct vx_error *err)
{
	struct display_connection *connection = display->connection;
	if (display->has_menu) {
		return true;
	}
	if (connection->sway == nullptr && connection->wayland != nullptr) {
		connection->sway = sway_connect(
			display->daemon->event, wl_display_get_fd(connection->wayland));
	}
	if (connection->sway == nullptr) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"the compositor at '%s' can't bind VMs to workspaces (it is neither "
			"vixos-compositor nor sway)",
			display->path);
	}
	sway_bind(connection->sway, vm, workspace);
	return true;
}

struct vixos_domain_manager_v1 *display_get_manager(struct display *display, uint32_t version)
{
	struct display_connection *connection = display->connection;
	bool is_usable = display->has_menu && connection->source != nullptr &&
			 vixos_domain_manager_v1_get_version(connection->manager) >= version;
	return is_usable ? connection->manager : nullptr;
}

void display_show_message(struct display *display, const char *text)
{
	struct vixos_domain_manager_v1 *manager = display_get_manager(display, 2);
	vx_cleanup_free char *line = vx_strndup(text, strcspn(text, "\n"));
	if (manager != nullptr && strlen(line) < message_max) {
		vixos_domain_manager_v1_show_message(manager, line);
		display_flush(display);
	}
}

/* The registry */

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct display *display = data;
	if (strcmp(interface, "wp_security_context_manager_v1") == 0) {
		display->has_security_context = true;
	} else if (strcmp(interface, vixos_domain_manager_v1_interface.name) == 0) {
		display->connection->manager = wl_registry_bind(registry, name,
			&vixos_domain_manager_v1_interface,
			version < domain_version ? version : domain_version);
		vixos_domain_manager_v1_add_listener(
			display->connection->manager, &manager_listener, display);
		display->has_menu = true;
	} else {
		host_selection_handle_global(display->selection, registry, name, interface);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_registry_end(void *data, struct wl_callback *callback, uint32_t serial)
{
	struct display *display = data;
	wl_callback_destroy(callback);
	display->connection->registry_end = nullptr;
	display->is_ready = true;
	daemon_display_ready(display->daemon, display);
}

static const struct wl_callback_listener registry_end_listener = {
	.done = handle_registry_end,
};

/* The connection */

/* Reads what is there and handles it. False where the connection has ended. */
static bool display_read(struct wl_display *wayland)
{
	while (wl_display_prepare_read(wayland) != 0) {
		if (wl_display_dispatch_pending(wayland) < 0) {
			return false;
		}
	}
	return wl_display_read_events(wayland) == 0 && wl_display_dispatch_pending(wayland) >= 0;
}

static int handle_wayland(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct display *display = data;
	if ((events & ~(uint32_t)EPOLLOUT) != 0 && !display_read(display->connection->wayland)) {
		display_lose(display);
		return 0;
	}
	display_flush(display);
	return 0;
}

/* A VixOS compositor by the socket where it takes vixosd, any other by its ordinary one; -1:
 * neither. */
static int connect_to_compositor(const char *path)
{
	vx_cleanup_free char *domain_path = vx_domain_socket_path(path);
	int fd = vx_unix_connect(domain_path, SOCK_STREAM, nullptr);
	return fd >= 0 ? fd : vx_unix_connect(path, SOCK_STREAM, nullptr);
}

static bool connection_open(struct display *display, struct vx_error *err)
{
	struct display_connection *connection = display->connection;
	int fd = connect_to_compositor(display->path);
	if (fd < 0) {
		return vx_error_set_kind(err, VX_ERROR_VIXOS,
			"no Wayland compositor answers at '%s'", display->path);
	}
	connection->wayland = wl_display_connect_to_fd(fd); /* takes the fd, even if it fails */
	if (connection->wayland == nullptr) {
		return vx_error_set_kind(err, VX_ERROR_VIXOS,
			"cannot talk to the compositor at '%s'", display->path);
	}
	wl_display_set_max_buffer_size(connection->wayland, message_buffer_max);
	connection->registry = wl_display_get_registry(connection->wayland);
	wl_registry_add_listener(connection->registry, &registry_listener, display);
	connection->registry_end = wl_display_sync(connection->wayland);
	wl_callback_add_listener(connection->registry_end, &registry_end_listener, display);
	int result = sd_event_add_io(display->daemon->event, &connection->source,
		wl_display_get_fd(connection->wayland), EPOLLIN | EPOLLOUT, handle_wayland,
		display);
	if (result < 0) {
		return vx_error_set_errno(err, -result, "cannot watch '%s'", display->path);
	}
	/* That the compositor is gone goes before what somebody asks for because of it. */
	(void)sd_event_source_set_priority(connection->source, SD_EVENT_PRIORITY_IMPORTANT);
	return true;
}

static void handle_selection_flush(void *data)
{
	display_flush(data);
}

struct display *display_get(struct daemon *daemon, const char *path, struct vx_error *err)
{
	struct display *display;
	wl_list_for_each (display, &daemon->displays, link) {
		/* One that is being given up may have a successor under the same name. */
		if (strcmp(display->path, path) == 0 &&
			display->connection->gone_source == nullptr) {
			return display;
		}
	}
	display = vx_new(display);
	display->daemon = daemon;
	display->path = vx_strdup(path);
	display->connection = vx_new(display->connection);
	display->selection = host_selection_create(daemon->event, handle_selection_flush, display);
	wl_list_init(&display->connection->domains);
	wl_list_insert(daemon->displays.prev, &display->link);
	if (!connection_open(display, err)) {
		display_destroy(display);
		return nullptr;
	}
	return display;
}

static void connection_destroy(struct display_connection *connection)
{
	struct display_domain *domain, *next;
	wl_list_for_each_safe (domain, next, &connection->domains, link) {
		domain_destroy(domain);
	}
	published_list_finish(&connection->published);
	sway_destroy(connection->sway);
	sd_event_source_disable_unref(connection->source);
	sd_event_source_disable_unref(connection->gone_source);
	if (connection->manager != nullptr) {
		vixos_domain_manager_v1_destroy(connection->manager);
	}
	if (connection->registry_end != nullptr) {
		wl_callback_destroy(connection->registry_end);
	}
	if (connection->registry != nullptr) {
		wl_registry_destroy(connection->registry);
	}
	if (connection->wayland != nullptr) {
		wl_display_disconnect(connection->wayland);
	}
	free(connection);
}

void display_destroy(struct display *display)
{
	wl_list_remove(&display->link);
	host_selection_destroy(display->selection);
	connection_destroy(display->connection);
	free(display->path);
	free(display);
}
