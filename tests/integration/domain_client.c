/* SPDX-License-Identifier: MIT */
/*
 * Stands in for vixosd in tests of the compositor: reads commands from its standard input and
 * prints the events that it gets. Commands: domain NAME RRGGBB STATE LABEL, app NAME ID TEXT,
 * commit NAME, message NAME TEXT, workspace NAME TEXT, remove NAME, quit.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>

#include "common/memory.h"
#include "common/name.h"
#include "vixos-domain-v1-client-protocol.h"

static constexpr int domains_max = 256;

struct client {
	struct wl_display *display;
	struct vixos_domain_manager_v1 *manager;
	struct {
		char name[64];
		struct vixos_domain_v1 *proxy;
	} domains[domains_max];
	int count;
	bool running;
};

static void handle_finished(void *data, struct vixos_domain_manager_v1 *manager)
{
	printf("finished\n");
}

static void handle_start_app(
	void *data, struct vixos_domain_manager_v1 *manager, const char *name, const char *app_id)
{
	printf("start_app %s '%s'\n", name, app_id);
}

static void handle_stop(void *data, struct vixos_domain_manager_v1 *manager, const char *name)
{
	printf("stop %s\n", name);
}

static void handle_open_shell(void *data, struct vixos_domain_manager_v1 *manager, const char *name)
{
	printf("open_shell %s\n", name);
}

static void handle_menu_opened(void *data, struct vixos_domain_manager_v1 *manager)
{
	printf("menu_opened\n");
}

static const struct vixos_domain_manager_v1_listener manager_listener = {
	.finished = handle_finished,
	.start_app = handle_start_app,
	.stop = handle_stop,
	.open_shell = handle_open_shell,
	.menu_opened = handle_menu_opened,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct client *client = data;
	if (strcmp(interface, vixos_domain_manager_v1_interface.name) == 0) {
		client->manager = wl_registry_bind(
			registry, name, &vixos_domain_manager_v1_interface, 2);
		vixos_domain_manager_v1_add_listener(client->manager, &manager_listener, client);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static struct vixos_domain_v1 *find(struct client *client, const char *name)
{
	for (int i = 0; i < client->count; i++) {
		if (strcmp(client->domains[i].name, name) == 0) {
			return client->domains[i].proxy;
		}
	}
	return nullptr;
}

static void add_domain(
	struct client *client, const char *name, uint32_t color, uint32_t state, const char *label)
{
	if (client->count >= domains_max) {
		return;
	}
	struct vixos_domain_v1 *proxy = vixos_domain_manager_v1_create_domain(
		client->manager, name);
	vixos_domain_v1_set_color(proxy, color);
	vixos_domain_v1_set_state(proxy, state);
	vixos_domain_v1_set_label(proxy, label);
	snprintf(client->domains[client->count].name, sizeof(client->domains[0].name), "%s", name);
	client->domains[client->count++].proxy = proxy;
}

static void run_command(struct client *client, const char *line)
{
	char name[64], id[256], text[512] = "";
	unsigned color, state;
	if (strcmp(line, "quit") == 0) {
		client->running = false;
	} else if (sscanf(line, "domain %63s %x %u %511[^\n]", name, &color, &state, text) >= 3) {
		add_domain(client, name, color, state, text);
	} else if (sscanf(line, "app %63s %255s %511[^\n]", name, id, text) == 3) {
		vixos_domain_v1_add_app(find(client, name), id, text, "");
	} else if (sscanf(line, "message %63s %511[^\n]", name, text) == 2) {
		vixos_domain_v1_set_message(find(client, name), text);
	} else if (sscanf(line, "workspace %63s %511[^\n]", name, text) == 2) {
		vixos_domain_v1_set_workspace(find(client, name), text);
	} else if (sscanf(line, "commit %63s", name) == 1) {
		vixos_domain_v1_commit(find(client, name));
	} else if (sscanf(line, "remove %63s", name) == 1) {
		vixos_domain_v1_destroy(find(client, name));
	} else {
		fprintf(stderr, "domain_client: unknown command '%s'\n", line);
		exit(1);
	}
	if (wl_display_roundtrip(client->display) < 0) {
		printf("disconnected\n");
		client->running = false;
		return;
	}
	printf("done\n");
}

/* As vixosd does: by the socket beside $WAYLAND_DISPLAY. */
static struct wl_display *connect_to_domain_socket(void)
{
	vx_cleanup_free char *path = vx_printf(
		"%s/%s", getenv("XDG_RUNTIME_DIR"), getenv("WAYLAND_DISPLAY"));
	vx_cleanup_free char *domain_path = vx_domain_socket_path(path);
	return wl_display_connect(domain_path);
}

int main(void)
{
	struct client client = {.display = connect_to_domain_socket(), .running = true};
	setvbuf(stdout, nullptr, _IOLBF, 0);
	setvbuf(stdin, nullptr, _IONBF, 0);
	if (client.display == nullptr) {
		return 1;
	}
	struct wl_registry *registry = wl_display_get_registry(client.display);
	wl_registry_add_listener(registry, &registry_listener, &client);
	wl_display_roundtrip(client.display);
	if (client.manager == nullptr) {
		fprintf(stderr, "domain_client: the compositor has no vixos-domain-v1\n");
		return 1;
	}
	printf("ready\n");
	struct pollfd fds[] = {
		{.fd = wl_display_get_fd(client.display), .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};
	while (client.running) {
		wl_display_flush(client.display);
		poll(fds, 2, -1);
		if (fds[0].revents != 0 && wl_display_dispatch(client.display) < 0) {
			printf("disconnected\n");
			break;
		}
		char line[1024];
		if (fds[1].revents != 0) {
			if (fgets(line, sizeof(line), stdin) == nullptr) {
				break;
			}
			line[strcspn(line, "\n")] = '\0';
			run_command(&client, line);
		}
	}
	return 0;
}
